/** CMS SignedData (RFC 5652) with one signer: detached signatures over a file, and the tokens of RFC 3161. */
import { createHash } from 'node:crypto'
import { concatBytes, equalBytes } from '../bytes'
import { type HashName, hashAlgorithm, signatureAlgorithm } from '../pki/algorithm'
import { type ParsedCertificate, parseCertificate } from '../pki/certificate'
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
} from '../pki/der'
import { integerBytes, oidValue, timeValue } from '../pki/der-values'
import { encodeElement, encodeNull, encodeOid, encodeSequence } from '../pki/der-writer'
import { keyIdentifier } from '../pki/ocsp-encode'
import { publicKeyInfo } from '../pki/public-key'
import { verifySignature } from '../pki/signature'

const OID = {
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  timestampToken: '1.2.840.113549.1.9.16.2.14',
  rsaEncryption: '1.2.840.113549.1.1.1',
} as const

/** A signature with its certificates; a file's own bytes are elsewhere. */
export const MAX_CMS_BYTES = 262_144
const MAX_CERTIFICATES = 32
const MAX_ATTRIBUTES = 64

export type SignedData = {
  readonly contentType: string
  /** Contents of the encapsulated OCTET STRING; null when detached. */
  readonly content: Uint8Array | null
  readonly certificates: readonly Uint8Array[]
  readonly digestAlgorithm: HashName
  /** The messageDigest attribute: what the signer says the content's digest is. */
  readonly messageDigest: Uint8Array
  readonly signature: Uint8Array
  /** DER AlgorithmIdentifier to verify by. */
  readonly signatureAlgorithm: Uint8Array
  /** The signingTime attribute, the signer's own word; null without one. */
  readonly signingTimeMs: number | null
  /** First value of each signed attribute, by OID. */
  readonly signedAttributes: ReadonlyMap<string, Uint8Array>
  /** DER SET OF Attribute: what the signature is over. */
  readonly signedBytes: Uint8Array
  /** DER of a timeStampToken over `signature`; null without one. */
  readonly timestampToken: Uint8Array | null
  readonly signerId: SignerId
}

type SignerId =
  | { readonly kind: 'issuerSerial'; readonly issuer: Uint8Array; readonly serialBytes: Uint8Array }
  | { readonly kind: 'keyId'; readonly keyId: Uint8Array }

/**
 * Reads a SignedData with exactly one signer and signed attributes, in DER.
 * @throws {DerError} for anything else.
 */
export function parseSignedData(der: Uint8Array): SignedData {
  if (der.length > MAX_CMS_BYTES) throw new DerError('DER_TOO_LARGE', 'CMS too large', 0)
  const outer = readerOf(readSingle(der, TAG.sequence, 'ContentInfo'))
  if (oidValue(outer.read(TAG.oid, 'contentType')) !== OID.signedData) throw bad('not SignedData')
  const fields = outer.enter(contextTag(0), 'content').enter(TAG.sequence, 'SignedData')
  fields.read(TAG.integer, 'version')
  fields.read(TAG.set, 'digestAlgorithms')
  const encapsulated = fields.enter(TAG.sequence, 'encapContentInfo')
  const contentType = oidValue(encapsulated.read(TAG.oid, 'eContentType'))
  const explicit = encapsulated.readOptional(contextTag(0))
  const content =
    explicit === undefined
      ? null
      : contentBytes(readerOf(explicit).read(TAG.octetString, 'eContent'))
  const certificates = readCertificates(fields.readOptional(contextTag(0)))
  fields.readOptional(contextTag(1))
  const signers = fields.enter(TAG.set, 'signerInfos')
  const signer = readSigner(signers.enter(TAG.sequence, 'SignerInfo'), contentType)
  signers.expectEnd('signerInfos: one signer')
  return { contentType, content, certificates, ...signer }
}

function readCertificates(set: DerElement | undefined): readonly Uint8Array[] {
  const list: Uint8Array[] = []
  if (set === undefined) return list
  const reader = readerOf(set)
  while (!reader.isAtEnd) {
    if (list.length >= MAX_CERTIFICATES) throw bad('too many certificates')
    list.push(elementBytes(reader.read(TAG.sequence, 'certificate')))
  }
  return list
}

