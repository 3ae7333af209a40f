/** Squid's runner over our own data source: batches, hot blocks and restarts are its work, the blocks are ours. */

import {
  type Batch,
  type HotDatabase,
  PrometheusServer,
  Runner,
  type RunnerConfig,
} from '@subsquid/util-internal-processor-tools'
import { AppError } from '../errors'
import type { BlockRecord } from '../registry/types'
import { BlockSource, type FinalityRule } from './block-source'
import type { ConnectedChain } from './connect'
import { type HeadConfirmation, RegistryDataSource, type SourceBlock } from './data-source'

export type ProcessorOptions<S> = {
  readonly chain: ConnectedChain
  readonly database: HotDatabase<S>
  /** Called inside the database's transaction, with blocks in order; several times a batch at most. */
  readonly onBlocks: (store: S, blocks: readonly BlockRecord[]) => Promise<void>
  readonly finality?: FinalityRule
  /** Default 2 s. */
  readonly headPollMs?: number
  /** Milliseconds without a new head after which other endpoints are asked for theirs. Default 30 s. */
  readonly stallMs?: number
  /** Called at least every `headPollMs` while the node answers and the index follows it. */
  readonly onHeadConfirmed?: (confirmation: HeadConfirmation) => void
}

export type Processor = {
  /**
   * Follows the chain until `stop`.
   *
   * @throws {AppError} WRONG_CHAIN, BAD_USER_INPUT or UNAVAILABLE (pruned) when waiting would not help; whatever the
   *   database or `onBlocks` throws
   */
  readonly run: () => Promise<void>
  /** Ends `run` after the batch under way. */
  readonly stop: () => void
}

export function createProcessor<S>(options: ProcessorOptions<S>): Processor {
  const { chain, database, onBlocks } = options
  const { pool } = chain
  const source = new BlockSource(pool, chain.runtimes, options.finality ?? { type: 'NODE' })
  const hotDataSource = new RegistryDataSource({
    source,
    pool,
    headPollMs: options.headPollMs ?? 2_000,
    ...(options.stallMs === undefined ? {} : { stallMs: options.stallMs }),
    onHeadConfirmed: options.onHeadConfirmed ?? (() => {}),
    onError: chain.onError,
  })
  const runner = new Runner<unknown, S>({
    database,
    hotDataSource,
    requests: [{ range: { from: 0 }, request: {} }],
    log: SILENT as RunnerConfig<unknown, S>['log'],
    prometheus: new UnservedMetrics(),
    process: async (store, { blocks }) => {
      await onBlocks(
        store,
        (blocks as Batch<SourceBlock>['blocks']).map(({ record }) => record),
      )
    },
  })
  return {
    run: async () => {
      try {
        await runner.run()
      } catch (error) {
        if (!pool.isStopped) throw asWrongChain(error)
      }
    },
    stop: () => pool.close(),
  }
}

/** The runner compares the last indexed final block with the node's and throws a plain error. */
function asWrongChain(error: unknown): unknown {
  const isOtherChain = error instanceof Error && /was not found on chain/.test(error.message)
  if (!isOtherChain) return error
  return new AppError(
    'WRONG_CHAIN',
    `The node's chain is not the one this database was indexed from: ${error.message}.`,
    {},
    { cause: error },
  )
}

/** The runner insists on serving its metrics; ours are served elsewhere, so no port is opened. */
class UnservedMetrics extends PrometheusServer {
  override serve() {
    return Promise.resolve({ port: 0, close: () => Promise.resolve() })
  }
}

const nothing = () => {}
/** Progress is reported through `onHeadConfirmed`. */
const SILENT: unknown = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
  write: nothing,
  isTrace: () => false,
  isDebug: () => false,
  isInfo: () => false,
  isWarn: () => false,
  isError: () => false,
  isFatal: () => false,
}
