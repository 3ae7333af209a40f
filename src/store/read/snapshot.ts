/** One answer, one snapshot: every statement of an operation sees the same block, read first in it. */

import { connect } from 'node:net'
import pg, { type Pool, type PoolClient } from 'pg'
import { AppError } from '../../errors'
import { type HeadRow, headStatement, toHeadRow } from './blocks'
import { createEvidenceMemory, type EvidenceMemory } from './evidence-memory'
import { isDatabaseGone, UNDEFINED_TABLE } from './fallback'
import { type RegistryReaders, registryReaders } from './readers'

export type Freshness = {
  readonly minBlock: number | null
  readonly maxLagSeconds: number | null
}

export type RegistrySnapshot = {
  readonly head: HeadRow
  readonly read: RegistryReaders
  close(): Promise<void>
  cancel(): void
}

export type SnapshotSource = (freshness: Freshness) => Promise<RegistrySnapshot>

const BEGIN = 'begin transaction isolation level repeatable read read only'
const QUERY_CANCELED = '57014'

/**
 * Databases are tried in turn, each operation beginning with another; one that is away or staler than demanded is
 * passed over. `primary`, behind nobody, is asked when none of them would do.
 */
export function createSnapshotSource(
  pools: readonly Pool[],
  nowMs: () => number,
  primary: Pool | null = null,
): SnapshotSource {
  let turn = 0
  const memory = createEvidenceMemory()
  return async (freshness) => {
    const first = turn++ % pools.length
    const problems: AppError[] = []
    const order = [...pools.slice(first), ...pools.slice(0, first), ...(primary ? [primary] : [])]
    for (const pool of order) {
      try {
        return await openSnapshot(pool, freshness, nowMs(), memory)
      } catch (error) {
        problems.push(asUnavailable(error))
      }
    }
    throw problems[0] ?? new AppError('UNAVAILABLE', 'no database to read from')
  }
}

async function openSnapshot(
  pool: Pool,
  freshness: Freshness,
  nowMs: number,
  memory: EvidenceMemory,
): Promise<RegistrySnapshot> {
  const client = await pool.connect()
  try {
    const head = await begin(client)
    assertFresh(head, freshness, nowMs)
    return snapshotOf(client, head, memory)
  } catch (error) {
    const isOurs = error instanceof AppError
    if (isOurs) await client.query('rollback').catch(() => undefined)
    client.release(isOurs ? undefined : asError(error))
    throw error
  }
}

async function begin(client: PoolClient): Promise<HeadRow> {
  // Two statements in one message give two results, which the types of pg do not say.
  const results = (await client.query(`${BEGIN};${headStatement}`)) as unknown as [
    unknown,
    { rows: Parameters<typeof toHeadRow>[0][] },
  ]
  const [row] = results[1].rows
  if (row === undefined) throw new AppError('UNAVAILABLE', 'no block is indexed yet')
  return toHeadRow(row)
}

function assertFresh(head: HeadRow, freshness: Freshness, nowMs: number): void {
  const { minBlock, maxLagSeconds } = freshness
  const headHeight = head.block.height
  if (minBlock !== null && headHeight < minBlock) {
    throw new AppError(
      'UNAVAILABLE',
      `minBlock: the index is at block ${headHeight}, block ${minBlock} was demanded`,
      { headHeight, minBlock },
    )
  }
  const lagSeconds = Math.ceil((nowMs - head.block.timestamp.getTime()) / 1_000)
  if (maxLagSeconds !== null && lagSeconds > maxLagSeconds) {
    throw new AppError(
      'UNAVAILABLE',
      `maxLagSeconds: the index head is ${lagSeconds} s old, at most ${maxLagSeconds} s was demanded`,
      { headHeight, lagSeconds, maxLagSeconds },
    )
  }
}

function snapshotOf(client: PoolClient, head: HeadRow, memory: EvidenceMemory): RegistrySnapshot {
  let isOpen = true
  let isCancelled = false
  let failure: Error | undefined
  /** A connection runs one statement at a time. */
  let turn: Promise<unknown> = Promise.resolve()
  const run = async (args: unknown[]): Promise<unknown> => {
    if (!isOpen) throw new AppError('UNAVAILABLE', 'the operation was cancelled')
    if (isCancelled) throw tooSlow()
    try {
      return await (client.query as (...args: unknown[]) => Promise<unknown>).apply(client, args)
    } catch (error) {
      failure = asError(error)
      if (isCancelError(error)) throw tooSlow(error)
      throw isDatabaseGone(error) ? asUnavailable(error) : error
    }
  }
  const query = (...args: unknown[]): Promise<unknown> => {
    const result = turn.then(() => run(args))
    turn = result.catch(() => undefined)
    return result
  }
  const read = registryReaders({ query } as unknown as Pick<PoolClient, 'query'>)
  return {
    head,
    read: { ...read, evidence: memory(head.block.hash, read.evidence) },
    close: async () => {
      if (!isOpen) return
      isOpen = false
      await turn
      await client.query('commit').catch((error: unknown) => {
        failure = asError(error)
      })
      client.release(failure)
    },
    cancel: () => {
      // Also for what is asked next: between two statements there is none to end.
      isCancelled = true
      if (isOpen) sendCancelRequest(client)
    },
  }
}

type Backend = { processID: number; secretKey: number; host: string; port: number }

const CANCEL_REQUEST_CODE = 80_877_102

/** Postgres' own way to end a running statement: a message on a connection of its own, which gets no answer. */
function sendCancelRequest(client: PoolClient): void {
  const { processID, secretKey, host, port } = client as unknown as Backend
  const message = Buffer.alloc(16)
  message.writeInt32BE(message.length, 0)
  message.writeInt32BE(CANCEL_REQUEST_CODE, 4)
  message.writeInt32BE(processID, 8)
  message.writeInt32BE(secretKey, 12)
  const isSocket = host.startsWith('/')
  const socket = isSocket ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host)
  socket.on('error', () => undefined)
  socket.setTimeout(5_000, () => socket.destroy())
  socket.end(message)
}

function isCancelError(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === QUERY_CANCELED
}

function tooSlow(cause?: unknown): AppError {
  return new AppError('UNAVAILABLE', 'the question took too long to answer', {}, { cause })
}

function asUnavailable(error: unknown): AppError {
  if (error instanceof AppError) return error
  const isUnmigrated = error instanceof pg.DatabaseError && error.code === UNDEFINED_TABLE
  const message = isUnmigrated ? 'the database has no index yet' : 'the index cannot be reached now'
  return new AppError('UNAVAILABLE', message, {}, { cause: error })
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
