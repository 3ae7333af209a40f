/** A certificate made ready for path validation: names normalized, extensions decoded, problems collected. */
import { equalBytes } from '../bytes'
import { type SignatureAlgorithm, signatureAlgorithm } from './algorithm'
import { CertificateError, type ParsedCertificate, parseCertificate } from './certificate'
import type { PathCode } from './codes'
import { DerError } from './der'
import { type DistributionPoint, decodeDistributionPoints } from './distribution-points'
import * as extensions from './extensions'
import { OID } from './extensions'
import type { GeneralName } from './general-names'
import { type NormalizedName, normalizeName } from './names'
import { forgeableBecause, type PublicKeyInfo, publicKeyInfo } from './public-key'

export type Problem = { readonly code: PathCode; readonly message: string }

/** A certificate's place in a path. */
export type Role = 'target' | 'intermediate' | 'anchor'

export type PathCertificate = {
  readonly parsed: ParsedCertificate
  readonly subject: NormalizedName
  readonly issuer: NormalizedName
  /** Same name as subject and issuer (RFC 5280 §3.2, self-issued). */
  readonly isSelfIssued: boolean
  readonly publicKey: PublicKeyInfo
  /** By the inner AlgorithmIdentifier; undefined when not supported. */
  readonly algorithm: SignatureAlgorithm | undefined
  /** Why anybody can sign under the key; null: not known to. */
  readonly forgeable: string | null
  readonly basicConstraints: extensions.BasicConstraints | undefined
  readonly keyUsage: ReadonlySet<extensions.KeyUsageName> | undefined
  readonly extKeyUsage: readonly string[] | undefined
  readonly subjectAltName: readonly GeneralName[] | undefined
  readonly nameConstraints: extensions.NameConstraints | undefined
  readonly policies: readonly extensions.PolicyInformation[] | undefined
  readonly policyMappings: readonly extensions.PolicyMapping[] | undefined
  readonly policyConstraints: extensions.PolicyConstraints | undefined
  readonly inhibitAnyPolicy: number | undefined
  readonly subjectKeyIdentifier: Uint8Array | undefined
  readonly authorityKeyIdentifier: extensions.AuthorityKeyIdentifier | undefined
  readonly crlDistributionPoints: readonly DistributionPoint[] | undefined
  readonly freshestCrl: readonly DistributionPoint[] | undefined
  /** OIDs of critical extensions nobody here processes. */
  readonly unknownCritical: readonly string[]
  /** What is wrong with the certificate itself, whatever the path. */
  readonly problems: readonly Problem[]
}

type Decoded = { -readonly [Key in keyof PathCertificate]: PathCertificate[Key] }

const EMPTY_NAME: NormalizedName = { key: '', rdns: [] }

/** Strict DER to a certificate ready for validation. @throws {DerError | CertificateError} */
export function readPathCertificate(der: Uint8Array): PathCertificate {
  return decode(parseCertificate(der))
}

// Weak entries are costly to collect, so certificates read for one answer stay out.
const prepared = new WeakMap<ParsedCertificate, PathCertificate>()

/** As `readPathCertificate`, decoding once per parsed certificate: for those that are kept. */
export function preparePathCertificate(parsed: ParsedCertificate): PathCertificate {
  const known = prepared.get(parsed)
  if (known !== undefined) return known
  const certificate = decode(parsed)
  prepared.set(parsed, certificate)
  return certificate
}

/** Whatever cannot be decoded becomes a problem, never an exception. */
function decode(parsed: ParsedCertificate): PathCertificate {
  const problems: Problem[] = []
  const subject = readName(parsed.subject, 'subject', problems)
  const issuer = equalBytes(parsed.subject, parsed.issuer)
    ? subject
    : readName(parsed.issuer, 'issuer', problems)
  const certificate = undecoded(parsed, subject, issuer, problems)
  decodeExtensions(parsed, certificate, problems)
  checkForm(certificate, problems)
  return certificate
}

/** Written out in full: spreading a template here costs a quarter of the reading. */
function undecoded(
  parsed: ParsedCertificate,
  subject: NormalizedName,
  issuer: NormalizedName,
  problems: Problem[],
): Decoded {
  return {
    parsed,
    subject,
    issuer,
    isSelfIssued: subject.key === issuer.key,
    publicKey: publicKeyInfo(parsed.spki),
    algorithm: signatureAlgorithm(parsed.innerAlgorithm),
    forgeable: forgeableBecause(parsed.spki),
    basicConstraints: undefined,
    keyUsage: undefined,
    extKeyUsage: undefined,
    subjectAltName: undefined,
    nameConstraints: undefined,
    policies: undefined,
    policyMappings: undefined,
    policyConstraints: undefined,
    inhibitAnyPolicy: undefined,
    subjectKeyIdentifier: undefined,
    authorityKeyIdentifier: undefined,
    crlDistributionPoints: undefined,
    freshestCrl: undefined,
    unknownCritical: [],
    problems,
  }
}

