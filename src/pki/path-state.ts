/** What path validation is asked and what it carries from certificate to certificate (RFC 5280 §6.1.1, §6.1.2). */
import type { Budget } from './budget'
import { PATH_CODES, type PathCode } from './codes'
import type { NameConstraints } from './extensions'
import type { PathCertificate } from './path-certificate'
import type { PeerName } from './peer-name'
import type { PolicyGraph } from './policy-tree'
import type { SignatureOutcome } from './signature'
import type { Strictness } from './strictness'

export type PathFailure = {
  readonly code: PathCode
  /** Index in the path, target first. */
  readonly certificate: number
  readonly clause: string
  readonly message: string
}

export type PolicyInputs = {
  /** Dotted OIDs; anyPolicy (2.5.29.32.0) accepts every policy. */
  readonly initialPolicySet: readonly string[]
  readonly requireExplicitPolicy: boolean
  readonly inhibitPolicyMapping: boolean
  readonly inhibitAnyPolicy: boolean
}

export type ValidationRules = {
  readonly atMs: number
  readonly strictness: Strictness
  readonly policy: PolicyInputs
  readonly keyUsage: readonly string[]
  /** Dotted OIDs. */
  readonly extendedKeyUsage: readonly string[]
  /** Intermediates that are not self-issued. */
  readonly maxPathLength: number | undefined
  readonly peerNames: readonly PeerName[]
  readonly anchor: {
    readonly checkValidity: boolean
    readonly checkConstraints: boolean
    readonly checkSerial: boolean
  }
}

/** Whether `child` was signed by `issuer`; may answer from memory. `issuerSpki` carries inherited parameters. */
export type CheckSignature = (
  child: PathCertificate,
  issuer: PathCertificate,
  issuerSpki: Uint8Array,
) => SignatureOutcome

/** Key parameters an issuer's key may take over from the key above it (§6.1.4 (f)). */
export type InheritParameters = (spki: Uint8Array, above: Uint8Array | undefined) => Uint8Array

/** What §6.1.2 initialises and each certificate changes. */
export type State = {
  readonly rules: ValidationRules
  readonly budget: Budget
  readonly failures: PathFailure[]
  readonly graph: PolicyGraph
  explicitPolicy: number
  inhibitAnyPolicy: number
  policyMapping: number
  maxPathLength: number
  readonly constraints: NameConstraints[]
  workingSpki: Uint8Array
}

export function fail(state: State, code: PathCode, certificate: number, message: string): void {
  state.failures.push({ code, certificate, clause: PATH_CODES[code].clause, message })
}
