/** X.509 certificates as the chain gives them (TBS, algorithm, signature) and as RFC 5280 §4.1 has them. */
import {
  contentBytes,
  contextTag,
  type DerElement,
  DerError,
  type DerErrorCode,
  DerReader,
  elementBytes,
  readerOf,
  readSingle,
  TAG,
} from './der'
import {
  bitStringValue,
  booleanValue,
  octetBits,
  oidValue,
  signedBigInt,
  smallInteger,
  timeValue,
} from './der-values'
import { encodeBitString, encodeSequence } from './der-writer'

export type CertificateErrorCode =
  | DerErrorCode
  /** Larger than MAX_CERTIFICATE_BYTES. */
  | 'CERT_TOO_LARGE'
  /** A version that does not exist, or fields the stated version does not have. */
  | 'CERT_BAD_VERSION'
  /** The same extension twice (§4.2). */
  | 'CERT_DUPLICATE_EXTENSION'

/** Well-formed DER that is no certificate of RFC 5280 §4.1. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError'

  constructor(
    readonly code: CertificateErrorCode,
    message: string,
    readonly offset: number,
  ) {
    super(`${message} (at byte ${offset})`)
  }
}

/** 1 MiB: far above any certificate in use, low enough to hash and scan at once. */
const MAX_CERTIFICATE_BYTES = 1_048_576

/** The OpenSSL and webpki parsers take far fewer; more only serves to make a reader work. */
const MAX_EXTENSIONS = 256

export type Extension = {
  /** Dotted OID. */
  readonly oid: string
  readonly critical: boolean
  /** Contents of extnValue: the DER of the extension's own type, not yet decoded. */
  readonly value: Uint8Array
}

export type CertificateTime = { readonly ms: number; readonly isGeneralized: boolean }

/** The fields of a TBSCertificate. Every Uint8Array is a view of the given bytes, never re-encoded. */
export type ParsedTbs = {
  /** The TBSCertificate's DER: what the signature is over. */
  readonly tbs: Uint8Array
  readonly version: 1 | 2 | 3
  /** Contents octets of the serial number as given: signed, maybe padded. */
  readonly serialBytes: Uint8Array
  /** Signed value of the serial number. */
  readonly serialNumber: bigint
  /** DER AlgorithmIdentifier inside the TBS. */
  readonly innerAlgorithm: Uint8Array
  /** DER Name. */
  readonly issuer: Uint8Array
  readonly notBefore: CertificateTime
  readonly notAfter: CertificateTime
  /** DER Name. */
  readonly subject: Uint8Array
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  /** In the order given. */
  readonly extensions: readonly Extension[]
  /** Whether issuerUniqueID or subjectUniqueID is there. */
  readonly hasUniqueIds: boolean
}

/** A whole certificate. Extension contents are decoded on demand by `extensions.ts`. */
export type ParsedCertificate = ParsedTbs & {
  readonly der: Uint8Array
  /** DER AlgorithmIdentifier beside the signature. */
  readonly outerAlgorithm: Uint8Array
  /** Contents of the BIT STRING. */
  readonly signature: Uint8Array
}

/**
 * Reads a whole certificate strictly by RFC 5280 §4.1. Signature, algorithms, names, dates and the
 * contents of extensions are not judged here.
 * @throws {DerError | CertificateError} with code and offset when the bytes are anything else.
 */
export function parseCertificate(der: Uint8Array): ParsedCertificate {
  refuseOversized(der)
  const certificate = readerOf(readSingle(der, TAG.sequence, 'Certificate'))
  const tbs = readTbs(certificate.read(TAG.sequence, 'TBSCertificate'))
  const outerAlgorithm = elementBytes(certificate.read(TAG.sequence, 'signatureAlgorithm'))
  const signature = octetBits(certificate.read(TAG.bitString, 'signatureValue'), 'signatureValue')
  certificate.expectEnd('Certificate')
  // Last: in V8 properties added after a spread cost some 2 µs each.
  return { der, outerAlgorithm, signature, ...tbs }
}

/**
 * Reads a TBSCertificate alone, as strictly, for when no whole certificate can be built.
 * @throws {DerError | CertificateError} also when bytes follow the TBS; cut them with `tbsElement` first.
 */
export function parseTbs(der: Uint8Array): ParsedTbs {
  refuseOversized(der)
  return readTbs(readSingle(der, TAG.sequence, 'TBSCertificate'))
}

/** The first element of `bytes` and what follows it: the pallet tolerates bytes after the TBS. */
export function splitTbs(bytes: Uint8Array): { tbs: Uint8Array; trailing: Uint8Array } {
  const element = new DerReader(bytes).read(TAG.sequence, 'TBSCertificate')
  return { tbs: elementBytes(element), trailing: bytes.subarray(element.end) }
}

/**
 * DER AlgorithmIdentifier inside a TBSCertificate. Only the fields before it are read, so it also
 * answers for a TBS that is malformed further on.
 * @throws {DerError}
 */
export function innerSignatureAlgorithm(tbs: Uint8Array): Uint8Array {
  const fields = new DerReader(tbs).enter(TAG.sequence, 'TBSCertificate')
  fields.readOptional(contextTag(0))
  fields.read(TAG.integer, 'serialNumber')
  return elementBytes(fields.read(TAG.sequence, 'signature'))
}

/**
 * The certificate whose parts these are, byte for byte: SEQUENCE { tbs, signatureAlgorithm, BIT STRING }.
 * @param signatureAlgorithm DER AlgorithmIdentifier; `innerSignatureAlgorithm(tbs)` for a certificate
 *   that keeps RFC 5280 §4.1.1.2, which is what absent means.
 */
