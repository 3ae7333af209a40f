/** What an OCSP response proves about one certificate (RFC 6960 §3.2, §4.2.2). Anything short of proof is unknown. */
import { createHash } from 'node:crypto'
import { equalBytes } from '../bytes'
import { hashAlgorithm, signatureAlgorithm } from './algorithm'
import { CertificateError } from './certificate'
import { checkCertificate } from './certificate-checks'
import { DerError } from './der'
import { normalizeName } from './names'
import { subjectPublicKeyBits } from './ocsp-request'
import {
  type OcspSingleResponse,
  OcspStatusError,
  type ParsedOcspResponse,
  parseOcspResponse,
} from './ocsp-response'
import { type PathCertificate, readPathCertificate } from './path-certificate'
import { verifySignature } from './signature'
import type { Strictness } from './strictness'

export type OcspOutcome =
  | { readonly status: 'good' }
  | {
      readonly status: 'revoked'
      readonly revocationTimeMs: number
      /** CRLReason value. */
      readonly reason: number | null
    }
  | { readonly status: 'unknown'; readonly message: string }

export type OcspCheck = {
  /** DER OCSPResponse. */
  readonly response: Uint8Array
  readonly certificate: PathCertificate
  /** Whose key signed the certificate; already validated. */
  readonly issuer: PathCertificate
  readonly atMs: number
  /** Answers with an older thisUpdate are not used; required where an answer has no nextUpdate. */
  readonly maxAgeSeconds: number | undefined
  readonly strictness: Strictness
}

const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9'
/** Usages that go with signing answers (RFC 5280 §4.2.1.12). */
const OCSP_USAGES = ['digitalSignature', 'nonRepudiation'] as const

/** Never throws on hostile bytes. The nonce is the caller's to compare. */
export function checkOcspResponse(check: OcspCheck): OcspOutcome {
  let response: ParsedOcspResponse
  try {
    response = parseOcspResponse(check.response)
  } catch (error) {
    if (
      error instanceof DerError ||
      error instanceof CertificateError ||
      error instanceof OcspStatusError
    ) {
      return unknown(error.message)
    }
    throw error
  }
  if (response.unknownCritical.length > 0) return unknown('critical extension not understood')
  // Nobody compares the nonce here.
  if (response.isNonceCritical) return unknown('critical nonce that was not asked for')
  if (!isProducedInTime(response, check)) {
    return unknown('produced outside the dates of the certificate')
  }
  const matching = response.responses.filter((single) => isAbout(single, check))
  if (matching.length === 0) return unknown('the response is about other certificates')
  // §4.2.2.1: answers outside their interval are unreliable; they neither prove nor spoil anything.
  const current = matching.filter((single) => isCurrent(single, check))
  if (current.length === 0) return unknown('the response is not current')
  if (!isAuthentic(response, check)) return unknown('no authorized responder signed the response')
  return combine(current)
}

function unknown(message: string): OcspOutcome {
  return { status: 'unknown', message }
}

/** Revoked outweighs unknown, unknown outweighs good. */
function combine(responses: readonly OcspSingleResponse[]): OcspOutcome {
  for (const { certStatus } of responses) {
    if (certStatus.kind === 'revoked') {
      const { revocationTimeMs, reason } = certStatus
      return { status: 'revoked', revocationTimeMs, reason }
    }
  }
  const isGood = responses.every(({ certStatus }) => certStatus.kind === 'good')
  return isGood ? { status: 'good' } : unknown('the responder does not know the certificate')
}

function isAbout(single: OcspSingleResponse, { certificate, issuer }: OcspCheck): boolean {
  if (!equalBytes(single.serialBytes, certificate.parsed.serialBytes)) return false
  if (issuer.publicKey.algorithm === 'unknown') return false
  let hash: string | undefined
  try {
    hash = hashAlgorithm(single.hashAlgorithm)
  } catch (error) {
    if (!(error instanceof DerError)) throw error
  }
  if (hash === undefined) return false
  const digest = (bytes: Uint8Array) => createHash(hash).update(bytes).digest()
  return (
    // §4.1.1: over "the issuer's name field in the certificate being checked", as encoded there.
    equalBytes(digest(certificate.parsed.issuer), single.issuerNameHash) &&
    equalBytes(digest(subjectPublicKeyBits(issuer.parsed.spki)), single.issuerKeyHash)
  )
}

