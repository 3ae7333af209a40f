/** The processor's own doubt: now and then a sample of the index is compared with the chain's storage. */

import { randomBytes } from 'node:crypto'
import type { Pool } from 'pg'
import { toHex } from './bytes'
import type { Logger } from './log'
import { type AuditReport, auditIndex, auditSample } from './node/audit'
import { connectNode } from './node/rpc'
import { readFinalBlock, writeAuditRun } from './store/audit-runs'
import { readIndexEntries, readIndexLists } from './store/read/audit'

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
    running = auditOnce(pool, rpc, settings.sampleSize, log).then(
      () => wait(),
      (error: Error) => {
        log.warn({ error: error.message }, 'the audit could not be run')
        wait()
      },
    )
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

/** One audit at the last final block; its result is kept and, when it disagrees, said loudly. */
export async function auditOnce(
  pool: Pool,
  rpc: Parameters<typeof auditIndex>[0],
  sampleSize: number,
  log: Logger,
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
  const report = isSmall
    ? await auditIndex(rpc, block, index)
    : await auditSample(rpc, block, index, toHex(randomBytes(32)), sampleSize)
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

async function countEntries(pool: Pool, limit: number): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'select count(*)::int as count from (select 1 from auto_id_version where block_to is null limit $1) entry',
    [limit],
  )
  return rows[0]?.count ?? 0
}