export function assembleCertificate(
  tbs: Uint8Array,
  signature: Uint8Array,
  signatureAlgorithm: Uint8Array = innerSignatureAlgorithm(tbs),
): Uint8Array {
  return encodeSequence(tbs, signatureAlgorithm, encodeBitString(signature))
}

/** The extension with this OID. */
export function findExtension(certificate: ParsedTbs, oid: string): Extension | undefined {
  return certificate.extensions.find((extension) => extension.oid === oid)
}

function refuseOversized(der: Uint8Array): void {
  if (der.length > MAX_CERTIFICATE_BYTES) {
    throw new CertificateError('CERT_TOO_LARGE', `${der.length} bytes are no certificate`, 0)
  }
}

function readTbs(element: DerElement): ParsedTbs {
  const fields = readerOf(element)
  const version = readVersion(fields)
  const serialBytes = contentBytes(fields.read(TAG.integer, 'serialNumber'))
  if (serialBytes.length === 0) {
    throw new DerError('DER_BAD_VALUE', 'empty serialNumber', fields.offset)
  }
  const innerAlgorithm = elementBytes(fields.read(TAG.sequence, 'signature'))
  const issuer = elementBytes(fields.read(TAG.sequence, 'issuer'))
  const validity = fields.enter(TAG.sequence, 'validity')
  const notBefore = readTime(validity)
  const notAfter = readTime(validity)
  validity.expectEnd('validity')
  const subject = elementBytes(fields.read(TAG.sequence, 'subject'))
  const spki = elementBytes(fields.read(TAG.sequence, 'subjectPublicKeyInfo'))
  const hasUniqueIds = readUniqueIds(fields, version)
  const extensions = readExtensions(fields, version)
  fields.expectEnd('TBSCertificate')
  return {
    tbs: elementBytes(element),
    version,
    serialBytes,
    serialNumber: signedBigInt(serialBytes),
    innerAlgorithm,
    issuer,
    notBefore,
    notAfter,
    subject,
    spki,
    extensions,
    hasUniqueIds,
  }
}

function readVersion(fields: DerReader): 1 | 2 | 3 {
  const at = fields.offset
  const explicit = fields.readOptional(contextTag(0))
  if (explicit === undefined) return 1
  const inner = readerOf(explicit)
  const value = smallInteger(inner.read(TAG.integer, 'version'), 255, 'version')
  inner.expectEnd('version')
  // v1 is the DEFAULT, which DER never writes out (X.690 §11.5).
  if (value !== 1 && value !== 2) {
    throw new CertificateError('CERT_BAD_VERSION', `version field ${value}`, at)
  }
  return value === 1 ? 2 : 3
}

function readTime(validity: DerReader): CertificateTime {
  const element = validity.readAny()
  return { ms: timeValue(element), isGeneralized: element.tag === TAG.generalizedTime }
}

function readUniqueIds(fields: DerReader, version: number): boolean {
  const at = fields.offset
  const issuerId = fields.readOptional(contextTag(1, false))
  const subjectId = fields.readOptional(contextTag(2, false))
  const present = [issuerId, subjectId].filter((id) => id !== undefined)
  if (present.length > 0 && version === 1) {
    throw new CertificateError('CERT_BAD_VERSION', 'unique identifiers in a v1 certificate', at)
  }
  // IMPLICIT BIT STRING; nothing else depends on what they say.
  for (const id of present) bitStringValue(id)
  return present.length > 0
}

function readExtensions(fields: DerReader, version: number): readonly Extension[] {
  const at = fields.offset
  const explicit = fields.readOptional(contextTag(3))
  if (explicit === undefined) return []
  if (version !== 3) {
    throw new CertificateError('CERT_BAD_VERSION', 'extensions in a certificate below v3', at)
  }
  const outer = readerOf(explicit)
  const list = outer.enter(TAG.sequence, 'extensions')
  outer.expectEnd('extensions')
  return readExtensionList(list)
}

/**
 * The contents of Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension, shared with CRLs and OCSP.
 * @throws {DerError | CertificateError} when empty, over 256 or with a duplicate.
 */
export function readExtensionList(list: DerReader): readonly Extension[] {
  const extensions: Extension[] = []
  const seen = new Set<string>()
  if (list.isAtEnd) throw new DerError('DER_BAD_VALUE', 'empty list of extensions', list.offset)
  while (!list.isAtEnd) {
    const at = list.offset
    const extension = readExtension(list.enter(TAG.sequence, 'Extension'))
    if (seen.has(extension.oid)) {
      throw new CertificateError('CERT_DUPLICATE_EXTENSION', `${extension.oid} twice`, at)
    }
    if (seen.size >= MAX_EXTENSIONS) throw new DerError('DER_TOO_LARGE', 'too many extensions', at)
    seen.add(extension.oid)
    extensions.push(extension)
  }
  return extensions
}

function readExtension(fields: DerReader): Extension {
  const oid = oidValue(fields.read(TAG.oid, 'extnID'))
  const flag = fields.readOptional(TAG.boolean)
  const critical = flag !== undefined && booleanValue(flag)
  if (flag !== undefined && !critical) {
    throw new DerError('DER_BAD_VALUE', 'critical FALSE is the default and not written', flag.start)
  }
  const value = contentBytes(fields.read(TAG.octetString, 'extnValue'))
  fields.expectEnd('Extension')
  return { oid, critical, value }
}
