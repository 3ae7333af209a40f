/** What is claimed about an Auto ID, by whom, and how far that was verified. */
import { fromHex, type Hex, toHex } from '../bytes'
import { DerError } from '../pki/der'
import { decodeAltName } from '../pki/extensions'
import type { GeneralName } from '../pki/general-names'
import { renderName } from '../pki/names'
import { CREDENTIAL_TYPE, contentFaultOf, credentialOf, hasStatus, typesOf } from './credential'
import { type IdentityAt, type Moment, type ReadIdentity, takenOver } from './identity'
import { autoIdOf, decodeJws, verifyJws } from './jws'

/** Verifiable credentials in one question. */
export const MAX_CREDENTIALS = 16
export const MAX_CREDENTIAL_CHARACTERS = 65_536

export type ClaimKind = 'COMMON_NAME' | 'ALTERNATIVE_NAME' | 'EXTENSION' | 'CREDENTIAL'

export type ClaimVerification =
  /** Only the identity itself says so: a root's certificate, or a credential it gave itself. */
  | 'SELF_STATED'
  /** Its issuer signed it, and the registry accepted the signature. Nobody checked the content. */
  | 'ATTESTED'
  /** Signed by another Auto ID that is good. */
  | 'VERIFIED'
  /** Could not be checked: a stranger to the registry, or an unreadable value. */
  | 'UNVERIFIED'
  /** Checked, and not true: forged, over, about somebody else, or by an identity that is not good. */
  | 'REFUTED'

export type Claim = {
  readonly kind: ClaimKind
  /** `DNS`, `URI`, an extension's name or OID, a credential's type. */
  readonly name: string
  readonly value: string
  /** Whose word it is. */
  readonly statedBy: Hex | string
  readonly verification: ClaimVerification
  /** How it was verified, in words. */
  readonly how: string
}

export type CertificateFacts = {
  readonly autoId: Hex
  readonly issuerId: Hex | null
  readonly commonName: string
  readonly extensions: readonly {
    readonly oid: string
    readonly name: string | null
    readonly value: string | null
    readonly hex: string
  }[]
}

const SUBJECT_ALT_NAME = '2.5.29.17'
/** What a certificate says about its use and its keys is no claim about its holder. */
const TECHNICAL = new Set([
  '2.5.29.14',
  '2.5.29.15',
  '2.5.29.19',
  '2.5.29.30',
  '2.5.29.35',
  '2.5.29.36',
  '2.5.29.37',
])

/** The claims inside the certificate in force. */
export function certificateClaims(facts: CertificateFacts): Claim[] {
  const isRoot = facts.issuerId === null
  const by = {
    statedBy: facts.issuerId ?? facts.autoId,
    verification: isRoot ? ('SELF_STATED' as const) : ('ATTESTED' as const),
    how: isRoot
      ? 'a root says it of itself'
      : 'signed by its issuer, whose signature the registry accepted; the content was not checked',
  }
  const claims: Claim[] = [{ kind: 'COMMON_NAME', name: 'CN', value: facts.commonName, ...by }]
  for (const extension of facts.extensions) {
    if (extension.oid === SUBJECT_ALT_NAME) {
      claims.push(
        ...alternativeNames(extension.hex).map(
          (name): Claim => ({ kind: 'ALTERNATIVE_NAME', ...name, ...by }),
        ),
      )
    } else if (!TECHNICAL.has(extension.oid)) {
      const value = extension.value ?? extension.hex
      claims.push({ kind: 'EXTENSION', name: extension.name ?? extension.oid, value, ...by })
    }
  }
  return claims
}

function alternativeNames(hex: string): { name: string; value: string }[] {
  try {
    return decodeAltName(fromHex(hex)).map(describeName)
  } catch (error) {
    if (error instanceof DerError) return []
    throw error
  }
}

