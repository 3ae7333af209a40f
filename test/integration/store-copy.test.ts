import fc from 'fast-check'
import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { decodeBlock } from '../../src/chain/decode-block'
import { RowCollector } from '../../src/store/collect-rows'
import { columnsOf, copyRows } from '../../src/store/copy-rows'
import { columnName } from '../../src/store/rows'
import { readExpected } from '../support/dev-oracle'
import { MemoryIndex } from '../support/memory-index'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { loadRecordedChain } from '../support/recorded-chain'

/** One column of each type that the schema has. */
const COLUMNS = `id int, auto_id text, kind varchar(4), tbs bytea, active boolean, fee numeric, not_after timestamptz,
  facts jsonb, wrappers text[]`

let database: TestDatabase
let client: Client

beforeAll(async () => {
  database = await createTestDatabase({ migrated: false })
  client = new Client({ connectionString: database.url })
  await client.connect()
  await client.query(`create table sample (${COLUMNS})`)
})

beforeEach(() => client.query('truncate sample'))

afterAll(async () => {
  await client.end()
  await database.close()
})

async function stored(...rows: Record<string, unknown>[]): Promise<Record<string, unknown>[]> {
  await copyRows(client, 'sample', rows)
  return (await client.query('select * from sample order by id')).rows
}

async function storedColumn(property: string, value: unknown): Promise<unknown> {
  await client.query('truncate sample')
  const [row = {}] = await stored({ id: 1, [property]: value })
  return row[columnName(property)]
}

