/** The whole processor, node to Postgres, beside the same processor with an empty handler on the same node. */

import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import path from 'node:path'
import { Client } from 'pg'
import { pino } from 'pino'
import { connectChain } from '../../src/chain/connect'
import { createProcessor } from '../../src/chain/processor'
import { plans, writeChain } from '../../src/devnet/maker/write-chain'
import { startEmbeddedPostgres } from '../../src/embedded/postgres'
import { type ProcessorSettings, startProcessor } from '../../src/main'
import { RegistryDatabase } from '../../src/store/hot-database'
import { migrate } from '../../src/store/migrate'
import { cpuOf, serverCpuOf } from './cpu'
import { type Floor, measureFloor } from './floor'
import { growth } from './growth-bench'
import { type Bench, type Measurement, measurement, median } from './measurement'
import { type Served, serve } from './serve-chain'

const root = path.join(__dirname, '..', '..')

/** Time and CPU, in seconds; CPU of other processes is read from /proc (Linux). */
type Spent = Readonly<Record<'seconds' | 'node' | 'devnet' | 'postgres', number>>

/** @param backend of the Postgres server that takes part */
async function spentOn(
  devnet: ChildProcess,
  backend: number,
  work: () => Promise<void>,
): Promise<Spent> {
  const others = () => ({
    devnet: cpuOf(devnet.pid ?? Number.NaN),
    postgres: serverCpuOf(backend),
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

/** A processor under way on a database, until it is stopped. */
type Running = { stop(): Promise<void> }

/** From an empty database to the head; `then` may look at the index before it is dropped. */
async function follow(
  { url, node }: Served,
  maintenanceUrl: string,
  top: number,
  start: (url: string, databaseUrl: string) => Promise<Running>,
  then: (databaseUrl: string) => Promise<void> = async () => undefined,
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
  const spent = await spentOn(node, own[0]?.pid ?? Number.NaN, async () => {
    const processor = await start(url, databaseUrl)
    for (;;) {
      const { rows } = await reader.query('select height from index_status')
      if (rows[0]?.height >= top) break
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await processor.stop()
  })
  await reader.end()
  await then(databaseUrl)
  if (process.env['KEEP'] === undefined) await admin.query(`drop database ${name}`)
  await admin.end()
  return spent
}

/** The whole processor. */
async function indexing(url: string, databaseUrl: string): Promise<Running> {
  const settings: ProcessorSettings = {
    databaseUrl,
    rpcEndpoints: [url],
    rpcBatchSize: 100,
    rpcTimeoutSeconds: 30,
    finality: { type: 'NODE' },
  }
  const processor = await startProcessor(settings, pino({ level: 'silent' }))
  return { stop: () => processor.close() }
}

/** The same source, runner and database, which keeps its position, with a handler that does nothing. */
async function handlingNothing(url: string, databaseUrl: string): Promise<Running> {
  const chain = await connectChain({ endpoints: [url] })
  const database = new RegistryDatabase(databaseUrl, chain)
  await database.connect()
  const processor = createProcessor({ chain, database, onBlocks: async () => undefined })
  const ended = processor.run()
  // Awaited when it is stopped.
  ended.catch(() => undefined)
  return {
    stop: async () => {
      processor.stop()
      await ended
      chain.close()
      await database.disconnect()
    },
  }
}

/** Rounds of both in turns, the first of them now the one, now the other: a machine's speed swings from minute to minute. */
function beside(name: string, plan: string, size: number, rounds: number): Bench {
  return async ({ quick }) => {
    const dir = mkdtempSync(path.join(tmpdir(), 'bench-'))
    const made = plans[plan]?.(quick ? size / 4 : size, 1)
    if (made === undefined) throw new Error(`no plan ${plan}`)
    await writeChain(made, path.join(dir, 'chain'), path.join(root, 'chains', 'dev'))
    const served = await serve(path.join(dir, 'chain'))
    const postgres = await startEmbeddedPostgres({ dataDir: dir })
    const taken: Taken = { ours: [], empty: [], floors: [] }
    for (let round = 0; round < (quick ? 1 : rounds); round++) {
      const takeEmpty = async () => {
        taken.empty.push(await follow(served, postgres.url, made.blocks, handlingNothing))
      }
      const floor = async (databaseUrl: string) => {
        taken.floors.push(await measureFloor(databaseUrl))
      }
      if (round % 2 === 0) await takeEmpty()
      taken.ours.push(await follow(served, postgres.url, made.blocks, indexing, floor))
      if (round % 2 === 1) await takeEmpty()
    }
    served.node.kill()
    await postgres.stop()
    rmSync(postgres.place, { recursive: true, force: true })
    rmSync(dir, { recursive: true, force: true })
    return results(name, made.blocks, taken)
  }
}

type Taken = { ours: Spent[]; empty: Spent[]; floors: Floor[] }

/**
 * The floor is the rate of a machine whose cores share, without any loss, the reading of the blocks by the empty handler
 * and what no index can do without. CPU hangs less on what else the machine does than time: beside an empty handler's it
 * is the ratio of a machine at its limit.
 */
function results(name: string, blocks: number, { ours, empty, floors }: Taken): Measurement[] {
  const of = (spent: readonly Spent[], key: keyof Spent) => median(spent.map((one) => one[key]))
  const read = of(empty, 'seconds')
  const needed = (key: keyof Floor) => median(floors.map((floor) => floor[key]))
  const reading = of(empty, 'node') + of(empty, 'devnet') + of(empty, 'postgres')
  const floor = reading + needed('signatures') + needed('certificates') + needed('copies')
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
    row(`${name}.floor`, floor / cpus().length),
    ...(['signatures', 'certificates', 'copies'] as const).map((key) =>
      cpu(`floor.${key}`, needed(key), reading),
    ),
    cpu('processor', of(ours, 'node'), of(empty, 'node')),
    cpu('devnet', of(ours, 'devnet'), of(empty, 'devnet')),
    cpu('postgres', of(ours, 'postgres'), of(empty, 'postgres')),
  ]
}

export const benches: Record<string, Bench> = {
  // Long enough that starting and ending the processor, which the empty handler has not, are no part of the rate.
  'ingest.empty': beside('ingest.empty', 'empty', 40_000, 15),
  'ingest.busy': beside('ingest.busy', 'busy', 20_000, 3),
  'ingest.growth': growth,
}
