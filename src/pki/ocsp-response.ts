/** OCSP responses, read strictly (RFC 6960 §4.2). What they prove is judged in ocsp-check.ts. */
import { type Extension, readExtensionList } from './certificate'
import {
  contentBytes,
  contextTag,
  type DerElement,
  DerError,
  type DerReader,
  elementBytes,
  readerOf,
  readSingle,
  TAG,
} from './der'
import { octetBits, oidValue, smallInteger, timeValue } from './der-values'

export type OcspCertStatus =
  | { readonly kind: 'good' }
  | { readonly kind: 'revoked'; readonly revocationTimeMs: number; readonly reason: number | null }
  | { readonly kind: 'unknown' }

export type OcspSingleResponse = {
  /** DER AlgorithmIdentifier of the digest. */
  readonly hashAlgorithm: Uint8Array
  readonly issuerNameHash: Uint8Array
  readonly issuerKeyHash: Uint8Array
  /** Contents octets as given: responders repeat a certificate's serial even where it is not minimal. */
  readonly serialBytes: Uint8Array
  readonly certStatus: OcspCertStatus
  readonly thisUpdateMs: number
  readonly nextUpdateMs: number | null
}

export type OcspResponderId =
  /** DER Name. */
  | { readonly kind: 'byName'; readonly name: Uint8Array }
  /** SHA-1 of the public key's bits. */
  | { readonly kind: 'byKey'; readonly keyHash: Uint8Array }

export type ParsedOcspResponse = {
  /** DER ResponseData: what the signature is over. */
  readonly tbs: Uint8Array
  readonly responderId: OcspResponderId
  readonly producedAtMs: number
  readonly responses: readonly OcspSingleResponse[]
  /** Contents of the nonce extension's value; null without one. */
  readonly nonce: Uint8Array | null
  readonly isNonceCritical: boolean
  readonly signatureAlgorithm: Uint8Array
  readonly signature: Uint8Array
  /** DER of the certificates sent along, not trusted. */
  readonly certificates: readonly Uint8Array[]
  /** Critical extensions nobody here processes. */
  readonly unknownCritical: readonly string[]
}

/** A responder that answers with an error status has said nothing about any certificate. */
export class OcspStatusError extends Error {
  override readonly name = 'OcspStatusError'

  /** @param status OCSPResponseStatus: 1 malformedRequest, 2 internalError, 3 tryLater, 5 sigRequired, 6 unauthorized. */
  constructor(readonly status: number) {
    super(`OCSP responder answered with status ${status}`)
  }
}

const MAX_RESPONSE_BYTES = 1_048_576
const MAX_SINGLE_RESPONSES = 1024
const MAX_CERTIFICATES = 16
const BASIC_RESPONSE = '1.3.6.1.5.5.7.48.1.1'
const NONCE = '1.3.6.1.5.5.7.48.1.2'
/** Time stamps of transparency logs (RFC 6962 §3.3): they bear on no status. */
const TIMESTAMP_LIST = '1.3.6.1.4.1.11129.2.4.5'

/**
 * Reads an OCSPResponse of type id-pkix-ocsp-basic.
 * @throws {DerError | CertificateError} when it is malformed, {@link OcspStatusError} when it is an error answer.
 */
export function parseOcspResponse(der: Uint8Array): ParsedOcspResponse {
  if (der.length > MAX_RESPONSE_BYTES) throw new DerError('DER_TOO_LARGE', 'response too large', 0)
  const outer = readerOf(readSingle(der, TAG.sequence, 'OCSPResponse'))
  const status = smallInteger(outer.read(TAG.enumerated, 'responseStatus'), 6, 'responseStatus')
  if (status !== 0) throw new OcspStatusError(status)
  const explicit = readerOf(outer.read(contextTag(0), 'responseBytes'))
  outer.expectEnd('OCSPResponse')
  const responseBytes = explicit.enter(TAG.sequence, 'ResponseBytes')
  explicit.expectEnd('responseBytes')
  if (oidValue(responseBytes.read(TAG.oid, 'responseType')) !== BASIC_RESPONSE) {
    throw new DerError('DER_BAD_VALUE', 'not a basic OCSP response', responseBytes.offset)
  }
  const basic = contentBytes(responseBytes.read(TAG.octetString, 'response'))
  responseBytes.expectEnd('ResponseBytes')
  return readBasicResponse(readerOf(readSingle(basic, TAG.sequence, 'BasicOCSPResponse')))
}

function readBasicResponse(fields: DerReader): ParsedOcspResponse {
  const tbs = fields.read(TAG.sequence, 'tbsResponseData')
  const signatureAlgorithm = elementBytes(fields.read(TAG.sequence, 'signatureAlgorithm'))
  const signature = octetBits(fields.read(TAG.bitString, 'signature'), 'signature')
  const certificates = readCertificates(fields.readOptional(contextTag(0)))
  fields.expectEnd('BasicOCSPResponse')
  return {
    ...readResponseData(readerOf(tbs)),
    tbs: elementBytes(tbs),
    signatureAlgorithm,
    signature,
    certificates,
  }
}

function readCertificates(explicit: DerElement | undefined): readonly Uint8Array[] {
  if (explicit === undefined) return []
  const outer = readerOf(explicit)
  const list = outer.enter(TAG.sequence, 'certs')
  outer.expectEnd('certs')
  const certificates: Uint8Array[] = []
  while (!list.isAtEnd) {
    if (certificates.length >= MAX_CERTIFICATES) {
      throw new DerError('DER_TOO_LARGE', 'too many certificates in a response', list.offset)
    }
    certificates.push(elementBytes(list.read(TAG.sequence, 'Certificate')))
  }
  return certificates
}

