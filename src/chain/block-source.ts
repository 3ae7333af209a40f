/** Runs of blocks of the best chain from whichever endpoint serves, read ahead. */

import type { Hex } from '../bytes'
import { inconsistent } from '../inconsistent'
import type { BlockRecord } from '../registry/types'
import type { Endpoint } from './endpoint'
import type { EndpointPool } from './endpoint-pool'
import { type FinalRef, fetchBlocks, fetchHashes, isOffFinalChain } from './fetch-blocks'
import { assertLinked, hash32, headerHash, readHeader } from './node-block'
import { type Ahead, readAhead, splitRange } from './read-ahead'
import type { Runtimes } from './runtimes'

export type BlockRef = { readonly height: number; readonly hash: Hex }

/** The heads as one endpoint names them. `finalized` may be ahead of what `best` leads to while the node syncs. */
export type Heads = {
  readonly best: BlockRef & { readonly parentHash: Hex }
  readonly finalized: BlockRef
}

export type FinalityRule =
  /** The node's own finalized head. */
  | { readonly type: 'NODE' }
  /** So many blocks behind the best one. */
  | { readonly type: 'DEPTH'; readonly blocks: number }

/** Blocks fetched together: two round trips serve them all. Fewer where calls go one by one. */
const RUN_LENGTH = 50
const SHORT_RUN_LENGTH = 10
/** Runs under way or waiting: many of quiet blocks, fewer of full ones, by their events. */
const AHEAD: Ahead<readonly BlockRecord[]> = {
  most: 10,
  weight: 13_500,
  weigh: (run) => run.reduce((sum, { eventCount }) => sum + eventCount, 0),
}
/** Tries of a whole run before it is asked for in pieces. */
const FULL_ATTEMPTS = 2
/** Rounds of all endpoints in which the last one's chain lacks the final block, before somebody is asked again which it is. */
const MAX_ROUNDS_OFF = 3
/** Most blocks handed on together. */
const MAX_BATCH = 500

export class BlockSource {
  private finalizedRef: BlockRef | null = null

  constructor(
    private readonly pool: EndpointPool,
    private readonly runtimes: Runtimes,
    private readonly finality: FinalityRule,
  ) {}

  onNewHead(notify: () => void): () => void {
    return this.pool.onNewHead(notify)
  }

  readHeads(): Promise<Heads> {
    return this.pool.run((endpoint) => this.readHeadsOf(endpoint))
  }

  readHashes(from: number, to: number): Promise<Hex[]> {
    return this.pool.run((endpoint) => fetchHashes(endpoint, from, to))
  }

  /** Null when the serving endpoint has no such height. */
  readHash(height: number): Promise<Hex | null> {
    return this.pool.run(async (endpoint) => {
      const hash = await endpoint.call<unknown>('chain_getBlockHash', [height])
      return hash === null ? null : hash32(hash)
    })
  }

  /**
   * Blocks `from`..`to` in order, linked to each other; in batches of what has arrived by the time it is asked for.
   *
   * @param final on the chain of each endpoint that serves; absent: not asked
   * @throws {AppError} INCONSISTENT_NODE when two runs do not link: the chain was reorganised in between; or when no
   *   endpoint's chain holds `final`
   */
  async *blocks(
    from: number,
    to: number,
    final: FinalRef | null = null,
  ): AsyncIterable<BlockRecord[]> {
    const length = Math.min(RUN_LENGTH, Math.max(SHORT_RUN_LENGTH, this.pool.batchSize))
    const runs = readAhead(splitRange(from, to, length), AHEAD, (range) =>
      this.fetchRun(range.from, range.to, final),
    )
    let last: BlockRecord | null = null
    for await (const run of gather(runs, MAX_BATCH)) {
      assertLinked(last, run)
      last = run.at(-1) ?? last
      yield run
    }
  }

  /** Asks for less at once when it failed repeatedly: an answer over a limit may just cut the connection. */
  private fetchRun(from: number, to: number, final: FinalRef | null): Promise<BlockRecord[]> {
    let roundsOff = 0
    let isOff = false
    return this.pool.run(
      async (endpoint, attempt) => {
        isOff = false
        const length = Math.max(1, (to - from + 1) >> Math.max(0, attempt - FULL_ATTEMPTS))
        const records: BlockRecord[] = []
        for (const piece of splitRange(from, to, length)) {
          const blocks = await fetchBlocks(
            endpoint,
            this.runtimes,
            piece.from,
            piece.to,
            final,
          ).catch((error: unknown) => {
            isOff = isOffFinalChain(error)
            throw error
          })
          assertLinked(records.at(-1) ?? null, blocks)
          for (const block of blocks) records.push(block)
        }
        return records
      },
      () => !isOff || ++roundsOff < MAX_ROUNDS_OFF,
    )
  }

  private async readHeadsOf(endpoint: Endpoint): Promise<Heads> {
    const header = readHeader(await endpoint.call<unknown>('chain_getHeader'))
    const { height, parentHash } = header
    const best = { height, hash: headerHash(header), parentHash }
    return { best, finalized: await this.readFinalized(endpoint, best) }
  }

  private async readFinalized(endpoint: Endpoint, best: BlockRef): Promise<BlockRef> {
    if (this.finality.type === 'DEPTH') {
      const height = Math.max(0, best.height - this.finality.blocks)
      return { height, hash: hash32(await endpoint.call<unknown>('chain_getBlockHash', [height])) }
    }
    const hash = hash32(await endpoint.call<unknown>('chain_getFinalizedHead'))
    if (this.finalizedRef?.hash !== hash) {
      const header = readHeader(await endpoint.call<unknown>('chain_getHeader', [hash]))
      if (headerHash(header) !== hash) {
        throw inconsistent('The finalized header does not hash to the finalized head.', { hash })
      }
      this.finalizedRef = { height: header.height, hash }
    }
    return this.finalizedRef
  }
}

/** Joins runs that are ready together, so that one transaction takes them all. */
async function* gather(
  runs: AsyncIterable<BlockRecord[]>,
  limit: number,
): AsyncIterable<BlockRecord[]> {
  const iterator = runs[Symbol.asyncIterator]()
  let next = iterator.next()
  next.catch(() => {})
  for (;;) {
    const first = await next
    if (first.done) return
    let batch = first.value
    next = iterator.next()
    next.catch(() => {})
    while (batch.length < limit) {
      const ready = await Promise.race([next, nothingYet()])
      if (ready === NOTHING_YET || ready.done) break
      batch = [...batch, ...ready.value]
      next = iterator.next()
      next.catch(() => {})
    }
    yield batch
  }
}

const NOTHING_YET = Symbol('nothing yet')

function nothingYet(): Promise<typeof NOTHING_YET> {
  return new Promise((resolve) => setImmediate(() => resolve(NOTHING_YET)))
}
