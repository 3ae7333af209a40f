/** The recorded chain's two branches near its head, through the real store: for tests of reorganisations. */

import { decodeBlock } from '../../src/chain/decode-block'
import type { BlockRecord } from '../../src/registry/types'
import { RegistryDatabase } from '../../src/store/hot-database'
import { indexBatch } from '../../src/store/index-batch'
import { loadRecordedChain } from './recorded-chain'

/** The last block both branches have. */
export const commonHeight = 278

/** Puts blocks of one branch, `from` to `to`, on top of what is there; higher blocks there are rolled back. */
export async function indexBranch(
  url: string,
  branch: 'canonical' | 'fork-near-head',
  from: number,
  to: number,
  finalized = commonHeight,
): Promise<void> {
  const { blocks, recording } = loadRecordedChain()
  const records = (name: string): BlockRecord[] =>
    blocks
      .filter((block) => block.branch === name)
      .map(({ raw, runtime }) => decodeBlock(raw, runtime))
  const canonical = records('canonical')
  const wanted = branch === 'canonical' ? canonical : records(branch)
  const added = wanted.filter(({ height }) => height >= from && height <= to)
  const below = [...canonical, ...records(branch)].find(({ hash }) => hash === added[0]?.parentHash)
  const database = new RegistryDatabase(
    url,
    {
      genesisHash: canonical[0]?.hash ?? '',
      specName: recording.specName,
      ss58Prefix: 6094,
      tokenSymbol: 'AI3',
      tokenDecimals: 18,
    },
    { lockWaitMs: 0 },
  )
  await database.connect()
  try {
    await database.transactHot2(
      {
        finalizedHead: { height: finalized, hash: canonical[finalized]?.hash ?? '' },
        baseHead: { height: from - 1, hash: below?.hash ?? '' },
        newBlocks: added.map(({ height, hash }) => ({ height, hash })),
      },
      (client, start, end) => indexBatch(client, added.slice(start, end)),
    )
  } finally {
    await database.disconnect()
  }
}
