/** Compares a whole index with the chain's own storage at one block. */

import type { Hex } from '../bytes'
import {
  compareEntries,
  compareLists,
  type Difference,
  type EventDifference,
  mergeSorted,
} from '../proof/compare'
import type { StoredEntry } from '../registry/types'
import {
  ALL_KEYS,
  endOfPage,
  type Keyed,
  type KeyRange,
  readChainEntries,
  readChainLists,
} from './read-registry'
import type { NodeRpc } from './rpc'

/** The index's side, sorted by identifier. */
export type IndexReaders = {
  readonly entries: (height: number, range: KeyRange) => AsyncIterable<Keyed<StoredEntry>>
  readonly lists: (height: number, range: KeyRange) => AsyncIterable<Keyed<readonly bigint[]>>
}

export type AuditReport = {
  readonly block: number
  /** Entries and lists compared. */
  readonly checked: number
  readonly differences: readonly (Difference | EventDifference)[]
  /** False: a sample, or it stopped early at {@link MAX_DIFFERENCES}. */
  readonly complete: boolean
}

/** Enough to see what is wrong; a wholly different index would otherwise print for ever. */
export const MAX_DIFFERENCES = 1000

export async function auditIndex(
  rpc: NodeRpc,
  block: { readonly height: number; readonly hash: Hex },
  index: IndexReaders,
  range: KeyRange = ALL_KEYS,
): Promise<AuditReport> {
  const differences: Difference[] = []
  let checked = 0
  const entries = mergeSorted<StoredEntry>(
    readChainEntries(rpc, block.hash, range),
    index.entries(block.height, range),
  )
  for await (const pair of entries) {
    checked += 1
    differences.push(...compareEntries(pair.key, pair.chain, pair.index))
    if (differences.length > MAX_DIFFERENCES) break
  }
  const lists = mergeSorted<readonly bigint[]>(
    readChainLists(rpc, block.hash, range),
    index.lists(block.height, range),
  )
  for await (const pair of lists) {
    checked += 1
    differences.push(...compareLists(pair.key, pair.chain, pair.index))
    if (differences.length > MAX_DIFFERENCES) break
  }
  const isWhole = range.after === null && range.upTo === null
  const complete = isWhole && differences.length <= MAX_DIFFERENCES
  return { block: block.height, checked, differences, complete }
}

/** So many entries after `after` (in the order of identifiers), and the lists between them. */
export async function auditSample(
  rpc: NodeRpc,
  block: { readonly height: number; readonly hash: Hex },
  index: IndexReaders,
  after: Hex | null,
  count: number,
): Promise<AuditReport> {
  const upTo = await endOfPage(rpc, block.hash, after, count)
  return auditIndex(rpc, block, index, { after, upTo })
}
