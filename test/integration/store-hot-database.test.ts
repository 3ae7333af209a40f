import type { HashAndHeight } from '@subsquid/util-internal-processor-tools'
import { Client, type ClientBase } from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type HeadNotice, headChannel } from '../../src/store/head-notice'
import { RegistryDatabase } from '../../src/store/hot-database'
import { ensureReaderLogin } from '../../src/store/reader-login'
import { rollbackTo } from '../../src/store/rollback'
import { WriterSession } from '../../src/store/writer-session'
import { digestOf } from '../support/dump'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { applySynthetic, hashOf, syntheticBlocks } from '../support/synthetic-blocks'

const chain = {
  genesisHash: hashOf(0, 'main'),
  specName: 'subspace-auto-id-domain',
  ss58Prefix: 6094,
  tokenSymbol: 'AI3',
  tokenDecimals: 18,
}
const at = (height: number, branch = 'main'): HashAndHeight => ({
  height,
  hash: height < 0 ? '0x' : hashOf(height, branch),
})

let database: TestDatabase
let client: Client
const open: RegistryDatabase[] = []

beforeEach(async () => {
  database = await createTestDatabase()
  client = new Client({ connectionString: database.url })
  await client.connect()
})
afterEach(async () => {
  for (const one of open.splice(0)) await one.disconnect()
  await client.end()
  await database.close()
})

function newDatabase(options = {}): RegistryDatabase {
  const made = new RegistryDatabase(database.url, chain, { lockWaitMs: 0, ...options })
  open.push(made)
  return made
}

/** Final blocks up to `to`, on an empty index. */
async function indexFinal(db: RegistryDatabase, to: number): Promise<void> {
  await db.transact({ prevHead: at(-1), nextHead: at(to), isOnTop: true }, (c) =>
    applySynthetic(c, syntheticBlocks(0, to, 'main')),
  )
}

async function indexHot(
  db: RegistryDatabase,
  base: HashAndHeight,
  to: number,
  finalized: HashAndHeight,
  branch = 'main',
): Promise<void> {
  const newBlocks = syntheticBlocks(base.height + 1, to, branch)
  await db.transactHot2({ finalizedHead: finalized, baseHead: base, newBlocks }, (c, from, end) =>
    applySynthetic(c, newBlocks.slice(from, end)),
  )
}

async function readStatus(): Promise<Record<string, unknown>> {
  const { rows } = await client.query('select * from index_status')
  return rows[0]
}

describe('connect', () => {
  // Whether the index is new or has long been begun: of the second nothing is written before the first block.
  test.each(['a new index', 'one begun'])(
    'refuses to follow into what it may only read: %s',
    async (which) => {
      if (which === 'one begun') {
        const first = newDatabase()
        await first.connect()
        await first.disconnect()
      }
      const readOnly = new URL(database.url)
      readOnly.searchParams.set('options', '-c default_transaction_read_only=on')
      const reader = await ensureReaderLogin(database.url, 'ab'.repeat(20))
      const before = await digestOf(client)
      for (const [url, why] of [
        [readOnly.href, 'is read-only'],
        [reader, 'lets this login read only'],
      ] as const) {
        const refused = new RegistryDatabase(url, chain, { lockWaitMs: 0 })
        await expect(refused.connect()).rejects.toMatchObject({
          code: 'UNAVAILABLE',
          message: expect.stringMatching(
            new RegExp(`^the database postgres:[^\\n]* ${why}[^\\n]*$`),
          ),
        })
      }
      expect(await digestOf(client)).toEqual(before)
    },
  )

  test('starts an empty database below block 0, and claims it for the chain', async () => {
    expect(await newDatabase().connect()).toEqual({ height: -1, hash: '0x', top: [] })
    const { rows } = await client.query('select genesis_hash, ss58_prefix from chain_info')
    expect(rows).toEqual([{ genesis_hash: chain.genesisHash, ss58_prefix: 6094 }])
  })

  test('resumes at the final head with every block above it', async () => {
    const first = newDatabase()
    await first.connect()
    await indexFinal(first, 3)
    await indexHot(first, at(3), 6, at(4))
    await first.disconnect()
    expect(await newDatabase().connect()).toEqual({ ...at(4), top: [at(5), at(6)] })
  })

  test('refuses a database of another genesis and writes nothing', async () => {
    const first = newDatabase()
    await first.connect()
    await indexFinal(first, 3)
    await first.disconnect()
    const before = [await digestOf(client), await readStatus()]
    const other = new RegistryDatabase(database.url, { ...chain, genesisHash: '0xother' })
    await expect(other.connect()).rejects.toMatchObject({ code: 'WRONG_CHAIN' })
    expect([await digestOf(client), await readStatus()]).toEqual(before)
    await expect(newDatabase().connect()).resolves.toMatchObject({ height: 3 })
  })

  test('refuses a second processor, until the first is gone', async () => {
    const first = newDatabase()
    await first.connect()
    await expect(newDatabase().connect()).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/^another processor is writing to postgres:[^\n]*$/),
    })
    await first.disconnect()
    await expect(newDatabase().connect()).resolves.toBeDefined()
  })

  test('asks for migrations when the database has no tables', async () => {
    const empty = await createTestDatabase({ migrated: false })
    const db = new RegistryDatabase(empty.url, chain)
    await expect(db.connect()).rejects.toThrow(/no tables yet: run npm run migrate/)
    await empty.close()
  })
})

