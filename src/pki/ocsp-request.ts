/** OCSP requests (RFC 6960 §4.1, nonce RFC 9654), read strictly and bounded. */
import { createHash } from 'node:crypto'
import { type HashName, hashAlgorithm } from './algorithm'
import { readExtensionList } from './certificate'
import {
  contentBytes,
  contextTag,
  type DerElement,
  DerError,
  DerReader,
  elementBytes,
  readerOf,
  readSingle,
  TAG,
} from './der'
import { integerValue, octetBits, smallInteger } from './der-values'
import {
  encodeElement,
  encodeExplicit,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from './der-writer'

export const OCSP_OID = {
  nonce: '1.3.6.1.5.5.7.48.1.2',
  basicResponse: '1.3.6.1.5.5.7.48.1.1',
  responseTypes: '1.3.6.1.5.5.7.48.1.4',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
} as const

/** RFC 9654 §2.1: a nonce has 1..128 octets, anything else is a malformed request. */
export const MAX_NONCE_OCTETS = 128
/** Certificates asked about in one request. A certification path rarely has 10. */
export const MAX_REQUESTS = 32
/** 32 CertIDs with SHA-512 hashes, a nonce, a requestor's name and signature fit well within. */
export const MAX_REQUEST_BYTES = 16_384

/** A certificate named by its issuer's hashes and its serial number. */
export type CertId = {
  /** The CertID as the client sent it, to be repeated byte for byte. */
  readonly der: Uint8Array
  /** Undefined for a digest nobody here knows: such a certificate is unknown. */
  readonly hash: HashName | undefined
  readonly issuerNameHash: Uint8Array
  readonly issuerKeyHash: Uint8Array
  /** Signed value of the INTEGER. */
  readonly serialNumber: bigint
}

export type OcspRequest = {
  readonly certIds: readonly CertId[]
  /** Contents of the nonce's OCTET STRING; null when the client sent none. */
  readonly nonce: Uint8Array | null
}

/**
 * Reads an OCSPRequest. The requestor's name and signature are read past, not checked: answers are public.
 * @throws {DerError | CertificateError} for which RFC 6960 §2.3 wants `malformedRequest`.
 */
export function parseOcspRequest(der: Uint8Array): OcspRequest {
  if (der.length > MAX_REQUEST_BYTES) {
    throw new DerError('DER_TOO_LARGE', `OCSP request over ${MAX_REQUEST_BYTES} bytes`, 0)
  }
  const outer = readerOf(readSingle(der, TAG.sequence, 'OCSPRequest'))
  const tbs = outer.enter(TAG.sequence, 'tbsRequest')
  outer.readOptional(contextTag(0))
  outer.expectEnd('OCSPRequest')
  readVersion(tbs)
  tbs.readOptional(contextTag(1))
  const list = tbs.enter(TAG.sequence, 'requestList')
  const certIds = readRequestList(list)
  const nonce = readRequestExtensions(tbs.readOptional(contextTag(2)))
  tbs.expectEnd('tbsRequest')
  return { certIds, nonce }
}

function readVersion(tbs: DerReader): void {
  const explicit = tbs.readOptional(contextTag(0))
  if (explicit === undefined) return
  // v1 is the DEFAULT and should not be written, but old clients do.
  const inner = readerOf(explicit)
  smallInteger(inner.read(TAG.integer, 'version'), 0, 'version')
  inner.expectEnd('version')
}

function readRequestList(list: DerReader): CertId[] {
  const certIds: CertId[] = []
  while (!list.isAtEnd) {
    if (certIds.length >= MAX_REQUESTS) {
      throw new DerError('DER_TOO_LARGE', `more than ${MAX_REQUESTS} certificates`, list.offset)
    }
    const request = list.enter(TAG.sequence, 'Request')
    certIds.push(readCertId(request.read(TAG.sequence, 'reqCert')))
    refuseCritical(request.readOptional(contextTag(0)), 'singleRequestExtensions')
    request.expectEnd('Request')
  }
  if (certIds.length === 0) throw new DerError('DER_BAD_VALUE', 'empty requestList', list.offset)
  return certIds
}

const HASH_OCTETS: Readonly<Record<HashName, number>> = {
  md5: 16,
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
}

/** @throws {DerError} also for hashes that are not as long as those of their algorithm. */
export function readCertId(element: DerElement): CertId {
  const fields = readerOf(element)
  const algorithm = elementBytes(fields.read(TAG.sequence, 'hashAlgorithm'))
  const issuerNameHash = contentBytes(fields.read(TAG.octetString, 'issuerNameHash'))
  const issuerKeyHash = contentBytes(fields.read(TAG.octetString, 'issuerKeyHash'))
  const serialNumber = integerValue(fields.read(TAG.integer, 'serialNumber'))
  fields.expectEnd('CertID')
  const hash = hashAlgorithm(algorithm)
  const octets = hash === undefined ? null : HASH_OCTETS[hash]
  if (
    octets !== null &&
    ![issuerNameHash, issuerKeyHash].every(({ length }) => length === octets)
  ) {
    throw new DerError('DER_BAD_VALUE', `not ${hash} hashes`, element.start)
  }
  return { der: elementBytes(element), hash, issuerNameHash, issuerKeyHash, serialNumber }
}

function readRequestExtensions(explicit: DerElement | undefined): Uint8Array | null {
  if (explicit === undefined) return null
  const inner = readerOf(explicit)
  const extensions = readExtensionList(inner.enter(TAG.sequence, 'requestExtensions'))
  inner.expectEnd('requestExtensions')
  for (const { oid, critical } of extensions) {
    if (critical && oid !== OCSP_OID.nonce && oid !== OCSP_OID.responseTypes) {
      throw new DerError('DER_BAD_VALUE', `unknown critical extension ${oid}`, explicit.start)
    }
  }
  const nonce = extensions.find(({ oid }) => oid === OCSP_OID.nonce)
  return nonce === undefined ? null : readNonce(nonce.value, explicit.start)
}

function readNonce(value: Uint8Array, offset: number): Uint8Array {
  const octets = contentBytes(readSingle(value, TAG.octetString, 'nonce'))
  if (octets.length < 1 || octets.length > MAX_NONCE_OCTETS) {
    throw new DerError('DER_BAD_VALUE', `nonce of ${octets.length} octets`, offset)
  }
  return octets
}

function refuseCritical(explicit: DerElement | undefined, what: string): void {
  if (explicit === undefined) return
  const inner = readerOf(explicit)
  const extensions = readExtensionList(inner.enter(TAG.sequence, what))
  inner.expectEnd(what)
  const critical = extensions.find((extension) => extension.critical)
  if (critical !== undefined) {
    throw new DerError(
      'DER_BAD_VALUE',
      `unknown critical extension ${critical.oid}`,
      explicit.start,
    )
  }
}

/** Contents of the subjectPublicKey BIT STRING: what issuerKeyHash and SHA-1 key identifiers are over. */
export function subjectPublicKeyBits(spki: Uint8Array): Uint8Array {
  const fields = new DerReader(spki).enter(TAG.sequence, 'SubjectPublicKeyInfo')
  fields.read(TAG.sequence, 'AlgorithmIdentifier')
  return octetBits(fields.read(TAG.bitString, 'subjectPublicKey'), 'subjectPublicKey')
}

/** Does the CertID name this issuer (its DER Name inside the certificate, its DER SubjectPublicKeyInfo)? */
export function certIdNamesIssuer(
  certId: CertId,
  issuerName: Uint8Array,
  issuerSpki: Uint8Array,
): boolean {
  if (certId.hash === undefined) return false
  const digest = (bytes: Uint8Array) =>
    createHash(certId.hash as HashName)
      .update(bytes)
      .digest()
  return (
    digest(subjectPublicKeyBits(issuerSpki)).equals(certId.issuerKeyHash) &&
    digest(issuerName).equals(certId.issuerNameHash)
  )
}

const HASH_OIDS = { sha1: '1.3.14.3.2.26', sha256: '2.16.840.1.101.3.4.2.1' } as const

/** DER CertID of a certificate, as a client sends it. */
export function encodeCertId(
  hash: keyof typeof HASH_OIDS,
  issuerName: Uint8Array,
  issuerSpki: Uint8Array,
  serialBytes: Uint8Array,
): Uint8Array {
  const digest = (bytes: Uint8Array) => createHash(hash).update(bytes).digest()
  return encodeSequence(
    encodeSequence(encodeOid(HASH_OIDS[hash]), encodeNull()),
    encodeOctetString(digest(issuerName)),
    encodeOctetString(digest(subjectPublicKeyBits(issuerSpki))),
    encodeElement(TAG.integer, serialBytes),
  )
}

/** An unsigned OCSPRequest for these CertIDs. */
export function encodeOcspRequest(certIds: readonly Uint8Array[], nonce?: Uint8Array): Uint8Array {
  const list = encodeSequence(...certIds.map((certId) => encodeSequence(certId)))
  if (nonce === undefined) return encodeSequence(encodeSequence(list))
  return encodeSequence(
    encodeSequence(list, encodeExplicit(2, encodeSequence(encodeNonceExtension(nonce)))),
  )
}

export function encodeNonceExtension(nonce: Uint8Array): Uint8Array {
  return encodeSequence(encodeOid(OCSP_OID.nonce), encodeOctetString(encodeOctetString(nonce)))
}

/** The registry reads a serial as an unsigned number whatever its sign (`80 01` is 32769). */
export function unsignedSerial(certId: CertId): bigint {
  const { serialNumber } = certId
  if (serialNumber >= 0n) return serialNumber
  const octets = contentBytes(readSingle(encodeInteger(serialNumber), TAG.integer, 'serialNumber'))
  return BigInt(`0x${Buffer.from(octets).toString('hex')}`)
}
