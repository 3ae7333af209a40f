/** Indexes that only readers need: missing while an empty index catches up, and made at the head. */

import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startDevnet } from '../../src/devnet/devnet'
import { startProcessor } from '../../src/main'
import { noKeys } from '../../src/registry/working-set'
import { type DatabaseOptions, RegistryDatabase } from '../../src/store/hot-database'
import { loadContext } from '../../src/store/load'
import { postponable, postponeIndexes } from '../../src/store/postponed-indexes'
import { writerSettings } from '../../src/store/writer-session'
import { loadIndex, planOf } from '../bench/pg-load'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { blockOf } from '../support/registry-builder'
import { startService } from '../support/relying-party-service'
import { countingRows } from '../support/rows-read'

let database: TestDatabase
let client: pg.Client
const opened: RegistryDatabase[] = []
beforeEach(async () => {
  database = await createTestDatabase()
  client = new pg.Client({ connectionString: database.url, options: writerSettings })
  await client.connect()
})
afterEach(async () => {
  for (const one of opened.splice(0)) await one.disconnect()
  await client.end()
  await database.close()
})

async function open(options: DatabaseOptions = {}): Promise<RegistryDatabase> {
  const chain = { genesisHash: blockOf(0).hash, specName: 'made', ss58Prefix: 42 }
  const one = new RegistryDatabase(
    database.url,
    { ...chain, tokenSymbol: 'T', tokenDecimals: 18 },
    { lockWaitMs: 0, ...options },
  )
  opened.push(one)
  await one.connect()
  return one
}

const nothing = async () => undefined
const at = (height: number) => ({ height, hash: height < 0 ? '0x' : blockOf(height).hash })

/** Empty final blocks. */
async function append(one: RegistryDatabase, from: number, to: number, isOnTop: boolean) {
  const info = { prevHead: at(from - 1), nextHead: at(to), isOnTop }
  await one.transact(info, async (writer) => {
    for (let height = from; height <= to; height++) {
      await writer.query(
        `insert into block (id, height, parent_hash, state_root, extrinsics_root, timestamp, spec_version,
           event_count, extrinsic_count) values ($1, $2, '0x', '0x', '0x', now(), 1, 0, 0)`,
        [at(height).hash, height],
      )
    }
  })
}

/** By name, with the statement that makes it; keys as well. */
async function indexes(): Promise<Map<string, string>> {
  const { rows } = await client.query(
    `select indexname, indexdef from pg_indexes where schemaname = current_schema()
     union all select 'key ' || conname, pg_get_constraintdef(oid) from pg_constraint
       where connamespace = current_schema()::regnamespace order by 1`,
  )
  return new Map(rows.map(({ indexname, indexdef }) => [indexname, indexdef]))
}

const missing = async () => {
  const there = await indexes()
  return postponable.filter((name) => !there.has(name))
}

test('each is an index that migrations made, and none is unique but the key of blocks', async () => {
  const there = await indexes()
  expect(postponable.filter((name) => !there.has(name))).toEqual([])
  const unique = postponable.filter((name) => there.get(name)?.includes('UNIQUE'))
  expect(unique.map((name) => there.get(name))).toEqual([
    expect.stringMatching(/^CREATE UNIQUE INDEX "PK_\w+" ON public.block USING btree \(id\)$/),
  ])
})

