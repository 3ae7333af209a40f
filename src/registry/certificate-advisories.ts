/** Advisories that a certificate gives by itself: what the lax parser let pass, and how strong it is (quirks 4 and 14). */
import { equalBytes, fromHex, type Hex, serialToHex } from '../bytes'
import { forgeableBecause } from '../pki/public-key'
import type { AdvisoryCode, AdvisoryFacts } from './advisory'
import { type CertificateReading, decodeText } from './certificate-content'
import { dottedOid } from './extension-text'
import { readAlgorithmIdentifier } from './pallet-certificate'
import { cursorOver, orUndefined } from './pallet-der'

export type Found = readonly [code: AdvisoryCode, facts: AdvisoryFacts]

const MIN_RSA_BITS = 2048
/** RFC 5280 §4.1.2.2. */
const MAX_SERIAL_OCTETS = 20

export function certificateAdvisories(reading: CertificateReading, autoId: Hex): readonly Found[] {
  return [
    ...encodingAdvisories(reading),
    ...commonNameAdvisories(reading),
    ...serialAdvisories(reading),
    ...strengthAdvisories(reading),
    ...algorithmAdvisories(reading),
    ...sanAdvisories(reading, autoId),
  ]
}

function encodingAdvisories({ content, lax, strict }: CertificateReading): Found[] {
  const found: Found[] = []
  const trailing = content.tbs.length - lax.tbsLength
  if (trailing > 0) found.push(['TRAILING_BYTES', { bytes: trailing }])
  if (content.parseProblem !== null) {
    found.push(['STRICT_PARSER_REFUSES', { problem: content.parseProblem }])
  }
  const { version, extensions } = lax.details
  if (version !== 2) found.push(['NOT_VERSION_3', { version: version + 1 }])
  const duplicate = firstDuplicate(extensions.map(({ oid }) => dottedOid(oid)))
  if (duplicate !== undefined) found.push(['DUPLICATE_EXTENSION', { oid: duplicate }])
  for (const oid of strict?.unknownCritical ?? []) {
    found.push(['UNKNOWN_CRITICAL_EXTENSION', { oid }])
  }
  return found
}

function firstDuplicate(values: readonly string[]): string | undefined {
  const seen = new Set<string>()
  return values.find((value) => seen.size === seen.add(value).size)
}

const UTF8_STRING = 12
const PRINTABLE_STRING = 19
/** Types whose characters are ASCII: Numeric, Printable, IA5, Visible. */
const ASCII_STRINGS = new Set([18, PRINTABLE_STRING, 22, 26])
const BMP_STRING = 30

function commonNameAdvisories({ lax }: CertificateReading): Found[] {
  const bytes = lax.subjectCommonName
  const { commonNameTag: tag, commonNameCount } = lax.details
  const text = decodeText(bytes, tag)
  const found: Found[] = []
  if (bytes.length === 0) found.push(['EMPTY_COMMON_NAME', {}])
  if (text.includes('\0')) found.push(['COMMON_NAME_NOT_TEXT', { problem: 'NUL', tag }])
  else if (!isTextOfType(bytes, tag)) {
    found.push(['COMMON_NAME_NOT_TEXT', { problem: 'no text of its string type', tag }])
  }
  if (isDeceptive(text)) found.push(['COMMON_NAME_DECEPTIVE', {}])
  if (tag !== UTF8_STRING && tag !== PRINTABLE_STRING) found.push(['COMMON_NAME_ENCODING', { tag }])
  if (/^(0x[0-9a-f]{8}|[0-9a-f]{64})/i.test(text.trim()))
    found.push(['COMMON_NAME_IS_IDENTIFIER', {}])
  if (commonNameCount > 1) found.push(['MULTIPLE_COMMON_NAMES', { count: commonNameCount }])
  return found
}

function isTextOfType(bytes: Uint8Array, tag: number): boolean {
  if (ASCII_STRINGS.has(tag)) return bytes.every((byte) => byte < 0x80)
  const text = decodeText(bytes, tag)
  if (tag === UTF8_STRING) return equalBytes(Buffer.from(text, 'utf8'), bytes)
  if (tag === BMP_STRING) {
    return equalBytes(Buffer.from(text, 'utf16le'), Buffer.from(evenPart(bytes)).swap16())
  }
  return true
}

