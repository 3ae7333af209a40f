/** Distinguished names: strict reading, RFC 5280 §7.1 comparison, RFC 4514 text. */
import { latin1 } from '../bytes'
import {
  contentBytes,
  type DerElement,
  DerError,
  type DerReader,
  elementBytes,
  readerOf,
  readSingle,
  TAG,
} from './der'
import { oidValue } from './der-values'

export type NameAttribute = {
  /** Dotted OID of the attribute type. */
  readonly oid: string
  /** Identifier octet of the value. */
  readonly tag: number
  /** Contents octets of the value. */
  readonly value: Uint8Array
  /** Text of a string type; absent for other types and for bytes that are not of their type. */
  readonly text: string | undefined
  /** DER of the value, for types that have no text. */
  readonly der: Uint8Array
}

/** One entry a RelativeDistinguishedName, in the order of the encoding. */
export type Name = readonly (readonly NameAttribute[])[]

/** A name ready to be compared: equal keys mean equal names. */
export type NormalizedName = { readonly key: string; readonly rdns: readonly string[] }

/** No name in use comes near; more attributes only make comparisons costly (limbo nc-dos). */
const MAX_ATTRIBUTES = 256

/** @throws {DerError} when the DER is no Name, or a string does not keep to its type's characters. */
export function parseName(der: Uint8Array): Name {
  return readName(readSingle(der, TAG.sequence, 'Name'))
}

/** As `parseName`, of an element already found. @throws {DerError} */
export function readName(element: DerElement): Name {
  const list = readerOf(element)
  const name: NameAttribute[][] = []
  let attributes = 0
  while (!list.isAtEnd) {
    const rdn = readRdn(list.enter(TAG.set, 'RelativeDistinguishedName'))
    attributes += rdn.length
    if (attributes > MAX_ATTRIBUTES) {
      throw new DerError('DER_TOO_LARGE', 'name with too many attributes', element.start)
    }
    name.push(rdn)
  }
  return name
}

function readRdn(set: DerReader): NameAttribute[] {
  const attributes: NameAttribute[] = []
  do {
    const fields = set.enter(TAG.sequence, 'AttributeTypeAndValue')
    const oid = oidValue(fields.read(TAG.oid, 'attribute type'))
    const value = fields.readAny()
    fields.expectEnd('AttributeTypeAndValue')
    attributes.push({
      oid,
      tag: value.tag,
      value: contentBytes(value),
      text: stringValue(value),
      der: elementBytes(value),
    })
  } while (!set.isAtEnd)
  return attributes
}

const PRINTABLE = /^[A-Za-z0-9 '()*+,\-./:=?]*$/
const ASCII = /^[\0-\x7f]*$/

/** Text of a string element; undefined for types without one. @throws {DerError} on characters its type has not. */
function stringValue(element: DerElement): string | undefined {
  const bytes = asBuffer(contentBytes(element))
  switch (element.tag) {
    case TAG.printableString:
      // '*' is outside the type, but so common in names of servers that readers let it pass.
      return requireMatch(bytes.toString('latin1'), PRINTABLE, 'PrintableString', element)
    case TAG.ia5String:
    case TAG.visibleString:
      return requireMatch(bytes.toString('latin1'), ASCII, 'IA5String', element)
    case TAG.utf8String:
      return utf8Text(bytes, element)
    case TAG.bmpString:
      return bmpText(bytes, element)
    case TAG.universalString:
      return universalText(bytes, element)
    default:
      return undefined
  }
}

function requireMatch(text: string, pattern: RegExp, what: string, element: DerElement): string {
  if (!pattern.test(text)) {
    throw new DerError('DER_BAD_VALUE', `${what} with characters it may not have`, element.start)
  }
  return text
}

function utf8Text(bytes: Buffer, element: DerElement): string {
  const text = bytes.toString('utf8')
  if (text.includes('\ufffd') && !Buffer.from(text, 'utf8').equals(bytes)) {
    throw new DerError('DER_BAD_VALUE', 'UTF8String that is not UTF-8', element.start)
  }
  return text
}

function bmpText(bytes: Buffer, element: DerElement): string {
  const text = bytes.length % 2 === 0 ? Buffer.from(bytes).swap16().toString('utf16le') : '\ud800'
  if (/[\ud800-\udfff]/.test(text)) {
    throw new DerError('DER_BAD_VALUE', 'BMPString that is not UCS-2', element.start)
  }
  return text
}

function universalText(bytes: Buffer, element: DerElement): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 4) {
    const code = at + 4 <= bytes.length ? bytes.readUInt32BE(at) : 0xffffffff
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
      throw new DerError('DER_BAD_VALUE', 'UniversalString that is not UCS-4', element.start)
    }
    text += String.fromCodePoint(code)
  }
  return text
}

