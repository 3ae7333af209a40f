/** The registry's own storage: what a chain began with, and what events that no call explains left behind. */

import { fromHex, type Hex } from '../bytes'
import { trusting } from '../inconsistent'
import {
  AUTO_IDS_PREFIX,
  autoIdKey,
  autoIdOfKey,
  decodeAutoId,
  decodeRevocationList,
  REVOCATION_LIST_PREFIX,
  revocationListKey,
} from '../proof/registry-storage'
import type { BlockRecord, StateRead, StoredEntry } from '../registry/types'
import type { Endpoint } from './endpoint'
import { listKeys, readKeys, type StorageValues } from './storage-read'

/** Every entry and revocation list of a block's state. */
export async function readGenesisState(endpoint: Endpoint, hash: Hex): Promise<StateRead> {
  const [autoIds, lists] = await Promise.all([
    listKeys(endpoint, AUTO_IDS_PREFIX, hash),
    listKeys(endpoint, REVOCATION_LIST_PREFIX, hash),
  ])
  const values = await readKeys(endpoint, [...autoIds, ...lists], hash)
  return decodeState(autoIds.map(idOf), lists.map(idOf), values, hash)
}

/**
 * The state after the block of the ids its unexplained events name, and of their issuers: a registration also marks a
 * serial at its issuer, a revocation raises its nonce.
 */
export async function readUnexplainedState(
  endpoint: Endpoint,
  { unexplained, hash }: BlockRecord,
): Promise<StateRead> {
  const ids = [...new Set(unexplained.map(({ autoId }) => autoId))]
  const own = await readKeys(endpoint, ids.map(autoIdKey), hash)
  const { entries } = decodeState(ids, [], own, hash)
  const issuers = entries.flatMap(({ issuerId }) => (issuerId === null ? [] : [issuerId]))
  const all = [...new Set([...ids, ...issuers])]
  const keys = [...all.map(autoIdKey), ...all.map(revocationListKey)]
  return decodeState(all, all, await readKeys(endpoint, keys, hash), hash)
}

function decodeState(
  autoIds: readonly Hex[],
  issuerIds: readonly Hex[],
  values: StorageValues,
  hash: Hex,
): StateRead {
  return trusting(`The registry's state at ${hash} does not decode`, { hash }, () => {
    const entries: StoredEntry[] = []
    const removed: Hex[] = []
    for (const autoId of autoIds) {
      const value = values.get(autoIdKey(autoId)) ?? null
      if (value === null) removed.push(autoId)
      else entries.push(decodeAutoId(autoId, fromHex(value)))
    }
    const revocationLists = issuerIds.flatMap((issuerId) => {
      const value = values.get(revocationListKey(issuerId)) ?? null
      return value === null ? [] : [{ issuerId, serials: decodeRevocationList(fromHex(value)) }]
    })
    return { entries, removed, revocationLists }
  })
}

function idOf(key: Hex): Hex {
  return trusting('A key of the registry is not of the known form', { key }, () => autoIdOfKey(key))
}
