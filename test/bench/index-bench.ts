/** The whole processor, node to Postgres, beside the same processor with an empty handler on the same node. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Client } from 'pg'
import { pino } from 'pino'
import { connectChain } from '../../src/chain/connect'
import { createProcessor } from '../../src/chain/processor'
import { plans, writeChain } from '../../src/devnet/maker/write-chain'
import { startEmbeddedPostgres } from '../../src/embedded/postgres'
import { startProcessor } from '../../src/main'
import { migrate } from '../../src/store/migrate'
import { measureFloor } from './floor'
import { growth } from './growth-bench'
import { type Bench, type Measurement, measurement, median } from './measurement'
import { serve } from './serve-chain'

const root = path.join(__dirname, '..', '..')

/** Seconds from an empty database to the head; `then` may look at the index before it is dropped. */
async function index(
  url: string,
  maintenanceUrl: string,
  top: number,
  then: (databaseUrl: string) => Promise<void>,
): Promise<number> {
  const name = `bench_${process.hrtime.bigint()}`
  const admin = new Client({ connectionString: maintenanceUrl })
  await admin.connect()
  await admin.query(`create database ${name}`)
  const databaseUrl = maintenanceUrl.replace(/[^/]+$/, name)
  await migrate(databaseUrl)
  const reader = new Client({ connectionString: databaseUrl })
  await reader.connect()
  const startedAt = performance.now()
  const processor = await startProcessor(
    {
      databaseUrl,
      rpcEndpoints: [url],
      rpcBatchSize: 100,
      rpcTimeoutSeconds: 30,
      finality: { type: 'NODE' },
    },
    pino({ level: 'silent' }),
  )
  for (;;) {
    const { rows } = await reader.query('select height from index_status')
    if (rows[0]?.height >= top) break
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const seconds = (performance.now() - startedAt) / 1000
  await processor.close()
  await reader.end()
  await then(databaseUrl)
  if (process.env['KEEP'] === undefined) await admin.query(`drop database ${name}`)
  await admin.end()
  return seconds
}

/** The same chain, source and runner with a handler that does nothing. */
async function readOnly(url: string, top: number): Promise<number> {
  const startedAt = performance.now()
  const chain = await connectChain({ endpoints: [url] })
  await new Promise<void>((resolve, reject) => {
    const seen = (height: number) => {
      if (height >= top) resolve()
    }
    const processor = createProcessor({
      chain,
      database: {
        supportsHotBlocks: true,
        connect: async () => ({ height: -1, hash: '0x', top: [] }),
        transact: async ({ nextHead }, handle) => {
          await handle(undefined)
          seen(nextHead.height)
        },
        transactHot: async () => undefined,
        transactHot2: async ({ newBlocks }, handle) => {
          await handle(undefined, 0, newBlocks.length)
          seen(newBlocks.at(-1)?.height ?? -1)
        },
      },
      onBlocks: async () => undefined,
    })
    processor.run().catch(reject)
  })
  chain.close()
  return (performance.now() - startedAt) / 1000
}

function beside(name: string, plan: string, size: number): Bench {
  return async ({ quick }) => {
    const dir = mkdtempSync(path.join(tmpdir(), 'bench-'))
    const made = plans[plan]?.(quick ? size / 4 : size, 1)
    if (made === undefined) throw new Error(`no plan ${plan}`)
    await writeChain(made, path.join(dir, 'chain'), path.join(root, 'chains', 'dev'))
    const { url, node } = await serve(path.join(dir, 'chain'))
    const postgres = await startEmbeddedPostgres({ dataDir: dir })
    const seconds: Seconds = { ours: [], empty: [], signatures: [], copies: [] }
    for (let round = 0; round < (quick ? 1 : 3); round++) {
      seconds.empty.push(await readOnly(url, made.blocks))
      const floor = async (databaseUrl: string) => {
        const { signatures, copies } = await measureFloor(databaseUrl)
        seconds.signatures.push(signatures)
        seconds.copies.push(copies)
      }
      seconds.ours.push(await index(url, postgres.url, made.blocks, floor))
    }
    node.kill()
    await postgres.stop()
    rmSync(postgres.place, { recursive: true, force: true })
    rmSync(dir, { recursive: true, force: true })
    return results(name, made.blocks, seconds)
  }
}

type Seconds = Record<'ours' | 'empty' | 'signatures' | 'copies', number[]>

/** The floors say what the fastest index could reach here: on one core, or with a second one that nobody else uses. */
function results(name: string, blocks: number, seconds: Seconds): Measurement[] {
  const empty = median(seconds.empty)
  const bare = median(seconds.signatures) + median(seconds.copies)
  const row = (label: string, taken: number) =>
    measurement(label, blocks / taken, 'blocks/s', 'empty handler', blocks / empty)
  return [
    row(name, median(seconds.ours)),
    row(`${name}.floor: read, check signatures, copy rows`, empty + bare),
    row(`${name}.floor: the same, reading on a core of its own`, Math.max(empty, bare)),
  ]
}

export const benches: Record<string, Bench> = {
  'ingest.empty': beside('ingest.empty', 'empty', 8_000),
  'ingest.busy': beside('ingest.busy', 'busy', 10_000),
  'ingest.growth': growth,
}
