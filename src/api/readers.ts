/** What the API asks of the index. The root hands the functions in; the shapes are the contract. */

import type { ReadCertificateCall } from '../proof/bundle'
import type { RegistryCall, RegistryView } from '../registry/types'
import type { Family } from '../verify/blast-radius'
import type { ReadEvidence } from '../verify/evidence'
import type {
  AtHeight,
  CertificateFilterRow,
  CertificateOrderRow,
  EventFilterRow,
  FailedCallFilterRow,
  FindingFilterRow,
  IdentityFilter,
  IdentityOrder,
  ListReader,
  RemarkFilterRow,
  TimelineFilter,
  TimelineOrderRow,
} from './list-reader'
import type {
  AdvisoryRow,
  AuditFailureRow,
  AuditRow,
  BlockRow,
  CertificateRow,
  ChainRow,
  CountsRow,
  EventRow,
  FailedCallRow,
  HeadRow,
  IdentityRow,
  QuarantinedRow,
  RegistrationRow,
  RemarkRow,
  RevocationRow,
} from './rows'

export type ReadBlocks = {
  byHeights(heights: readonly number[]): Promise<readonly BlockRow[]>
  byHashes(hashes: readonly string[]): Promise<readonly BlockRow[]>
  lastNotLater(time: Date): Promise<BlockRow | null>
}

export type ActivityRow = {
  readonly from: Date
  readonly to: Date
  readonly registered: number
  readonly renewed: number
  readonly revoked: number
  readonly deactivated: number
  readonly failed: number
}

export type SearchRow = {
  readonly kind: 'AUTO_ID' | 'CERTIFICATE' | 'PUBLIC_KEY' | 'BLOCK' | 'EXTRINSIC' | 'ACCOUNT'
  readonly matched: string
  readonly key: string
  readonly label: string
  readonly autoId: string | null
  readonly certificateId: string | null
  readonly height: number | null
}

/** What a text may be: only the fields that it could be are filled. */
export type SearchTerms = {
  readonly text: string
  /** 0x hex of 32 bytes. */
  readonly hash: string | null
  /** Begin of a hash, 0x and at least 4 digits. */
  readonly hashPrefix: string | null
  readonly serials: readonly string[]
  readonly height: number | null
  readonly account: string | null
  /** SHA-256 of a pasted certificate and of its TBS. */
  readonly fingerprints: readonly string[]
}

export type IssuerFigures = {
  readonly issuedByStatus: readonly { readonly status: string; readonly count: number }[]
  readonly expiringSoon: number
  readonly certificates: number
  readonly revoked: number
  readonly superseded: number
}

export type ReadStatistics = {
  byStatus(
    at: AtHeight,
    clock: Date,
  ): Promise<readonly { readonly status: string; readonly kind: string; readonly count: number }[]>
  activity(from: Date, to: Date, bucket: string): Promise<readonly ActivityRow[]>
  /** Time of the first block that has a clock. */
  chainBegin(): Promise<Date | null>
  keyAlgorithms(): Promise<
    readonly { readonly algorithm: string; readonly bits: number | null; readonly count: number }[]
  >
  signatureAlgorithms(): Promise<readonly { readonly algorithm: string; readonly count: number }[]>
  topIssuers(
    limit: number,
  ): Promise<readonly { readonly issuerId: string; readonly count: number }[]>
  findings(): Promise<
    readonly { readonly code: string; readonly severity: string; readonly count: number }[]
  >
  errors(
    from: Date,
    to: Date,
  ): Promise<readonly { readonly error: string; readonly count: number }[]>
  issuer(issuerId: string, at: AtHeight, clock: Date): Promise<IssuerFigures>
}

