/** A batch's rows into Postgres: one statement a table for what ends, one copy a table for what begins. */

import type { ClientBase } from 'pg'
import type { BatchRows } from './collect-rows'
import { copyRows } from './copy-rows'
import { updateRows } from './rows'

/** Ends come first: an identifier's new row may not overlap the one before. */
export async function writeRows(client: ClientBase, rows: BatchRows): Promise<void> {
  await endOpenRows(client, 'auto_id_version', rows.endedVersions)
  await endOpenRows(client, 'issued_serial', rows.endedSerials)
  await updateRows(client, 'certificate', ['block_to', 'event_to'], rows.endedCertificates)
  await updateRows(client, 'registration', ['block_to', 'event_to'], rows.endedRegistrations)
  for (const [table, inserted] of rows.inserts) await copyRows(client, table, inserted)
}

/** All open rows of those identifiers. */
async function endOpenRows(
  client: ClientBase,
  table: 'auto_id_version' | 'issued_serial',
  ends: readonly { readonly autoId: string; readonly blockTo: number }[],
): Promise<void> {
  if (ends.length === 0) return
  await client.query({
    name: `end_${table}`,
    text: `update ${table} set block_to = ended.block_to
      from unnest($1::text[], $2::int[]) as ended (auto_id, block_to)
      where ${table}.auto_id = ended.auto_id and ${table}.block_to is null`,
    values: [ends.map(({ autoId }) => autoId), ends.map(({ blockTo }) => blockTo)],
  })
}
