/** Builds a trie from its entries: roots for headers and extrinsics, and read proofs for a set of keys. */

import { type Hex, toHex } from '../bytes'
import { blake2b256, blake2b256Once } from '../hash'
import { encodeCompact } from './compact'
import { encodeNode, type NodeValue, type TrieNode, toNibbles } from './trie-node'

/** State version of the runtime (`RuntimeVersion.stateVersion`): 1 and above hash values over 32 bytes. */
export type TrieLayout = 'V0' | 'V1'

type Entry = { readonly nibbles: Uint8Array; readonly value: Uint8Array }

const EMPTY_ROOT = blake2b256(Uint8Array.of(0))

export class Trie {
  private readonly entries: Entry[]

  /** @param entries any order, keys distinct */
  constructor(
    entries: Iterable<readonly [Uint8Array, Uint8Array]>,
    private readonly layout: TrieLayout,
  ) {
    this.entries = Array.from(entries, ([key, value]) => ({ nibbles: toNibbles(key), value }))
    this.entries.sort((a, b) => Buffer.compare(a.nibbles, b.nibbles))
  }

  root(): Uint8Array {
    if (this.entries.length === 0) return EMPTY_ROOT
    return blake2b256(this.build(0, this.entries.length, 0, undefined))
  }

  /** Every node met on the way to the keys, as `state_getReadProof` returns them (sorted, without repeats). */
  proof(keys: readonly Uint8Array[]): Uint8Array[] {
    const wanted = keys.map(toNibbles)
    const recorder = new Map<Hex, Uint8Array>()
    if (this.entries.length > 0) {
      const root = this.build(0, this.entries.length, 0, { wanted, recorder })
      recorder.set(toHex(root), root)
    }
    return [...recorder.keys()].sort().map((hex) => recorder.get(hex) as Uint8Array)
  }

  private build(
    from: number,
    to: number,
    depth: number,
    record: Recording | undefined,
  ): Uint8Array {
    const first = this.entries[from] as Entry
    if (to - from === 1) return this.leaf(first, depth, record)
    const last = this.entries[to - 1] as Entry
    const shared = commonPrefix(first.nibbles, last.nibbles, depth)
    const end = depth + shared
    const here = narrow(record, (key) => startsWith(key, first.nibbles, depth, end))
    let start = from
    let value: NodeValue | null = null
    if (first.nibbles.length === end) {
      value = this.value(first.value)
      if (isWantedAt(here, end)) recordValue(here, value, first.value)
      start += 1
    }
    const children = new Array<Uint8Array | null>(16).fill(null)
    while (start < to) {
      const nibble = (this.entries[start] as Entry).nibbles[end] as number
      let stop = start
      while (stop < to && this.entries[stop]?.nibbles[end] === nibble) stop += 1
      const below = narrow(here, (key) => key[end] === nibble)
      children[nibble] = this.reference(this.build(start, stop, end + 1, below), below)
      start = stop
    }
    return encodeNode({ partial: first.nibbles.subarray(depth, end), value, children })
  }

  private leaf(entry: Entry, depth: number, record: Recording | undefined): Uint8Array {
    const value = this.value(entry.value)
    if (record?.wanted.some((key) => Buffer.compare(key, entry.nibbles) === 0)) {
      recordValue(record, value, entry.value)
    }
    const node: TrieNode = { partial: entry.nibbles.subarray(depth), value, children: null }
    return encodeNode(node)
  }

  private reference(encoded: Uint8Array, record: Recording | undefined): Uint8Array {
    if (encoded.length < 32) return encoded
    if (record && record.wanted.length > 0) record.recorder.set(toHex(encoded), encoded)
    return blake2b256(encoded)
  }

  private value(value: Uint8Array): NodeValue {
    return this.layout === 'V1' && value.length > 32
      ? { type: 'HASHED', hash: blake2b256Once(value) }
      : { type: 'INLINE', value }
  }
}

type Recording = { readonly wanted: Uint8Array[]; readonly recorder: Map<Hex, Uint8Array> }

function narrow(
  record: Recording | undefined,
  keep: (key: Uint8Array) => boolean,
): Recording | undefined {
  return record && { wanted: record.wanted.filter(keep), recorder: record.recorder }
}

function isWantedAt(record: Recording | undefined, length: number): boolean {
  return record?.wanted.some((key) => key.length === length) ?? false
}

function recordValue(record: Recording | undefined, value: NodeValue, bytes: Uint8Array): void {
  if (value.type === 'HASHED') record?.recorder.set(toHex(bytes), bytes)
}

function commonPrefix(a: Uint8Array, b: Uint8Array, from: number): number {
  let n = 0
  while (from + n < a.length && from + n < b.length && a[from + n] === b[from + n]) n += 1
  return n
}

function startsWith(key: Uint8Array, of: Uint8Array, from: number, to: number): boolean {
  if (key.length < to) return false
  for (let i = from; i < to; i++) if (key[i] !== of[i]) return false
  return true
}

/**
 * Root over a list in order, keys being SCALE compact indexes: `extrinsicsRoot`.
 *
 * @see sp-trie `LayoutV0/V1::ordered_trie_root`
 */
export function orderedTrieRoot(items: readonly Uint8Array[], layout: TrieLayout): Uint8Array {
  return orderedTrie(items, layout).root()
}

/** The trie of `orderedTrieRoot`, for proofs of its items. */
export function orderedTrie(items: readonly Uint8Array[], layout: TrieLayout): Trie {
  const entries = items.map((item, index) => [encodeCompact(index), item] as const)
  return new Trie(entries, layout)
}