type ResponseData = Pick<
  ParsedOcspResponse,
  'responderId' | 'producedAtMs' | 'responses' | 'nonce' | 'isNonceCritical' | 'unknownCritical'
>

function readResponseData(fields: DerReader): ResponseData {
  const version = fields.readOptional(contextTag(0))
  if (version !== undefined) smallInteger(only(version, TAG.integer, 'version'), 0, 'version')
  const responderId = readResponderId(fields.readAny())
  const producedAtMs = timeValue(fields.read(TAG.generalizedTime, 'producedAt'))
  const unknownCritical: string[] = []
  const list = fields.enter(TAG.sequence, 'responses')
  const responses: OcspSingleResponse[] = []
  while (!list.isAtEnd) {
    if (responses.length >= MAX_SINGLE_RESPONSES) {
      throw new DerError('DER_TOO_LARGE', 'too many single responses', list.offset)
    }
    responses.push(readSingleResponse(list.enter(TAG.sequence, 'SingleResponse'), unknownCritical))
  }
  const extensions = readExtensions(fields.readOptional(contextTag(1)))
  fields.expectEnd('ResponseData')
  const nonce = extensions.find(({ oid }) => oid === NONCE)
  noteCritical(extensions, NONCE, unknownCritical)
  return {
    responderId,
    producedAtMs,
    responses,
    nonce: nonce?.value ?? null,
    isNonceCritical: nonce?.critical ?? false,
    unknownCritical,
  }
}

function readResponderId(element: DerElement): OcspResponderId {
  const inner = readerOf(element)
  if (element.tag === contextTag(1)) {
    const name = elementBytes(inner.read(TAG.sequence, 'responder name'))
    inner.expectEnd('ResponderID')
    return { kind: 'byName', name }
  }
  if (element.tag !== contextTag(2)) {
    throw new DerError('DER_UNEXPECTED_TAG', 'no form of ResponderID', element.start)
  }
  const keyHash = contentBytes(inner.read(TAG.octetString, 'responder key hash'))
  inner.expectEnd('ResponderID')
  return { kind: 'byKey', keyHash }
}

function readSingleResponse(fields: DerReader, unknownCritical: string[]): OcspSingleResponse {
  const certId = fields.enter(TAG.sequence, 'CertID')
  const hashAlgorithm = elementBytes(certId.read(TAG.sequence, 'hashAlgorithm'))
  const issuerNameHash = contentBytes(certId.read(TAG.octetString, 'issuerNameHash'))
  const issuerKeyHash = contentBytes(certId.read(TAG.octetString, 'issuerKeyHash'))
  const serialBytes = contentBytes(certId.read(TAG.integer, 'serialNumber'))
  certId.expectEnd('CertID')
  const certStatus = readCertStatus(fields.readAny())
  const thisUpdateMs = timeValue(fields.read(TAG.generalizedTime, 'thisUpdate'))
  const next = fields.readOptional(contextTag(0))
  const nextUpdateMs =
    next === undefined ? null : timeValue(only(next, TAG.generalizedTime, 'nextUpdate'))
  const extensions = readExtensions(fields.readOptional(contextTag(1)))
  noteCritical(extensions, TIMESTAMP_LIST, unknownCritical)
  fields.expectEnd('SingleResponse')
  return {
    hashAlgorithm,
    issuerNameHash,
    issuerKeyHash,
    serialBytes,
    certStatus,
    thisUpdateMs,
    nextUpdateMs,
  }
}

function readCertStatus(element: DerElement): OcspCertStatus {
  const isEmpty = element.contentStart === element.end
  if (element.tag === contextTag(0, false) && isEmpty) return { kind: 'good' }
  if (element.tag === contextTag(2, false) && isEmpty) return { kind: 'unknown' }
  if (element.tag !== contextTag(1)) {
    throw new DerError('DER_UNEXPECTED_TAG', 'no form of CertStatus', element.start)
  }
  const fields = readerOf(element)
  const revocationTimeMs = timeValue(fields.read(TAG.generalizedTime, 'revocationTime'))
  const explicit = fields.readOptional(contextTag(0))
  fields.expectEnd('RevokedInfo')
  const reason = explicit === undefined ? null : readReason(explicit)
  return { kind: 'revoked', revocationTimeMs, reason }
}

function readReason(explicit: DerElement): number {
  const reason = smallInteger(only(explicit, TAG.enumerated, 'reason'), 10, 'revocationReason')
  // RFC 5280 §5.3.1: "value 7 is not used".
  if (reason === 7) {
    throw new DerError('DER_BAD_VALUE', 'revocationReason 7 is unused', explicit.start)
  }
  return reason
}

/** The one element an explicit tag holds. */
function only(explicit: DerElement, tag: number, what: string): DerElement {
  const outer = readerOf(explicit)
  const element = outer.read(tag, what)
  outer.expectEnd(what)
  return element
}

function readExtensions(explicit: DerElement | undefined): readonly Extension[] {
  if (explicit === undefined) return []
  const outer = readerOf(explicit)
  const list = outer.enter(TAG.sequence, 'extensions')
  outer.expectEnd('extensions')
  return readExtensionList(list)
}

function noteCritical(
  extensions: readonly Extension[],
  known: string,
  unknownCritical: string[],
): void {
  for (const { oid, critical } of extensions) {
    if (critical && oid !== known) unknownCritical.push(oid)
  }
}
