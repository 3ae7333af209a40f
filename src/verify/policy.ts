/** What a relying party asks for. Defaults ask for what the registry promises, and no more. */

import type { Hex } from '../bytes'
import type { Severity } from '../registry/advisory'

export type Profile = 'REGISTRY' | 'RFC5280'
export type LaterRevocation = 'IGNORE' | 'WARN' | 'REJECT'

export type Policy = {
  readonly profile: Profile
  /** Roots that count; null: any root, and trust in it is the caller's. */
  readonly trustAnchors: readonly Hex[] | null
  /** SHA-256 of the SPKI (0x hex) of the roots that count; null: any. Tells the owners of a re-registered root apart. */
  readonly trustAnchorKeys: readonly Hex[] | null
  /** The block of the asked state must be final. */
  readonly requireFinal: boolean
  readonly laterRevocation: LaterRevocation
  /** Findings of this severity or above make the verdict INVALID; null: none does. */
  readonly rejectSeverity: Severity | null
  readonly rejectFindings: readonly string[]
  /** RSA keys of every hop must have at least so many bits; 0: not asked. */
  readonly minRsaBits: number
  /** The same of elliptic-curve keys, Ed25519 (256) included. */
  readonly minEcBits: number
  readonly allowSha1: boolean
  /** Issuers between target and root. */
  readonly maxPathLength: number | null
  /** Valid under at least so many issuers, counting the identities that share the leaf's key. */
  readonly minIssuers: number
  /** The issuers that count for `minIssuers`, wherever they stand above; null: any immediate issuer. */
  readonly issuers: readonly Hex[] | null
  /** Identities of the key that are judged for `minIssuers`, at most: what a stranger's crowd of them may cost. */
  readonly maxMembers: number
  /** RFC5280 only. */
  readonly keyUsage: readonly string[]
  readonly extendedKeyUsage: readonly string[]
  readonly initialPolicySet: readonly string[] | null
  readonly requireExplicitPolicy: boolean
  readonly inhibitPolicyMapping: boolean
  readonly inhibitAnyPolicy: boolean
}

export const DEFAULT_POLICY: Policy = Object.freeze({
  profile: 'REGISTRY',
  trustAnchors: null,
  trustAnchorKeys: null,
  requireFinal: false,
  laterRevocation: 'WARN',
  rejectSeverity: null,
  rejectFindings: [],
  minRsaBits: 0,
  minEcBits: 0,
  allowSha1: true,
  maxPathLength: null,
  minIssuers: 1,
  issuers: null,
  maxMembers: 50,
  keyUsage: [],
  extendedKeyUsage: [],
  initialPolicySet: null,
  requireExplicitPolicy: false,
  inhibitPolicyMapping: false,
  inhibitAnyPolicy: false,
})
