/** The index as it was after an earlier block: two statements for a table of intervals, one for the others. */

import type { ClientBase } from 'pg'
import { forgetIdentities } from './known-identities'

/** Tables whose rows hold over an interval of blocks; `reopen` clears what ended them. */
const intervalTables = [
  { table: 'auto_id_version', reopen: 'block_to = null' },
  { table: 'issued_serial', reopen: 'block_to = null' },
  { table: 'registration', reopen: 'block_to = null, event_to = null' },
  { table: 'certificate', reopen: 'block_to = null, event_to = null' },
] as const

/** Tables of what happened in a block. */
const eventTables = [
  { table: 'revocation', height: 'block' },
  { table: 'registry_event', height: 'block' },
  { table: 'failed_call', height: 'block' },
  { table: 'remark', height: 'block' },
  { table: 'advisory', height: 'block' },
  { table: 'quarantined_extrinsic', height: 'block' },
  { table: 'block', height: 'height' },
] as const

/** Every table that follows the chain, in the order of the schema. */
export const chainTables: readonly string[] = [...intervalTables, ...eventTables].map(
  ({ table }) => table,
)

/**
 * Undoes every block above `height`, exactly; -1 undoes all. Rows that began above it go; rows that ended above it
 * hold again: nothing else ever changes in a row.
 */
export async function rollbackTo(client: ClientBase, height: number): Promise<void> {
  forgetIdentities(client)
  for (const { table, reopen } of intervalTables) {
    await client.query(`delete from ${table} where block_from > $1`, [height])
    await client.query(`update ${table} set ${reopen} where block_to > $1`, [height])
  }
  for (const { table, height: column } of eventTables) {
    await client.query(`delete from ${table} where ${column} > $1`, [height])
  }
}
