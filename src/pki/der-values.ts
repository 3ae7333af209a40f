/** DER primitive values: integers, booleans, object identifiers, bit strings, times. */
import { contentBytes, type DerElement, DerError, TAG } from './der'

/** Two's complement contents of an INTEGER or ENUMERATED. @throws {DerError} unless minimal (X.690 §8.3.2). */
export function integerBytes(element: DerElement): Uint8Array {
  const bytes = contentBytes(element)
  if (bytes.length === 0) throw badValue('empty INTEGER', element)
  if (isPaddedInteger(bytes)) throw badValue('INTEGER not in its shortest form', element)
  return bytes
}

/** Whether the contents of an INTEGER have an octet more than their value needs (X.690 §8.3.2). */
export function isPaddedInteger([first, second]: Uint8Array): boolean {
  if (second === undefined) return false
  return (first === 0 && second < 0x80) || (first === 0xff && second >= 0x80)
}

/** A signed integer of any size, at most 1024 octets. */
export function integerValue(element: DerElement): bigint {
  return signedBigInt(integerBytes(element), element)
}

/** Two's complement, padded or not. */
export function signedBigInt(bytes: Uint8Array, element?: DerElement): bigint {
  if (bytes.length > 1024)
    throw new DerError('DER_TOO_LARGE', 'INTEGER too long', element?.start ?? 0)
  if (bytes.length === 0) return 0n
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`))
}

/** An integer that must lie in 0..max. */
export function smallInteger(element: DerElement, max: number, what: string): number {
  const bytes = integerBytes(element)
  if (bytes.length > 6) throw badValue(`${what} out of range`, element)
  let value = (bytes[0] as number) >= 0x80 ? -1 : 0
  for (const byte of bytes) value = value * 256 + byte
  if (value < 0 || value > max) throw badValue(`${what} out of range`, element)
  return value
}

/** @throws {DerError} unless 00 or FF (X.690 §11.1). */
export function booleanValue(element: DerElement): boolean {
  const value = element.bytes[element.contentStart]
  if (element.end - element.contentStart !== 1 || (value !== 0 && value !== 0xff)) {
    throw badValue('BOOLEAN is neither 00 nor FF', element)
  }
  return value === 0xff
}

/** Dotted decimal text. @throws {DerError} when an arc is cut short, padded or above 2^53. */
export function oidValue(element: DerElement): string {
  const { bytes, contentStart, end } = element
  if (contentStart === end || end - contentStart > 64)
    throw badValue('empty or oversized OID', element)
  let text = ''
  let arc = 0
  let isArcStart = true
  for (let index = contentStart; index < end; index++) {
    const byte = bytes[index] as number
    if (isArcStart && byte === 0x80) throw badValue('OID arc not in its shortest form', element)
    arc = arc * 128 + (byte & 0x7f)
    if (arc > Number.MAX_SAFE_INTEGER) return bigOidValue(element)
    isArcStart = byte < 0x80
    if (!isArcStart) continue
    text += text === '' ? firstArcs(arc) : `.${arc}`
    arc = 0
  }
  if (!isArcStart) throw badValue('OID cut short', element)
  return text
}

function firstArcs(arc: number): string {
  const first = arc < 80 ? Math.floor(arc / 40) : 2
  return `${first}.${arc - first * 40}`
}

function bigOidValue(element: DerElement): string {
  const arcs: bigint[] = []
  let arc = 0n
  let isArcStart = true
  for (const byte of contentBytes(element)) {
    if (isArcStart && byte === 0x80) throw badValue('OID arc not in its shortest form', element)
    arc = arc * 128n + BigInt(byte & 0x7f)
    isArcStart = byte < 0x80
    if (!isArcStart) continue
    arcs.push(arc)
    arc = 0n
  }
  if (!isArcStart) throw badValue('OID cut short', element)
  const [head = 0n, ...rest] = arcs
  const first = head < 40n ? 0n : head < 80n ? 1n : 2n
  return [first, head - first * 40n, ...rest].join('.')
}

export type BitString = { readonly unusedBits: number; readonly bytes: Uint8Array }

/** @throws {DerError} when unused bits are above 7, set, or claimed of nothing (X.690 §11.2). */
export function bitStringValue(element: DerElement): BitString {
  const content = contentBytes(element)
  const unusedBits = content[0]
  const last = content[content.length - 1]
  if (unusedBits === undefined || last === undefined || unusedBits > 7) {
    throw badValue('BIT STRING without a valid count of unused bits', element)
  }
  if (unusedBits > 0 && (content.length === 1 || (last & ((1 << unusedBits) - 1)) !== 0)) {
    throw badValue('BIT STRING with unused bits set', element)
  }
  return { unusedBits, bytes: content.subarray(1) }
}

/** Whole octets only. */
export function octetBits(element: DerElement, what: string): Uint8Array {
  const { unusedBits, bytes } = bitStringValue(element)
  if (unusedBits !== 0) throw badValue(`${what} is not a whole number of octets`, element)
  return bytes
}

/** Positions of the bits set in a named bit list, the first 64 of them. */
export function namedBits(element: DerElement): ReadonlySet<number> {
  const { bytes } = bitStringValue(element)
  const bits = new Set<number>()
  for (let bit = 0; bit < Math.min(bytes.length * 8, 64); bit++) {
    if (((bytes[bit >> 3] as number) & (0x80 >> (bit & 7))) !== 0) bits.add(bit)
  }
  return bits
}

/** Milliseconds since 1970 UTC of a UTCTime or GeneralizedTime in RFC 5280's form (§4.1.2.5): seconds, no fraction, Z. */
export function timeValue(element: DerElement): number {
  if (element.tag !== TAG.utcTime && element.tag !== TAG.generalizedTime) {
    throw new DerError('DER_UNEXPECTED_TAG', 'expected a UTCTime or GeneralizedTime', element.start)
  }
  const yearDigits = element.tag === TAG.utcTime ? 2 : 4
  const { bytes, contentStart, end } = element
  if (end - contentStart !== yearDigits + 11 || bytes[end - 1] !== 0x5a) {
    throw badValue('time not of the form [YY]YYMMDDHHMMSSZ', element)
  }
  const digits = (at: number, count: number) => decimal(element, contentStart + at, count)
  const written = digits(0, yearDigits)
  const year = yearDigits === 4 ? written : written < 50 ? 2000 + written : 1900 + written
  const fields = [0, 2, 4, 6, 8].map((at) => digits(yearDigits + at, 2))
  return utcMilliseconds(element, year, fields)
}

function decimal(element: DerElement, at: number, count: number): number {
  let value = 0
  for (let index = at; index < at + count; index++) {
    const digit = (element.bytes[index] as number) - 0x30
    if (digit < 0 || digit > 9) throw badValue('time with something else than digits', element)
    value = value * 10 + digit
  }
  return value
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function utcMilliseconds(element: DerElement, year: number, fields: readonly number[]): number {
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const days = month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0)
  if (day < 1 || day > days || hour > 23 || minute > 59 || second > 59) {
    throw badValue('time that no calendar has', element)
  }
  if (year >= 100) return Date.UTC(year, month - 1, day, hour, minute, second)
  // Date.UTC reads years 0-99 as 19xx, so the year goes in by its setter.
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.setUTCHours(hour, minute, second, 0)
}

function badValue(message: string, element: DerElement): DerError {
  return new DerError('DER_BAD_VALUE', message, element.start)
}