function readSigner(fields: DerReader, contentType: string) {
  fields.read(TAG.integer, 'version')
  const signerId = readSignerId(fields.readAny())
  const digest = hashAlgorithm(elementBytes(fields.read(TAG.sequence, 'digestAlgorithm')))
  if (digest === undefined || digest === 'md5' || digest === 'sha1')
    throw bad('weak or unknown digest')
  const signed = fields.read(contextTag(0), 'signedAttrs')
  const attributes = readAttributes(signed)
  const algorithm = elementBytes(fields.read(TAG.sequence, 'signatureAlgorithm'))
  const signature = contentBytes(fields.read(TAG.octetString, 'signature'))
  const unsigned = fields.readOptional(contextTag(1))
  fields.expectEnd('SignerInfo')
  const stated = oidValue(readSingle(need(attributes, OID.contentType), TAG.oid, 'contentType'))
  if (stated !== contentType) throw bad('contentType attribute is another')
  const messageDigest = contentBytes(
    readSingle(need(attributes, OID.messageDigest), TAG.octetString, 'messageDigest'),
  )
  const token = unsigned === undefined ? null : readAttributes(unsigned).get(OID.timestampToken)
  return {
    signerId,
    digestAlgorithm: digest,
    messageDigest,
    signingTimeMs: readSigningTime(attributes.get(OID.signingTime)),
    signature,
    signatureAlgorithm: verifiableAlgorithm(algorithm, digest),
    signedAttributes: attributes,
    // Signed is the SET, not the [0] it is carried in (§5.4).
    signedBytes: encodeElement(TAG.set, contentBytes(signed)),
    timestampToken: token ?? null,
  }
}

/** RFC 5652 §11.3: in the form of RFC 5280's dates. */
function readSigningTime(value: Uint8Array | undefined): number | null {
  if (value === undefined) return null
  const reader = new DerReader(value)
  const time = timeValue(reader.readAny())
  reader.expectEnd('signingTime')
  return time
}

function readSignerId(element: DerElement): SignerId {
  if (element.tag === contextTag(0, false)) return { kind: 'keyId', keyId: contentBytes(element) }
  if (element.tag !== TAG.sequence) throw bad('no form of SignerIdentifier')
  const fields = readerOf(element)
  const issuer = elementBytes(fields.read(TAG.sequence, 'issuer'))
  const serialBytes = integerBytes(fields.read(TAG.integer, 'serialNumber'))
  return { kind: 'issuerSerial', issuer, serialBytes }
}

/** First value of each attribute, by OID. @throws {DerError} when one is there twice. */
function readAttributes(set: DerElement): ReadonlyMap<string, Uint8Array> {
  const attributes = new Map<string, Uint8Array>()
  const reader = readerOf(set)
  while (!reader.isAtEnd) {
    const attribute = reader.enter(TAG.sequence, 'Attribute')
    const oid = oidValue(attribute.read(TAG.oid, 'attrType'))
    const values = attribute.enter(TAG.set, 'attrValues')
    const value = elementBytes(values.readAny())
    if (attributes.has(oid) || attributes.size >= MAX_ATTRIBUTES)
      throw bad(`attribute ${oid} twice`)
    attributes.set(oid, value)
  }
  return attributes
}

function need(attributes: ReadonlyMap<string, Uint8Array>, oid: string): Uint8Array {
  const value = attributes.get(oid)
  if (value === undefined) throw bad(`attribute ${oid} is missing`)
  return value
}

const RSA_WITH: Readonly<Partial<Record<HashName, string>>> = {
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
}

/** CMS may name only the key's algorithm for RSA; the digest is then the SignerInfo's (RFC 3370 §3.2). */
function verifiableAlgorithm(der: Uint8Array, digest: HashName): Uint8Array {
  if (signatureAlgorithm(der) !== undefined) return der
  const oid = oidValue(readerOf(readSingle(der, TAG.sequence, 'algorithm')).read(TAG.oid, 'oid'))
  const combined = oid === OID.rsaEncryption ? RSA_WITH[digest] : undefined
  return combined === undefined ? der : encodeSequence(encodeOid(combined), encodeNull())
}

/** The certificate the signature names; null when it was not sent along. */
export function signerCertificate(data: SignedData): ParsedCertificate | null {
  for (const der of data.certificates) {
    const certificate = parseCertificate(der)
    if (isSigner(certificate, data.signerId)) return certificate
  }
  return null
}

function isSigner(certificate: ParsedCertificate, signerId: SignerId): boolean {
  if (signerId.kind === 'keyId') return equalBytes(keyIdentifier(certificate.spki), signerId.keyId)
  return (
    equalBytes(certificate.issuer, signerId.issuer) &&
    equalBytes(certificate.serialBytes, signerId.serialBytes)
  )
}

/** Is the signature of this key over the signed attributes? The content's digest is the caller's to compare. */
export function isSignedBy(data: SignedData, spki: Uint8Array): boolean {
  if (publicKeyInfo(spki).algorithm === 'unknown') return false
  const { signedBytes, signature } = data
  const outcome = verifySignature({
    spki,
    signatureAlgorithm: data.signatureAlgorithm,
    data: signedBytes,
    signature,
  })
  return outcome.ok
}

export function digestOf(hash: HashName, ...parts: readonly Uint8Array[]): Uint8Array {
  return createHash(hash)
    .update(concatBytes(...parts))
    .digest()
}

function bad(message: string): DerError {
  return new DerError('DER_BAD_VALUE', message, 0)
}
