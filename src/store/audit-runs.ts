/** Audits as they were run: the last one is shown by `status` and by the metrics, and beside it one that failed since. */

import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { storableText } from '../registry/storable-text'

export type AuditRun = {
  readonly block: number
  readonly startedAt: Date
  readonly finishedAt: Date
  readonly checked: number
  readonly differences: readonly object[]
  readonly complete: boolean
}

/** Runs kept: months of hourly samples, and a table that stays small. */
const KEPT_RUNS = 5_000

export async function writeAuditRun(pool: Pool, run: AuditRun): Promise<void> {
  await pool.query(
    `insert into audit_run (id, block, started_at, finished_at, checked, differences, complete)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      randomUUID(),
      run.block,
      run.startedAt,
      run.finishedAt,
      run.checked,
      JSON.stringify(run.differences),
      run.complete,
    ],
  )
  await pool.query(
    `delete from audit_run where failure is not null or id in
       (select id from audit_run order by finished_at desc offset ${KEPT_RUNS})`,
  )
}

/** That the last attempt failed: kept until another one ends, of itself or by failing. Finished runs stay. */
export async function writeAuditFailure(
  pool: Pool,
  message: string,
  startedAt: Date,
): Promise<void> {
  await pool.query(
    `with earlier as (delete from audit_run where failure is not null)
     insert into audit_run (id, block, started_at, finished_at, checked, failure, complete)
     select $1, least(finalized_height, height), $2, $3, 0, $4, false from index_status`,
    [randomUUID(), startedAt, new Date(), storableText(message, 1_000)],
  )
}

/** The highest indexed block that is final, or null before there is one. */
export async function readFinalBlock(pool: Pool): Promise<{ height: number; hash: string } | null> {
  const { rows } = await pool.query<{ height: number; hash: string }>(
    `select b.height, b.id as hash from index_status s
       join block b on b.height = least(s.finalized_height, s.height)
      where s.id = 'status'`,
  )
  return rows[0] ?? null
}
