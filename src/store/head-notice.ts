/** What the processor tells all API processes with each batch, inside the batch's own transaction. */

import type { ClientBase } from 'pg'

export const headChannel = 'auto_registry'

/** Heights and hashes only: Postgres carries under 8,000 bytes, and what changed is read from the tables. */
export type HeadNotice = {
  /** The new head. */
  readonly height: number
  readonly hash: string
  /** First block that is new; `height + 1` when there is none (finality moved, or blocks only went). */
  readonly from: number
  /** Blocks that left the chain with it. */
  readonly reorg: number
}

export async function sendHeadNotice(client: ClientBase, notice: HeadNotice): Promise<void> {
  await client.query('select pg_notify($1, $2)', [headChannel, JSON.stringify(notice)])
}
