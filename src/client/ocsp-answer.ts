/** Judging the service's OCSP answer: only the responder's own word about exactly these certificates counts. */
import { createHash } from 'node:crypto'
import { equalBytes } from '../bytes'
import type { ParsedCertificate } from '../pki/certificate'
import { DerError, readSingle, TAG } from '../pki/der'
import { signedBigInt } from '../pki/der-values'
import { encodeOctetString } from '../pki/der-writer'
import { readCertId } from '../pki/ocsp-request'
import { type OcspSingleResponse, OcspStatusError, parseOcspResponse } from '../pki/ocsp-response'
import { verifySignature } from '../pki/signature'
import { PeerError } from './errors'

/** Clocks of services and clients differ. */
const SKEW_MS = 300_000

export type StatusAnswer = {
  readonly status: OcspSingleResponse['certStatus']
  /** Milliseconds since the epoch: until then the answer stands. */
  readonly validUntilMs: number
}

/**
 * One answer for each CertID, in order.
 * @throws {PeerError} STATUS_UNAVAILABLE for an error answer, STATUS_INVALID for anything not provably the responder's.
 */
export function judgeAnswer(
  der: Uint8Array,
  certIds: readonly Uint8Array[],
  nonce: Uint8Array,
  responder: ParsedCertificate,
  nowMs: number,
): readonly StatusAnswer[] {
  try {
    const response = parseOcspResponse(der)
    if (nowMs < responder.notBefore.ms - SKEW_MS || nowMs > responder.notAfter.ms) {
      throw invalid('the responder certificate is not within its validity')
    }
    const outcome = verifySignature({
      spki: responder.spki,
      signatureAlgorithm: response.signatureAlgorithm,
      data: response.tbs,
      signature: response.signature,
    })
    if (!outcome.ok) throw invalid(`not signed by the responder: ${outcome.message}`)
    if (response.nonce === null || !equalBytes(response.nonce, encodeOctetString(nonce))) {
      throw invalid('the nonce is not the one that was sent')
    }
    if (response.unknownCritical.length > 0) throw invalid('critical extension not understood')
    return certIds.map((certId) => answerFor(certId, response.responses, nowMs))
  } catch (error) {
    if (error instanceof OcspStatusError) {
      throw new PeerError('STATUS_UNAVAILABLE', error.message, null, { cause: error })
    }
    if (error instanceof DerError) throw invalid(error.message, error)
    throw error
  }
}

function answerFor(
  certId: Uint8Array,
  responses: readonly OcspSingleResponse[],
  nowMs: number,
): StatusAnswer {
  const asked = readCertId(readSingle(certId, TAG.sequence, 'CertID'))
  const answers = responses.filter(
    (single) =>
      equalBytes(single.issuerKeyHash, asked.issuerKeyHash) &&
      equalBytes(single.issuerNameHash, asked.issuerNameHash) &&
      signedBigInt(single.serialBytes) === asked.serialNumber,
  )
  const [answer] = answers
  if (answer === undefined || answers.length !== 1) throw invalid('no single answer about it')
  const { thisUpdateMs, nextUpdateMs } = answer
  if (thisUpdateMs > nowMs + SKEW_MS) throw invalid('the answer is from the future')
  if (nextUpdateMs === null || nextUpdateMs < nowMs - SKEW_MS) throw invalid('the answer is over')
  return { status: answer.certStatus, validUntilMs: nextUpdateMs }
}

function invalid(message: string, cause?: unknown): PeerError {
  return new PeerError('STATUS_INVALID', message, null, { cause })
}

/** SHA-256 of a certificate, hex: the key of caches. */
export function fingerprintOf(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('hex')
}
