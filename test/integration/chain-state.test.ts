import { afterEach, describe, expect, it } from 'vitest'
import { fromHex, type Hex, toHex } from '../../src/bytes'
import { BlockSource } from '../../src/chain/block-source'
import { connectChain } from '../../src/chain/connect'
import { LAST_UPGRADE_KEY } from '../../src/chain/runtimes'
import { startDevnet } from '../../src/devnet/devnet'
import type { RecordedBlock } from '../../src/devnet/recorded-block'
import { type Recording, readRecording } from '../../src/devnet/recording'
import { hashHeader } from '../../src/proof/header'
import {
  AUTO_IDS_PREFIX,
  autoIdKey,
  decodeAutoId,
  EVENT_COUNT_KEY,
  eventSegmentKey,
  REVOCATION_LIST_PREFIX,
} from '../../src/proof/registry-storage'
import { orderedTrieRoot } from '../../src/proof/trie-build'
import type { BlockRecord } from '../../src/registry/types'
import { CallBytes, DISPATCH_INFO } from '../support/call-bytes'
import { DEV_CHAIN, loadRecordedChain } from '../support/recorded-chain'

const dev = readRecording(DEV_CHAIN)
const { tree, blocks } = loadRecordedChain()

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Every entry and list of the registry at a block of the dev chain. */
function registryAt(height: number): (readonly [Hex, Hex])[] {
  const block = blocks.find((b) => b.number === height && b.branch === 'canonical')
  const at = block === undefined ? undefined : tree.get(block.hash)
  if (at === undefined) throw new Error(`no block ${height}`)
  return [AUTO_IDS_PREFIX, REVOCATION_LIST_PREFIX].flatMap((prefix) =>
    tree
      .keysAt(at, prefix, 10_000, null)
      .map((key) => [key, tree.valueAt(at, key) ?? '0x'] as const),
  )
}

function blockOn(parent: RecordedBlock, change: Partial<RecordedBlock>): RecordedBlock {
  const extrinsics = change.extrinsics ?? []
  const header = {
    parentHash: parent.hash,
    number: parent.number + 1,
    stateRoot: parent.stateRoot,
    extrinsicsRoot: toHex(orderedTrieRoot(extrinsics.map(fromHex), 'V1')),
    digestLogs: [],
  }
  return {
    ...header,
    ...change,
    hash: hashHeader(header),
    digest: { logs: [] },
    specVersionAfter: 2,
    extrinsics,
    storageDiff: change.storageDiff ?? [],
  }
}

async function read(chain: Recording): Promise<BlockRecord[]> {
  const devnet = await startDevnet({ chain })
  cleanups.push(() => devnet.close())
  const connected = await connectChain({ endpoints: [devnet.url] })
  cleanups.push(() => connected.close())
  const source = new BlockSource(connected.pool, connected.runtimes, { type: 'NODE' })
  const records: BlockRecord[] = []
  for await (const batch of source.blocks(0, devnet.head().height)) records.push(...batch)
  return records
}

describe('state read beside the blocks', () => {
  const [genesis] = dev.blocks
  if (genesis === undefined) throw new Error('no genesis')
  const storage = registryAt(282)
  const begun: RecordedBlock = {
    ...genesis,
    specVersionAfter: 2,
    storageDiff: [
      // The recorded genesis was another runtime's.
      ...genesis.storageDiff.filter(([key]) => key !== LAST_UPGRADE_KEY),
      ...storage,
    ],
  }

  it('holds every entry and revocation list a chain begins with', async () => {
    const [record] = await read({ ...dev, blocks: [begun], finalizedHeight: 0 })
    const entries = storage.filter(([key]) => key.startsWith(AUTO_IDS_PREFIX))
    const lists = storage.filter(([key]) => key.startsWith(REVOCATION_LIST_PREFIX))
    expect(entries.length).toBeGreaterThan(100)
    expect(record?.stateRead?.entries).toEqual(
      entries.map(([key, value]) => decodeAutoId(`0x${key.slice(-64)}`, fromHex(value))),
    )
    expect(record?.stateRead?.revocationLists.length).toBe(lists.length)
    expect(record?.timestamp).toBe(null)
  })

  it('holds the ids of events no call explains, and their issuers', async () => {
    const make = new CallBytes(blocks[100]?.runtime ?? raise())
    const leaf = storage
      .filter(([key]) => key.startsWith(AUTO_IDS_PREFIX))
      .map(([key, value]) => decodeAutoId(`0x${key.slice(-64)}`, fromHex(value)))
      .find(({ issuerId }) => issuerId !== null)
    if (leaf === undefined || leaf.issuerId === null) throw new Error('no leaf')
    const gone = `0x${'ab'.repeat(32)}`
    const events = make.records(0, [
      make.event('AutoId.AutoIdRenewed', fromHex(leaf.autoId)),
      make.event('AutoId.AutoIdDeactivated', fromHex(gone)),
      make.event('System.ExtrinsicSuccess', DISPATCH_INFO),
    ])
    const block = blockOn(begun, {
      // Decodes under no runtime: its events are all there is to see.
      extrinsics: ['0x0cffffff'],
      storageDiff: [
        [EVENT_COUNT_KEY, '0x03000000'],
        [eventSegmentKey(0), toHex(events)],
      ],
    })
    const [, record] = await read({ ...dev, blocks: [begun, block], finalizedHeight: 0 })
    expect(record?.quarantined.length).toBe(1)
    expect(record?.unexplained.map(({ kind, autoId }) => [kind, autoId])).toEqual([
      ['RENEWED', leaf.autoId],
      ['DEACTIVATED', gone],
    ])
    const stateRead = record?.stateRead
    expect(stateRead?.entries.map(({ autoId }) => autoId)).toEqual([leaf.autoId, leaf.issuerId])
    expect(stateRead?.removed).toEqual([gone])
    expect(storage.some(([key]) => key === autoIdKey(gone))).toBe(false)
  })
})

function raise(): never {
  throw new Error('no such block')
}
