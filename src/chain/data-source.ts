/** The chain as Squid's runner wants it: final blocks first, then the unfinalized ones as they come and go. */

import type {
  Batch,
  HotDatabaseState,
  HotDataSource,
  HotUpdate,
} from '@subsquid/util-internal-processor-tools'
import type { Hex } from '../bytes'
import { AppError } from '../errors'
import type { BlockRecord } from '../registry/types'
import type { BlockRef, BlockSource, Heads } from './block-source'
import type { EndpointPool } from './endpoint-pool'
import { isOffFinalChain } from './fetch-blocks'
import { ChainFollower } from './follow'
import { assertLinked } from './node-block'

/** A record under the header Squid asks for. */
export type SourceBlock = {
  readonly header: { readonly height: number; readonly hash: Hex; readonly parentHash: Hex }
  readonly record: BlockRecord
}

/** That the indexed head stood on the node's best chain at a moment. */
export type HeadConfirmation = {
  /** Of the indexed head. */
  readonly height: number
  readonly hash: Hex
  readonly finalizedHeight: number
  /** Of the node's own best block. */
  readonly nodeHeight: number
  readonly nodeHash: Hex
  /** Milliseconds since the epoch. */
  readonly at: number
}

export type DataSourceOptions = {
  readonly source: BlockSource
  readonly pool: EndpointPool
  /** Milliseconds between looks at the node's head; over WebSocket a new head is seen at once. */
  readonly headPollMs: number
  /** Milliseconds without a new head after which other endpoints are asked for theirs. Default 30 s. */
  readonly stallMs?: number
  readonly onHeadConfirmed: (confirmation: HeadConfirmation) => void
  readonly onError: (error: AppError) => void
}

type Range = { readonly range: { readonly from: number; readonly to?: number | undefined } }

const RETRY_PAUSE_MS = 500
/** A head that stands still so long, at blocks every 6 seconds, is a reason to ask the other endpoints. */
const STALL_MS = 30_000
/** Blocks another endpoint must be ahead by to be preferred. */
const STALL_TOLERANCE = 2

export class RegistryDataSource implements HotDataSource<SourceBlock, unknown> {
  constructor(private readonly options: DataSourceOptions) {}

  async getFinalizedHeight(): Promise<number> {
    return (await this.options.source.readHeads()).finalized.height
  }

  /** Waits for a node that has not come so far yet. */
  async getBlockHash(height: number): Promise<Hex> {
    for (;;) {
      const hash = await this.options.source.readHash(height)
      if (hash !== null) return hash
      this.options.onError(
        new AppError(
          'UNAVAILABLE',
          `The node has no block ${height} yet, which is indexed already.`,
        ),
      )
      await this.options.pool.pause(this.options.headPollMs)
    }
  }

  async *getFinalizedBlocks(
    requests: readonly Range[],
    stopOnHead = false,
  ): AsyncIterable<Batch<SourceBlock>> {
    const { source, pool, headPollMs } = this.options
    let from = requests[0]?.range.from ?? 0
    const end = requests.at(-1)?.range.to ?? Number.POSITIVE_INFINITY
    let previous: BlockRecord | null = null
    try {
      while (from <= end) {
        const heads = await source.readHeads()
        const top = Math.min(heads.finalized.height, end)
        if (top < from) {
          if (stopOnHead) return
          await pool.pause(headPollMs)
          continue
        }
        try {
          for await (const blocks of source.blocks(from, top, heads.finalized)) {
            const last = blocks.at(-1)
            if (last === undefined) continue
            assertLinked(previous, blocks)
            previous = last
            from = last.height + 1
            yield { blocks: blocks.map(toSourceBlock), isHead: last.height === top }
            // Asked for more: the batch is in the database.
            this.confirm(last, last.height, heads)
          }
        } catch (error) {
          // Whoever named the final block may be gone, or have been wrong: the heads are asked for again.
          if (!isOffFinalChain(error)) throw error
          await pool.pause(RETRY_PAUSE_MS)
        }
      }
    } catch (error) {
      if (!pool.isStopped) throw error
    }
  }

