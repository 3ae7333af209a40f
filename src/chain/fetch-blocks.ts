/** A run of blocks from one endpoint, checked and decoded: two round trips, however many blocks. */

import type { Hex } from '../bytes'
import { AppError } from '../errors'
import { inconsistent, trusting } from '../inconsistent'
import { EVENT_COUNT_KEY, EVENTS_KEY, eventSegmentKey } from '../proof/registry-storage'
import type { BlockRecord } from '../registry/types'
import { AnswerTooLarge } from '../rpc-connection'
import { decodeBlock } from './decode-block'
import { type Endpoint, isUnknownBlock } from './endpoint'
import {
  EVENT_KEYS,
  type EventStorage,
  eventCountOf,
  furtherSegmentKeys,
  joinEvents,
} from './event-segments'
import { assertLinked, type CheckedBlock, hash32, readBlock } from './node-block'
import type { RawBlock } from './raw-block'
import { readGenesisState, readUnexplainedState } from './read-state'
import type { Runtime } from './runtime'
import { LAST_UPGRADE_KEY, type Runtimes } from './runtimes'
import { readStorageAt, type StorageValues } from './storage-read'

const BLOCK_KEYS: readonly Hex[] = [...EVENT_KEYS, LAST_UPGRADE_KEY]

/** A block that an endpoint named as final. */
export type FinalRef = { readonly height: number; readonly hash: Hex }

/**
 * Blocks `from`..`to` (inclusive) of the endpoint's best chain.
 *
 * @param final that chain must hold it, asked in the same batch: an endpoint on another branch, or not so far, is found
 *   out before any of its blocks is used
 * @throws {AppError} INCONSISTENT_NODE when anything does not hash, link or decode, or the chain changed meanwhile
 */
export async function fetchBlocks(
  endpoint: Endpoint,
  runtimes: Runtimes,
  from: number,
  to: number,
  final: FinalRef | null = null,
): Promise<BlockRecord[]> {
  const first = Math.max(0, from - 1)
  const hashes = await fetchHashes(endpoint, first, to, final)
  try {
    return await fetchByHash(endpoint, runtimes, hashes, from)
  } catch (error) {
    if (error instanceof AnswerTooLarge) {
      return fetchInHalves(endpoint, runtimes, { from, to, final }, error)
    }
    if (!isUnknownBlock(error)) throw error
    throw inconsistent(
      `Blocks ${from} to ${to} left the best chain while they were read.`,
      {},
      error,
    )
  }
}

/**
 * Hashes of heights `from`..`to` on the endpoint's best chain.
 *
 * @throws {AppError} INCONSISTENT_NODE when a height, or `final`, is not on it: see {@link isOffFinalChain}
 */
export async function fetchHashes(
  endpoint: Endpoint,
  from: number,
  to: number,
  final: FinalRef | null = null,
): Promise<Hex[]> {
  const heights = Array.from({ length: to - from + 1 }, (_, i) => from + i)
  const asked = final === null ? heights : [...heights, final.height]
  const calls = asked.map((height) => ({ method: 'chain_getBlockHash', params: [height] }))
  const answers = await endpoint.callMany<unknown>(calls)
  if (final !== null && answers.at(-1) !== final.hash) throw offFinalChain(endpoint, final, answers)
  return answers.slice(0, heights.length).map((answer, i) => {
    if (answer === null) throw inconsistent(`The node has no block ${from + i} any more.`)
    return hash32(answer)
  })
}

function offFinalChain(endpoint: Endpoint, final: FinalRef, answers: readonly unknown[]): AppError {
  const { height, hash } = final
  const found = answers.at(-1)
  return inconsistent(
    found === null
      ? `${endpoint.host} has no block ${height} yet, which another answer called final.`
      : `${endpoint.host} has another block ${height} than the one called final.`,
    { host: endpoint.host, height, final: hash, found: String(found) },
  )
}

/** Was an endpoint refused because its chain lacks the block called final? */
export function isOffFinalChain(error: unknown): boolean {
  return error instanceof AppError && error.facts['final'] !== undefined
}

