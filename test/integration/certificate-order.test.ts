/** Numbers of certificates, as status lists count them: found from a milestone nearby, however many come before. */

import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { CertificateOrder } from '../../src/store/read/status-list'
import { indexDevChain } from '../support/indexed-dev-chain'
import { flood } from '../support/large-index'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { countingRows } from '../support/rows-read'
import { story } from '../support/story'

const STEP = 300

let database: TestDatabase
let client: pg.Client
/** All there are, in order. */
let ids: string[] = []
let order = new CertificateOrder(STEP)

beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url)
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await flood(client, { kind: 1, like: story.person, count: 3 * STEP })
  await client.query('update index_status set finalized_height = height')
  await client.query('vacuum analyze certificate')
  ids = await readIds()
}, 60_000)
afterAll(async () => {
  await client?.end()
  await database?.close()
})
beforeEach(() => {
  order = new CertificateOrder(STEP)
})

async function readIds(): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>('select id from certificate order by id')
  return rows.map(({ id }) => id)
}

/** Those next to a milestone, at both ends and some between. */
const numbers = () =>
  [0, 1, STEP, 2 * STEP, 3 * STEP, ids.length - 1]
    .flatMap((at) => [at - 1, at, at + 1])
    .concat([100, STEP + 100, ids.length - 100])
    .filter((at) => at >= 0 && at < ids.length)

test('a certificate has the number of those before it, in whatever order they are asked for', async () => {
  for (const at of [...numbers(), ...numbers().reverse()]) {
    expect(await order.indexOf(client, ids[at] ?? '')).toBe(at)
  }
})

test('the number is the same for who ask together before any milestone is known', async () => {
  const pool = new pg.Pool({ connectionString: database.url, max: 4 })
  try {
    const asked = numbers().map((at) => order.indexOf(pool, ids[at] ?? ''))
    expect(await Promise.all(asked)).toEqual(numbers())
  } finally {
    await pool.end()
  }
})

test('a page begins with the certificate of its number', async () => {
  const gone = ids[2 * STEP + 7]
  await client.query('update certificate set block_to = block_from + 1 where id = $1', [gone])
  const all = await new CertificateOrder(ids.length).page(client, 0, ids.length)
  expect(all.invalid.indexOf(true, 2 * STEP)).toBe(2 * STEP + 7)
  for (const first of [2 * STEP, 0, 2 * STEP + 5, STEP - 1]) {
    const invalid = all.invalid.slice(first, first + 20)
    expect(await order.page(client, first, 20)).toEqual({ invalid, headHash: all.headHash })
  }
})

test('nothing is on a page past the last certificate', async () => {
  const nothing = { invalid: [], headHash: null }
  expect(await order.page(client, ids.length, 20)).toEqual(nothing)
  expect(await order.page(client, 1_000 * STEP, 20)).toEqual(nothing)
})

test('asked again it costs no more than the way from a milestone', async () => {
  await order.indexOf(client, ids.at(-1) ?? '')
  const counting = countingRows(client)
  await order.indexOf(counting.client, ids[3 * STEP - 1] ?? '')
  await order.page(counting.client, 2 * STEP, 10)
  expect(counting.rows()).toBeLessThan(1.5 * STEP)
})

test('no milestone is taken from a block that is not final: what comes before it may change', async () => {
  const { rows } = await client.query<{ block: number }>(
    'select block_from as block from certificate where id = $1',
    [ids[STEP]],
  )
  const height = rows[0]?.block ?? 0
  await client.query('begin')
  await client.query('update index_status set finalized_height = $1', [height - 1])
  expect(await order.indexOf(client, ids[2 * STEP] ?? '')).toBe(2 * STEP)
  // Another branch, without one certificate of that block.
  await client.query('set session_replication_role = replica')
  await client.query('delete from certificate where id = $1', [ids[STEP - 1]])
  await client.query('update index_status set finalized_height = height')
  expect(await order.indexOf(client, ids[2 * STEP] ?? '')).toBe(2 * STEP - 1)
  await client.query('rollback')
})
