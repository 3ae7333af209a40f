/** What CRLs prove about one certificate (RFC 5280 §6.3.3), given who may have signed them. */
import { equalBytes } from '../bytes'
import { signatureAlgorithm } from './algorithm'
import { CertificateError } from './certificate'
import { type CrlReason, findCrlEntry, type ParsedCrl, parseCrl } from './crl'
import { coveredReasons, isDeltaOf, statusPoints } from './crl-scope'
import { DerError } from './der'
import { ALL_REASONS } from './distribution-points'
import type { PathCertificate } from './path-certificate'
import { verifySignature } from './signature'
import type { Strictness } from './strictness'

export type CertStatus =
  | { readonly status: 'good' }
  | { readonly status: 'revoked'; readonly revokedAtMs: number; readonly reason: CrlReason }
  | { readonly status: 'unknown'; readonly message: string }

/** CRLs that can be read; the others are no evidence. Newest first (§6.3.3 uses the first that covers a reason). */
export function readCrls(ders: readonly Uint8Array[]): readonly ParsedCrl[] {
  const crls: ParsedCrl[] = []
  for (const der of ders) {
    try {
      crls.push(parseCrl(der))
    } catch (error) {
      if (!(error instanceof DerError) && !(error instanceof CertificateError)) throw error
    }
  }
  return crls.sort((a, b) => b.thisUpdateMs - a.thisUpdateMs)
}

/** Whether a CRL may be used; one brought up to date by a delta may be past its own nextUpdate. */
export type CrlTest = (crl: ParsedCrl, isUpdated: boolean) => boolean

/**
 * §6.3.3 given what makes a CRL usable: good only when CRLs for every reason were found and none lists the
 * certificate.
 */
export function statusFrom(
  certificate: PathCertificate,
  crls: readonly ParsedCrl[],
  isUsable: CrlTest,
): CertStatus {
  const covered = new Set<number>()
  const serial = certificate.parsed.serialNumber
  for (const point of statusPoints(certificate)) {
    for (const crl of crls) {
      if (crl.deltaBase !== null) continue
      const reasons = coveredReasons(certificate, point, crl)
      if (reasons === undefined || ![...reasons].some((bit) => !covered.has(bit))) continue
      const delta = crls.find((other) => isDeltaOf(other, crl) && isUsable(other, false))
      // §6.3.3 (a)(1)(i): a current delta keeps its base in use.
      if (!isUsable(crl, delta !== undefined)) continue
      const change = delta && findCrlEntry(delta, certificate.issuer.key, serial)
      const entry = change ?? findCrlEntry(crl, certificate.issuer.key, serial)
      // Only a delta takes a certificate off the list (§5.3.1).
      const isRemoved = change?.reason === 'removeFromCRL'
      if (entry !== undefined && !isRemoved) {
        return { status: 'revoked', revokedAtMs: entry.revocationDateMs, reason: entry.reason }
      }
      for (const bit of reasons) covered.add(bit)
    }
    if (covered.size === ALL_REASONS.size) return { status: 'good' }
  }
  const message =
    covered.size > 0
      ? 'the usable CRLs do not cover every reason'
      : 'no usable CRL of the right issuer and scope'
  return { status: 'unknown', message }
}

export type CrlCheck = {
  readonly certificate: PathCertificate
  /** Certificates of the issuer, already validated: one a key. */
  readonly issuers: readonly PathCertificate[]
  /** DER. */
  readonly crls: readonly Uint8Array[]
  readonly atMs: number
  readonly maxAgeSeconds: number | undefined
  readonly strictness: Strictness
}

/** Status of one certificate by CRLs its issuer signed itself, where the path above is known to be good. */
export function crlStatus(check: CrlCheck): CertStatus {
  return statusFrom(
    check.certificate,
    readCrls(check.crls),
    (crl, isUpdated) =>
      isUsableNow(crl, check, isUpdated) &&
      check.issuers.some((issuer) => isSignedByCrlIssuer(crl, issuer)),
  )
}

/** issuingDistributionPoint. */
const SCOPE = '2.5.29.28'

/** Dates, form and extensions: whether the CRL may be used at all at this moment. */
export function isUsableNow(
  crl: ParsedCrl,
  { atMs, strictness, maxAgeSeconds }: Pick<CrlCheck, 'atMs' | 'strictness' | 'maxAgeSeconds'>,
  isUpdated: boolean,
): boolean {
  if (!equalBytes(crl.innerAlgorithm, crl.outerAlgorithm)) return false
  if (crl.unknownCritical.length > 0) return false
  if (strictness.isCriticalLimited && [...crl.critical].some((oid) => oid !== SCOPE)) return false
  if (isWeak(crl, strictness)) return false
  if (crl.issuingDistributionPoint?.indirectCrl && !strictness.isIndirectCrlUsed) return false
  if (!(crl.thisUpdateMs <= atMs)) return false
  if (!isUpdated && !isFresh(crl, atMs, maxAgeSeconds)) return false
  // §5.2.3 for conforming CRL issuers: a number, never critical.
  return !strictness.isConformanceChecked || (crl.crlNumber !== null && !crl.isCrlNumberCritical)
}

function isFresh(crl: ParsedCrl, atMs: number, maxAgeSeconds: number | undefined): boolean {
  const { thisUpdateMs, nextUpdateMs } = crl
  if (nextUpdateMs !== null && !(atMs < nextUpdateMs)) return false
  // Without nextUpdate only the caller's own limit says how long the CRL holds.
  if (maxAgeSeconds === undefined) return nextUpdateMs !== null
  return atMs - thisUpdateMs <= maxAgeSeconds * 1000
}

function isWeak(crl: ParsedCrl, strictness: Strictness): boolean {
  const hash = signatureAlgorithm(crl.innerAlgorithm)?.hash
  return hash === 'md5' || (hash === 'sha1' && !strictness.isSha1StatusAllowed)
}

/** Whether this key signed the CRL and was allowed to (§6.3.3 (f), (g)). */
export function isSignedByCrlIssuer(
  crl: ParsedCrl,
  issuer: PathCertificate,
  spki: Uint8Array = issuer.parsed.spki,
): boolean {
  if (issuer.subject.key !== crl.issuerKey) return false
  if (issuer.keyUsage !== undefined && !issuer.keyUsage.has('cRLSign')) return false
  const outcome = verifySignature({
    spki,
    signatureAlgorithm: crl.innerAlgorithm,
    data: crl.tbs,
    signature: crl.signature,
  })
  return outcome.ok
}
