/** The recorded dev chain for tests that need no sockets: raw blocks, runtimes and the expected results. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { fromHex } from '../../src/bytes'
import { eventCountOf, furtherSegmentKeys, joinEvents } from '../../src/chain/event-segments'
import type { RawBlock } from '../../src/chain/raw-block'
import { Runtime } from '../../src/chain/runtime'
import { BlockTree } from '../../src/devnet/block-tree'
import type { RecordedBlock } from '../../src/devnet/recorded-block'
import { type Recording, readRecording } from '../../src/devnet/recording'
import { EVENT_COUNT_KEY, EVENTS_KEY, eventSegmentKey } from '../../src/proof/registry-storage'

const ROOT = join(__dirname, '../..')
export const DEV_CHAIN = join(ROOT, 'chains/dev')

export type ExpectedError = { kind: string; pallet?: string; name?: string } | null
export type ExpectedCall = {
  path: number[]
  wrappers: string[]
  call: string
  targetId: string | null
  status: 'applied' | 'failed' | 'reverted' | 'notExecuted'
  error: ExpectedError
  eventIndex: number | null
  eventName: string | null
  id: string | null
}
export type ExpectedBlock = {
  number: number
  hash: string
  branch: string
  note: string
  specVersion: number
  timestamp: number | null
  eventsLayout: string
  eventCount: number
  extrinsics: {
    index: number
    call: string
    signer: string | null
    success: boolean
    error: ExpectedError
    autoIdCalls: ExpectedCall[]
  }[]
  events: {
    index: number
    phase: string
    extrinsicIndex: number | null
    pallet: string
    name: string
    args: Record<string, unknown>
  }[]
  autoIds: { set: Record<string, Record<string, unknown>>; removed: string[] }
  crl: { set: Record<string, string[]>; removed: string[] }
}

export function readExpected(): ExpectedBlock[] {
  const file = join(ROOT, 'test/fixtures/dev/expected.jsonl.gz')
  const text = gunzipSync(readFileSync(file)).toString('utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ExpectedBlock)
}

export type RecordedChain = {
  readonly recording: Recording
  readonly tree: BlockTree
  readonly blocks: readonly (RecordedBlock & {
    readonly raw: RawBlock
    readonly runtime: Runtime
  })[]
}

/** Every block of a recording with the runtime that executed it, in order of arrival. */
export function loadRecordedChain(directory = DEV_CHAIN): RecordedChain {
  return rawBlocksOf(readRecording(directory))
}

export function rawBlocksOf(recording: Recording): RecordedChain {
  const tree = new BlockTree()
  const runtimes = new Map<number, Runtime>()
  for (const [spec, { metadata }] of recording.runtimes) {
    runtimes.set(spec, new Runtime(recording.specName, spec, metadata))
  }
  const blocks = recording.blocks.map((block) => {
    tree.add(block)
    const before = tree.get(block.parentHash)?.block ?? block
    const runtime = runtimes.get(before.specVersionAfter)
    if (runtime === undefined) throw new Error(`no runtime ${before.specVersionAfter}`)
    return { ...block, runtime, raw: rawBlock(block, tree, runtime) }
  })
  return { recording, tree, blocks }
}

function rawBlock(block: RecordedBlock, tree: BlockTree, runtime: Runtime): RawBlock {
  const at = tree.get(block.hash)
  if (at === undefined) throw new Error(`block ${block.hash} was not added`)
  const storage = {
    events: tree.valueAt(at, EVENTS_KEY),
    count: tree.valueAt(at, EVENT_COUNT_KEY),
    firstSegment: tree.valueAt(at, eventSegmentKey(0)),
  }
  const further = furtherSegmentKeys(runtime.eventLayout, storage)
  return {
    height: block.number,
    hash: block.hash,
    parentHash: block.parentHash,
    stateRoot: block.stateRoot,
    extrinsicsRoot: block.extrinsicsRoot,
    digestLogs: block.digest.logs,
    extrinsics: block.extrinsics.map(fromHex),
    events: joinEvents(
      runtime.eventLayout,
      storage,
      further.map((key) => tree.valueAt(at, key)),
    ),
    eventCount: eventCountOf(storage),
  }
}