describe('copyRows', () => {
  test('stores each type of column as it is', async () => {
    const row = {
      id: -7,
      autoId: '0xaa',
      kind: 'LEAF',
      tbs: Uint8Array.of(0, 255, 10, 92),
      active: false,
      fee: 2n ** 200n,
      notAfter: new Date('9999-12-31T23:59:59.000Z'),
      facts: { name: 'a\nb', list: [1, null], '\\.': '\\N' },
      wrappers: ['Utility.batch', 'a"b\\c,{}', '', 'NULL'],
    }
    expect(await stored(row)).toEqual([
      {
        id: -7,
        auto_id: '0xaa',
        kind: 'LEAF',
        tbs: Buffer.from([0, 255, 10, 92]),
        active: false,
        fee: String(2n ** 200n),
        not_after: row.notAfter,
        facts: row.facts,
        wrappers: row.wrappers,
      },
    ])
  })

  test('a column that a row does not give is NULL, a property that is no column stays out', async () => {
    const [row] = await stored({ id: 1, autoId: null, fee: undefined, elsewhere: 'x' })
    const nothing = { auto_id: null, kind: null, tbs: null, active: null, fee: null }
    expect(row).toEqual({ id: 1, ...nothing, not_after: null, facts: null, wrappers: null })
  })

  test('keeps the view of a buffer, not what lies around it', async () => {
    const view = Uint8Array.of(1, 2, 3, 4).subarray(1, 3)
    expect(await storedColumn('tbs', view)).toEqual(Buffer.from([2, 3]))
  })

  test.each([
    ['milliseconds', 1_700_000_000_123, new Date(1_700_000_000_123)],
    ['a date before Postgres’ own epoch', new Date(-1), new Date(-1)],
  ])('takes %s as a time', async (_, value, expected) => {
    expect(await storedColumn('notAfter', value)).toEqual(expected)
  })

  test('a big integer in a column of text is a serial number', async () => {
    expect(await storedColumn('autoId', 255n)).toBe('0xff')
  })

  test('an empty list is a list', async () => {
    expect(await storedColumn('wrappers', [])).toEqual([])
  })

  test('replaces what Postgres text cannot hold: NUL and halves of surrogate pairs', async () => {
    expect(await storedColumn('autoId', 'a\0b\ud800c\u{1f600}')).toBe('a\ufffdb\ufffdc\u{1f600}')
    expect(await storedColumn('facts', { name: '\udfff\0' })).toEqual({ name: '\ufffd\ufffd' })
    expect(await storedColumn('wrappers', ['\0\ud800'])).toEqual(['\ufffd\ufffd'])
  })

  test('any integer, octets, text, time and document come back', async () => {
    const values = fc.record({
      fee: fc.bigInt(),
      tbs: fc.uint8Array({ maxLength: 3_000 }),
      autoId: fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '')),
      notAfter: fc.date({
        noInvalidDate: true,
        min: new Date('0001-01-01'),
        max: new Date('9999-12-31'),
      }),
      facts: fc.dictionary(
        fc.string(),
        fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null)),
      ),
    })
    await fc.assert(
      fc.asyncProperty(values, async (row) => {
        await client.query('truncate sample')
        const [found] = await stored({ id: 1, ...row })
        expect(found).toMatchObject({
          fee: String(row.fee),
          tbs: Buffer.from(row.tbs),
          auto_id: row.autoId,
          not_after: row.notAfter,
          facts: row.facts,
        })
      }),
      { numRuns: 100, seed: 1 },
    )
  })

  test('rows beyond a piece, and one longer than a piece, are all there', async () => {
    const rows = Array.from({ length: 7 }, (_, id) => ({
      id,
      tbs: Buffer.alloc(id === 5 ? 900_000 : 100_000, id),
    }))
    const found = await stored(...rows)
    expect(found.map(({ tbs }, index) => rows[index]?.tbs.equals(tbs as Buffer))).toEqual(
      rows.map(() => true),
    )
  })

  test.each([
    ['id', '1', 'column id does not take this string'],
    ['id', 2 ** 40, 'out of range'],
    ['autoId', 1, 'column auto_id does not take this number'],
    ['tbs', '\\x00', 'column tbs does not take this string'],
    ['active', 1, 'column active does not take this number'],
    ['fee', 1.5, 'column fee does not take this number'],
    ['notAfter', new Date(Number.NaN), 'column not_after does not take this object'],
    ['wrappers', [1], 'column wrappers does not take this object'],
  ])(
    'a value that is none of its column is refused, and nothing is stored: %s',
    async (property, value, message) => {
      await expect(
        copyRows(client, 'sample', [{ id: 1 }, { id: 2, [property]: value }]),
      ).rejects.toThrow(message)
      expect(await stored()).toEqual([])
    },
  )

  test('a column of a type that is not known is refused, and the connection goes on', async () => {
    await client.query('create table strange (id int, at point)')
    await expect(copyRows(client, 'strange', [{ id: 1 }])).rejects.toThrow(
      'column at is of type point',
    )
    expect(await stored({ id: 3 })).toMatchObject([{ id: 3 }])
  })
})

describe('rows of the recorded chain', () => {
  test('have a column for each property, but for the bytes of a name that versions keep', async () => {
    const migrated = await createTestDatabase()
    const reader = new Client({ connectionString: migrated.url })
    await reader.connect()
    const blocks = loadRecordedChain().blocks.map(({ raw, runtime }) => decodeBlock(raw, runtime))
    const expected = readExpected()
    const canonical = blocks.filter((_, at) => expected[at]?.branch === 'canonical')
    const collector = new RowCollector()
    for (const block of canonical) collector.addBlock(block)
    for (const changes of new MemoryIndex().apply(canonical)) collector.addChanges(changes)
    const without: string[] = []
    const { inserts } = collector.take()
    for (const [table, rows] of inserts) {
      const columns = new Set((await columnsOf(reader, table)).map(({ property }) => property))
      const given = new Set(rows.flatMap((row) => Object.keys(row)))
      without.push(
        ...[...given].filter((name) => !columns.has(name)).map((name) => `${table}.${name}`),
      )
    }
    await reader.end()
    await migrated.close()
    expect([...inserts.keys()]).toEqual(
      expect.arrayContaining(['certificate', 'failed_call', 'advisory', 'remark']),
    )
    expect(without).toEqual(['certificate.commonNameBytes'])
  })
})