describe('transactHot2', () => {
  test('replaces a branch by another, and counts the blocks that left', async () => {
    const db = newDatabase()
    await db.connect()
    await indexFinal(db, 10)
    await indexHot(db, at(10), 20, at(10))
    await indexHot(db, at(15), 23, at(10), 'other')
    const afterFork = await digestOf(client)
    expect(await readStatus()).toMatchObject({
      height: 23,
      hash: hashOf(23, 'other'),
      reorg_count: 1,
      deepest_reorg: 5,
    })
    await client.query('begin')
    await rollbackTo(client, -1)
    await applySynthetic(client, syntheticBlocks(0, 15, 'main'))
    await applySynthetic(client, syntheticBlocks(16, 23, 'other'))
    expect(afterFork).toEqual(await digestOf(client))
    await client.query('rollback')
  })

  test('lets a branch only shrink, and finality only grow', async () => {
    const db = newDatabase()
    await db.connect()
    await indexFinal(db, 10)
    await indexHot(db, at(10), 20, at(12))
    await indexHot(db, at(14), 14, at(11))
    expect(await readStatus()).toMatchObject({ height: 14, finalized_height: 12 })
    await db.disconnect()
    expect(await newDatabase().connect()).toEqual({ ...at(12), top: [at(13), at(14)] })
  })

  test('refuses to continue from a block that it does not have', async () => {
    const db = newDatabase()
    await db.connect()
    await indexFinal(db, 10)
    await expect(indexHot(db, at(9, 'other'), 12, at(9, 'other'), 'other')).rejects.toMatchObject({
      code: 'INCONSISTENT_NODE',
    })
    expect(await readStatus()).toMatchObject({ height: 10, hash: hashOf(10, 'main') })
  })

  test('leaves nothing of a batch that fails half-way', async () => {
    const db = newDatabase()
    await db.connect()
    await indexFinal(db, 10)
    const before = [await digestOf(client), await readStatus()]
    const newBlocks = syntheticBlocks(6, 12, 'other')
    const failing = db.transactHot2(
      { finalizedHead: at(10), baseHead: at(10), newBlocks: syntheticBlocks(11, 12, 'main') },
      async (c) => {
        await applySynthetic(c, newBlocks)
        throw new Error('the handler failed')
      },
    )
    await expect(failing).rejects.toThrow()
    expect([await digestOf(client), await readStatus()]).toEqual(before)
  })

  test('tells listeners of the new head with the commit', async () => {
    const notices: HeadNotice[] = []
    client.on('notification', ({ payload }) => notices.push(JSON.parse(payload ?? '')))
    await client.query(`listen ${headChannel}`)
    const db = newDatabase()
    await db.connect()
    await indexFinal(db, 10)
    await indexHot(db, at(10), 12, at(10))
    await indexHot(db, at(11), 13, at(10), 'other')
    await client.query('select 1')
    expect(notices).toEqual([
      { ...at(10), from: 0, reorg: 0 },
      { ...at(12), from: 11, reorg: 0 },
      { ...at(13, 'other'), from: 12, reorg: 1 },
    ])
  })
})

