/**
 * The processor against the dev chain over real sockets, into a real Postgres: after every block, on both branches of the
 * fork, the index is compared with what the pallet itself recorded.
 */

import { Client } from 'pg'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Devnet, startDevnet } from '../../src/devnet/devnet'
import { type RunningProcessor, startProcessor } from '../../src/main'
import { rollbackTo } from '../../src/store/rollback'
import {
  type ExpectedBlock,
  readExpected,
  readRegistryState,
  readTimeline,
  statesByHash,
  timelineOf,
} from '../support/dev-oracle'
import { digestOf } from '../support/dump'
import { createTestDatabase, type TestDatabase } from '../support/postgres'

const chainDir = 'chains/dev'
const expected = readExpected()
const states = statesByHash(expected)
const byHash = new Map(expected.map((block) => [block.hash, block]))
const silent = pino({ level: 'silent' })

const titleOf = ({ number, branch, note }: ExpectedBlock) =>
  `${number}${branch === 'canonical' ? '' : ` (${branch})`}: ${note}`

describe.each(['http', 'ws'] as const)('the index of the dev chain, over %s', (protocol) => {
  let database: TestDatabase
  let client: Client
  let devnet: Devnet
  let processor: RunningProcessor
  /** Digest of all tables after each block, by hash. */
  const digests = new Map<string, Record<string, string>>()

  beforeAll(async () => {
    database = await createTestDatabase()
    client = new Client({ connectionString: database.url })
    await client.connect()
    devnet = await startDevnet({ chainDir, initialHeight: 0 })
    processor = await startProcessor(settingsOf(devnet, database, protocol), silent)
  })
  afterAll(async () => {
    await processor.close()
    await devnet.close()
    await client.end()
    await database.close()
  })

  test.each(expected.map((block) => [titleOf(block), block] as const))('%s', async (_, block) => {
    if (block.number > 0) devnet.advance(1)
    const head = devnet.head()
    await untilIndexed(client, head.hash, processor)
    // Until the winning branch is the longer one the node stays on the other.
    const best = byHash.get(head.hash)
    expect(best).toBeDefined()
    expect(await readRegistryState(client)).toEqual(states.get(head.hash))
    expect(await readTimeline(client, head.height)).toEqual(best && timelineOf(best))
    if (protocol === 'http') digests.set(head.hash, await digestOf(client))
  })

  /** Of an index that never saw anything higher: the first blocks of the winning branch were not heads in their time. */
  async function digestOfIndexUpTo(height: number): Promise<Record<string, string>> {
    devnet.setHead(height, 'canonical')
    const { digest } = await indexAfresh()
    devnet.setHead(282, 'canonical')
    return digest
  }

  async function indexAfresh() {
    const other = await createTestDatabase()
    const reader = new Client({ connectionString: other.url })
    await reader.connect()
    const second = await startProcessor(settingsOf(devnet, other, protocol), silent)
    await untilIndexed(reader, devnet.head().hash, second)
    await second.close()
    const digest = await digestOf(reader)
    await reader.end()
    await other.close()
    return { digest }
  }

  test('has followed the fork: three blocks left the chain', async () => {
    const { rows } = await client.query(
      'select height, reorg_count, deepest_reorg from index_status',
    )
    expect(rows).toEqual([{ height: 282, reorg_count: 1, deepest_reorg: 3 }])
  })

  // Over one protocol: the rows are the same, as the last test shows.
  if (protocol === 'http') {
    test('rolls back to each single height exactly, down to genesis', async () => {
      await client.query('begin')
      for (const block of expected.filter(({ branch }) => branch === 'canonical').reverse()) {
        await rollbackTo(client, block.number)
        const digest = digests.get(block.hash) ?? (await digestOfIndexUpTo(block.number))
        expect(await digestOf(client), titleOf(block)).toEqual(digest)
        expect(await readRegistryState(client), titleOf(block)).toEqual(states.get(block.hash))
      }
      await client.query('rollback')
    })
  }

  test('is seen to differ when a nonce, a list or an issued serial is off', async () => {
    const damages = [
      'update auto_id_version set nonce = nonce + 1 where block_to is null and active',
      'delete from revocation where id = (select max(id) from revocation)',
      'update issued_serial set block_to = block_from where block_to is null',
    ]
    const head = states.get(devnet.head().hash)
    for (const damage of damages) {
      await client.query('begin')
      await client.query(damage)
      expect(await readRegistryState(client), damage).not.toEqual(head)
      await client.query('rollback')
    }
    expect(await readRegistryState(client)).toEqual(head)
  })

  test('is the same, row for row, when the whole chain is indexed in one go', async () => {
    const { digest } = await indexAfresh()
    expect(digest).toEqual(await digestOf(client))
  })
})

function settingsOf(devnet: Devnet, database: TestDatabase, protocol: 'http' | 'ws') {
  return {
    databaseUrl: database.url,
    rpcEndpoints: [protocol === 'http' ? devnet.url : devnet.wsUrl],
    rpcBatchSize: 100,
    rpcTimeoutSeconds: 10,
    finality: { type: 'NODE' } as const,
    headPollMs: 10,
  }
}

/** Fails when the processor ends instead. */
async function untilIndexed(
  client: Client,
  hash: string,
  processor: RunningProcessor,
): Promise<void> {
  const failure = processor.ended.then(() => {
    throw new Error('the processor has ended')
  })
  const arrival = (async () => {
    for (;;) {
      const { rows } = await client.query<{ hash: string }>('select hash from index_status')
      if (rows[0]?.hash === hash) return
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })()
  await Promise.race([arrival, failure])
}
