import { readdirSync } from 'node:fs'
import path from 'node:path'
import { Client } from 'pg'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabases } from '../../src/databases'
import { copyRows } from '../../src/store/copy-rows'
import { migrate } from '../../src/store/migrate'
import { ensureReaderLogin } from '../../src/store/reader-login'
import { propertyName } from '../../src/store/rows'
import { schemaDrift } from '../../src/store/schema-drift'
import { writerSettings } from '../../src/store/writer-session'
import { createTestDatabase, type TestDatabase } from '../support/postgres'

let empty: TestDatabase
let migrated: TestDatabase
let client: Client

beforeAll(async () => {
  empty = await createTestDatabase({ migrated: false })
  migrated = await createTestDatabase()
  client = new Client({ connectionString: migrated.url })
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await migrated.close()
  await empty.close()
})

describe('schemaDrift', () => {
  test('lists every table of the model that an empty database lacks', async () => {
    const statements = (await schemaDrift(empty.url)).join('\n')
    for (const table of ['auto_id_version', 'certificate', 'registry_event', 'index_status']) {
      expect(statements).toContain(`CREATE TABLE "${table}"`)
    }
  })

  test('finds the migrated database equal to the model', async () => {
    expect(await schemaDrift(migrated.url)).toEqual([])
  })

  test('finds a column and an index that were lost', async () => {
    const damaged = await createTestDatabase()
    const other = new Client({ connectionString: damaged.url })
    await other.connect()
    await other.query('alter table block drop column state_root')
    await other.query('drop index "IDX_a4518a9abbca7c26fed1231618"')
    await other.end()
    const statements = await schemaDrift(damaged.url)
    expect(statements).toHaveLength(2)
    expect(statements.join('\n')).toMatch(/ADD "state_root"[\s\S]*"revocation" \("serial"\)/)
    await damaged.close()
  })
})

describe('migrate', () => {
  test('applies nothing to a database that is up to date', async () => {
    expect(await migrate(migrated.url)).toEqual([])
  })

  test('lets several processes migrate one database at once: each migration runs once', async () => {
    const fresh = await createTestDatabase({ migrated: false })
    const runs = await Promise.all([1, 2, 3].map(() => migrate(fresh.url)))
    const files = readdirSync(path.join(__dirname, '../../db/migrations'))
    expect(runs.flat()).toHaveLength(files.length)
    expect(new Set(runs.flat()).size).toBe(files.length)
    expect(await schemaDrift(fresh.url)).toEqual([])
    await fresh.close()
  })

  test('names the database, without its password, when that does not answer', async () => {
    const url = 'postgres://someone:hush@127.0.0.1:1/nowhere'
    await expect(migrate(url)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(
        /cannot connect to the database postgres:\/\/someone@127.0.0.1:1\/nowhere: /,
      ),
    })
  })
})

/** Any values for the columns of a table that must have one, by their properties. */
async function sampleOf(table: string): Promise<Record<string, unknown>> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `select attname as name, atttypid::regtype::text as type from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and attnotnull`,
    [table],
  )
  return Object.fromEntries(rows.map(({ name, type }) => [propertyName(name), sampleValue(type)]))
}

function sampleValue(type: string): unknown {
  if (type === 'boolean') return true
  if (type === 'bytea') return Uint8Array.of(1)
  if (type.startsWith('timestamp')) return new Date(0)
  return type === 'integer' || type === 'numeric' ? 1 : '1'
}

describe('intervals', () => {
  const insert = (id: string, from: number, to: number | null) =>
    client.query(
      'insert into issued_serial (id, auto_id, serial, block_from, block_to) values ($1, $2, $3, $4, $5)',
      [id, `0x${'aa'.repeat(32)}`, '0x1', from, to],
    )

  test('follow one another, and may be empty', async () => {
    await insert('a', 1, 5)
    await insert('b', 5, 9)
    await insert('c', 7, 7)
    await insert('d', 9, null)
    const { rows } = await client.query('select count(*)::int as n from issued_serial')
    expect(rows).toEqual([{ n: 4 }])
  })

  test.each([
    ['inside another', 2, 3, 'ex_issued_serial'],
    ['across a border', 4, 6, 'ex_issued_serial'],
    ['into an open one', 20, 21, 'ex_issued_serial_open'],
    ['a second open one', 30, null, 'ix_issued_serial_open'],
  ])('are refused when they overlap: %s', async (_, from, to, constraint) => {
    await expect(insert('x', from, to)).rejects.toMatchObject({ constraint })
  })

  test.each(['auto_id_version', 'issued_serial', 'registration', 'certificate'])(
    'of %s: open and ended ones are kept apart, by COPY and when reopened',
    async (table) => {
      const autoId = `0x${'bb'.repeat(32)}`
      const sample = await sampleOf(table)
      const row = (id: string, blockFrom: number, blockTo: number | null) => ({
        ...sample,
        // Registrations of one identifier are numbered.
        ...(table === 'registration' ? { ordinal: blockFrom } : {}),
        id,
        autoId,
        blockFrom,
        blockTo,
      })
      const clash = { code: '23P01', constraint: `ex_${table}_open` }
      const refused = async (work: () => Promise<unknown>) => {
        await client.query('savepoint before')
        await expect(work()).rejects.toMatchObject(clash)
        await client.query('rollback to before')
      }
      await client.query('begin')
      try {
        await refused(() => copyRows(client, table, [row('m', 3, 9), row('n', 5, null)]))
        await copyRows(client, table, [row('m', 3, 9), row('e', 8, 8), row('n', 9, null)])
        await refused(() => copyRows(client, table, [row('o', 12, 13)]))
        await client.query(`delete from ${table} where id in ('n', 'e')`)
        await refused(() => copyRows(client, table, [row('o', 8, null)]))
        await copyRows(client, table, [row('k', 1, 3)])
        await refused(() => client.query(`update ${table} set block_to = null where id = 'k'`))
        await client.query(`delete from ${table} where id = 'm'`)
        await client.query(`update ${table} set block_to = null where id = 'k'`)
      } finally {
        await client.query('rollback')
      }
    },
  )
})

