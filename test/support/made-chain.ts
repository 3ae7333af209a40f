/** Calls of a test's own, one a block, through the real core and store: what no recorded chain has. */

import type { BlockRecord, RegistryCall } from '../../src/registry/types'
import { RegistryDatabase } from '../../src/store/hot-database'
import { indexBatch } from '../../src/store/index-batch'
import { blockOf, observed } from './registry-builder'

/** Indexes block 0, then each call as applied in a block of its own. @param calls with the identifier each is about */
export async function indexCalls(
  url: string,
  calls: readonly { readonly call: RegistryCall; readonly autoId: string }[],
): Promise<void> {
  const blocks = [
    blockOf(0),
    ...calls.map(({ call, autoId }, position): BlockRecord => {
      const outcome = { status: 'APPLIED', eventIndex: 0, autoId } as const
      const nodes = [{ type: 'CALL', call: observed(call, outcome) }] as const
      return blockOf(position + 1, { nodes, eventCount: 1, extrinsicCount: 3 })
    }),
  ].map((block, height, all) => ({ ...block, parentHash: all[height - 1]?.hash ?? block.hash }))
  const database = new RegistryDatabase(
    url,
    {
      genesisHash: blocks[0]?.hash ?? '',
      specName: 'made',
      ss58Prefix: 6094,
      tokenSymbol: 'AI3',
      tokenDecimals: 18,
    },
    { lockWaitMs: 0 },
  )
  const { height, hash } = await database.connect()
  try {
    await database.transactHot2(
      {
        finalizedHead: { height: 0, hash: blocks[0]?.hash ?? '' },
        baseHead: { height, hash },
        newBlocks: blocks.map((block) => ({ height: block.height, hash: block.hash })),
      },
      (client, start, end) => indexBatch(client, blocks.slice(start, end)),
    )
  } finally {
    await database.disconnect()
  }
}
