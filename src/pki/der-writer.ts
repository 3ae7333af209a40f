/** Small DER encoder: definite minimal lengths, values in their one DER form. */
import { concatBytes } from '../bytes'
import { contextTag, TAG } from './der'

/** One element around already encoded contents. */
export function encodeElement(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const length = contents.reduce((sum, part) => sum + part.length, 0)
  return concatBytes(Uint8Array.of(tag, ...encodeLength(length)), ...contents)
}

function encodeLength(length: number): number[] {
  if (length < 0x80) return [length]
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return [0x80 | octets.length, ...octets]
}

export function encodeSequence(...contents: readonly Uint8Array[]): Uint8Array {
  return encodeElement(TAG.sequence, ...contents)
}

/** SET OF: elements sorted by their encodings (X.690 §11.6). */
export function encodeSetOf(...elements: readonly Uint8Array[]): Uint8Array {
  return encodeElement(TAG.set, ...[...elements].sort((a, b) => Buffer.compare(a, b)))
}

/** [number] EXPLICIT around one or more elements. */
export function encodeExplicit(number: number, ...contents: readonly Uint8Array[]): Uint8Array {
  return encodeElement(contextTag(number), ...contents)
}

export function encodeInteger(value: bigint, tag: number = TAG.integer): Uint8Array {
  let octets = 1
  while (BigInt.asIntN(octets * 8, value) !== value) octets++
  const hex = BigInt.asUintN(octets * 8, value).toString(16)
  return encodeElement(tag, new Uint8Array(Buffer.from(hex.padStart(octets * 2, '0'), 'hex')))
}

export function encodeBoolean(value: boolean): Uint8Array {
  return encodeElement(TAG.boolean, Uint8Array.of(value ? 0xff : 0))
}

export function encodeNull(): Uint8Array {
  return Uint8Array.of(TAG.null, 0)
}

/** @throws {RangeError} when the text is not dotted decimal arcs of an OID. */
export function encodeOid(dotted: string): Uint8Array {
  if (!/^[012](\.(0|[1-9][0-9]*))+$/.test(dotted)) throw new RangeError(`not an OID: ${dotted}`)
  const [first = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt)
  const octets = [first * 40n + second, ...rest].flatMap(encodeArc)
  return encodeElement(TAG.oid, Uint8Array.from(octets))
}

function encodeArc(arc: bigint): number[] {
  const octets = [Number(arc & 0x7fn)]
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) octets.unshift(Number(rest & 0x7fn) | 0x80)
  return octets
}

export function encodeOctetString(bytes: Uint8Array): Uint8Array {
  return encodeElement(TAG.octetString, bytes)
}

export function encodeBitString(bytes: Uint8Array, unusedBits = 0): Uint8Array {
  return encodeElement(TAG.bitString, Uint8Array.of(unusedBits), bytes)
}

/** Named bits, shortest form: trailing zero bits left out (X.690 §11.2.2). */
export function encodeNamedBits(bits: Iterable<number>): Uint8Array {
  const list = [...bits]
  if (list.length === 0) return encodeBitString(new Uint8Array(0))
  const highest = Math.max(...list)
  const bytes = new Uint8Array((highest >> 3) + 1)
  for (const bit of list) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7))
  return encodeBitString(bytes, 7 - (highest & 7))
}

/** UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280 §4.1.2.5). Milliseconds are dropped. */
export function encodeTime(epochMs: number): Uint8Array {
  const year = new Date(epochMs).getUTCFullYear()
  if (year < 1950 || year > 2049) return encodeGeneralizedTime(epochMs)
  return encodeElement(TAG.utcTime, Buffer.from(timeDigits(epochMs).slice(2), 'latin1'))
}

export function encodeGeneralizedTime(epochMs: number): Uint8Array {
  return encodeElement(TAG.generalizedTime, Buffer.from(timeDigits(epochMs), 'latin1'))
}

function timeDigits(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19).replace(/[-T:]/g, '')}Z`
}
