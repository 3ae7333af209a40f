/** What a caller gives `validatePath`, and the rules it comes to. */
import type { ParsedCertificate } from './certificate'
import { OID } from './extensions'
import type { PolicyInputs, ValidationRules } from './path-state'
import type { PeerName } from './peer-name'
import { STRICTNESS, type StrictnessName } from './strictness'

/** DER, or a certificate parsed before: parsing once and validating often saves most of the work. */
export type CertificateInput = Uint8Array | ParsedCertificate

export type PathInput = {
  /** The target. Any certificate, CA or not. */
  readonly leaf: CertificateInput
  /** Not trusted, but usable to build a path. Order and surplus do not matter. */
  readonly intermediates: readonly CertificateInput[]
  readonly trustAnchors: readonly CertificateInput[]
  /** The moment asked about. */
  readonly at: Date
  /** DER. */
  readonly crls?: readonly Uint8Array[]
  /** DER OCSPResponses; evidence beside the CRLs. */
  readonly ocspResponses?: readonly Uint8Array[]
  /** Certificates that may have signed CRLs but are in no path. */
  readonly extraCerts?: readonly CertificateInput[]
  /** Whose status must be known good: nobody's, the target's, or that of all below the anchor. */
  readonly revocation?: 'none' | 'leaf' | 'all'
  /** CRLs and OCSP responses with an older thisUpdate are not used. */
  readonly crlMaxAgeSeconds?: number
  /** Usages (RFC 5280 §4.2.1.3 names) the target must have if it restricts them. */
  readonly keyUsage?: readonly string[]
  /** Purposes, by name (`serverAuth`) or dotted OID, no certificate of the path may rule out. */
  readonly extendedKeyUsage?: readonly string[]
  readonly policy?: Partial<PolicyInputs>
  /** Intermediates allowed, self-issued ones not counted. */
  readonly maxPathLength?: number
  readonly peerName?: PeerName
  /** Further names, all of which the target must have. */
  readonly peerNames?: readonly PeerName[]
  /** Whether an anchor's own dates and extensions bind the path. Both by default. */
  readonly anchor?: {
    readonly checkValidity?: boolean
    readonly checkConstraints?: boolean
    /** Whether its serial number must be sound: of an anchor that a registry recorded. Not by default. */
    readonly checkSerial?: boolean
  }
  /** Rules beyond §6.1; `rfc5280` by default. */
  readonly strictness?: StrictnessName
}

/** Purposes by the names of RFC 5280 §4.2.1.12 and RFC 6960. */
export const PURPOSES: Readonly<Record<string, string>> = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  OCSPSigning: '1.3.6.1.5.5.7.3.9',
}

/** The caller's wishes with every default filled in: the strictest one where it matters. */
export function rulesOf(input: PathInput): ValidationRules {
  const peerNames = [
    ...(input.peerName === undefined ? [] : [input.peerName]),
    ...(input.peerNames ?? []),
  ]
  return {
    atMs: input.at.getTime(),
    strictness: STRICTNESS[input.strictness ?? 'rfc5280'],
    policy: {
      initialPolicySet: input.policy?.initialPolicySet ?? [OID.anyPolicy],
      requireExplicitPolicy: input.policy?.requireExplicitPolicy ?? false,
      inhibitPolicyMapping: input.policy?.inhibitPolicyMapping ?? false,
      inhibitAnyPolicy: input.policy?.inhibitAnyPolicy ?? false,
    },
    keyUsage: input.keyUsage ?? [],
    extendedKeyUsage: (input.extendedKeyUsage ?? []).map((purpose) => PURPOSES[purpose] ?? purpose),
    maxPathLength: input.maxPathLength,
    peerNames,
    anchor: {
      checkValidity: input.anchor?.checkValidity ?? true,
      checkConstraints: input.anchor?.checkConstraints ?? true,
      checkSerial: input.anchor?.checkSerial ?? false,
    },
  }
}
