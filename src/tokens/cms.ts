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
/** The content type of a plain file (RFC 5652 §4). */
export const ID_DATA = '1.2.840.113549.1.7.1'
const MAX_CERTIFICATES = 32
const MAX_ATTRIBUTES = 64
/** Each is verified, path and all. */
const MAX_TOKENS = 16

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
  readonly signedAttributes: Attributes
  /** DER SET OF Attribute: what the signature is over. */
  readonly signedBytes: Uint8Array
  /** DER of the timeStampTokens over `signature`. */
  readonly timestampTokens: readonly Uint8Array[]
  readonly signerId: SignerId
}

/** Values of each attribute, by OID. */
export type Attributes = ReadonlyMap<string, readonly Uint8Array[]>

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
  const explicitData = outer.enter(contextTag(0), 'content')
  outer.expectEnd('ContentInfo')
  const fields = explicitData.enter(TAG.sequence, 'SignedData')
  explicitData.expectEnd('content')
  fields.read(TAG.integer, 'version')
  fields.read(TAG.set, 'digestAlgorithms')
  const encapsulated = fields.enter(TAG.sequence, 'encapContentInfo')
  const contentType = oidValue(encapsulated.read(TAG.oid, 'eContentType'))
  const explicit = encapsulated.readOptional(contextTag(0))
  encapsulated.expectEnd('encapContentInfo')
  const content = explicit === undefined ? null : readContent(readerOf(explicit))
  const certificates = readCertificates(fields.readOptional(contextTag(0)))
  fields.readOptional(contextTag(1))
  const signers = fields.enter(TAG.set, 'signerInfos')
  const signer = readSigner(signers.enter(TAG.sequence, 'SignerInfo'), contentType)
  signers.expectEnd('signerInfos: one signer')
  fields.expectEnd('SignedData')
  return { contentType, content, certificates, ...signer }
}

function readContent(explicit: DerReader): Uint8Array {
  const content = contentBytes(explicit.read(TAG.octetString, 'eContent'))
  explicit.expectEnd('eContent')
  return content
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
  const attributes = readAttributes(signed, true)
  const algorithm = elementBytes(fields.read(TAG.sequence, 'signatureAlgorithm'))
  const signature = contentBytes(fields.read(TAG.octetString, 'signature'))
  const unsigned = fields.readOptional(contextTag(1))
  fields.expectEnd('SignerInfo')
  const stated = oidValue(readSingle(need(attributes, OID.contentType), TAG.oid, 'contentType'))
  if (stated !== contentType) throw bad('contentType attribute is another')
  const messageDigest = contentBytes(
    readSingle(need(attributes, OID.messageDigest), TAG.octetString, 'messageDigest'),
  )
  return {
    signerId,
    digestAlgorithm: digest,
    messageDigest,
    signingTimeMs: readSigningTime(oneValue(attributes, OID.signingTime)),
    signature,
    signatureAlgorithm: verifiableAlgorithm(algorithm, digest),
    signedAttributes: attributes,
    // Signed is the SET, not the [0] it is carried in (§5.4).
    signedBytes: encodeElement(TAG.set, contentBytes(signed)),
    timestampTokens: unsigned === undefined ? [] : readTokens(unsigned),
  }
}

/** Signatures are stamped by one authority after another: several attributes, or values of one (ETSI EN 319 122-1 §5.3). */
function readTokens(unsigned: DerElement): readonly Uint8Array[] {
  const tokens = readAttributes(unsigned, false).get(OID.timestampToken) ?? []
  if (tokens.length > MAX_TOKENS) throw bad('too many time-stamps')
  return tokens
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

/** @throws {DerError} for one that is there twice, where none may be. */
function readAttributes(set: DerElement, isEachOnce: boolean): Attributes {
  const attributes = new Map<string, Uint8Array[]>()
  const reader = readerOf(set)
  for (let count = 1; !reader.isAtEnd; count++) {
    if (count > MAX_ATTRIBUTES) throw bad('too many attributes')
    const attribute = reader.enter(TAG.sequence, 'Attribute')
    const oid = oidValue(attribute.read(TAG.oid, 'attrType'))
    const values = attribute.enter(TAG.set, 'attrValues')
    attribute.expectEnd('Attribute')
    const known = attributes.get(oid)
    if (known !== undefined && isEachOnce) throw bad(`attribute ${oid} twice`)
    const list = known ?? []
    while (!values.isAtEnd) list.push(elementBytes(values.readAny()))
    attributes.set(oid, list)
  }
  return attributes
}

/**
 * What RFC 5652 §11 and RFC 5035 §3 say of each attribute that is judged here: of two values, readers could take
 * either. Undefined when it is not there.
 * @throws {DerError} for one with another number of values.
 */
export function oneValue(attributes: Attributes, oid: string): Uint8Array | undefined {
  const values = attributes.get(oid)
  if (values === undefined) return undefined
  if (values.length !== 1) throw bad(`attribute ${oid} has ${values.length} values`)
  return values[0]
}

function need(attributes: Attributes, oid: string): Uint8Array {
  const value = oneValue(attributes, oid)
  if (value === undefined) throw bad(`attribute ${oid} is missing`)
  return value
}

const RSA_WITH: Readonly<Partial<Record<HashName, string>>> = {
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
}

/**
 * CMS may name only the key's algorithm for RSA; the digest is then the SignerInfo's (RFC 3370 §3.2). One that names
 * another digest is refused (RFC 8933 §3): it could be a weak one.
 */
function verifiableAlgorithm(der: Uint8Array, digest: HashName): Uint8Array {
  const known = signatureAlgorithm(der)
  if (known !== undefined) {
    if (known.hash !== null && known.hash !== digest)
      throw bad(`signed by ${known.name} over a ${digest} digest`)
    return der
  }
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
