/** Status of certificates by CRLs (RFC 5280 §6.3). Missing, stale or unreadable evidence is never good. */
import { type Budget, spend } from './budget'
import { PATH_CODES } from './codes'
import { CRL_REASONS, type ParsedCrl } from './crl'
import {
  type CertStatus,
  type CrlTest,
  isSignedByCrlIssuer,
  isUsableNow,
  statusFrom,
} from './crl-check'
import { checkOcspResponse } from './ocsp-check'
import { type CertificatePool, indexPool, type Search, searchPaths } from './path-building'
import type { PathCertificate } from './path-certificate'
import type { CheckSignature, PathFailure, ValidationRules } from './path-state'
import { checkPath } from './path-steps'
import { inheritKeyParameters } from './public-key'

export type RevocationContext = {
  readonly scope: 'leaf' | 'all'
  readonly crls: readonly ParsedCrl[]
  /** Where CRL issuers and their paths may be found. */
  readonly pool: CertificatePool
  readonly rules: ValidationRules
  readonly budget: Budget
  readonly checkSignature: CheckSignature
  readonly maxAgeSeconds: number | undefined
  /** DER OCSPResponses. */
  readonly ocspResponses: readonly Uint8Array[]
}

/** CRL issuers whose own status is being looked up; a CRL cannot vouch for the key that signed it. */
type Pending = ReadonlySet<PathCertificate>

/** Paths to CRL issuers nest; each level is a CRL issuer's CRL issuer. */
const MAX_NESTING = 4

/** Failures of the path's certificates by status; the anchor needs none. */
export function checkPathRevocation(
  path: readonly PathCertificate[],
  context: RevocationContext,
): PathFailure[] {
  return checkRevocation(path, context, new Set())
}

function checkRevocation(
  path: readonly PathCertificate[],
  context: RevocationContext,
  pending: Pending,
): PathFailure[] {
  const failures: PathFailure[] = []
  const count = context.scope === 'leaf' ? 1 : path.length - 1
  for (let index = Math.min(count, path.length - 1) - 1; index >= 0; index--) {
    const result = certificateStatus(path, index, context, pending)
    if (result.status === 'good') continue
    const code = result.status === 'revoked' ? 'PATH_REVOKED' : 'PATH_REVOCATION_UNKNOWN'
    const message =
      result.status === 'revoked'
        ? `revoked ${new Date(result.revokedAtMs).toISOString()}, ${result.reason}`
        : result.message
    failures.push({ code, certificate: index, clause: PATH_CODES[code].clause, message })
  }
  return failures
}

/** §6.3.3 for one certificate of a path that is otherwise valid. */
function certificateStatus(
  path: readonly PathCertificate[],
  index: number,
  context: RevocationContext,
  pending: Pending,
): CertStatus {
  const certificate = path[index] as PathCertificate
  const dates = { ...context.rules, maxAgeSeconds: context.maxAgeSeconds }
  const isUsable: CrlTest = (crl, isUpdated) =>
    isUsableNow(crl, dates, isUpdated) && hasTrustedIssuer(crl, path, index, context, pending)
  const byOcsp = ocspStatus(certificate, path[index + 1] as PathCertificate, context)
  if (byOcsp?.status === 'revoked') return byOcsp
  const byCrl = statusFrom(certificate, context.crls, isUsable)
  // Either kind of evidence is enough to be good; neither outweighs a revocation by the other.
  return byCrl.status === 'unknown' ? (byOcsp ?? byCrl) : byCrl
}

function ocspStatus(
  certificate: PathCertificate,
  issuer: PathCertificate,
  context: RevocationContext,
): CertStatus | undefined {
  let best: CertStatus | undefined
  for (const response of context.ocspResponses) {
    // One signature of the response, one of a delegated responder's certificate.
    if (!spend(context.budget, 'signatures', 2)) break
    const outcome = checkOcspResponse({
      response,
      certificate,
      issuer,
      atMs: context.rules.atMs,
      maxAgeSeconds: context.maxAgeSeconds,
      strictness: context.rules.strictness,
    })
    if (outcome.status === 'revoked') {
      const reason = CRL_REASONS[outcome.reason ?? 0] ?? 'unspecified'
      return { status: 'revoked', revokedAtMs: outcome.revocationTimeMs, reason }
    }
    if (outcome.status === 'good' || best === undefined) best = outcome
  }
  return best
}

/** (f): the CRL issuer's certificate is in the path, or has a valid path to the same anchor. */
function hasTrustedIssuer(
  crl: ParsedCrl,
  path: readonly PathCertificate[],
  index: number,
  context: RevocationContext,
  pending: Pending,
): boolean {
  const above = path.slice(index + 1)
  const isSigner = (candidate: PathCertificate): boolean =>
    candidate.subject.key === crl.issuerKey &&
    spend(context.budget, 'signatures') &&
    isSignedByCrlIssuer(crl, candidate, workingSpki(above, candidate))
  if (above.some(isSigner)) return true
  const certificate = path[index] as PathCertificate
  if (pending.has(certificate) && isOwnCrlIssuer(certificate) && isSigner(certificate)) return true
  const anchor = path[path.length - 1] as PathCertificate
  return context.pool.intermediates.some(
    (candidate) =>
      !above.includes(candidate) &&
      isSigner(candidate) &&
      hasValidPath(candidate, anchor, context, pending),
  )
}

/**
 * A CRL issuer may report on itself where its CA says so in its certificate: by a cRLIssuer of the distribution
 * point that the scope check has matched, and by cRLSign (PKITS 4.14.30).
 */
function isOwnCrlIssuer(certificate: PathCertificate): boolean {
  const points = certificate.crlDistributionPoints ?? []
  return (
    certificate.keyUsage?.has('cRLSign') === true &&
    points.length > 0 &&
    points.every(({ crlIssuer }) => crlIssuer !== null)
  )
}

/** Key of a certificate in the path with the parameters it inherits; of any other its own. */
function workingSpki(above: readonly PathCertificate[], candidate: PathCertificate): Uint8Array {
  let spki: Uint8Array | undefined
  for (const certificate of [...above].reverse()) {
    spki = inheritKeyParameters(certificate.parsed.spki, spki)
    if (certificate === candidate) return spki
  }
  return candidate.parsed.spki
}

function hasValidPath(
  crlIssuer: PathCertificate,
  anchor: PathCertificate,
  context: RevocationContext,
  pending: Pending,
): boolean {
  if (pending.has(crlIssuer) || pending.size >= MAX_NESTING) return false
  const nested = new Set([...pending, crlIssuer])
  const pool = { anchors: [anchor], intermediates: context.pool.intermediates }
  const rules = crlIssuerRules(context.rules)
  const search: Search = {
    pool,
    atMs: rules.atMs,
    budget: context.budget,
    checkSignature: context.checkSignature,
    accept: (path) =>
      checkPath(path, rules, context.budget, context.checkSignature, inheritKeyParameters)
        .length === 0 &&
      (context.scope === 'leaf' || checkRevocation(path, context, nested).length === 0),
    deadEnd: [],
    isForged: false,
    isOverBudget: false,
    issuersByName: indexPool(pool),
  }
  return searchPaths(search, crlIssuer)
}

/** What was asked of the target says nothing about who signs CRLs. */
function crlIssuerRules(rules: ValidationRules): ValidationRules {
  return { ...rules, keyUsage: [], extendedKeyUsage: [], peerNames: [], maxPathLength: undefined }
}