/** Everything read within one snapshot of the database. */
export type Readers = {
  readonly blocks: ReadBlocks
  readonly identities: ListReader<IdentityRow, IdentityFilter, IdentityOrder> & {
    byIds(ids: readonly string[], at: AtHeight): Promise<readonly IdentityRow[]>
    /** The identity and its issuers up to a root, nearest first, at most `depth`. */
    ancestors(id: string, at: AtHeight, depth: number): Promise<readonly IdentityRow[]>
  }
  readonly certificates: ListReader<CertificateRow, CertificateFilterRow, CertificateOrderRow> & {
    byIds(ids: readonly string[]): Promise<readonly CertificateRow[]>
    byRegistrations(ids: readonly string[]): Promise<readonly CertificateRow[]>
    /**
     * By SHA-256 of the DER or of the TBS, newest first: of each identity the one in force after the block of that height,
     * else the last one by then.
     */
    byFingerprints(
      fingerprints: readonly string[],
      height: number,
    ): Promise<readonly CertificateRow[]>
    /** As `byFingerprints`. */
    byIssuerSerial(
      issuerId: string,
      serial: string,
      height: number,
    ): Promise<readonly CertificateRow[]>
  }
  readonly registrations: {
    byIds(ids: readonly string[]): Promise<readonly RegistrationRow[]>
    byAutoIds(ids: readonly string[]): Promise<readonly RegistrationRow[]>
  }
  readonly revocations: {
    byIssuerSerials(
      keys: readonly { readonly issuerId: string; readonly serial: string }[],
    ): Promise<readonly RevocationRow[]>
    /** In the order they were listed, up to a block; at most `limit`. */
    list(issuerId: string, upTo: number, limit: number): Promise<readonly RevocationRow[]>
    /** Was the id ever an identity, or did it ever have a list? */
    isKnownIssuer(issuerId: string, upTo: number): Promise<boolean>
  }
  readonly events: ListReader<EventRow, EventFilterRow, TimelineOrderRow> & {
    byIds(ids: readonly string[]): Promise<readonly EventRow[]>
  }
  readonly failedCalls: ListReader<FailedCallRow, FailedCallFilterRow, TimelineOrderRow>
  readonly remarks: ListReader<RemarkRow, RemarkFilterRow, TimelineOrderRow>
  readonly quarantined: ListReader<QuarantinedRow, TimelineFilter, TimelineOrderRow>
  readonly findings: ListReader<AdvisoryRow, FindingFilterRow, TimelineOrderRow> & {
    byAutoIds(ids: readonly string[]): Promise<readonly AdvisoryRow[]>
    byCertificates(ids: readonly string[]): Promise<readonly AdvisoryRow[]>
  }
  readonly statistics: ReadStatistics
  readonly status: {
    chain(): Promise<ChainRow | null>
    counts(): Promise<CountsRow>
    lastAudit(): Promise<AuditRow | null>
    auditFailure(): Promise<AuditFailureRow | null>
  }
  readonly search: (terms: SearchTerms, limit: number) => Promise<readonly SearchRow[]>
  /** What a verdict is made of. */
  readonly evidence: ReadEvidence
  /** What a pre-flight looks at, at the index head. */
  readonly simulation: {
    view(call: RegistryCall): Promise<RegistryView>
    /** Entries of the ids, of their issuers and of all below them. */
    family(ids: readonly string[]): Promise<Family>
  }
  /** The call behind the certificate an identity had in force. */
  readonly certificateCall: ReadCertificateCall
}

/** One consistent view of the index: its head was read in it before anything else. */
export type Snapshot = {
  readonly head: HeadRow
  readonly read: Readers
  /** Frees it; any number of times. */
  close(): Promise<void>
  /** Ends a running statement: the client is gone, or its time is over. */
  cancel(): void
}

/** What a client demands of the view it is answered from. */
export type Freshness = {
  readonly minBlock: number | null
  /** Seconds between the head block's own time and now. */
  readonly maxLagSeconds: number | null
}

/** @throws {AppError} UNAVAILABLE when no database answers, is indexed, or is as fresh as demanded. */
export type OpenSnapshot = (freshness: Freshness) => Promise<Snapshot>
