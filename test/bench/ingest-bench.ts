/** Reading a chain: decoding alone, and a whole node's blocks beside Squid's stock data source on the same node. */

import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { RpcClient } from '@subsquid/rpc-client'
import { RpcDataSource } from '@subsquid/substrate-data-raw'
import { SubstrateBatchProcessor } from '@subsquid/substrate-processor'
import { Client } from 'pg'
import { BlockSource } from '../../src/chain/block-source'
import { connectChain } from '../../src/chain/connect'
import { decodeBlock } from '../../src/chain/decode-block'
import { createProcessor } from '../../src/chain/processor'
import { type Devnet, startDevnet } from '../../src/devnet/devnet'
import { makeBlocks, plans } from '../../src/devnet/maker/write-chain'
import { type Recording, readRecording } from '../../src/devnet/recording'
import { RegistryDatabase } from '../../src/store/hot-database'
import { indexBatch } from '../../src/store/index-batch'
import { migrate } from '../../src/store/migrate'
import { startTestServer, type TestServer } from '../support/postgres-server'
import { rawBlocksOf } from '../support/recorded-chain'
import { alternate, type Bench, measurement, median, ratePerSecond } from './measurement'

const DEV_CHAIN = join(__dirname, '../../chains/dev')

/** A chain of about `calls` registry calls under the dev chain's newest runtime. */
function madeChain(calls: number): Recording {
  const plan = plans['mixed']?.(calls, 1)
  if (plan === undefined) throw new Error('no plan mixed')
  const blocks = [...makeBlocks(plan)]
  const dev = readRecording(DEV_CHAIN)
  return { ...dev, blocks, finalizedHeight: blocks.at(-1)?.number ?? 0 }
}

const decode: Bench = async ({ quick }) => {
  const { blocks } = rawBlocksOf(readRecording(DEV_CHAIN))
  const rates: number[] = []
  for (let round = 0; round < 3; round++) {
    rates.push(
      ratePerSecond(quick ? 300 : 1500, () => {
        for (const { raw, runtime } of blocks) decodeBlock(raw, runtime)
      }) * blocks.length,
    )
  }
  const empty = blocks.filter(({ extrinsics }) => extrinsics.length <= 2)
  const reference = ratePerSecond(quick ? 200 : 500, () => {
    for (const { raw, runtime } of empty) decodeBlock(raw, runtime)
  })
  return [
    measurement(
      'ingest.decode',
      median(rates),
      'recorded blocks/s',
      'blocks of inherents alone',
      reference * empty.length,
    ),
  ]
}

/** Blocks a second from genesis to the final head through our source. */
async function ours(devnet: Devnet, url: string): Promise<number> {
  const chain = await connectChain({ endpoints: [url] })
  const source = new BlockSource(chain.pool, chain.runtimes, { type: 'NODE' })
  const top = devnet.finalized().height
  const started = performance.now()
  let count = 0
  for await (const blocks of source.blocks(0, top)) count += blocks.length
  const seconds = (performance.now() - started) / 1000
  chain.close()
  return count / seconds
}

/** The same through the source a stock Squid processor reads: raw blocks and events, no handler, nothing decoded. */
async function stock(devnet: Devnet, url: string): Promise<number> {
  const rpc = new RpcClient({ url, log: null })
  const source = new RpcDataSource({ rpc, headPollInterval: 100 })
  const top = devnet.finalized().height
  const request = { extrinsics: true, events: true, runtimeVersion: true }
  const started = performance.now()
  let count = 0
  for await (const { blocks } of source.getFinalizedBlocks([
    { range: { from: 0, to: top }, request },
  ])) {
    count += blocks.length
  }
  const seconds = (performance.now() - started) / 1000
  rpc.close()
  return count / seconds
}

function beside(label: string, latencyMs: number, calls: number): Bench {
  return async ({ quick }) => {
    const devnet = await startDevnet({ chain: madeChain(quick ? calls / 4 : calls), latencyMs })
    const results = []
    for (const [transport, url] of [
      ['http', devnet.url],
      ['ws', devnet.wsUrl],
    ] as const) {
      const rates = await alternate(
        quick ? 1 : 3,
        () => ours(devnet, url),
        () => stock(devnet, url),
      )
      const other = `stock Squid source, node ${latencyMs} ms away`
      results.push(measurement(`${label}.${transport}`, rates.a, 'blocks/s', other, rates.b))
    }
    await devnet.close()
    return results
  }
}

/** Our whole processor, from genesis to the final head: over sockets into Postgres, with every signature checked. */
async function processed(devnet: Devnet, server: TestServer): Promise<number> {
  const url = await freshDatabase(server)
  const chain = await connectChain({ endpoints: [devnet.url] })
  const database = new RegistryDatabase(url, chain)
  const started = performance.now()
  const top = devnet.finalized().height
  const processor = createProcessor({
    chain,
    database,
    onBlocks: async (client, blocks) => {
      await indexBatch(client, blocks)
      // The last batch is not committed yet; the next line's clock is late by less than it took.
      if (blocks.at(-1)?.height === top) setImmediate(() => processor.stop())
    },
  })
  await processor.run()
  const seconds = (performance.now() - started) / 1000
  await database.disconnect()
  return (top + 1) / seconds
}

/** A stock Squid processor over the same blocks: all events asked for, an empty handler, no database. */
async function stockProcessed(devnet: Devnet): Promise<number> {
  const top = devnet.finalized().height
  const processor = new SubstrateBatchProcessor()
    .setRpcEndpoint(devnet.url)
    .includeAllBlocks()
    .addEvent({})
    .setBlockRange({ from: 0, to: top })
  const source = processor['getRpcDataSource']()
  const requests = processor['getBatchRequests']()
  const started = performance.now()
  let count = 0
  for await (const { blocks } of source.getFinalizedBlocks(requests, true)) count += blocks.length
  const seconds = (performance.now() - started) / 1000
  processor['getChainRpcClient']().close()
  return count / seconds
}

async function freshDatabase(server: TestServer): Promise<string> {
  const name = `bench_${randomUUID().replaceAll('-', '')}`
  const client = new Client({ connectionString: server.url })
  await client.connect()
  await client.query(`create database ${name}`)
  await client.end()
  const url = new URL(server.url)
  url.pathname = `/${name}`
  await migrate(url.href)
  return url.href
}

const processor: Bench = async ({ quick }) => {
  const devnet = await startDevnet({ chain: madeChain(quick ? 2_000 : 20_000) })
  const server = await startTestServer()
  const rates = await alternate(
    quick ? 1 : 3,
    () => processed(devnet, server),
    () => stockProcessed(devnet),
  )
  await devnet.close()
  await server.stop()
  return [
    measurement(
      'ingest.processor',
      rates.a,
      'blocks/s',
      'stock Squid processor, empty handler',
      rates.b,
    ),
  ]
}

export const benches: Record<string, Bench> = {
  'ingest.decode': decode,
  'ingest.near': beside('ingest.near', 0, 8_000),
  'ingest.far': beside('ingest.far', 100, 4_000),
  'ingest.processor': processor,
}