const MAX_CACHED_NAMES = 2048
const normalizedNames = new Map<string, NormalizedName>()

/**
 * The form in which names are compared: strings of any type by their letters, without case, compatibility
 * differences and surplus spaces (RFC 5280 §7.1, RFC 4518); other values by their bytes.
 * @throws {DerError} as `parseName`.
 */
export function normalizeName(der: Uint8Array): NormalizedName {
  const cacheKey = latin1(der)
  const cached = normalizedNames.get(cacheKey)
  if (cached !== undefined) return cached
  const rdns = parseName(der).map((rdn) => rdn.map(attributeKey).sort().join('+'))
  const normalized = { key: rdns.join('/'), rdns }
  if (normalizedNames.size >= MAX_CACHED_NAMES) normalizedNames.clear()
  if (der.length <= 4096) normalizedNames.set(cacheKey, normalized)
  return normalized
}

/** RFC 5280 §7.1. @throws {DerError} when either is no Name. */
export function equalNames(a: Uint8Array, b: Uint8Array): boolean {
  return normalizeName(a).key === normalizeName(b).key
}

function attributeKey(attribute: NameAttribute): string {
  // Bytes and text begin differently, or a text could spell out another type's bytes.
  const value =
    attribute.text === undefined
      ? `#${attribute.tag}:${asBuffer(attribute.value).toString('hex')}`
      : `=${foldText(attribute.text)}`
  // The length keeps a value from imitating a separator.
  return `${attribute.oid}=${value.length}:${value}`
}

function foldText(text: string): string {
  const folded = ASCII.test(text) ? text.toLowerCase() : foldUnicode(text)
  return folded.replace(/\s+/g, ' ').trim()
}

function foldUnicode(text: string): string {
  // RFC 4518 §2.2 maps these to nothing.
  const mapped = text.replace(
    /\u00ad|\u034f|\u1806|[\u180b-\u180e]|[\u200b-\u200f]|\u2060|[\ufe00-\ufe0f]|\ufeff/g,
    '',
  )
  return mapped.normalize('NFKC').toLowerCase().normalize('NFKC')
}

const SHORT_NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.42': 'GN',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
}

/**
 * RFC 4514 text, most specific part first. Characters that could mislead a reader (controls, bidirectional
 * marks, zero-width) are written as escaped hex. A Name that cannot be read becomes `#` and its hex.
 */
export function renderName(der: Uint8Array): string {
  let name: Name
  try {
    name = parseName(der)
  } catch {
    return `#${asBuffer(der).toString('hex')}`
  }
  return name
    .map((rdn) => rdn.map(renderAttribute).join('+'))
    .reverse()
    .join(',')
}

function renderAttribute(attribute: NameAttribute): string {
  const shortName = SHORT_NAMES[attribute.oid]
  if (shortName === undefined || attribute.text === undefined) {
    return `${shortName ?? attribute.oid}=#${asBuffer(attribute.der).toString('hex')}`
  }
  return `${shortName}=${escapeText(attribute.text)}`
}

function escapeText(text: string): string {
  return text
    .replace(/[\\",+;<>]/g, '\\$&')
    .replace(/^[ #]/, '\\$&')
    .replace(/ $/, '\\ ')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escapeHex)
}

function escapeHex(character: string): string {
  return Buffer.from(character, 'utf8').toString('hex').toUpperCase().replace(/../g, '\\$&')
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
