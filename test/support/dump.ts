/** An index in a few characters: what two databases that say the same have in common. */

import type { ClientBase } from 'pg'
import { chainTables } from '../../src/store/rollback'

/** Digest of every row of every table that follows the chain, in the order of their ids. */
export async function digestOf(client: ClientBase): Promise<Record<string, string>> {
  const digests: Record<string, string> = {}
  for (const table of chainTables) {
    const { rows } = await client.query<{ digest: string; count: string }>(
      `select count(*) as count, md5(coalesce(string_agg(t::text, chr(10) order by id), '')) as digest from ${table} t`,
    )
    digests[table] = `${rows[0]?.count} rows ${rows[0]?.digest}`
  }
  return digests
}
