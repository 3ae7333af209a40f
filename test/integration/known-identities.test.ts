/** What the writing connection keeps of certificates and registrations between batches, and when it forgets. */

import pg, { type ClientBase } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Hex } from '../../src/bytes'
import { identifierOfCall } from '../../src/registry/pallet-certificate'
import type { BlockRecord, RegistryCall } from '../../src/registry/types'
import { neededByCall } from '../../src/registry/working-set'
import { RegistryDatabase } from '../../src/store/hot-database'
import { indexBatch } from '../../src/store/index-batch'
import { forgetIdentities, identitiesOf, KnownIdentities } from '../../src/store/known-identities'
import { loadContext } from '../../src/store/load'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { applied, blockOf, KEYS, leafCall, registerCall, serial } from '../support/registry-builder'

const idOf = (call: RegistryCall): Hex => identifierOfCall(call) ?? '0x'
const root = registerCall({ commonName: 'root', key: KEYS.a })
const rootId = idOf(root)
const leafOf = (signer: (typeof KEYS)['a'], number: number) =>
  leafCall(rootId, { commonName: `leaf ${number}`, serial: serial(number), key: KEYS.c, signer })

/** One call a block; `fork` makes the hashes of another branch. */
function blockWith(call: RegistryCall, height: number, fork: string): BlockRecord {
  const nodes = [applied(call, idOf(call), 0)]
  const block = blockOf(height, { nodes, eventCount: 1, extrinsicCount: 1 })
  return { ...block, hash: `0x${fork}${block.hash.slice(4)}` }
}

let test_: TestDatabase
let database: RegistryDatabase
const genesis = blockOf(0)
const tips = new Map<number, BlockRecord>([[0, genesis]])

function indexOne(
  block: BlockRecord,
  work: (client: ClientBase) => Promise<void> = (client) => indexBatch(client, [block]),
): Promise<void> {
  const { height, hash } = block
  const baseHead = { height: height - 1, hash: tips.get(height - 1)?.hash ?? '0x' }
  const finalizedHead = { height: 0, hash: genesis.hash }
  return database.transactHot2({ finalizedHead, baseHead, newBlocks: [{ height, hash }] }, work)
}

/** Each block a batch of its own on the one connection, as at the head of a chain. */
async function index(...blocks: BlockRecord[]): Promise<void> {
  for (const block of blocks) {
    await indexOne(block)
    tips.set(block.height, block)
  }
}

let reader: pg.Client
beforeAll(async () => {
  test_ = await createTestDatabase()
  database = new RegistryDatabase(test_.url, {
    genesisHash: genesis.hash,
    specName: 'made',
    ss58Prefix: 42,
    tokenSymbol: 'T',
    tokenDecimals: 18,
  })
  await database.connect()
  await index(genesis)
  reader = new pg.Client({ connectionString: test_.url })
  await reader.connect()
})
afterAll(async () => {
  await reader?.end()
  await database?.disconnect()
  await test_?.close()
})

async function outcomes(): Promise<unknown[]> {
  const { rows } = await reader.query(
    'select id, common_name, signature_outcome from certificate order by id',
  )
  return rows.map((row) => [row.id, row.common_name, row.signature_outcome])
}

test('another key that comes back under the same ids after a reorganisation is the one that signs', async () => {
  await index(
    blockWith(root, 1, 'aa'),
    blockWith(leafOf(KEYS.a, 2), 2, 'aa'),
    blockWith(leafOf(KEYS.a, 3), 3, 'aa'),
  )
  // Same name, so the same identifier; same event, so the same ids of certificate and registration.
  const other = registerCall({ commonName: 'root', key: KEYS.b })
  expect(idOf(other)).toBe(rootId)
  await index(blockWith(other, 1, 'bb'), blockWith(leafOf(KEYS.b, 2), 2, 'bb'))
  expect(await outcomes()).toEqual([
    ['0000000001-000000', 'root', 'GOOD'],
    ['0000000002-000000', 'leaf 2', 'GOOD'],
  ])
})

describe('of one connection', () => {
  /** How many identities were read. */
  async function identitiesRead(known: KnownIdentities): Promise<number> {
    let asked = 0
    const query = (statement: pg.QueryConfig<unknown[][]>) => {
      if (statement.name === 'load_identities') asked += statement.values?.[0]?.length ?? 0
      return reader.query(statement)
    }
    const loaded = await loadContext({ query } as never, neededByCall(leafOf(KEYS.b, 9)), known)
    expect(loaded.identities.map(({ autoId }) => autoId)).toEqual([rootId])
    return asked
  }

  test('an identity is read once', async () => {
    const known = identitiesOf(reader)
    expect(await identitiesRead(known)).toBe(1)
    expect(await identitiesRead(identitiesOf(reader))).toBe(0)
  })

  test('it is read again when rows were taken back', async () => {
    forgetIdentities(reader)
    expect(await identitiesRead(identitiesOf(reader))).toBe(1)
  })

  test('who names no memory reads each time, as readers must: nobody tells them of reorganisations', async () => {
    expect(await identitiesRead(new KnownIdentities())).toBe(1)
    expect(await identitiesRead(new KnownIdentities())).toBe(1)
  })
})

test('what a failed batch had read is forgotten with it', async () => {
  const block = blockWith(leafOf(KEYS.b, 4), 3, 'cc')
  const seen: KnownIdentities[] = []
  const attempt = indexOne(block, async (client) => {
    await indexBatch(client, [block])
    seen.push(identitiesOf(client))
    throw new Error('the batch failed')
  })
  await expect(attempt).rejects.toThrow('the batch failed')
  await indexOne(block, async (client) => {
    seen.push(identitiesOf(client))
    await indexBatch(client, [block])
  })
  expect(seen).toHaveLength(2)
  expect(seen[1]).not.toBe(seen[0])
})
