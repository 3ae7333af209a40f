/** The recorded dev chain in a real database: canonical blocks through the real decoding, core and store. */

import { decodeBlock } from '../../src/chain/decode-block'
import type { BlockRecord } from '../../src/registry/types'
import { RegistryDatabase } from '../../src/store/hot-database'
import { indexBatch } from '../../src/store/index-batch'
import { loadRecordedChain } from './recorded-chain'

let canonical: BlockRecord[] | undefined
let chainNames: { specName: string; genesisHash: string } | undefined

function canonicalRecords(): BlockRecord[] {
  if (canonical === undefined) {
    const { blocks, recording } = loadRecordedChain()
    const kept = blocks.filter(({ branch }) => branch === 'canonical')
    canonical = kept.map(({ raw, runtime }) => decodeBlock(raw, runtime))
    chainNames = { specName: recording.specName, genesisHash: kept[0]?.hash ?? '' }
  }
  return canonical
}

/** Indexes blocks 0 to `to` (default: the head, 282); what lies above `finalized` (default 278) is not final. */
export async function indexDevChain(
  url: string,
  options: { to?: number; finalized?: number } = {},
): Promise<void> {
  const records = canonicalRecords().slice(0, (options.to ?? 282) + 1)
  const database = new RegistryDatabase(
    url,
    {
      genesisHash: chainNames?.genesisHash ?? '',
      specName: chainNames?.specName ?? '',
      ss58Prefix: 6094,
      tokenSymbol: 'AI3',
      tokenDecimals: 18,
    },
    { lockWaitMs: 0 },
  )
  const state = await database.connect()
  const position = state.top.at(-1) ?? state
  const fresh = records.slice(position.height + 1)
  const at = (height: number) => ({ height, hash: records[height]?.hash ?? '0x' })
  const finalized = at(Math.min(options.finalized ?? 278, records.length - 1))
  try {
    await database.transactHot2(
      {
        finalizedHead: finalized,
        baseHead: { height: position.height, hash: position.hash },
        newBlocks: fresh.map(({ height, hash }) => ({ height, hash })),
      },
      (client, from, to) => indexBatch(client, fresh.slice(from, to)),
    )
  } finally {
    await database.disconnect()
  }
}