function describeName(name: GeneralName): { name: string; value: string } {
  switch (name.kind) {
    case 'dNSName':
      return { name: 'DNS', value: name.value }
    case 'rfc822Name':
      return { name: 'EMAIL', value: name.value }
    case 'uniformResourceIdentifier':
      return { name: 'URI', value: name.value }
    case 'directoryName':
      return { name: 'DIRECTORY', value: renderName(name.name) }
    case 'iPAddress':
      return { name: 'IP', value: addressText(name.octets) }
    case 'registeredID':
      return { name: 'OID', value: name.oid }
    default:
      return { name: name.kind.toUpperCase(), value: toHex(name.der) }
  }
}

function addressText(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.')
  return Buffer.from(octets).toString('hex').match(/.{4}/g)?.join(':') ?? ''
}

/**
 * A W3C credential as VC-JWT: the issuer must be an Auto ID that is good, the subject this one.
 * @param clockMs the clock `at` stands for
 */
export async function credentialClaim(
  jwt: string,
  subject: Hex,
  at: Moment,
  clockMs: number,
  readIdentity: ReadIdentity,
): Promise<Claim> {
  const decoded = jwt.length > MAX_CREDENTIAL_CHARACTERS ? null : decodeJws(jwt)
  if (decoded === null) return claimOf(null, 'REFUTED', 'no VC-JWT')
  const claims = decoded.claims as Record<string, unknown>
  const issuerId = autoIdOf(claims['iss'])
  const told = (verification: ClaimVerification, how: string) =>
    claimOf(claims, verification, how, issuerId)
  const fault = contentFaultOf(claims, subject, issuerId, clockMs)
  if (fault !== null) return told('REFUTED', fault)
  if (issuerId === null) return told('UNVERIFIED', 'its issuer is no Auto ID')
  if (decoded.header.kid !== undefined && autoIdOf(decoded.header.kid.split('#')[0]) !== issuerId) {
    return told('REFUTED', 'kid and iss differ')
  }
  const issuer = await readIdentity(issuerId, at)
  if (issuer === null) return told('UNVERIFIED', 'its issuer is not in the registry at that moment')
  const [verification, how] = await judgeIssuer(jwt, issuer, subject)
  return verification === 'VERIFIED' && hasStatus(claims)
    ? told('UNVERIFIED', `${how}, but whether it was revoked by its own status nobody asked`)
    : told(verification, how)
}

async function judgeIssuer(
  jwt: string,
  issuer: IdentityAt,
  subject: Hex,
): Promise<[ClaimVerification, string]> {
  const outcome = await verifyJws(jwt, issuer.spki)
  if (!outcome.ok) return ['REFUTED', `its signature is not its issuer's: ${outcome.message}`]
  if (issuer.verdict === 'VALID' && issuer.autoId === subject)
    return ['SELF_STATED', 'the identity says it of itself']
  if (issuer.verdict === 'VALID' && issuer.doubtful.length > 0)
    return ['UNVERIFIED', `signed by an Auto ID that is good, but ${takenOver(issuer.doubtful)}`]
  if (issuer.verdict === 'VALID')
    return ['VERIFIED', 'signed by an Auto ID that is good all the way up']
  const why = issuer.fault?.message ?? issuer.verdict
  return issuer.verdict === 'INVALID'
    ? ['REFUTED', `its issuer is not good: ${why}`]
    : ['UNVERIFIED', why]
}

const MAX_VALUE = 4_096

function claimOf(
  claims: Record<string, unknown> | null,
  verification: ClaimVerification,
  how: string,
  issuerId: Hex | null = null,
): Claim {
  const credential = credentialOf(claims ?? {})
  const types = typesOf(claims ?? {})
  const name = types.filter((type) => type !== CREDENTIAL_TYPE).join(' ') || CREDENTIAL_TYPE
  const value = JSON.stringify(credential['credentialSubject'] ?? null).slice(0, MAX_VALUE)
  const stated = claims?.['iss']
  const statedBy = issuerId ?? (typeof stated === 'string' ? stated.slice(0, 512) : 'unknown')
  return { kind: 'CREDENTIAL', name: name.slice(0, 256), value, statedBy, verification, how }
}
