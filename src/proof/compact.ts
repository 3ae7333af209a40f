/** SCALE compact integers, as lengths in trie nodes, headers and vectors. */

export type CompactRead = { readonly value: number; readonly next: number }

/** @throws {RangeError} on truncation, or past 2^30 (no length here is that long). */
export function readCompact(bytes: Uint8Array, offset: number): CompactRead {
  const first = byteAt(bytes, offset)
  const mode = first & 3
  if (mode === 0) return { value: first >>> 2, next: offset + 1 }
  if (mode === 1) {
    return { value: (first >>> 2) | (byteAt(bytes, offset + 1) << 6), next: offset + 2 }
  }
  if (mode === 2) {
    let value = first
    for (let i = 1; i < 4; i++) value += byteAt(bytes, offset + i) * 2 ** (8 * i)
    return { value: Math.floor(value / 4), next: offset + 4 }
  }
  throw new RangeError(`compact length over 2^30 at offset ${offset}`)
}

/** @throws {RangeError} outside 0..2^30-1. */
export function encodeCompact(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 30) {
    throw new RangeError(`not a compact length: ${value}`)
  }
  if (value < 64) return Uint8Array.of(value << 2)
  if (value < 16384) return Uint8Array.of(((value << 2) | 1) & 255, value >>> 6)
  const shifted = value * 4 + 2
  return Uint8Array.of(
    shifted & 255,
    (shifted >>> 8) & 255,
    (shifted >>> 16) & 255,
    (shifted >>> 24) & 255,
  )
}

function byteAt(bytes: Uint8Array, offset: number): number {
  const byte = bytes[offset]
  if (byte === undefined) throw new RangeError(`truncated at offset ${offset}`)
  return byte
}
