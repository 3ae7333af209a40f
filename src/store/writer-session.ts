/** The one connection that writes: it holds the lock that keeps a second processor out, and repeats lost batches. */

import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { AppError } from '../errors'
import { withoutPassword } from './connection'
import { forgetIdentities } from './known-identities'

/** Advisory locks belong to a database, so that one server may hold many indexes. */
const processorLock = 7_264_002

/** Told of each failed attempt before the next; `delayMs` until then. */
export type OnRetry = (error: unknown, attempt: number, delayMs: number) => void

export type SessionOptions = {
  readonly onRetry?: OnRetry
  /** How long a processor that has just died may keep the lock before a start is refused. */
  readonly lockWaitMs?: number
  readonly maxDelayMs?: number
  /** Ends the repeating: what is under way is finished, but what fails is not tried again. */
  readonly signal?: AbortSignal
}

/** Options of the writing session, as Postgres' start-up packet takes them. */
export const writerSettings = [
  '-c timezone=UTC',
  '-c statement_timeout=300000',
  '-c lock_timeout=60000',
  '-c idle_in_transaction_session_timeout=600000',
  // The server notices within seconds that we were killed, and frees the lock.
  '-c client_connection_check_interval=1000',
  '-c tcp_keepalives_idle=30',
  // A growing index outruns its statistics: every read here looks keys up, and is planned for what it asks. A join by hash
  // reads a whole table for the few hundred rows of a batch.
  '-c enable_seqscan=off',
  '-c enable_hashjoin=off',
  '-c enable_mergejoin=off',
  // Of a few hundred look-ups by key: starting workers, and telling them the plan, would cost more than all of it.
  '-c max_parallel_workers_per_gather=0',
  '-c jit=off',
  '-c plan_cache_mode=force_custom_plan',
].join(' ')

export class WriterSession {
  private client: pg.Client | null = null

  constructor(
    private readonly url: string,
    private readonly options: SessionOptions = {},
  ) {}

  /** @throws {AppError} UNAVAILABLE when the database is away, or another processor has it. */
  async open(): Promise<void> {
    this.client = await this.connect(this.options.lockWaitMs ?? 5_000)
  }

  async close(): Promise<void> {
    const client = this.client
    this.client = null
    await client?.end().catch(() => undefined)
  }

  /**
   * All of `work` or nothing. When the connection or the server fails it is repeated from the start on a new
   * connection, until `signal`; `isDone` tells a commit whose answer was lost from one that never happened.
   */
  async transaction(
    work: (client: pg.ClientBase) => Promise<void>,
    isDone: (client: pg.ClientBase) => Promise<boolean>,
  ): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        this.client ??= await this.connect(60_000)
        if (attempt > 1 && (await isDone(this.client))) return
        return await inTransaction(this.client, work)
      } catch (error) {
        if (!isRetryable(error) || this.isStopped) throw error
        await this.close()
        const delayMs = Math.min(250 * 2 ** (attempt - 1), this.options.maxDelayMs ?? 30_000)
        this.options.onRetry?.(error, attempt, delayMs)
        await sleep(delayMs, undefined, { signal: this.options.signal }).catch(() => undefined)
        if (this.isStopped) throw error
      }
    }
  }

  private get isStopped(): boolean {
    return this.options.signal?.aborted === true
  }

  private async connect(lockWaitMs: number): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: 'auto-registry processor',
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      options: writerSettings,
    })
    client.on('error', () => undefined)
    try {
      await client.connect()
      await takeLock(client, Date.now() + lockWaitMs, this.url, this.options.signal)
      return client
    } catch (error) {
      await client.end().catch(() => undefined)
      if (error instanceof AppError) throw error
      throw unavailable(this.url, error)
    }
  }
}

async function takeLock(
  client: pg.Client,
  deadline: number,
  url: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (;;) {
    signal?.throwIfAborted()
    const { rows } = await client.query<{ locked: boolean }>(
      'select pg_try_advisory_lock($1) as locked',
      [processorLock],
    )
    if (rows[0]?.locked === true) return
    if (Date.now() >= deadline) {
      throw new AppError(
        'UNAVAILABLE',
        `another processor is writing to ${withoutPassword(url)}: one database takes one processor`,
        {},
        { retryable: false },
      )
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

async function inTransaction(
  client: pg.Client,
  work: (client: pg.ClientBase) => Promise<void>,
): Promise<void> {
  await client.query('begin')
  try {
    await work(client)
    await client.query('commit')
  } catch (error) {
    forgetIdentities(client)
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}

function unavailable(url: string, cause: unknown): AppError {
  const said = cause instanceof Error ? cause.message || cause.name : String(cause)
  const message = `cannot connect to the database ${withoutPassword(url)}: ${said}`
  return new AppError('UNAVAILABLE', message, {}, { cause })
}

/** Classes of SQLSTATE that say nothing against the statement: connection, resources (disk full), operator, conflict. */
const retryableClasses = ['08', '40', '53', '55', '57', '58']

function isRetryable(error: unknown): boolean {
  if (error instanceof AppError) return error.retryable
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  if (/^[0-9A-Z]{5}$/.test(code)) return retryableClasses.includes(code.slice(0, 2))
  return (
    /^E[A-Z]+$/.test(code) ||
    /connection (terminated|ended|error)|not queryable|timeout/i.test(error.message)
  )
}
