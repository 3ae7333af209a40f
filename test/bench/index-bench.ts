/** The whole processor, node to Postgres, beside the same processor with an empty handler on the same node. */

import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Client } from 'pg'
import { pino } from 'pino'
import { connectChain } from '../../src/chain/connect'
import { createProcessor } from '../../src/chain/processor'
import { plans, writeChain } from '../../src/devnet/maker/write-chain'
import { startEmbeddedPostgres } from '../../src/embedded/postgres'
import { type ProcessorSettings, startProcessor } from '../../src/main'
import { migrate } from '../../src/store/migrate'
import { cpuOf, serverCpuOf } from './cpu'
import { measureFloor } from './floor'
import { growth } from './growth-bench'
import { type Bench, type Measurement, measurement, median } from './measurement'
import { type Served, serve } from './serve-chain'

const root = path.join(__dirname, '..', '..')

/** Time and CPU, in seconds; CPU of other processes is read from /proc (Linux). */
type Spent = Readonly<Record<'seconds' | 'node' | 'devnet' | 'postgres', number>>

/** @param backend of the Postgres server that takes part, null for none */
async function spentOn(
  devnet: ChildProcess,
  backend: number | null,
  work: () => Promise<void>,
): Promise<Spent> {
  const others = () => ({
    devnet: cpuOf(devnet.pid ?? Number.NaN),
    postgres: backend === null ? 0 : serverCpuOf(backend),
  })
  const [before, usedBefore, startedAt] = [others(), process.cpuUsage(), performance.now()]
  await work()
  const seconds = (performance.now() - startedAt) / 1000
  const [after, used] = [others(), process.cpuUsage(usedBefore)]
  return {
    seconds,
    node: (used.user + used.system) / 1_000_000,
    devnet: after.devnet - before.devnet,
    postgres: after.postgres - before.postgres,
  }
}

/** From an empty database to the head; `then` may look at the index before it is dropped. */
async function index(
  { url, node }: Served,
  maintenanceUrl: string,
  top: number,
  then: (databaseUrl: string) => Promise<void>,
): Promise<Spent> {
  const name = `bench_${process.hrtime.bigint()}`
  const admin = new Client({ connectionString: maintenanceUrl })
  await admin.connect()
  await admin.query(`create database ${name}`)
  const databaseUrl = maintenanceUrl.replace(/[^/]+$/, name)
  await migrate(databaseUrl)
  const reader = new Client({ connectionString: databaseUrl })
  await reader.connect()
  const { rows: own } = await reader.query<{ pid: number }>('select pg_backend_pid() as pid')
  const spent = await spentOn(node, own[0]?.pid ?? null, async () => {
    const processor = await startProcessor(settingsFor(url, databaseUrl), pino({ level: 'silent' }))
    for (;;) {
      const { rows } = await reader.query('select height from index_status')
      if (rows[0]?.height >= top) break
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await processor.close()
  })
  await reader.end()
  await then(databaseUrl)
  if (process.env['KEEP'] === undefined) await admin.query(`drop database ${name}`)
  await admin.end()
  return spent
}

function settingsFor(url: string, databaseUrl: string): ProcessorSettings {
  return {
    databaseUrl,
    rpcEndpoints: [url],
    rpcBatchSize: 100,
    rpcTimeoutSeconds: 30,
    finality: { type: 'NODE' },
  }
}

/** The same chain, source and runner with a handler that does nothing. */
function readOnly({ url, node }: Served, top: number): Promise<Spent> {
  return spentOn(node, null, async () => {
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
  })
}

function beside(name: string, plan: string, size: number): Bench {
  return async ({ quick }) => {
    const dir = mkdtempSync(path.join(tmpdir(), 'bench-'))
    const made = plans[plan]?.(quick ? size / 4 : size, 1)
    if (made === undefined) throw new Error(`no plan ${plan}`)
    await writeChain(made, path.join(dir, 'chain'), path.join(root, 'chains', 'dev'))
    const served = await serve(path.join(dir, 'chain'))
    const postgres = await startEmbeddedPostgres({ dataDir: dir })
    const taken: Taken = { ours: [], empty: [], signatures: [], copies: [] }
    for (let round = 0; round < (quick ? 1 : 3); round++) {
      taken.empty.push(await readOnly(served, made.blocks))
      const floor = async (databaseUrl: string) => {
        const { signatures, copies } = await measureFloor(databaseUrl)
        taken.signatures.push(signatures)
        taken.copies.push(copies)
      }
      taken.ours.push(await index(served, postgres.url, made.blocks, floor))
    }
    served.node.kill()
    await postgres.stop()
    rmSync(postgres.place, { recursive: true, force: true })
    rmSync(dir, { recursive: true, force: true })
    return results(name, made.blocks, taken)
  }
}

type Taken = { ours: Spent[]; empty: Spent[]; signatures: number[]; copies: number[] }

/**
 * The floors say what the fastest index could reach here by reading, checking signatures and copying rows alone: on one
 * core, or with a second one that nobody else uses. CPU
 * hangs less on what else the machine does than time: beside an empty handler's it is the ratio of a machine at its limit.
 */
function results(name: string, blocks: number, { ours, empty, ...floors }: Taken): Measurement[] {
  const of = (spent: readonly Spent[], key: keyof Spent) => median(spent.map((one) => one[key]))
  const read = of(empty, 'seconds')
  const bare = median(floors.signatures) + median(floors.copies)
  const row = (label: string, seconds: number) =>
    measurement(label, blocks / seconds, 'blocks/s', 'empty handler', blocks / read)
  const cpu = (label: string, used: number, reference: number) =>
    measurement(
      `${name}.cpu.${label}`,
      (used * 1000) / blocks,
      'ms/block',
      'empty handler',
      (reference * 1000) / blocks,
    )
  return [
    row(name, of(ours, 'seconds')),
    row(`${name}.floor`, read + bare),
    row(`${name}.floor.two-cores`, Math.max(read, bare)),
    cpu('processor', of(ours, 'node'), of(empty, 'node')),
    cpu('devnet', of(ours, 'devnet'), of(empty, 'devnet')),
    // An empty handler asks nothing of Postgres: it stands beside the processor it serves.
    measurement(
      `${name}.cpu.postgres`,
      (of(ours, 'postgres') * 1000) / blocks,
      'ms/block',
      'processor',
      (of(ours, 'node') * 1000) / blocks,
    ),
  ]
}

export const benches: Record<string, Bench> = {
  // Long enough that starting and ending the processor, which the empty handler has not, are no part of the rate.
  'ingest.empty': beside('ingest.empty', 'empty', 40_000),
  'ingest.busy': beside('ingest.busy', 'busy', 20_000),
  'ingest.growth': growth,
}
