/** The four things the pallet reads from a TBSCertificate, read as laxly as it does. */
import { bigEndianToBigInt, type Hex, oncePerArray } from '../bytes'
import { deriveIdentifier } from './identifier'
import {
  afterHeader,
  contentOf,
  cursorOver,
  enter,
  isAtEnd,
  type LaxCursor,
  type LaxElement,
  orUndefined,
  PalletParseError,
  readAny,
  readOidContent,
  readOptionalTagged,
  readTag,
  wholeOf,
} from './pallet-der'
import { readLaxName } from './pallet-name'
import { palletTime } from './pallet-time'
import type { RegistryCall } from './types'

/** What `decode_tbs_certificate` yields. Byte fields are views of the submitted bytes. */
export type PalletCertificate = {
  /** Unsigned, up to 2^256-1, whatever the sign of the DER INTEGER. */
  readonly serial: bigint
  /** Raw value bytes of the first subject CN, of any string type. */
  readonly subjectCommonName: Uint8Array
  /** DER SubjectPublicKeyInfo; bytes left in it after the key are cut, as x509-parser does. */
  readonly subjectPublicKeyInfo: Uint8Array
  /** Milliseconds since the epoch, both ends inclusive. */
  readonly notBefore: number
  readonly notAfter: number
  /** Length of the TBSCertificate itself; what follows it in the argument is tolerated. */
  readonly tbsLength: number
  /** Not looked at by the pallet: for display and advisories. */
  readonly details: CertificateDetails
}

type CertificateDetails = {
  /** As in the field: 2 is v3; 0 (v1) when absent. */
  readonly version: number
  readonly serialBytes: Uint8Array
  /** DER AlgorithmIdentifier inside the TBS. */
  readonly innerAlgorithm: Uint8Array
  /** DER Names. */
  readonly issuer: Uint8Array
  readonly subject: Uint8Array
  /** Tag number of the first CN's string type. */
  readonly commonNameTag: number
  readonly commonNameCount: number
  readonly extensions: readonly LaxExtension[]
}

export type LaxExtension = {
  /** Contents of the OID. */
  readonly oid: Uint8Array
  readonly critical: boolean
  readonly value: Uint8Array
}

export type PalletDecodeResult =
  | { readonly ok: true; readonly certificate: PalletCertificate }
  /** The pallet answers InvalidCertificate. */
  | { readonly ok: false; readonly reason: string }

const SEQUENCE = 16
const INTEGER = 2
const BIT_STRING = 3
const OCTET_STRING = 4

/**
 * 4 MiB: a domain block's length limit is below it, so nothing larger can have been on chain; scanning is linear.
 */
const MAX_TBS_BYTES = 4 * 1024 * 1024

/**
 * Reads the `certificate` argument as the chain does. A serial of more than 256 bits, on which the pallet's host function
 * panics, counts as refused.
 * @see sp-auto-id host_functions.rs `decode_tbs_certificate` @72a5aa6, x509-parser 0.18 certificate.rs `TbsCertificate`
 */
export const decodePalletCertificate: (argument: Uint8Array) => PalletDecodeResult = oncePerArray(
  (argument) => {
    try {
      if (argument.length > MAX_TBS_BYTES) throw new PalletParseError('too large')
      return { ok: true, certificate: readTbs(argument) }
    } catch (error) {
      if (error instanceof PalletParseError) return { ok: false, reason: error.message }
      throw error
    }
  },
)

/**
 * The identifier a call is about: its argument, or for a registration the one that follows from the certificate;
 * null when the certificate yields none.
 */
export function identifierOfCall(call: RegistryCall): Hex | null {
  if (call.kind !== 'REGISTER') return call.autoId
  const known = identifiers.get(call)
  if (known !== undefined) return known
  const decoded = decodePalletCertificate(call.certificate)
  if (!decoded.ok) return null
  const autoId = deriveIdentifier(call.issuerId, decoded.certificate.subjectCommonName)
  identifiers.set(call, autoId)
  return autoId
}

/** Of registrations: asked for by the reading of events, then by the loading of what a batch looks at. */
const identifiers = new WeakMap<RegistryCall, Hex>()

function readTbs(argument: Uint8Array): PalletCertificate {
  const element = readTag(cursorOver(argument), SEQUENCE, 'TBSCertificate')
  const fields = enter(element)
  const version = readVersion(fields)
  const serialBytes = contentOf(readTag(fields, INTEGER, 'serialNumber'))
  const serial = bigEndianToBigInt(serialBytes)
  if (serial >> 256n !== 0n) throw new PalletParseError('serial of more than 256 bits')
  const { raw: innerAlgorithm } = readAlgorithmIdentifier(fields)
  const issuer = readLaxName(fields)
  const validity = readValidity(fields)
  const subject = readLaxName(fields)
  const subjectPublicKeyInfo = readPublicKeyInfo(fields)
  readUniqueId(fields, 1)
  readUniqueId(fields, 2)
  const extensions = readExtensions(fields)
  const [first] = subject.commonNames
  if (first === undefined) throw new PalletParseError('subject without a common name')
  return {
    serial,
    subjectCommonName: first.value,
    subjectPublicKeyInfo,
    notBefore: validity.notBefore,
    notAfter: validity.notAfter,
    tbsLength: element.end,
    details: {
      version,
      serialBytes,
      innerAlgorithm,
      issuer: issuer.raw,
      subject: subject.raw,
      commonNameTag: first.tag,
      commonNameCount: subject.commonNames.length,
      extensions,
    },
  }
}

