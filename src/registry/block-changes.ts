/** What one block adds to the index: the rows of `schema.graphql`, in the core's own words and without any storage. */
import type { Hex } from '../bytes'
import type { AdvisoryCode, AdvisoryFacts, Severity } from './advisory'
import type { EventKind, RegistryCallKind } from './types'

type AutoIdKind = 'ROOT' | 'LEAF'
export type Continuity = 'FIRST' | 'SAME_KEY' | 'ISSUER_ATTESTED' | 'UNPROVEN'
export type RevocationReason = 'REVOKED' | 'SUPERSEDED'
export type SignatureOutcomeName = 'GOOD' | 'BAD' | 'UNSUPPORTED' | 'UNAVAILABLE'
export type EventSource = 'CALL' | 'STATE' | 'GENESIS'
type FailedCallStatus = 'FAILED' | 'REVERTED' | 'NOT_EXECUTED'

/** An extension as it stands in the certificate. `value` is for people, null when it is not one we can describe. */
export type ExtensionRecord = {
  readonly oid: string
  /** Null when the OID has no name here. */
  readonly name: string | null
  readonly critical: boolean
  readonly value: string | null
  /** Contents of extnValue. */
  readonly hex: Hex
}

/** Times are milliseconds since the epoch, heights are of the block that made the change. */
export type EventRecord = {
  readonly id: string
  readonly kind: EventKind
  readonly source: EventSource
  readonly block: number
  readonly eventIndex: number
  readonly extrinsicIndex: number | null
  readonly extrinsicHash: Hex | null
  readonly callPath: string
  readonly wrappers: readonly string[]
  readonly signer: Hex | null
  readonly fee: bigint | null
  readonly autoId: Hex
  readonly registrationId: string
  readonly certificateId: string
  readonly issuerId: Hex | null
  readonly serial: bigint
  /** The bytes that were signed: the `certificate` argument, or the SCALE CertificateAction. Null without a call. */
  readonly signedPayload: Uint8Array | null
  readonly signatureAlgorithm: Uint8Array | null
  readonly signature: Uint8Array | null
  readonly nonce: bigint | null
}

/** What a certificate says, whoever reads it; all of it follows from the submitted bytes. */
export type CertificateContent = {
  readonly serial: bigint
  /** The `certificate` argument exactly as submitted, with whatever followed the TBSCertificate in it. */
  readonly tbs: Uint8Array
  readonly signatureAlgorithm: Uint8Array | null
  readonly signature: Uint8Array | null
  readonly der: Uint8Array | null
  readonly rebuildProblem: string | null
  /** SHA-256 of `der`. */
  readonly fingerprint: Hex | null
  /** SHA-256 of `tbs`. */
  readonly tbsFingerprint: Hex
  readonly subject: string
  readonly issuerName: string
  readonly commonName: string
  readonly commonNameBytes: Uint8Array
  readonly notBefore: number
  readonly notAfter: number
  readonly publicKey: Uint8Array
  readonly publicKeySha256: Hex
  readonly publicKeyAlgorithm: string
  readonly publicKeyBits: number | null
  readonly signatureAlgorithmName: string
  readonly extensions: readonly ExtensionRecord[] | null
  readonly parseProblem: string | null
  readonly sanAutoId: string | null
}

export type CertificateRecord = CertificateContent & {
  /** Id of the event that brought it. */
  readonly id: string
  readonly autoId: Hex
  readonly registrationId: string
  readonly issuerId: Hex | null
  /** The certificate the issuer had in force when this one was accepted; null for roots. */
  readonly issuerCertificateId: string | null
  /** Of the submitted signature, by the submitted algorithm, under the issuer's key at that moment. */
  readonly signatureOutcome: SignatureOutcomeName
  readonly blockFrom: number
  blockTo: number | null
  eventTo: string | null
}

