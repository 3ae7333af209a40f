/** The processor's own doubt: now and then a sample of the index is compared with the chain's storage. */

import { randomBytes, randomInt } from 'node:crypto'
import type { Pool } from 'pg'
import { auditEvents } from './audit-events'
import { toHex } from './bytes'
import { AppError } from './errors'
import type { Logger } from './log'
import { type AuditReport, auditIndex, auditSample } from './node/audit'
import { connectNode, type NodeRpc } from './node/rpc'
import type { EventDifference } from './proof/compare'
import { AnswerTooLarge } from './rpc-connection'
import { readFinalBlock, writeAuditFailure, writeAuditRun } from './store/audit-runs'
import { readIndexEntries, readIndexEvents, readIndexLists } from './store/read/audit'

export type AuditSettings = {
  readonly endpoints: readonly string[]
  readonly timeoutMs: number
  readonly intervalMs: number
  /** Entries compared each time; a registry with fewer is compared whole. */
  readonly sampleSize: number
}

/** The first audit comes a while after the start, when catching up is mostly done. */
const FIRST_AFTER_MS = 60_000

export function startBackgroundAudit(
  pool: Pool,
  settings: AuditSettings,
  log: Logger,
): { close(): Promise<void> } {
  const rpc = connectNode(settings)
  let isClosed = false
  let running: Promise<void> = Promise.resolve()
  let timer = setTimeout(tick, Math.min(FIRST_AFTER_MS, settings.intervalMs))
  timer.unref()
  /** The next one is a whole interval after this one's end: one that takes longer is not joined by another. */
  function tick(): void {
    const startedAt = new Date()
    running = auditOnce(pool, rpc, settings.sampleSize, log)
      .catch((error: Error) => {
        log.warn({ error: error.message }, 'the audit could not be run')
        // Ended by `close`, it says nothing about the node.
        return isClosed ? undefined : writeAuditFailure(pool, reasonOf(error), startedAt)
      })
      .catch((error: Error) => log.warn({ error: error.message }, 'no failed audit was written'))
      .then(wait)
  }
  function wait(): void {
    if (isClosed) return
    timer = setTimeout(tick, settings.intervalMs)
    timer.unref()
  }
  return {
    close: async () => {
      isClosed = true
      clearTimeout(timer)
      rpc.close()
      await running
    },
  }
}

/** Fit for anybody: what others than we and the node say, as the database, may tell our insides. */
function reasonOf(error: Error): string {
  const isOurs = error instanceof AppError || error instanceof AnswerTooLarge
  return isOurs ? error.message : 'an unexpected error: the log of the processor has it'
}

/**
 * One audit at the last final block, and of the events of one final block of any age; its result is kept and, when it
 * disagrees, said loudly.
 *
 * @param pick the height whose events are compared, of 0 to the last final one
 */
export async function auditOnce(
  pool: Pool,
  rpc: NodeRpc,
  sampleSize: number,
  log: Logger,
  pick: (finalHeight: number) => number = (finalHeight) => randomInt(finalHeight + 1),
): Promise<AuditReport | null> {
  const block = await readFinalBlock(pool)
  if (block === null) return null
  const startedAt = new Date()
  const index = {
    entries: (height: number, range: Parameters<typeof readIndexEntries>[2]) =>
      readIndexEntries(pool, height, range),
    lists: (height: number, range: Parameters<typeof readIndexLists>[2]) =>
      readIndexLists(pool, height, range),
  }
  const isSmall = (await countEntries(pool, sampleSize + 1)) <= sampleSize
  const state = isSmall
    ? await auditIndex(rpc, block, index)
    : await auditSample(rpc, block, index, toHex(randomBytes(32)), sampleSize)
  const events = await auditEventsAt(pool, rpc, pick(block.height)).catch((error: Error) => {
    // Not compared is not agreed: only a report that is bad already is kept without.
    if (state.differences.length === 0) throw error
    log.warn({ error: error.message }, 'the events of a block could not be proved')
    return []
  })
  const report = { ...state, differences: [...state.differences, ...events] }
  await writeAuditRun(pool, { ...report, startedAt, finishedAt: new Date() })
  if (report.differences.length > 0) {
    const [first] = report.differences
    log.error(
      { block: report.block, count: report.differences.length, first },
      'the index differs from the chain',
    )
  }
  return report
}

async function auditEventsAt(pool: Pool, rpc: NodeRpc, height: number): Promise<EventDifference[]> {
  const indexed = await readIndexEvents(pool, height)
  if (indexed === null) throw new RangeError(`block ${height} is final and not in the index`)
  return auditEvents(rpc, indexed)
}

async function countEntries(pool: Pool, limit: number): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'select count(*)::int as count from (select 1 from auto_id_version where block_to is null limit $1) entry',
    [limit],
  )
  return rows[0]?.count ?? 0
}
