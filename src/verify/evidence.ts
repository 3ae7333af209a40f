/**
 * What a verdict is made of: the rows about one certificate and its issuers up to the root, as they stood at the asked
 * moment, and what has become known since. Plain data; collecting it is the store's business.
 */

import type { Hex } from '../bytes'
import type { AdvisoryCode, AdvisoryFacts, Severity } from '../registry/advisory'
import type { Continuity, SignatureOutcomeName } from '../registry/block-changes'
import type { EventKind } from '../registry/types'

/** A block; `timeMs` its timestamp in milliseconds since the epoch. */
export type BlockPoint = {
  readonly height: number
  readonly hash: Hex
  readonly timeMs: number
  readonly isFinal: boolean
}

/** An event of the registry, by the id under which it can be looked up. */
export type EventPoint = {
  readonly eventId: string
  readonly height: number
  readonly timeMs: number
}

export type EvidenceCertificate = {
  readonly id: string
  readonly serial: Hex
  /** DER Certificate; null when none can be rebuilt, and then why. */
  readonly der: Uint8Array | null
  readonly rebuildProblem: string | null
  readonly hasSignature: boolean
  readonly notBeforeMs: number
  readonly notAfterMs: number
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  readonly publicKeySha256: string
  readonly publicKeyAlgorithm: string
  readonly publicKeyBits: number | null
  readonly signatureAlgorithmName: string
  /** Checked once, at ingestion, with the key the issuer had then. */
  readonly signatureOutcome: SignatureOutcomeName
  readonly parseProblem: string | null
  /** Registration of the issuer whose key signed it; null for a root, or when it is not known. */
  readonly signerRegistrationId: string | null
  readonly signerKeySha256: string | null
  readonly issuedAt: EventPoint
  /** When a renewal or a deactivation ended its being in force, up to the asked moment; null while it was. */
  readonly endedAt: EventPoint | null
}

export type EvidenceRegistration = {
  readonly id: string
  readonly ordinal: number
  readonly from: EventPoint
  /** The deactivation, up to the asked moment. */
  readonly to: EventPoint | null
  readonly publicKeySha256: string
  readonly continuity: Continuity
  readonly continuityProof: string
}

export type EvidenceRevocation = {
  readonly reason: 'REVOKED' | 'SUPERSEDED'
  /** Null for entries of the genesis state. */
  readonly event: EventPoint | null
  readonly height: number
}

/** What happened to a hop after the asked moment and up to what is known. */
export type LaterEvent = {
  readonly kind:
    | 'REVOKED'
    | 'SUPERSEDED'
    | 'DEACTIVATED'
    | 'TAKEN_OVER'
    | 'RE_REGISTERED'
    | 'LEFT_ISSUER'
  readonly event: EventPoint | null
  readonly height: number
}

export type EvidenceAdvisory = {
  readonly code: AdvisoryCode
  readonly severity: Severity
  readonly eventId: string
  readonly autoId: Hex
  /** The certificate it is about; null when it is about the identity. */
  readonly certificateId: string | null
  readonly facts: AdvisoryFacts
}

/** One identity of the path; `certificate` is the asked one for the first hop, the one in force for the others. */
export type Hop = {
  readonly autoId: Hex
  readonly commonName: string
  readonly issuerId: Hex | null
  /** Does the registry hold an entry at the asked moment? */
  readonly isActive: boolean
  readonly certificate: EvidenceCertificate
  readonly registration: EvidenceRegistration
  /** Whose list the serial would stand in: the issuer's; a root's own. */
  readonly revocation: EvidenceRevocation | null
  readonly later: readonly LaterEvent[]
}

export type HistoryCertificate = Omit<EvidenceCertificate, 'issuedAt' | 'endedAt'> & {
  readonly autoId: Hex
  readonly registrationId: string
  readonly commonName: string
  readonly issuerId: Hex | null
  /** In force from this block on, inclusive. */
  readonly from: EventPoint
  /** In force up to this block, exclusive; null while it is. */
  readonly to: EventPoint | null
}

export type HistoryRegistration = EvidenceRegistration & { readonly autoId: Hex }

/** An element of a revocation list. */
export type HistoryRevocation = EvidenceRevocation & {
  readonly issuerId: Hex
  readonly serial: Hex
  readonly timeMs: number
}

/** An event after the asked block, and the identity it concerns. */
export type HistoryEvent = EventPoint & {
  readonly autoId: Hex
  /**
   * What it comes to. A renewal to a serial that stands in the list is REVOKED (docs/registry-quirks.md 5), that of a leaf
   * into a root LEFT_ISSUER (11). LISTED: by an operation on another identity, the serial it had then entered its own
   * list, which judges it if it is a root (6).
   */
  readonly kind: EventKind | 'LISTED' | 'LEFT_ISSUER'
  /** Of a registration; null for other events. */
  readonly publicKeySha256: string | null
}

/**
 * Everything recorded about an identity and its issuers. An identifier names its issuer for good (it is the hash of the
 * issuer's id and the name), so one history holds the chains of all moments.
 */
export type ChainHistory = {
  /** Oldest first: by block, then by place within it. */
  readonly certificates: readonly HistoryCertificate[]
  readonly registrations: readonly HistoryRegistration[]
  readonly revocations: readonly HistoryRevocation[]
  /** Between the asked block and what is known, in chain order. */
  readonly events: readonly HistoryEvent[]
  /** There were more such events, other than renewals, than are read. */
  readonly isCutLater: boolean
  /** There were more renewals than are read. */
  readonly areRenewalsCut: boolean
  /** State before this block is not in here: the history was longer than is read. */
  readonly completeFrom: number
}

export type Evidence = {
  readonly state: BlockPoint
  /** Clock of validity, milliseconds since the epoch. */
  readonly clockMs: number
  readonly knownAt: BlockPoint
  /** Leaf first. Empty: the registry knew no such certificate or identity by then. */
  readonly hops: readonly Hop[]
  /** The last hop is a root. */
  readonly isComplete: boolean
  /** Stopped at the depth limit: what lies above is unknown. */
  readonly isTruncated: boolean
  readonly advisories: readonly EvidenceAdvisory[]
  /** Some repeat more often than is read; every kind of them is there. */
  readonly isCutAdvisories?: boolean
  /** Identities that hold the leaf's key at the asked moment, itself included. */
  readonly sharedKeyWith: readonly Hex[]
  /** More hold it than are in `sharedKeyWith`. */
  readonly isSharedByMore?: boolean
  /** There were more later events, other than renewals, than are read. */
  readonly isCutLater?: boolean
  readonly areRenewalsCut?: boolean
  /** What the hops were taken from: tells since when a verdict has held. */
  readonly past?: { readonly subject: EvidenceSubject; readonly history: ChainHistory }
}

export type EvidenceMoment = Pick<Evidence, 'state' | 'clockMs' | 'knownAt'>

/** An identity's certificate in force, or one certificate, whether in force or not. */
export type EvidenceSubject =
  | { readonly autoId: Hex }
  | { readonly autoId: Hex; readonly certificateId: string }

/** Reads evidence in the snapshot of the answer. */
export type ReadEvidence = (moment: EvidenceMoment, subject: EvidenceSubject) => Promise<Evidence>

/** Chains of issuers may be thousands deep on chain; a verdict looks this far and says when there is more. */
export const MAX_HOPS = 64