describe('a check of intervals whose plan was made for a table without rows', () => {
  test.each(['auto_id_version', 'issued_serial', 'registration', 'certificate'])(
    'looks at few rows of %s, however many are open',
    async (table) => {
      const sample = await sampleOf(table)
      const rowsOf = (from: number, count: number, blockTo: number | null) =>
        Array.from({ length: count }, (_, index) => ({
          ...sample,
          id: `${from + index}`,
          // The first half is what intervals are kept apart by.
          autoId: `0x${(from + index).toString(16).padStart(32, '0').padEnd(64, '0')}`,
          serial: BigInt(from + index),
          blockFrom: 1,
          blockTo,
        }))
      const database = await createTestDatabase()
      const writer = new Client({ connectionString: database.url, options: writerSettings })
      await writer.connect()
      const fetched = async () => {
        const { rows } = await writer.query<{ fetched: number }>(
          'select (idx_tup_fetch + seq_tup_read)::int as fetched from pg_stat_xact_user_tables where relname = $1',
          [table],
        )
        return rows[0]?.fetched ?? 0
      }
      await copyRows(writer, table, [...rowsOf(1, 60, null), ...rowsOf(100, 60, 2)])
      await copyRows(writer, table, rowsOf(1_000, 2_000, null))
      await writer.query('begin')
      const before = await fetched()
      await copyRows(writer, table, [...rowsOf(5_000, 20, null), ...rowsOf(6_000, 20, 2)])
      expect((await fetched()) - before).toBeLessThan(100)
      await writer.query('rollback')
      await writer.end()
      await database.close()
    },
  )
})

describe('auto_registry_reader', () => {
  test('reads every table and writes none', async () => {
    const reader = new Client({
      connectionString: migrated.url,
      options: '-c role=auto_registry_reader',
    })
    await reader.connect()
    const { rows } = await reader.query<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'migrations'",
    )
    expect(rows.length).toBeGreaterThan(12)
    for (const { name } of rows) {
      await expect(reader.query(`select * from ${name}`)).resolves.toBeDefined()
      await expect(reader.query(`delete from ${name}`)).rejects.toThrow(/permission denied/)
    }
    await expect(reader.query('create table mine (id int)')).rejects.toThrow(/permission denied/)
    await reader.end()
  })
})

describe('openDatabases', () => {
  // Without `readOnly` in `src/databases.ts` the API writes with whatever rights its login has.
  test('gives the API sessions that can only read, though the owner logs in', async () => {
    const databases = openDatabases(
      {
        databaseUrl: migrated.url,
        databaseReadUrls: [],
        maxConnections: 1,
        statementTimeoutMs: 10_000,
      },
      pino({ level: 'silent' }),
    )
    for (const pool of [...databases.snapshotPools, databases.relyingParties]) {
      await expect(pool.query('select * from certificate')).resolves.toBeDefined()
      const role = await pool.query<{ role: string }>('select current_user as role')
      expect(role.rows).toEqual([{ role: 'auto_registry_reader' }])
      await expect(pool.query('delete from certificate')).rejects.toThrow(/read-only transaction/)
      await expect(
        pool.query('begin; set transaction read write; delete from certificate'),
      ).rejects.toThrow(/permission denied/)
    }
    await databases.close()
  })
})

describe('ensureReaderLogin', () => {
  test('gives a login that reads and can become nothing else', async () => {
    const first = await ensureReaderLogin(migrated.url, 'ab'.repeat(20))
    const second = await ensureReaderLogin(migrated.url, 'cd'.repeat(20))
    const stale = new Client({ connectionString: first })
    await expect(stale.connect()).rejects.toThrow(/password/)
    const reader = new Client({ connectionString: second })
    await reader.connect()
    await expect(reader.query('select * from certificate')).resolves.toBeDefined()
    await reader.query('reset role')
    await expect(reader.query('delete from certificate')).rejects.toThrow(/permission denied/)
    await expect(reader.query('set role postgres')).rejects.toThrow(/permission denied|does not/)
    await reader.end()
  })
})