/** Any u32 passes as a version; bytes after the INTEGER inside [0] are ignored. */
function readVersion(fields: LaxCursor): number {
  const tagged = readOptionalTagged(fields, 0)
  if (tagged === undefined) return 0
  const version = readTag(enter(tagged), INTEGER, 'version')
  const [first, second] = contentOf(version)
  if (version.isConstructed || first === undefined || first >= 0x80) {
    throw new PalletParseError('version is no unsigned INTEGER')
  }
  const isPadded = first === 0 && second !== undefined && second < 0x80
  const significant = contentOf(version).length - (first === 0 ? 1 : 0)
  if (isPadded || significant > 4) throw new PalletParseError('version is no u32')
  return Number(bigEndianToBigInt(contentOf(version)))
}

/** @returns the whole element, contents of the OID, and the parameters when there are any */
export function readAlgorithmIdentifier(fields: LaxCursor): {
  raw: Uint8Array
  oid: Uint8Array
  parameters: LaxElement | undefined
} {
  const element = readTag(fields, SEQUENCE, 'AlgorithmIdentifier')
  const inner = enter(element)
  const oid = readOidContent(inner)
  const parameters = isAtEnd(inner) ? undefined : readAny(inner)
  return { raw: wholeOf(element), oid, parameters }
}

function readValidity(fields: LaxCursor): { notBefore: number; notAfter: number } {
  const inner = enter(readTag(fields, SEQUENCE, 'Validity'))
  const notBefore = palletTime(readAny(inner))
  return { notBefore, notAfter: palletTime(readAny(inner)) }
}

function readPublicKeyInfo(fields: LaxCursor): Uint8Array {
  const element = readTag(fields, SEQUENCE, 'SubjectPublicKeyInfo')
  const inner = enter(element)
  readAlgorithmIdentifier(inner)
  readBitString(inner)
  return element.bytes.subarray(element.start, inner.at)
}

/** Contents of a BIT STRING without its count of unused bits, which must be zero bits. */
export function readBitString(fields: LaxCursor): Uint8Array {
  const element = readTag(fields, BIT_STRING, 'BIT STRING')
  const content = contentOf(element)
  const [unusedBits] = content
  const last = content[content.length - 1]
  if (element.isConstructed || unusedBits === undefined || last === undefined) {
    throw new PalletParseError('no BIT STRING')
  }
  const isZeroPadded = content.length === 1 ? unusedBits === 0 : trailingZeros(last) >= unusedBits
  if (!isZeroPadded) throw new PalletParseError('unused bits are set')
  return content.subarray(1)
}

/** Of an octet; 8 for zero, as `u8::trailing_zeros`. */
function trailingZeros(octet: number): number {
  return octet === 0 ? 8 : 31 - Math.clz32(octet & -octet)
}

function readUniqueId(fields: LaxCursor, tag: number): void {
  const element = readOptionalTagged(fields, tag)
  if (element !== undefined && element.contentStart === element.end) {
    throw new PalletParseError('empty unique identifier')
  }
}

/** The list must fill the rest of the TBS; what the extensions say is not looked at. */
function readExtensions(fields: LaxCursor): readonly LaxExtension[] {
  if (isAtEnd(fields)) return []
  const list = readTag(afterHeader(fields, 3, 'extensions'), SEQUENCE, 'Extensions')
  if (list.end !== fields.end) throw new PalletParseError('bytes after the extensions')
  const cursor = enter(list)
  const extensions: LaxExtension[] = []
  while (!isAtEnd(cursor)) {
    const inner = enter(readTag(cursor, SEQUENCE, 'Extension'))
    const oid = readOidContent(inner)
    const critical = readCritical(inner)
    const value = contentOf(readTag(inner, OCTET_STRING, 'extnValue'))
    extensions.push({ oid, critical, value })
  }
  return extensions
}

/** A BOOLEAN of one octet, of any value (BER). */
function readCritical(inner: LaxCursor): boolean {
  const start = inner.at
  const element = orUndefined(() => readAny(inner))
  if (element?.tag === 1 && element.end - element.contentStart === 1) {
    return contentOf(element)[0] !== 0
  }
  inner.at = start
  return false
}