function readName(der: Uint8Array, which: string, problems: Problem[]): NormalizedName {
  try {
    return normalizeName(der)
  } catch (error) {
    problems.push({ code: 'CERT_BAD_NAME', message: `${which}: ${parseFault(error)}` })
    return EMPTY_NAME
  }
}

type Decoder = (certificate: Decoded, value: Uint8Array) => void

const DECODERS: Readonly<Record<string, Decoder>> = {
  [OID.basicConstraints]: (certificate, value) => {
    certificate.basicConstraints = extensions.decodeBasicConstraints(value)
  },
  [OID.keyUsage]: (certificate, value) => {
    certificate.keyUsage = extensions.decodeKeyUsage(value)
  },
  [OID.extKeyUsage]: (certificate, value) => {
    certificate.extKeyUsage = extensions.decodeExtKeyUsage(value)
  },
  [OID.subjectAltName]: (certificate, value) => {
    certificate.subjectAltName = extensions.decodeAltName(value)
  },
  [OID.nameConstraints]: (certificate, value) => {
    certificate.nameConstraints = extensions.decodeNameConstraints(value)
  },
  [OID.certificatePolicies]: (certificate, value) => {
    certificate.policies = extensions.decodeCertificatePolicies(value)
  },
  [OID.policyMappings]: (certificate, value) => {
    certificate.policyMappings = extensions.decodePolicyMappings(value)
  },
  [OID.policyConstraints]: (certificate, value) => {
    certificate.policyConstraints = extensions.decodePolicyConstraints(value)
  },
  [OID.inhibitAnyPolicy]: (certificate, value) => {
    certificate.inhibitAnyPolicy = extensions.decodeInhibitAnyPolicy(value)
  },
  [OID.subjectKeyIdentifier]: (certificate, value) => {
    certificate.subjectKeyIdentifier = extensions.decodeKeyIdentifier(value)
  },
  [OID.authorityKeyIdentifier]: (certificate, value) => {
    certificate.authorityKeyIdentifier = extensions.decodeAuthorityKeyIdentifier(value)
  },
  [OID.crlDistributionPoints]: (certificate, value) => {
    certificate.crlDistributionPoints = decodeDistributionPoints(value)
  },
  [OID.freshestCrl]: (certificate, value) => {
    certificate.freshestCrl = decodeDistributionPoints(value)
  },
  // Read for their form only: nothing in a path depends on their contents.
  [OID.issuerAltName]: (_, value) => {
    extensions.decodeAltName(value)
  },
  [OID.authorityInfoAccess]: (_, value) => {
    extensions.decodeInfoAccess(value)
  },
  [OID.subjectInfoAccess]: (_, value) => {
    extensions.decodeInfoAccess(value)
  },
}

function decodeExtensions(
  parsed: ParsedCertificate,
  certificate: Decoded,
  problems: Problem[],
): void {
  const unknownCritical: string[] = []
  for (const extension of parsed.extensions) {
    const decode = DECODERS[extension.oid]
    if (decode === undefined) {
      if (extension.critical) unknownCritical.push(extension.oid)
      continue
    }
    try {
      decode(certificate, extension.value)
    } catch (error) {
      const message = `extension ${extension.oid}: ${parseFault(error)}`
      problems.push({ code: 'CERT_BAD_EXTENSION', message })
    }
  }
  if (unknownCritical.length > 0) certificate.unknownCritical = unknownCritical
}

/** Rules on the certificate's form that hold under every strictness (RFC 5280 §4.1, §4.2). */
function checkForm(certificate: Decoded, problems: Problem[]): void {
  const { parsed } = certificate
  if (!equalBytes(parsed.innerAlgorithm, parsed.outerAlgorithm)) {
    const message = 'signatureAlgorithm differs from the signature field of the TBSCertificate'
    problems.push({ code: 'CERT_ALGORITHM_MISMATCH', message })
  }
  if (certificate.algorithm === undefined) {
    const message = 'signature algorithm or its parameters not supported'
    problems.push({ code: 'SIG_UNSUPPORTED_ALGORITHM', message })
  }
  if (certificate.issuer.rdns.length === 0) {
    problems.push({ code: 'CERT_BAD_NAME', message: 'issuer is empty (§4.1.2.4)' })
  }
  if (certificate.subject.rdns.length === 0 && !hasCriticalAltName(parsed)) {
    const message = 'subject is empty without a critical subjectAltName (§4.2.1.6)'
    problems.push({ code: 'CERT_BAD_NAME', message })
  }
}

function hasCriticalAltName(parsed: ParsedCertificate): boolean {
  return parsed.extensions.some(({ oid, critical }) => oid === OID.subjectAltName && critical)
}

/** Message of an expected parse failure. @throws whatever else was thrown. */
function parseFault(error: unknown): string {
  if (error instanceof DerError || error instanceof CertificateError) return error.message
  throw error
}
