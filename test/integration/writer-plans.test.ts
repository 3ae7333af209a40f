/** How the writing session's look-ups are planned once tables are large. */

import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { noKeys } from '../../src/registry/working-set'
import { loadContext } from '../../src/store/load'
import { writerSettings } from '../../src/store/writer-session'
import { loadIndex, planOf } from '../bench/pg-load'
import { createTestDatabase, type TestDatabase } from '../support/postgres'

let database: TestDatabase
let writer: pg.Client

beforeAll(async () => {
  database = await createTestDatabase()
  await loadIndex(database.url, planOf(150))
  writer = new pg.Client({ connectionString: database.url, options: writerSettings })
  await writer.connect()
  // Of a large table the planner believes by itself that workers pay.
  await writer.query(`set parallel_setup_cost = 0; set parallel_tuple_cost = 0;
    set min_parallel_table_scan_size = 0; set min_parallel_index_scan_size = 0`)
}, 120_000)

afterAll(async () => {
  await writer?.end()
  await database?.close()
})

/** Plans of all statements that load what a batch over every identifier looks at. */
async function loadPlans(): Promise<string[]> {
  const { rows } = await writer.query('select distinct auto_id from auto_id_version')
  const autoIds = new Set(rows.map(({ auto_id }) => auto_id))
  const plans: string[] = []
  const query = async ({ text, values }: { text: string; values: unknown[] }) => {
    const explained = await writer.query(`explain (format json) ${text}`, values)
    plans.push(JSON.stringify(explained.rows))
    return writer.query(text, values)
  }
  await loadContext({ query } as never, { ...noKeys(), autoIds, counted: autoIds })
  return plans
}

// Tried with the setting removed from the session: its first expectation fails as the second one shows.
test('no look-up of a batch starts parallel workers', async () => {
  expect((await loadPlans()).filter((plan) => plan.includes('Gather'))).toEqual([])
  await writer.query('set max_parallel_workers_per_gather = 2')
  expect((await loadPlans()).filter((plan) => plan.includes('Gather'))).not.toEqual([])
})