async function fetchInHalves(
  endpoint: Endpoint,
  runtimes: Runtimes,
  { from, to, final }: { from: number; to: number; final: FinalRef | null },
  error: AnswerTooLarge,
): Promise<BlockRecord[]> {
  if (from === to) {
    throw inconsistent(
      `${endpoint.host} cannot give block ${from}: its answer is over the node's own limit (${error.message}).`,
      { height: from },
      error,
    )
  }
  const middle = Math.floor((from + to) / 2)
  const lower = await fetchBlocks(endpoint, runtimes, from, middle, final)
  const upper = await fetchBlocks(endpoint, runtimes, middle + 1, to, final)
  assertLinked(lower.at(-1) ?? null, upper)
  return [...lower, ...upper]
}

/** @param hashes of `from` - 1 (unless genesis is first) and on */
async function fetchByHash(
  endpoint: Endpoint,
  runtimes: Runtimes,
  hashes: readonly Hex[],
  from: number,
): Promise<BlockRecord[]> {
  const own = from === 0 ? hashes : hashes.slice(1)
  const parents = from === 0 ? [...hashes.slice(0, 1), ...hashes.slice(0, -1)] : hashes.slice(0, -1)
  const [answers, storage, versions] = await Promise.all([
    endpoint.callMany<unknown>(own.map((hash) => ({ method: 'chain_getBlock', params: [hash] }))),
    readStorageAt(endpoint, BLOCK_KEYS, own),
    runtimes.versionsAtEnds(endpoint, parents),
  ])
  const blocks = own.map((hash, i) => {
    if (answers[i] === null) throw inconsistent(`The node has no block ${hash} any more.`)
    return readBlock(answers[i], hash)
  })
  blocks.forEach((block, i) => {
    if (block.height !== from + i)
      throw inconsistent(`Block ${from + i} says it is ${block.height}.`)
  })
  assertLinked(from === 0 ? null : { height: from - 1, hash: hashes[0] ?? '' }, blocks)
  const upgrades = storage.map((values) => values.get(LAST_UPGRADE_KEY) ?? null)
  const executing = await runtimes.executing(endpoint, parents, versions, upgrades)
  const records: BlockRecord[] = []
  for (const [i, block] of blocks.entries()) {
    const runtime = executing[i]
    const values = storage[i]
    if (runtime === undefined || values === undefined) throw new RangeError(`no block ${i}`)
    records.push(await complete(endpoint, block, runtime, values))
  }
  return records
}

async function complete(
  endpoint: Endpoint,
  block: CheckedBlock,
  runtime: Runtime,
  values: StorageValues,
): Promise<BlockRecord> {
  const raw = await restoreEvents(endpoint, block, runtime, values)
  const record = decodeBlock(raw, runtime)
  if (block.height === 0)
    return { ...record, stateRead: await readGenesisState(endpoint, block.hash) }
  if (record.unexplained.length === 0) return record
  return { ...record, stateRead: await readUnexplainedState(endpoint, record) }
}

async function restoreEvents(
  endpoint: Endpoint,
  block: CheckedBlock,
  { eventLayout }: Runtime,
  values: StorageValues,
): Promise<RawBlock> {
  const storage: EventStorage = {
    events: values.get(EVENTS_KEY) ?? null,
    count: values.get(EVENT_COUNT_KEY) ?? null,
    firstSegment: values.get(eventSegmentKey(0)) ?? null,
  }
  const what = `The events of block ${block.height} cannot be put together`
  const facts = { height: block.height, hash: block.hash }
  const keys = trusting(what, facts, () => furtherSegmentKeys(eventLayout, storage))
  const further = keys.length === 0 ? [] : await readStorageAt(endpoint, keys, [block.hash])
  return trusting(what, facts, () => ({
    events: joinEvents(
      eventLayout,
      storage,
      keys.map((key) => further[0]?.get(key) ?? null),
    ),
    eventCount: eventCountOf(storage),
    ...block,
  }))
}