describe('while an empty index catches up', () => {
  test('they are missing; at the head each is made as it was', async () => {
    const before = await indexes()
    const made: [string, number][] = []
    const one = await open({ onIndexMade: (name, left) => made.push([name, left]) })
    await append(one, 0, 2, false)
    expect(await missing()).toEqual(postponable)
    await append(one, 3, 4, false)
    expect(await missing()).toEqual(postponable)
    expect(made).toEqual([])
    await append(one, 5, 5, true)
    expect(await indexes()).toEqual(before)
    expect(made.map(([name]) => name).sort()).toEqual([...postponable].sort())
    expect(made.at(-1)?.[1]).toBe(0)
  })

  test('no height has two blocks', async () => {
    const one = await open()
    await append(one, 0, 2, false)
    const second = `insert into block select id || '0', height, parent_hash, state_root, extrinsics_root,
      timestamp, spec_version, event_count, extrinsic_count from block where height = 2`
    await expect(client.query(second)).rejects.toThrow(/duplicate key/)
  })

  test('readers go on while the key of blocks is made', async () => {
    const first = await open()
    await append(first, 0, 2, false)
    await first.disconnect()
    await client.query("delete from postponed_index where id not like 'PK%'")
    const second = await open()
    // Somebody writes to the table: the index of the key waits, and would keep readers out if it asked for all of the table.
    await client.query('begin; lock table block in row exclusive mode')
    const making = append(second, 3, 3, true)
    await untilLocked('block')
    const rows = await readBeside(2_000)
    await client.query('commit')
    await making
    expect(rows).toEqual([{ height: 2 }])
    expect(await keyOfBlocks()).toMatch(/^PK_/)
  })

  test('a reader that stays holds up the key of blocks, not other readers', async () => {
    const retried: unknown[] = []
    const one = await open({ onRetry: (error) => retried.push(error) })
    await append(one, 0, 2, false)
    await client.query('begin; select from block')
    const making = append(one, 3, 3, true)
    while (retried.length === 0) await sleep(20)
    const rows = await readBeside(3_000)
    expect(rows).toEqual([{ height: 2 }])
    await client.query('commit')
    await making
    expect(await keyOfBlocks()).toMatch(/^PK_/)
  })

  test('a hot block is the head, too', async () => {
    const before = await indexes()
    const one = await open()
    await append(one, 0, 2, false)
    await one.transactHot2({ finalizedHead: at(2), baseHead: at(2), newBlocks: [] }, nothing)
    expect(await indexes()).toEqual(before)
  })

  test('a processor that starts again makes them at the head', async () => {
    const before = await indexes()
    const first = await open()
    await append(first, 0, 2, false)
    await first.disconnect()
    const second = await open()
    await append(second, 3, 3, false)
    expect(await missing()).toEqual(postponable)
    await append(second, 4, 4, true)
    expect(await indexes()).toEqual(before)
  })

  test('a start at the head makes them, though no block comes; one behind it does not', async () => {
    const before = await indexes()
    const first = await open()
    await append(first, 0, 2, false)
    await first.disconnect()
    await client.query('update index_status set node_height = 3')
    const behind = await open()
    expect(await missing()).toEqual(postponable)
    await behind.disconnect()
    await client.query('update index_status set node_height = 2')
    await open()
    expect(await indexes()).toEqual(before)
  })

  test('a start that cannot make one fails, and lets go of the lock', async () => {
    const before = await indexes()
    const first = await open()
    await append(first, 0, 2, false)
    await first.disconnect()
    await client.query('update index_status set node_height = 2')
    const { rows } = await client.query('select id, definition from postponed_index limit 1')
    const { id, definition } = rows[0]
    const define = (statement: string) =>
      client.query('update postponed_index set definition = $2 where id = $1', [id, statement])
    await define('create index on nowhere (nothing)')
    await expect(open()).rejects.toThrow(/"nowhere" does not exist/)
    await define(definition)
    await open()
    expect(await indexes()).toEqual(before)
  })

  test('a stop leaves what is left to the next start', async () => {
    const before = await indexes()
    const stopping = new AbortController()
    const one = await open({
      signal: stopping.signal,
      onIndexMade: (_, left) => {
        if (left === 5) stopping.abort()
      },
    })
    await append(one, 0, 2, false)
    await append(one, 3, 3, true)
    expect(await missing()).toHaveLength(5)
    await one.disconnect()
    const next = await open()
    await append(next, 4, 4, true)
    expect(await indexes()).toEqual(before)
  })

  test('a stop ends the one under way, and nothing of it is left', async () => {
    const before = await indexes()
    const stopping = new AbortController()
    const one = await open({ signal: stopping.signal })
    await append(one, 0, 2, false)
    // Somebody writes to a table: its indexes wait.
    await client.query('begin; lock table certificate in row exclusive mode')
    const waiting = append(one, 3, 3, true)
    await untilLocked('certificate')
    stopping.abort()
    await expect(waiting).rejects.toThrow(/connection/i)
    await client.query('commit')
    const { rows } = await client.query<{ id: string }>('select id from postponed_index')
    expect(rows.map(({ id }) => id).sort()).toEqual([...(await missing())].sort())
    const next = await open({ lockWaitMs: 5_000 })
    await append(next, 4, 4, true)
    expect(await indexes()).toEqual(before)
  })

  test('/readyz is 503 and says why', async () => {
    const one = await open()
    await append(one, 0, 2, false)
    const service = await startService(database.url)
    try {
      const unready = await fetch(`${service.url}/readyz`)
      expect(unready.status).toBe(503)
      expect(await unready.json()).toMatchObject({
        reason: `${postponable.length} indexes for readers are still to be made, once the index has caught up`,
      })
      await append(one, 3, 3, true)
      service.head.invalidate()
      expect((await fetch(`${service.url}/readyz`)).status).toBe(200)
    } finally {
      await service.close()
    }
  })
})

