/** What the processor says about the node between batches. Heights of the index itself only a batch changes. */

import type { Pool } from 'pg'
import { storableText } from '../registry/storable-text'

/** That our head stood on the node's best chain at a moment. */
export type Confirmation = {
  /** Of our head. */
  readonly hash: string
  /** Of the node's best block. */
  readonly nodeHeight: number
  readonly nodeHash: string
  readonly at: Date
}

/**
 * The node's best block, in any case; and, while the confirmed block is still our head, the time of the confirmation and
 * the end of a reported failure.
 */
export async function recordConfirmation(pool: Pool, confirmation: Confirmation): Promise<void> {
  const { hash, nodeHeight, nodeHash, at } = confirmation
  await pool.query(
    `update index_status set
       node_height = $2,
       node_hash = $3,
       confirmed_at = case when hash = $1 then greatest(confirmed_at, $4) else confirmed_at end,
       error = case when hash = $1 then null else error end,
       error_at = case when hash = $1 then null else error_at end
     where id = 'status'`,
    [hash, nodeHeight, nodeHash, at],
  )
}

/** A failure that is being retried: shown until the head is confirmed again. */
export async function recordFailure(pool: Pool, message: string, at: Date): Promise<void> {
  await pool.query("update index_status set error = $1, error_at = $2 where id = 'status'", [
    storableText(message, 1_000),
    at,
  ])
}
