/** Root of the processor, chain → Postgres: the only place where the two edges meet. */

import type { Pool } from 'pg'
import { startBackgroundAudit } from './background-audit'
import { type ConnectedChain, connectChain } from './chain/connect'
import { createProcessor } from './chain/processor'
import type { Config } from './config'
import { AppError } from './errors'
import type { Logger } from './log'
import type { CommittedBatch } from './ops/processor-metrics'
import { StatusReporter } from './status-reporter'
import { openPool } from './store/connection'
import type { DatabaseOptions } from './store/hot-database'
import { TracedDatabase } from './traced-database'

export type ProcessorSettings = Pick<
  Config,
  'rpcEndpoints' | 'rpcBatchSize' | 'rpcTimeoutSeconds' | 'finality'
> &
  Partial<Pick<Config, 'auditIntervalSeconds' | 'auditSampleSize'>> & {
    readonly databaseUrl: string
    readonly headPollMs?: number
    /** How long a first answer of a node is awaited. */
    readonly patienceMs?: number
    /** Told of each batch once it is committed. */
    readonly onCommitted?: (batch: CommittedBatch) => void
  }

export type RunningProcessor = {
  /** Settles when following ends: with an error that waiting would not mend, or after `close`. */
  readonly ended: Promise<void>
  /** Ends after the batch under way; at once when the database is away, which is then left to the next start. */
  close(): Promise<void>
}

/**
 * Resolves once node and database have been found fit for each other.
 * @throws {AppError} when the node, its chain or the database cannot serve; nothing is written then.
 */
export async function startProcessor(
  settings: ProcessorSettings,
  log: Logger,
): Promise<RunningProcessor> {
  const pool = openPool(
    settings.databaseUrl,
    { name: 'status', maxConnections: 1, statementTimeoutMs: 10_000 },
    (error) => log.warn({ error: error.message }, 'the database connection for the status failed'),
  )
  const reporter = new StatusReporter(pool, log)
  try {
    const chain = await connectChain({
      endpoints: settings.rpcEndpoints,
      batchSize: settings.rpcBatchSize,
      timeoutMs: settings.rpcTimeoutSeconds * 1_000,
      onError: (error) => reporter.failed(error),
      ...(settings.patienceMs === undefined ? {} : { patienceMs: settings.patienceMs }),
    })
    return await follow(chain, settings, { pool, reporter, log })
  } catch (error) {
    await pool.end()
    throw error
  }
}

type Parts = { readonly pool: Pool; readonly reporter: StatusReporter; readonly log: Logger }

async function follow(
  chain: ConnectedChain,
  settings: ProcessorSettings,
  { pool, reporter, log }: Parts,
): Promise<RunningProcessor> {
  const stopping = new AbortController()
  const session: DatabaseOptions = {
    signal: stopping.signal,
    onRetry: (error, attempt, delayMs) =>
      log.warn({ error: messageOf(error), attempt, delayMs }, 'the database failed: trying again'),
    onPostponed: (indexes) =>
      log.info({ indexes }, 'indexes that only readers need wait for the head'),
    onIndexMade: (index, left) =>
      left === 0
        ? log.info('the head is reached: all indexes for readers are made')
        : log.debug({ index, left }, 'an index for readers is made'),
  }
  const database = new TracedDatabase(settings.databaseUrl, chain, session, settings.onCommitted)
  try {
    const { height } = await database.connect()
    reporter.start()
    log.info({ genesis: chain.genesisHash, spec: chain.specName, final: height }, 'following')
  } catch (error) {
    chain.close()
    throw error
  }
  const processor = createProcessor({
    chain,
    database,
    onBlocks: database.index,
    finality: settings.finality,
    onHeadConfirmed: (confirmation) => reporter.confirmed(confirmation),
    ...(settings.headPollMs === undefined ? {} : { headPollMs: settings.headPollMs }),
  })
  const audit = startAudit(settings, log)
  const ended = processor.run().finally(async () => {
    await audit?.close()
    chain.close()
    await reporter.close()
    await database.disconnect()
    await pool.end()
  })
  // A failure counts when somebody asks: before that it is no unhandled rejection.
  ended.catch(() => undefined)
  return {
    ended,
    close: async () => {
      processor.stop()
      stopping.abort()
      await ended
    },
  }
}

/** With connections of its own: it must not hold up a batch. */
function startAudit(settings: ProcessorSettings, log: Logger): { close(): Promise<void> } | null {
  const intervalMs = (settings.auditIntervalSeconds ?? 0) * 1_000
  if (intervalMs === 0) return null
  const pool = openPool(
    settings.databaseUrl,
    { name: 'audit', maxConnections: 1, statementTimeoutMs: 60_000 },
    (error) => log.warn({ error: error.message }, 'the database connection for audits failed'),
  )
  const audit = startBackgroundAudit(
    pool,
    {
      endpoints: settings.rpcEndpoints,
      timeoutMs: settings.rpcTimeoutSeconds * 1_000,
      intervalMs,
      sampleSize: settings.auditSampleSize ?? 2_000,
    },
    log,
  )
  return {
    close: async () => {
      await audit.close()
      await pool.end()
    },
  }
}

function messageOf(error: unknown): string {
  if (error instanceof AppError) return error.message
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