/** Block 2, asked for by its hash on a connection of its own. */
async function readBeside(timeoutMs: number): Promise<unknown[]> {
  const reader = new pg.Client({ connectionString: database.url, statement_timeout: timeoutMs })
  await reader.connect()
  try {
    return (await reader.query('select height from block where id = $1', [at(2).hash])).rows
  } finally {
    await reader.end()
  }
}

async function keyOfBlocks(): Promise<string> {
  const { rows } = await client.query(
    "select conname from pg_constraint where conrelid = 'block'::regclass and contype = 'p'",
  )
  return rows[0]?.conname
}

async function untilLocked(table: string): Promise<void> {
  for (;;) {
    const { rows } = await client.query(
      'select from pg_locks where not granted and relation = $1::regclass',
      [table],
    )
    if (rows.length > 0) return
    await sleep(10)
  }
}

describe('nothing is dropped', () => {
  test('when the first batch reaches the head', async () => {
    const one = await open()
    await append(one, 0, 2, true)
    expect(await missing()).toEqual([])
  })

  test('from an index that was begun before, however far behind', async () => {
    const one = await open()
    await append(one, 0, 2, true)
    await append(one, 3, 4, false)
    expect(await missing()).toEqual([])
  })
})

test('the processor itself: all are there once it follows the head', async () => {
  const before = await indexes()
  const devnet = await startDevnet({ chainDir: 'chains/dev' })
  const said: string[] = []
  const log = pino({ level: 'info' }, { write: (line) => said.push(JSON.parse(line).msg) })
  const processor = await startProcessor(
    {
      databaseUrl: database.url,
      rpcEndpoints: [devnet.url],
      rpcBatchSize: 10,
      rpcTimeoutSeconds: 5,
      finality: { type: 'NODE' },
      headPollMs: 10,
    },
    log,
  )
  try {
    while (said.at(-1) !== 'the head is reached: all indexes for readers are made') await sleep(20)
    expect(said).toContain('indexes that only readers need wait for the head')
    expect(await indexes()).toEqual(before)
  } finally {
    await processor.close()
    await devnet.close()
  }
}, 30_000)

test('without them the look-ups of a batch read what they read with them', async () => {
  await loadIndex(database.url, planOf(150))
  const { rows } = await client.query('select distinct auto_id from auto_id_version')
  const autoIds = new Set(rows.map(({ auto_id }) => auto_id))
  const { rows: signed } = await client.query('select serial, signature from registry_event')
  const keys = {
    ...noKeys(),
    autoIds,
    counted: autoIds,
    serials: new Set(signed.map(({ serial }) => BigInt(serial))),
    signatures: new Set(signed.map(({ signature }) => `0x${signature.toString('hex')}` as const)),
  }
  const read = async () => {
    const counting = countingRows(client)
    const loaded = await loadContext(counting.client, keys)
    return { rows: counting.rows(), loaded }
  }
  const withThem = await read()
  await client.query('begin')
  await postponeIndexes(client)
  await client.query('commit')
  const without = await read()
  expect(without.rows).toBe(withThem.rows)
  expect(without.loaded.identities).toHaveLength(withThem.loaded.identities.length)
})