  async processHotBlocks(
    _requests: unknown,
    state: HotDatabaseState,
    cb: (update: HotUpdate<SourceBlock>) => Promise<void>,
  ): Promise<void> {
    const { source, pool, headPollMs } = this.options
    let heads: Heads | null = null
    const follower = new ChainFollower(state, source, async (update) => {
      try {
        await cb({ ...update, blocks: update.blocks.map(toSourceBlock) })
      } catch (cause) {
        throw new ApplyFailure(cause)
      }
      const last = update.blocks.at(-1)
      if (heads !== null && last !== undefined) {
        this.confirm(last, update.finalizedHead.height, heads)
      }
    })
    const bell = new Bell()
    const stall = new StallWatch(this.options.stallMs ?? STALL_MS)
    const unsubscribe = source.onNewHead(() => bell.ring())
    try {
      while (!pool.isStopped) {
        // Heard from here on: a head that comes while this one is worked on is looked at next.
        const rung = bell.listen()
        heads = await source.readHeads()
        if (stall.isStalled(heads.best.height)) {
          await pool.preferAhead(heads.best.height, STALL_TOLERANCE)
        }
        const isInStep = await this.follow(follower, heads)
        await pool.pause(isInStep ? headPollMs : RETRY_PAUSE_MS, isInStep ? rung : undefined)
      }
    } catch (error) {
      if (error instanceof ApplyFailure) throw error.cause
      if (!pool.isStopped) throw error
    } finally {
      unsubscribe()
    }
  }

  /** False: the node is behind or its chain changed meanwhile; look again soon. */
  private async follow(follower: ChainFollower, heads: Heads): Promise<boolean> {
    try {
      await follower.goto(heads)
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'INCONSISTENT_NODE') throw error
      this.options.onError(error)
      return false
    }
    if (follower.isAheadOf(heads.best)) {
      const { head, finalized } = follower
      this.options.onError(
        new AppError(
          'UNAVAILABLE',
          `The node is behind: at block ${heads.best.height}, where ${head.height} is indexed, ${finalized.height} as final.`,
          {
            nodeHeight: heads.best.height,
            headHeight: head.height,
            finalizedHeight: finalized.height,
          },
        ),
      )
      await this.options.pool.preferAhead(heads.best.height, STALL_TOLERANCE)
      return false
    }
    this.confirm(follower.head, follower.finalized.height, heads)
    return true
  }

  private confirm({ height, hash }: BlockRef, finalizedHeight: number, { best }: Heads): void {
    const node = { nodeHeight: best.height, nodeHash: best.hash }
    this.options.onHeadConfirmed({ height, hash, finalizedHeight, ...node, at: Date.now() })
  }
}

/** The handler or the database failed: not the node's fault, and not to be tried again here. */
class ApplyFailure extends Error {
  constructor(override readonly cause: unknown) {
    super('the update could not be applied')
  }
}

/** Tells, once a period, that the head has not risen. */
class StallWatch {
  private height = -1
  private since = Date.now()

  constructor(private readonly periodMs: number) {}

  isStalled(height: number): boolean {
    const now = Date.now()
    if (height <= this.height && now - this.since < this.periodMs) return false
    const isStalled = height <= this.height
    this.height = height
    this.since = now
    return isStalled
  }
}

/** Wakes whoever listened before it rang. */
class Bell {
  private listening = new AbortController()

  listen(): AbortSignal {
    this.listening = new AbortController()
    return this.listening.signal
  }

  ring(): void {
    this.listening.abort()
  }
}

function toSourceBlock(record: BlockRecord): SourceBlock {
  const { height, hash, parentHash } = record
  return { header: { height, hash, parentHash }, record }
}
