/** One operation on the registry at the moment before it takes effect: what rows and advisories are made from. */
import type { Hex } from '../bytes'
import type { EventSource, SignatureOutcomeName } from './block-changes'
import type { CertificateReading } from './certificate-content'
import type { LoadedIdentity } from './loaded-context'
import type { AutoIdEntry, ObservedCall, RegistryCall, StateChange } from './types'

export type Issuer = {
  readonly autoId: Hex
  readonly entry: AutoIdEntry
  readonly identity: LoadedIdentity | undefined
}

type OperationBase = {
  readonly eventId: string
  readonly autoId: Hex
  /** `Timestamp.now` of the block, milliseconds since the epoch. */
  readonly nowMs: number
  /** The registry issuer concerned: named by a registration or renewal, else the one in the entry; null for a root. */
  readonly issuerId: Hex | null
  /** Undefined for a root, or where the issuer holds no entry. */
  readonly issuer: Issuer | undefined
  /** What the index knew of the identifier. */
  readonly identity: LoadedIdentity | undefined
  readonly changes: readonly StateChange[]
}

/** `entry` is the one before the operation. */
export type Registration = OperationBase & {
  readonly kind: 'REGISTERED'
  readonly reading: CertificateReading
  /** Null when the operation is known from the chain's state alone. */
  readonly call: Extract<RegistryCall, { kind: 'REGISTER' }> | null
}

export type Renewal = OperationBase & {
  readonly kind: 'RENEWED'
  readonly reading: CertificateReading
  readonly entry: AutoIdEntry
  readonly call: Extract<RegistryCall, { kind: 'RENEW' }> | null
}

export type Revocation = OperationBase & {
  readonly kind: 'REVOKED'
  readonly entry: AutoIdEntry
  readonly call: Extract<RegistryCall, { kind: 'REVOKE' }> | null
}

export type Deactivation = OperationBase & {
  readonly kind: 'DEACTIVATED'
  readonly entry: AutoIdEntry
  readonly call: Extract<RegistryCall, { kind: 'DEACTIVATE' }> | null
}

export type Issuance = Registration | Renewal
export type Operation = Issuance | Revocation | Deactivation

/** How the operation is known, and what was signed. */
export type Evidence = {
  readonly source: EventSource
  readonly eventIndex: number
  /** The call that caused it; null when it is known from the state alone. */
  readonly observed: ObservedCall | null
  /** Null for the genesis state. */
  readonly extrinsicIndex?: number | null
  readonly extrinsicHash?: string | null
  readonly signatureOutcome: SignatureOutcomeName
  readonly signatureProblem: string | null
  readonly signedPayload: Uint8Array | null
  readonly nonce: bigint | null
}
