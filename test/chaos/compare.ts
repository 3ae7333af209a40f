/** Two indexes, row by row, both ways. */

import { Client } from 'pg'
import { postponable } from '../../src/store/postponed-indexes'
import { chainTables } from '../../src/store/rollback'

export type IndexDump = {
  /** Rows as text by table. */
  readonly tables: ReadonlyMap<string, readonly string[]>
  /** Head, finality and chain: what is left of a status besides counters and times. */
  readonly position: string
}

/** Tables that do not follow the chain. */
const aside = new Set(['index_status', 'chain_info', 'audit_run', 'migrations', 'postponed_index'])

/** @throws when the database has a table nobody told us of: it would go uncompared. */
export async function dumpIndex(url: string): Promise<IndexDump> {
  const client = new Client({ connectionString: url, application_name: 'chaos' })
  await client.connect()
  try {
    await client.query('begin isolation level repeatable read')
    await assertAllTables(client)
    await assertAllIndexes(client)
    const tables = new Map<string, string[]>()
    for (const table of chainTables) {
      const { rows } = await client.query<{ row: string }>(
        `select t::text as row from ${table} t order by id`,
      )
      tables.set(
        table,
        rows.map(({ row }) => row),
      )
    }
    const { rows } = await client.query(
      `select height, hash, finalized_height, finalized_hash, genesis_hash
       from index_status, chain_info`,
    )
    return { tables, position: JSON.stringify(rows) }
  } finally {
    await client.end()
  }
}

async function assertAllTables(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public'",
  )
  const unknown = rows
    .map(({ name }) => name)
    .filter((name) => !aside.has(name) && !chainTables.includes(name))
  if (unknown.length > 0) throw new Error(`tables nobody compares: ${unknown.join(', ')}`)
}

/** Each index for readers is there, or stands among those that are made at the head: at every moment one of the two. */
async function assertAllIndexes(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select name from unnest($1::text[]) as name
     where exists (select from pg_indexes where indexname = name) = exists (select from postponed_index where id = name)`,
    [postponable],
  )
  if (rows.length > 0) throw new Error(`indexes lost: ${rows.map(({ name }) => name).join(', ')}`)
}

/** What one has and the other has not; empty when they are the same. At most three rows a table and side. */
export function differences(found: IndexDump, expected: IndexDump): string[] {
  const lines: string[] = []
  if (found.position !== expected.position) {
    lines.push(`position: ${found.position} instead of ${expected.position}`)
  }
  for (const table of chainTables) {
    const [ours, theirs] = [found.tables.get(table) ?? [], expected.tables.get(table) ?? []]
    const [inOurs, inTheirs] = [new Set(ours), new Set(theirs)]
    const extra = ours.filter((row) => !inTheirs.has(row))
    const missing = theirs.filter((row) => !inOurs.has(row))
    lines.push(...describe(`${table}: not in the undisturbed index`, extra))
    lines.push(...describe(`${table}: missing`, missing))
    if (ours.length !== theirs.length)
      lines.push(`${table}: ${ours.length} rows, not ${theirs.length}`)
  }
  return lines
}

function describe(what: string, rows: readonly string[]): string[] {
  return rows.slice(0, 3).map((row) => `${what}: ${row.slice(0, 300)}`)
}

export function rowCount(dump: IndexDump): number {
  return [...dump.tables.values()].reduce((sum, rows) => sum + rows.length, 0)
}
