/** Byte-level vocabulary shared by everything: hex text, comparison, little-endian and SCALE numbers. */

/** Lower-case hexadecimal text with the `0x` prefix. */
export type Hex = string

export function toHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`
}

/** @throws {RangeError} when the text is not `0x` followed by an even number of hex digits. */
export function fromHex(hex: string): Uint8Array {
  if (!isHex(hex)) throw new RangeError(`not 0x-prefixed hexadecimal text: ${hex.slice(0, 40)}`)
  return new Uint8Array(Buffer.from(hex.slice(2), 'hex'))
}

/** A character a byte: the cheapest text to look bytes up by. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

export function isHex(text: string): boolean {
  return /^0x(?:[0-9a-fA-F]{2})*$/.test(text)
}

/** True for a 32-byte value in lower-case `0x` hex: an identifier or a hash. */
export function isHash32(text: string): boolean {
  return /^0x[0-9a-f]{64}$/.test(text)
}

/** Not constant-time: for public bytes only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0
}

/**
 * The same reading, done once for an array however often it is asked for. Only for bytes that never change; a reading
 * that throws is done again.
 */
export function oncePerArray<T>(read: (bytes: Uint8Array) => T): (bytes: Uint8Array) => T {
  const known = new WeakMap<Uint8Array, { readonly value: T }>()
  return (bytes) => {
    let found = known.get(bytes)
    if (found === undefined) {
      found = { value: read(bytes) }
      known.set(bytes, found)
    }
    return found.value
  }
}

export function concatBytes(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    out.set(part, offset)
    offset += part.length
  }
  return out
}

/** An unsigned big-endian number, as X.509 serial numbers are read by the pallet. */
export function bigEndianToBigInt(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(toHex(bytes))
}

/** A serial number's one text form: `0x` hex without leading zeros; zero is `0x0`. */
export function serialToHex(serial: bigint): Hex {
  return `0x${serial.toString(16)}`
}

/** SCALE U256: 32 bytes, little-endian. @throws {RangeError} outside 0..2^256-1. */
export function u256ToLittleEndian(value: bigint): Uint8Array {
  if (value < 0n || value >> 256n !== 0n) throw new RangeError(`not a U256: ${value}`)
  return new Uint8Array(Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse())
}

/** Unsigned, of any length: the inverse of `u256ToLittleEndian`. */
export function littleEndianToBigInt(bytes: Uint8Array): bigint {
  return bigEndianToBigInt(Uint8Array.from(bytes).reverse())
}