function isProducedInTime(
  { producedAtMs }: ParsedOcspResponse,
  { certificate, strictness }: OcspCheck,
): boolean {
  if (!strictness.isProducedWithinDates) return true
  const { notBefore, notAfter } = certificate.parsed
  return notBefore.ms <= producedAtMs && producedAtMs <= notAfter.ms
}

/** From thisUpdate on and until nextUpdate, when there is newer information. */
function isCurrent(single: OcspSingleResponse, { atMs, maxAgeSeconds }: OcspCheck): boolean {
  const second = Math.floor(atMs / 1000) * 1000
  const { thisUpdateMs, nextUpdateMs } = single
  if (!(thisUpdateMs <= second)) return false
  if (nextUpdateMs !== null && !(second < nextUpdateMs)) return false
  if (maxAgeSeconds === undefined) return nextUpdateMs !== null
  return second - thisUpdateMs <= maxAgeSeconds * 1000
}

/** Signed by the issuer itself, or by a responder it delegated to (§4.2.2.2). */
function isAuthentic(response: ParsedOcspResponse, check: OcspCheck): boolean {
  const algorithm = signatureAlgorithm(response.signatureAlgorithm)
  if (algorithm === undefined || algorithm.hash === 'md5') return false
  if (algorithm.hash === 'sha1' && !check.strictness.isSha1StatusAllowed) return false
  // The issuer's own key is authorized by being the issuer's, whatever its keyUsage says.
  if (isResponder(response, check.issuer) && isSignedBy(response, check.issuer)) return true
  return response.certificates
    .map(readCertificate)
    .some(
      (responder) =>
        responder !== undefined &&
        isResponder(response, responder) &&
        isDelegate(responder, check) &&
        isSignedBy(response, responder),
    )
}

function isResponder({ responderId }: ParsedOcspResponse, candidate: PathCertificate): boolean {
  if (candidate.publicKey.algorithm === 'unknown') return false
  if (responderId.kind === 'byName') {
    try {
      return normalizeName(responderId.name).key === candidate.subject.key
    } catch (error) {
      if (error instanceof DerError) return false
      throw error
    }
  }
  const hash = createHash('sha1').update(subjectPublicKeyBits(candidate.parsed.spki)).digest()
  return equalBytes(hash, responderId.keyHash)
}

function isSignedBy(response: ParsedOcspResponse, signer: PathCertificate): boolean {
  const outcome = verifySignature({
    spki: signer.parsed.spki,
    signatureAlgorithm: response.signatureAlgorithm,
    data: response.tbs,
    signature: response.signature,
  })
  return outcome.ok
}

/**
 * Issued by the very key the certificate was, for OCSP signing, within its dates, and as sound by itself as the
 * strictness asks of a target: a weak responder is as good as a weak issuer to whoever forges its answers.
 */
function isDelegate(responder: PathCertificate, { issuer, atMs, strictness }: OcspCheck): boolean {
  const { parsed, keyUsage } = responder
  const second = Math.floor(atMs / 1000) * 1000
  if (!responder.extKeyUsage?.includes(OCSP_SIGNING)) return false
  if (keyUsage !== undefined && !OCSP_USAGES.some((usage) => keyUsage.has(usage))) return false
  if (responder.issuer.key !== issuer.subject.key) return false
  if (!(parsed.notBefore.ms <= second && second <= parsed.notAfter.ms)) return false
  // Rules for server certificates are none for responders.
  const rules = { ...strictness, isWebProfileChecked: false }
  if (checkCertificate(responder, 'target', rules, atMs).length > 0) return false
  const outcome = verifySignature({
    spki: issuer.parsed.spki,
    signatureAlgorithm: parsed.innerAlgorithm,
    data: parsed.tbs,
    signature: parsed.signature,
  })
  return outcome.ok
}

function readCertificate(der: Uint8Array): PathCertificate | undefined {
  try {
    return readPathCertificate(der)
  } catch (error) {
    if (error instanceof DerError || error instanceof CertificateError) return undefined
    throw error
  }
}