/** An odd last octet makes the comparison fail, as it should: the text is then read as UTF-8. */
function evenPart(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.length - (bytes.length % 2))
}

/** Controls, direction marks, invisible characters, blanks at the ends; joiners inside emoji are no deceit. */
function isDeceptive(text: string): boolean {
  const visible = text
    .replace(/(?<=\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)\u200d/gu, '')
    .replaceAll('\0', '')
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(visible) || text !== text.trim()
}

function serialAdvisories({ lax }: CertificateReading): Found[] {
  const bytes = lax.details.serialBytes
  const [first = 0, second] = bytes
  const found: Found[] = []
  const facts = { serial: serialToHex(lax.serial) }
  if (first >= 0x80) found.push(['SERIAL_NEGATIVE', facts])
  const isPadded =
    second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))
  if (isPadded || bytes.length === 0) found.push(['SERIAL_NOT_MINIMAL', facts])
  if (lax.serial === 0n) found.push(['SERIAL_ZERO', facts])
  const octets = first === 0 ? bytes.length - 1 : bytes.length
  if (octets > MAX_SERIAL_OCTETS) found.push(['SERIAL_TOO_LONG', { ...facts, octets }])
  return found
}

function strengthAdvisories({ content }: CertificateReading): Found[] {
  const found: Found[] = []
  const { publicKeyAlgorithm, publicKeyBits } = content
  const isRsa = publicKeyAlgorithm.startsWith('RSA')
  const isShort = isRsa && publicKeyBits !== null && publicKeyBits < MIN_RSA_BITS
  if (isShort || forgeableBecause(content.publicKey) !== null) {
    found.push(['WEAK_KEY', { algorithm: publicKeyAlgorithm, bits: publicKeyBits }])
  }
  const outer = algorithmOid(content.signatureAlgorithm)
  const isSha1 = /sha-?1(?!\d)/i.test(content.signatureAlgorithmName) || SHA1_OIDS.has(outer ?? '')
  if (isSha1) found.push(['WEAK_DIGEST', { algorithm: content.signatureAlgorithmName }])
  return found
}

const SHA1_OIDS = new Set(['1.2.840.113549.1.1.5', '1.3.14.3.2.29'])
const RSASSA_PSS = '1.2.840.113549.1.1.10'

function algorithmAdvisories({ content, lax }: CertificateReading): Found[] {
  const { signatureAlgorithm } = content
  const { innerAlgorithm } = lax.details
  if (signatureAlgorithm === null || equalBytes(signatureAlgorithm, innerAlgorithm)) return []
  const inner = algorithmOid(innerAlgorithm)
  const outer = algorithmOid(signatureAlgorithm)
  const facts = { inner: inner ?? null, outer: outer ?? null }
  const isSameScheme = inner === outer && inner !== RSASSA_PSS
  return [[isSameScheme ? 'OUTER_PARAMETERS_DIFFER' : 'OUTER_ALGORITHM_DIFFERS', facts]]
}

function algorithmOid(algorithm: Uint8Array | null): string | undefined {
  if (algorithm === null) return undefined
  return orUndefined(() => dottedOid(readAlgorithmIdentifier(cursorOver(algorithm)).oid))
}

const SAN_PREFIX = 'autoid:auto:'

/** The SDK writes the hex of an identifier's text; plain text is taken for right, too. */
function sanAdvisories({ content }: CertificateReading, autoId: Hex): Found[] {
  if (content.sanAutoId === null) return []
  const written = content.sanAutoId.slice(SAN_PREFIX.length).toLowerCase()
  const isHexText = /^(?:[0-9a-f]{2})+$/.test(written)
  const decoded = isHexText ? Buffer.from(fromHex(`0x${written}`)).toString('latin1') : ''
  const isItself = [written, `0x${written}`, decoded.toLowerCase()].includes(autoId)
  return isItself ? [] : [['SAN_AUTO_ID_DIFFERS', { uri: content.sanAutoId.slice(0, 512) }]]
}
