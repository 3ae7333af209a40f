/**
 * Fills an index with a made chain through the real decoding, core and store, without a node in between:
 * `node .bench/test/bench/pg-load.js <database url> <certificates> [plan]`. Signatures are real and checked. Prints what
 * a call costs, tenth by tenth; making the chain is not counted. Postgres' share is read from /proc (Linux).
 */

import { join } from 'node:path'
import { Client } from 'pg'
import { fromHex } from '../../src/bytes'
import { decodeBlock } from '../../src/chain/decode-block'
import { eventCountOf, furtherSegmentKeys, joinEvents } from '../../src/chain/event-segments'
import type { RawBlock } from '../../src/chain/raw-block'
import { Runtime } from '../../src/chain/runtime'
import { type ChainPlan, emptyGenesis, makeBlocks, plans } from '../../src/devnet/maker/write-chain'
import type { RecordedBlock } from '../../src/devnet/recorded-block'
import { readRecording } from '../../src/devnet/recording'
import { EVENT_COUNT_KEY, EVENTS_KEY, eventSegmentKey } from '../../src/proof/registry-storage'
import { RegistryDatabase } from '../../src/store/hot-database'
import { indexBatch } from '../../src/store/index-batch'
import { migrate } from '../../src/store/migrate'
import { cpuOf, serverCpuOf } from './cpu'

const DEV_CHAIN = join(__dirname, '../../chains/dev')
const BATCH_BLOCKS = 200
/** Identities of one key: as many at every size, so that only the size differs. */
const IDENTITIES_A_KEY = 8

export type LoadResult = {
  readonly certificates: number
  readonly blocks: number
  readonly seconds: number
}

/** So far, the making of the chain left out. */
export type LoadProgress = {
  readonly height: number
  readonly calls: number
  readonly seconds: number
  /** CPU of this process. */
  readonly nodeSeconds: number
}

/** A plan of the chain maker, with as many keys for each identity whatever the size. */
export function planOf(certificates: number, plan = 'mixed'): ChainPlan {
  const made = plans[plan]?.(certificates, 1)
  if (made === undefined) throw new Error(`no plan ${plan}`)
  return { ...made, keys: Math.max(64, Math.ceil(certificates / IDENTITIES_A_KEY)) }
}

/** Migrates the database at `url` and indexes the whole plan into it, all of it final. */
export async function loadIndex(
  url: string,
  plan: ChainPlan,
  onBatch: (progress: LoadProgress) => void | Promise<void> = () => undefined,
): Promise<LoadResult> {
  await migrate(url)
  const runtime = newestRuntime()
  const database = new RegistryDatabase(url, identityOf(runtime), { lockWaitMs: 0 })
  let { height, hash } = await database.connect()
  let [calls, seconds, nodeSeconds] = [0, 0, 0]
  for (const batch of batchesOf(makeBlocks(plan))) {
    const started = performance.now()
    const usedBefore = process.cpuUsage()
    const records = batch.map((block) => decodeBlock(rawBlock(block, runtime), runtime))
    const last = batch.at(-1) ?? emptyGenesis()
    const nextHead = { height: last.number, hash: last.hash }
    const apply = (client: Parameters<typeof indexBatch>[0]) => indexBatch(client, records)
    await database.transact({ prevHead: { height, hash }, nextHead, isOnTop: true }, apply)
    ;({ height, hash } = nextHead)
    const used = process.cpuUsage(usedBefore)
    nodeSeconds += (used.user + used.system) / 1_000_000
    seconds += (performance.now() - started) / 1_000
    calls += records.reduce((sum, { nodes }) => sum + nodes.length, 0)
    await onBatch({ height, calls, seconds, nodeSeconds })
  }
  await database.disconnect()
  return { certificates: await countCertificates(url), blocks: height + 1, seconds }
}

function identityOf({ specName }: { readonly specName: string }) {
  const genesisHash = emptyGenesis().hash
  return { genesisHash, specName, ss58Prefix: 6094, tokenSymbol: 'AI3', tokenDecimals: 18 }
}

function newestRuntime(): Runtime {
  const { specName, runtimes } = readRecording(DEV_CHAIN)
  const newest = [...runtimes].at(-1)
  if (newest === undefined) throw new Error('the recorded chain has no runtime')
  const [spec, { metadata }] = newest
  return new Runtime(specName, spec, metadata)
}

function* batchesOf(blocks: Iterable<RecordedBlock>): Generator<RecordedBlock[]> {
  let batch: RecordedBlock[] = []
  for (const block of blocks) {
    batch.push(block)
    if (batch.length < BATCH_BLOCKS) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** A made block writes all of its events itself: its own storage changes are enough to read them. */
function rawBlock(block: RecordedBlock, runtime: Runtime): RawBlock {
  const state = new Map(block.storageDiff)
  const storage = {
    events: state.get(EVENTS_KEY) ?? null,
    count: state.get(EVENT_COUNT_KEY) ?? null,
    firstSegment: state.get(eventSegmentKey(0)) ?? null,
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
      further.map((key) => state.get(key) ?? null),
    ),
    eventCount: eventCountOf(storage),
  }
}

async function countCertificates(url: string): Promise<number> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query('vacuum analyze')
  const { rows } = await client.query<{ count: number }>(
    'select count(*)::int as count from certificate',
  )
  await client.end()
  return rows[0]?.count ?? 0
}

/** What a call cost between two moments, in microseconds of CPU, and in time. */
type Mark = LoadProgress & { readonly backendSeconds: number; readonly serverSeconds: number }

function costOf(from: Mark, to: Mark): string {
  const calls = to.calls - from.calls
  const each = (key: 'nodeSeconds' | 'backendSeconds' | 'serverSeconds' | 'seconds') =>
    Math.round(((to[key] - from[key]) * 1_000_000) / calls)
  return `${to.calls} calls: Node ${each('nodeSeconds')}, Postgres' backend ${each('backendSeconds')}, whole server ${each('serverSeconds')}, time ${each('seconds')} µs a call`
}

async function main([url, certificates, name]: readonly string[]): Promise<void> {
  if (url === undefined || certificates === undefined) {
    throw new Error('usage: pg-load <database url> <certificates> [plan]')
  }
  const plan = planOf(Number(certificates), name)
  const observer = new Client({ connectionString: url })
  await observer.connect()
  const marks: Mark[] = []
  const result = await loadIndex(url, plan, async (progress) => {
    const { height } = progress
    if (height < (plan.blocks * marks.length) / 10 && height < plan.blocks) return
    const backend = await backendOf(observer)
    const mark = {
      ...progress,
      backendSeconds: cpuOf(backend),
      serverSeconds: serverCpuOf(backend),
    }
    const last = marks.at(-1)
    if (last !== undefined) console.log(costOf(last, mark))
    marks.push(mark)
  })
  const [first, last] = [marks[0], marks.at(-1)]
  if (first !== undefined && last !== undefined && first !== last) {
    console.log(`all after the first batch, ${costOf(first, last)}`)
  }
  await observer.end()
  console.log(JSON.stringify(result))
}

/** The process of the server that writes. */
async function backendOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>(
    `select pid from pg_stat_activity
     where application_name = 'auto-registry processor' and datname = current_database()`,
  )
  if (rows[0] === undefined) throw new Error('nobody writes')
  return rows[0].pid
}

if (require.main === module) void main(process.argv.slice(2))
