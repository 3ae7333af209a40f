/** Does this CRL speak for this certificate, and about which reasons? RFC 5280 §6.3.3 (b) and (d). */
import { concatBytes, equalBytes } from '../bytes'
import type { ParsedCrl } from './crl'
import { contentBytes, readSingle, TAG } from './der'
import { encodeSequence } from './der-writer'
import {
  ALL_REASONS,
  type DistributionPoint,
  type DistributionPointName,
  type IssuingDistributionPoint,
  type ReasonBits,
} from './distribution-points'
import type { GeneralName } from './general-names'
import { normalizeName } from './names'
import type { PathCertificate } from './path-certificate'

/** Where to look for the certificate's status: its distribution points, or its issuer itself without any. */
export function statusPoints(certificate: PathCertificate): readonly DistributionPoint[] {
  const points = certificate.crlDistributionPoints ?? []
  // The issuer's own list is asked last (§6.3.3, end), but not where the certificate names another CRL issuer.
  if (points.length > 0 && points.every(({ crlIssuer }) => crlIssuer !== null)) return points
  const name: GeneralName = { kind: 'directoryName', name: certificate.parsed.issuer }
  const own = { name: { kind: 'fullName', names: [name] }, reasons: null, crlIssuer: null } as const
  return [...points, own]
}

/** Reasons the CRL covers for this certificate at this point; undefined when it is out of scope. */
export function coveredReasons(
  certificate: PathCertificate,
  point: DistributionPoint,
  crl: ParsedCrl,
): ReasonBits | undefined {
  const scope = crl.issuingDistributionPoint
  if (!isFromRightIssuer(certificate, point, crl)) return undefined
  if (scope !== null && !isInScope(certificate, point, crl, scope)) return undefined
  const pointReasons = point.reasons ?? ALL_REASONS
  const crlReasons = scope?.onlySomeReasons ?? ALL_REASONS
  return new Set([...pointReasons].filter((bit) => crlReasons.has(bit) && ALL_REASONS.has(bit)))
}

/** (b)(1). */
function isFromRightIssuer(
  certificate: PathCertificate,
  point: DistributionPoint,
  crl: ParsedCrl,
): boolean {
  if (point.crlIssuer === null) return crl.issuerKey === certificate.issuer.key
  if (crl.issuingDistributionPoint?.indirectCrl !== true) return false
  return point.crlIssuer.some(
    (name) => name.kind === 'directoryName' && normalizeName(name.name).key === crl.issuerKey,
  )
}

/** (b)(2). */
function isInScope(
  certificate: PathCertificate,
  point: DistributionPoint,
  crl: ParsedCrl,
  scope: IssuingDistributionPoint,
): boolean {
  if (scope.onlyContainsAttributeCerts) return false
  const isCa = certificate.basicConstraints?.cA === true
  if (scope.onlyContainsCaCerts && !isCa) return false
  // Below v3 nothing says whether it is a CA's.
  if (scope.onlyContainsUserCerts && (isCa || certificate.parsed.version !== 3)) return false
  if (scope.name === null) return true
  const published = fullNames(scope.name, crl.issuer)
  return shareName(published, pointNames(certificate, point))
}

function pointNames(
  certificate: PathCertificate,
  point: DistributionPoint,
): readonly GeneralName[] {
  if (point.name === null) return point.crlIssuer ?? []
  const issuer = point.crlIssuer?.find(({ kind }) => kind === 'directoryName')
  const relativeTo = issuer?.kind === 'directoryName' ? issuer.name : certificate.parsed.issuer
  return fullNames(point.name, relativeTo)
}

/** A relative name is one more RDN under the CRL issuer's (§4.2.1.13). */
function fullNames(name: DistributionPointName, issuer: Uint8Array): readonly GeneralName[] {
  if (name.kind === 'fullName') return name.names
  const rdns = contentBytes(readSingle(issuer, TAG.sequence, 'Name'))
  return [{ kind: 'directoryName', name: encodeSequence(concatBytes(rdns, name.rdn)) }]
}

function shareName(a: readonly GeneralName[], b: readonly GeneralName[]): boolean {
  const keys = new Set(a.map(nameKey))
  return b.some((name) => keys.has(nameKey(name)))
}

function nameKey(name: GeneralName): string {
  switch (name.kind) {
    case 'directoryName':
      return `${name.kind} ${normalizeName(name.name).key}`
    case 'registeredID':
      return `${name.kind} ${name.oid}`
    case 'iPAddress':
      return `${name.kind} ${name.octets.join('.')}`
    case 'rfc822Name':
    case 'dNSName':
    case 'uniformResourceIdentifier':
      return `${name.kind} ${name.value}`
    default:
      return `${name.kind} ${Buffer.from(name.der).toString('hex')}`
  }
}

/** Whether the delta updates this complete CRL (§5.2.4, §6.3.3 (c)). */
export function isDeltaOf(delta: ParsedCrl, base: ParsedCrl): boolean {
  if (delta.deltaBase === null || delta.crlNumber === null || base.crlNumber === null) return false
  const isSameKey =
    delta.authorityKeyIdentifier === null || base.authorityKeyIdentifier === null
      ? delta.authorityKeyIdentifier === base.authorityKeyIdentifier
      : equalBytes(delta.authorityKeyIdentifier, base.authorityKeyIdentifier)
  return (
    delta.issuerKey === base.issuerKey &&
    isSameKey &&
    equalBytes(delta.scope, base.scope) &&
    base.crlNumber >= delta.deltaBase &&
    base.crlNumber < delta.crlNumber
  )
}
