/** Reads the registry's maps from a node's state at one block, in key order, a page at a time. */

import { fromHex, type Hex } from '../bytes'
import {
  AUTO_IDS_PREFIX,
  autoIdOfKey,
  decodeAutoId,
  decodeRevocationList,
  REVOCATION_LIST_PREFIX,
} from '../proof/registry-storage'
import type { StoredEntry } from '../registry/types'
import type { NodeRpc } from './rpc'

/** What nodes of this family serve at once without complaint. */
const PAGE = 500

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
  const start = after === null ? null : AUTO_IDS_PREFIX + after.slice(2)
  const keys = await rpc.call<Hex[]>('state_getKeysPaged', [
    AUTO_IDS_PREFIX,
    count,
    start,
    blockHash,
  ])
  const last = keys.at(-1)
  return keys.length < count || last === undefined ? null : autoIdOfKey(last)
}

async function* readMap<T>(
  rpc: NodeRpc,
  blockHash: Hex,
  prefix: Hex,
  { after, upTo }: KeyRange,
  decode: (autoId: Hex, value: Uint8Array) => T,
): AsyncGenerator<Keyed<T>> {
  let start: Hex | null = after === null ? null : prefix + after.slice(2)
  for (;;) {
    const page: Hex[] = await rpc.call('state_getKeysPaged', [prefix, PAGE, start, blockHash])
    if (page.length === 0) return
    const sets = await rpc.call<{ changes: [Hex, Hex | null][] }[]>('state_queryStorageAt', [
      page,
      blockHash,
    ])
    const values = new Map(sets.flatMap((set) => set.changes))
    for (const key of page) {
      const value = values.get(key)
      if (value == null) continue
      const autoId = autoIdOfKey(key)
      if (upTo !== null && autoId > upTo) return
      yield { key: autoId, value: decode(autoId, fromHex(value)) }
    }
    start = page.at(-1) ?? null
  }
}
