/** Reads the registry's maps from a node's state at one block, in key order, a page at a time. */

import { fromHex, type Hex } from '../bytes'
import { inconsistent, trusting } from '../inconsistent'
import {
  AUTO_IDS_PREFIX,
  autoIdOfKey,
  decodeAutoId,
  decodeRevocationList,
  REVOCATION_LIST_PREFIX,
} from '../proof/registry-storage'
import type { StoredEntry } from '../registry/types'
import { AnswerTooLarge } from '../rpc-connection'
import type { NodeRpc } from './rpc'

/** What nodes of this family serve at once without complaint. */
const PAGE = 500
/** Substrate refuses to list more keys at once. */
const KEYS_PER_PAGE = 1_000

export type Keyed<T> = { readonly key: Hex; readonly value: T }

/** Part of the identifiers: after one (exclusive), up to another (inclusive); null: no bound. */
export type KeyRange = { readonly after: Hex | null; readonly upTo: Hex | null }

export const ALL_KEYS: KeyRange = { after: null, upTo: null }

export function readChainEntries(
  rpc: NodeRpc,
  blockHash: Hex,
  range: KeyRange = ALL_KEYS,
): AsyncGenerator<Keyed<StoredEntry>> {
  return readMap(rpc, blockHash, AUTO_IDS_PREFIX, range, decodeAutoId)
}

export function readChainLists(
  rpc: NodeRpc,
  blockHash: Hex,
  range: KeyRange = ALL_KEYS,
): AsyncGenerator<Keyed<bigint[]>> {
  const decode = (_: Hex, value: Uint8Array) => decodeRevocationList(value)
  return readMap(rpc, blockHash, REVOCATION_LIST_PREFIX, range, decode)
}

/** The identifier that ends a page of `count` entries after `after`; null when fewer follow. */
export async function endOfPage(
  rpc: NodeRpc,
  blockHash: Hex,
  after: Hex | null,
  count: number,
): Promise<Hex | null> {
  let start = keyAfter(AUTO_IDS_PREFIX, after)
  let left = count
  for (;;) {
    const size = Math.min(left, KEYS_PER_PAGE)
    const keys = await readPage(rpc, { prefix: AUTO_IDS_PREFIX, size, start, blockHash })
    const last = keys.at(-1)
    if (keys.length < size || last === undefined) return null
    left -= size
    if (left === 0) return idOf(last)
    start = last
  }
}

async function* readMap<T>(
  rpc: NodeRpc,
  blockHash: Hex,
  prefix: Hex,
  { after, upTo }: KeyRange,
  decode: (autoId: Hex, value: Uint8Array) => T,
): AsyncGenerator<Keyed<T>> {
  let start = keyAfter(prefix, after)
  for (;;) {
    const page = await readPage(rpc, { prefix, size: PAGE, start, blockHash })
    const wanted = page.filter((key) => upTo === null || idOf(key) <= upTo)
    const values = await readValues(rpc, wanted, blockHash)
    for (const key of wanted) {
      // Listed a moment ago: without its value the entry would be passed over, which is not the same as absent.
      const value = values.get(key)
      if (value == null) throw inconsistent(`The node left out storage key ${key}.`)
      const autoId = idOf(key)
      const decoded = trusting(`The value of ${key} does not decode`, { key }, () =>
        decode(autoId, fromHex(value)),
      )
      yield { key: autoId, value: decoded }
    }
    if (page.length < PAGE || wanted.length < page.length) return
    start = page.at(-1) ?? null
  }
}

function keyAfter(prefix: Hex, after: Hex | null): Hex | null {
  return after === null ? null : prefix + after.slice(2)
}

function idOf(key: Hex): Hex {
  return trusting('A key of the registry is not of the known form', { key }, () => autoIdOfKey(key))
}

type PageOfKeys = {
  readonly prefix: Hex
  readonly size: number
  readonly start: Hex | null
  readonly blockHash: Hex
}

/** Keys in ascending order, as the trie has them: another order would have no end. */
async function readPage(rpc: NodeRpc, { prefix, size, start, blockHash }: PageOfKeys) {
  const page = await rpc.call<unknown>('state_getKeysPaged', [prefix, size, start, blockHash])
  const isPage =
    Array.isArray(page) &&
    page.length <= size &&
    page.every(
      (key, i) =>
        typeof key === 'string' && key.startsWith(prefix) && key > (page[i - 1] ?? start ?? ''),
    )
  if (!isPage) throw inconsistent(`The node gave no page of keys under ${prefix}.`)
  return page as Hex[]
}

/** Asks for fewer at once when the node finds the answer too large: entries can be of any size. */
async function readValues(
  rpc: NodeRpc,
  keys: readonly Hex[],
  blockHash: Hex,
  atOnce = PAGE,
): Promise<ReadonlyMap<Hex, Hex | null>> {
  const values = new Map<Hex, Hex | null>()
  try {
    for (let i = 0; i < keys.length; i += atOnce) {
      const part = keys.slice(i, i + atOnce)
      const sets = await rpc.call<ChangeSet[]>('state_queryStorageAt', [part, blockHash])
      trusting('The node gave no storage changes', {}, () => {
        for (const { changes } of sets) for (const [key, value] of changes) values.set(key, value)
      })
    }
    return values
  } catch (error) {
    if (!(error instanceof AnswerTooLarge) || atOnce === 1) throw error
    return readValues(rpc, keys, blockHash, Math.ceil(atOnce / 4))
  }
}

type ChangeSet = { readonly changes: readonly (readonly [Hex, Hex | null])[] }
