/** What is told of each committed batch. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CommittedBatch } from '../../src/ops/processor-metrics'
import { identifierOfCall } from '../../src/registry/pallet-certificate'
import { TracedDatabase } from '../../src/traced-database'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { applied, blockOf, registerCall } from '../support/registry-builder'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database?.close())

test('certificates count with the batch that brought them, and not again when only finality moves', async () => {
  const root = registerCall({ commonName: 'root' })
  const nodes = [applied(root, identifierOfCall(root) ?? '0x', 0)]
  const blocks = [blockOf(0), blockOf(1, { nodes, eventCount: 1, extrinsicCount: 1 })]
  const [genesis, head] = blocks.map(({ height, hash }) => ({ height, hash }))
  if (genesis === undefined || head === undefined) throw new Error('two blocks')
  const told: CommittedBatch[] = []
  const traced = new TracedDatabase(
    database.url,
    {
      genesisHash: genesis.hash,
      specName: 'made',
      ss58Prefix: 42,
      tokenSymbol: 'T',
      tokenDecimals: 18,
    },
    { lockWaitMs: 0 },
    (batch) => told.push(batch),
  )
  await traced.connect()
  try {
    await traced.transactHot2(
      {
        finalizedHead: genesis,
        baseHead: { height: -1, hash: '0x' },
        newBlocks: [genesis, head],
      },
      (client, from, to) => traced.index(client, blocks.slice(from, to)),
    )
    await traced.transactHot2(
      { finalizedHead: head, baseHead: head, newBlocks: [] },
      async () => undefined,
    )
  } finally {
    await traced.disconnect()
  }
  expect(told.map(({ blocks, certificates }) => [blocks, certificates])).toEqual([
    [2, 1],
    [0, 0],
  ])
})