export type RegistrationRecord = {
  readonly id: string
  readonly autoId: Hex
  readonly ordinal: number
  readonly blockFrom: number
  readonly eventFrom: string
  blockTo: number | null
  eventTo: string | null
  readonly publicKey: Uint8Array
  readonly publicKeySha256: Hex
  readonly publicKeyAlgorithm: string
  readonly publicKeyBits: number | null
  readonly continuity: Continuity
  readonly continuityProof: string
}

/** The end of a row that an earlier block made. */
export type ClosedRow = {
  readonly id: string
  readonly blockTo: number
  readonly eventTo: string
}

/** One row a block for each identifier the block touched: its state AFTER the block. */
export type VersionRecord = {
  readonly id: string
  readonly autoId: Hex
  readonly blockFrom: number
  blockTo: number | null
  readonly active: boolean
  readonly kind: AutoIdKind
  readonly issuerId: Hex | null
  readonly commonNameBytes: Uint8Array
  readonly commonName: string
  readonly serial: bigint
  readonly nonce: bigint
  readonly publicKeySha256: Hex
  readonly notBefore: number
  readonly notAfter: number
  readonly registrationId: string
  readonly certificateId: string
  readonly firstEventId: string
}

export type RevocationRecord = {
  /** `<issuerId>-<serial>` */
  readonly id: string
  readonly issuerId: Hex
  readonly serial: bigint
  readonly block: number
  readonly reason: RevocationReason
  readonly eventId: string | null
  readonly certificateId: string | null
}

export type FailedCallRecord = {
  readonly id: string
  readonly call: RegistryCallKind
  readonly status: FailedCallStatus
  readonly error: string | null
  readonly derived: boolean
  readonly block: number
  readonly extrinsicIndex: number
  readonly extrinsicHash: Hex
  readonly callPath: string
  readonly wrappers: readonly string[]
  readonly signer: Hex | null
  readonly fee: bigint | null
  readonly autoId: Hex | null
  readonly issuerId: Hex | null
  readonly serial: bigint | null
  readonly tbs: Uint8Array | null
  readonly signatureAlgorithm: Uint8Array
  readonly signature: Uint8Array
}

export type RemarkRecord = {
  readonly id: string
  readonly block: number
  readonly extrinsicIndex: number
  readonly extrinsicHash: Hex
  readonly callPath: string
  readonly sender: Hex
  readonly remarkHash: Hex
  readonly remark: Hex | null
}

export type QuarantineRecord = {
  readonly id: string
  readonly block: number
  readonly extrinsicIndex: number
  readonly extrinsicHash: Hex
  readonly reason: string
  readonly length: number
}

export type AdvisoryRecord = {
  /** `<event id>-<code>`, with `-<n>` from the second of one code at one event on. */
  readonly id: string
  readonly block: number
  readonly eventId: string
  readonly autoId: Hex
  readonly certificateId: string | null
  readonly code: AdvisoryCode
  readonly severity: Severity
  readonly facts: AdvisoryFacts
}

/**
 * Everything a block changed, in chain order. To store it: write the new rows; set `blockTo`/`eventTo` of the closed
 * ones; for each version close the identifier's open row at this height; for each id in `issuedSerials.cleared` close all
 * of its rows opened by earlier blocks, then open the new ones.
 */
export type BlockChanges = {
  readonly height: number
  readonly hash: Hex
  readonly events: readonly EventRecord[]
  readonly certificates: readonly CertificateRecord[]
  readonly closedCertificates: readonly ClosedRow[]
  readonly registrations: readonly RegistrationRecord[]
  readonly closedRegistrations: readonly ClosedRow[]
  readonly versions: readonly VersionRecord[]
  readonly issuedSerials: {
    readonly cleared: readonly Hex[]
    readonly opened: readonly { readonly autoId: Hex; readonly serial: bigint }[]
  }
  readonly revocations: readonly RevocationRecord[]
  readonly failedCalls: readonly FailedCallRecord[]
  readonly remarks: readonly RemarkRecord[]
  readonly quarantined: readonly QuarantineRecord[]
  readonly advisories: readonly AdvisoryRecord[]
}
