/**
 * Nodes of Substrate's base-16 Patricia Merkle trie, layouts V0 and V1 (values over 32 bytes as hashes).
 *
 * @see Polkadot specification, "State storage", node header and node value; sp-trie `node_header.rs`, `node_codec.rs`
 */

import { concatBytes } from '../bytes'
import { encodeCompact, readCompact } from './compact'

/** A value in a node: inline, or (layout V1) the BLAKE2b-256 of a value kept as a node of its own. */
export type NodeValue =
  | { readonly type: 'INLINE'; readonly value: Uint8Array }
  | { readonly type: 'HASHED'; readonly hash: Uint8Array }

/** `children[i]` is a 32-byte hash, or a whole encoded node of under 32 bytes; a leaf has none. */
export type TrieNode = {
  /** One nibble (0..15) an element. */
  readonly partial: Uint8Array
  readonly value: NodeValue | null
  readonly children: readonly (Uint8Array | null)[] | null
}

type Header = { partialBits: number; hasChildren: boolean; value: 'NONE' | 'INLINE' | 'HASHED' }

function readHeader(first: number): Header & { mask: number } {
  switch (first >>> 6) {
    case 1:
      return { partialBits: first & 63, mask: 63, hasChildren: false, value: 'INLINE' }
    case 2:
      return { partialBits: first & 63, mask: 63, hasChildren: true, value: 'NONE' }
    case 3:
      return { partialBits: first & 63, mask: 63, hasChildren: true, value: 'INLINE' }
    default:
  }
  if (first >>> 5 === 1) {
    return { partialBits: first & 31, mask: 31, hasChildren: false, value: 'HASHED' }
  }
  if (first >>> 4 === 1) {
    return { partialBits: first & 15, mask: 15, hasChildren: true, value: 'HASHED' }
  }
  throw new RangeError(`unknown trie node header 0x${first.toString(16)}`)
}

/** @throws {RangeError} on bytes that are not one whole node. */
export function decodeNode(bytes: Uint8Array): TrieNode | 'EMPTY' {
  if (bytes.length === 1 && bytes[0] === 0) return 'EMPTY'
  const header = readHeader(at(bytes, 0))
  let offset = 1
  let length = header.partialBits
  if (length === header.mask) {
    for (;;) {
      const more = at(bytes, offset++)
      length += more
      if (more < 255) break
    }
  }
  const partialBytes = slice(bytes, offset, (length + 1) >>> 1)
  offset += partialBytes.length
  const partial = unpackNibbles(partialBytes, length)
  const bitmap = header.hasChildren ? at(bytes, offset) | (at(bytes, offset + 1) << 8) : 0
  if (header.hasChildren) offset += 2
  const read = readValue(bytes, offset, header.value)
  offset = read.next
  const children = header.hasChildren ? new Array<Uint8Array | null>(16).fill(null) : null
  for (let i = 0; children && i < 16; i++) {
    if (((bitmap >>> i) & 1) === 0) continue
    const size = readCompact(bytes, offset)
    children[i] = slice(bytes, size.next, size.value)
    offset = size.next + size.value
  }
  if (offset !== bytes.length) throw new RangeError('bytes after the trie node')
  return { partial, value: read.value, children }
}

function readValue(
  bytes: Uint8Array,
  offset: number,
  kind: Header['value'],
): { value: NodeValue | null; next: number } {
  if (kind === 'NONE') return { value: null, next: offset }
  if (kind === 'HASHED') {
    return { value: { type: 'HASHED', hash: slice(bytes, offset, 32) }, next: offset + 32 }
  }
  const size = readCompact(bytes, offset)
  const value = slice(bytes, size.next, size.value)
  return { value: { type: 'INLINE', value }, next: size.next + size.value }
}

/** The inverse of `decodeNode`: what a parent holds, or hashes from 32 bytes on. */
export function encodeNode(node: TrieNode): Uint8Array {
  const parts = [encodeHeader(node), packNibbles(node.partial)]
  if (node.children) {
    let bitmap = 0
    node.children.forEach((child, i) => {
      if (child) bitmap |= 1 << i
    })
    parts.push(Uint8Array.of(bitmap & 255, bitmap >>> 8))
  }
  if (node.value?.type === 'INLINE') {
    parts.push(encodeCompact(node.value.value.length), node.value.value)
  } else if (node.value) {
    parts.push(node.value.hash)
  }
  for (const child of node.children ?? []) {
    if (child) parts.push(encodeCompact(child.length), child)
  }
  return concatBytes(...parts)
}

function encodeHeader(node: TrieNode): Uint8Array {
  const hashed = node.value?.type === 'HASHED'
  const [prefix, mask] = hashed
    ? node.children
      ? [0x10, 15]
      : [0x20, 31]
    : [node.children ? (node.value ? 0xc0 : 0x80) : 0x40, 63]
  const length = node.partial.length
  if (length < mask) return Uint8Array.of(prefix | length)
  const bytes = [prefix | mask]
  let rest = length - mask
  for (; rest >= 255; rest -= 255) bytes.push(255)
  bytes.push(rest)
  return Uint8Array.from(bytes)
}

/** Key bytes as nibbles, high one first. */
export function toNibbles(key: Uint8Array): Uint8Array {
  return unpackNibbles(key, key.length * 2)
}

function unpackNibbles(bytes: Uint8Array, count: number): Uint8Array {
  const out = new Uint8Array(count)
  const skip = bytes.length * 2 - count
  for (let i = 0; i < count; i++) {
    const position = i + skip
    const byte = at(bytes, position >>> 1)
    out[i] = position % 2 === 0 ? byte >>> 4 : byte & 15
  }
  return out
}

function packNibbles(nibbles: Uint8Array): Uint8Array {
  const out = new Uint8Array((nibbles.length + 1) >>> 1)
  const skip = nibbles.length % 2
  nibbles.forEach((nibble, i) => {
    const position = i + skip
    const index = position >>> 1
    out[index] = (out[index] ?? 0) | (position % 2 === 0 ? nibble << 4 : nibble)
  })
  return out
}

function at(bytes: Uint8Array, offset: number): number {
  const byte = bytes[offset]
  if (byte === undefined) throw new RangeError(`trie node truncated at ${offset}`)
  return byte
}

function slice(bytes: Uint8Array, offset: number, length: number): Uint8Array {
  if (offset + length > bytes.length) throw new RangeError(`trie node truncated at ${offset}`)
  return bytes.subarray(offset, offset + length)
}