describe('transact', () => {
  test('does not take blocks for a fork that come back as final ones', async () => {
    const db = newDatabase()
    await db.connect()
    await indexFinal(db, 10)
    await indexHot(db, at(10), 14, at(10))
    await db.transact({ prevHead: at(10), nextHead: at(20), isOnTop: true }, (c) =>
      applySynthetic(c, syntheticBlocks(11, 20, 'main')),
    )
    expect(await readStatus()).toMatchObject({ finalized_height: 20, reorg_count: 0 })
  })
})

describe('a lost connection', () => {
  const killWriter = () =>
    client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'auto-registry processor' and datname = current_database()`,
    )

  test('in the middle of a batch repeats the batch, whole', async () => {
    const retries: unknown[] = []
    const db = newDatabase({ onRetry: (error: unknown) => retries.push(error), maxDelayMs: 10 })
    await db.connect()
    await indexFinal(db, 10)
    let attempts = 0
    const newBlocks = syntheticBlocks(11, 20, 'main')
    await db.transactHot2(
      { finalizedHead: at(10), baseHead: at(10), newBlocks },
      async (c: ClientBase) => {
        await applySynthetic(c, newBlocks.slice(0, 5))
        if (++attempts === 1) await killWriter()
        await applySynthetic(c, newBlocks.slice(5))
      },
    )
    expect(attempts).toBe(2)
    expect(retries).toHaveLength(1)
    expect(await readStatus()).toMatchObject({ height: 20 })
    const { rows } = await client.query('select count(*)::int as n from block')
    expect(rows).toEqual([{ n: 21 }])
  })

  test('between batches is opened again for the next one, with the lock', async () => {
    const db = newDatabase({ maxDelayMs: 10 })
    await db.connect()
    await indexFinal(db, 10)
    await killWriter()
    await indexHot(db, at(10), 12, at(10))
    expect(await readStatus()).toMatchObject({ height: 12 })
    await expect(newDatabase().connect()).rejects.toThrow(/another processor/)
  })

  test('after the commit, before its answer, does not apply the batch twice', async () => {
    const session = new WriterSession(database.url, { maxDelayMs: 10 })
    await session.open()
    let attempts = 0
    await session.transaction(
      async (c) => {
        attempts++
        await applySynthetic(c, syntheticBlocks(0, 3, 'main'))
        await c.query('commit')
        await killWriter()
        await c.query('select 1')
      },
      async (c) => ((await c.query('select from block')).rowCount ?? 0) === 4,
    )
    await session.close()
    expect(attempts).toBe(1)
    const { rows } = await client.query('select count(*)::int as n from block')
    expect(rows).toEqual([{ n: 4 }])
  })
})

describe('rollback', () => {
  test('is exact at every single height of a chain', async () => {
    const expected: Record<string, string>[] = []
    await client.query('begin')
    for (let height = 0; height <= 150; height++) {
      await applySynthetic(client, syntheticBlocks(height, height, 'main'))
      expected[height] = await digestOf(client)
    }
    for (let height = 149; height >= 0; height--) {
      await rollbackTo(client, height)
      expect(await digestOf(client)).toEqual(expected[height])
    }
    await client.query('rollback')
  })

  test('is exact after a first sync through 14,400 unfinalized blocks in one batch and a restart', async () => {
    const first = newDatabase()
    await first.connect()
    await indexFinal(first, 10)
    await indexHot(first, at(10), 14_410, at(10))
    await first.disconnect()
    const state = await newDatabase().connect()
    expect(state.top).toHaveLength(14_400)
    expect(state.top.at(7_000)).toEqual(at(7_011))

    const heights = [14_409, 14_000, 13_999, 10_001, 7_333, 7_332, 7_331, 500, 499, 42, 11, 10, 3]
    const found: Record<string, string>[] = []
    await client.query('begin')
    for (const height of heights) {
      await rollbackTo(client, height)
      found.push(await digestOf(client))
    }
    const expected: Record<string, string>[] = []
    await rollbackTo(client, -1)
    let indexed = -1
    for (const height of [...heights].reverse()) {
      await applySynthetic(client, syntheticBlocks(indexed + 1, height, 'main'))
      indexed = height
      expected.unshift(await digestOf(client))
    }
    await client.query('rollback')
    expect(found).toEqual(expected)
  })
})
