/**
 * A processor of its own indexing a long chain: time, memory, and what its last tenth costs against the first.
 * CERTIFICATES=100000 PLAN=steady `npm run bench -- ingest.growth`; prints each tenth. Of PLAN `steady` every block is the same
 * work; of `busy` issuers grow with the index, and with them what a block asks for. CPU and memory are read from /proc (Linux).
 */

import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Client } from 'pg'
import { plans } from '../../src/devnet/maker/write-chain'
import { startEmbeddedPostgres } from '../../src/embedded/postgres'
import { migrate } from '../../src/store/migrate'
import { cpuOf, peakMbOf, serverCpuOf } from './cpu'
import { type Bench, measurement } from './measurement'
import { serve } from './serve-chain'

const root = path.join(__dirname, '..', '..')
const bin = path.join(root, 'bin', 'auto-registry.js')
const LIMIT_MB = 350

/** When a tenth of the chain was indexed, and CPU used until then. */
type Mark = Readonly<Record<'height' | 'seconds' | 'node' | 'postgres', number>>

export const growth: Bench = async ({ quick }) => {
  const certificates = Number(process.env['CERTIFICATES'] ?? (quick ? 10_000 : 100_000))
  const dir = mkdtempSync(path.join(tmpdir(), 'bench-'))
  const chain = path.join(dir, 'chain')
  const plan = process.env['PLAN'] ?? 'steady'
  const made = plans[plan]?.(certificates, 1)
  if (made === undefined) throw new Error(`PLAN: no plan ${plan}`)
  const args = [bin, 'make-chain', plan, String(certificates), chain]
  if (spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status !== 0) {
    throw new Error('the chain could not be made')
  }
  const { url, node } = await serve(chain)
  const postgres = await startEmbeddedPostgres({ dataDir: dir })
  await migrate(postgres.url)
  const stop = async () => {
    node.kill()
    await postgres.stop()
    rmSync(postgres.place, { recursive: true, force: true })
    rmSync(dir, { recursive: true, force: true })
  }
  const {
    marks,
    rssMb,
    seconds: total,
  } = await follow(postgres.url, url, made.blocks).finally(stop)
  const name = 'ingest.growth'
  const size = `for ${certificates} certificates, ${plan}`
  const whole = [
    measurement(`${name}.time`, total, `s ${size}`, 'certificates a second', certificates / total),
    measurement(`${name}.rss`, rssMb, `MB at the peak ${size}`, 'limit', LIMIT_MB),
  ]
  // Heights are seen once a batch: a tenth must hold several.
  if (made.blocks < 5_000) return whole
  const first = costOf(marks[0], marks[1])
  const last = costOf(marks.at(-2), marks.at(-1))
  return [
    ...whole,
    measurement(`${name}.last-tenth`, last.wall, 'ms/block', 'first tenth', first.wall),
    measurement(`${name}.last-tenth.cpu`, last.cpu, 'CPU ms/block', 'first tenth', first.cpu),
  ]
}

/** Milliseconds a block between two marks. */
function costOf(from: Mark | undefined, to: Mark | undefined) {
  if (from === undefined || to === undefined) throw new Error('too few marks')
  const each = (key: 'seconds' | 'node' | 'postgres') =>
    ((to[key] - from[key]) * 1000) / (to.height - from.height)
  const [wall, node, postgres] = [each('seconds'), each('node'), each('postgres')]
  return { wall, node, postgres, cpu: node + postgres }
}

function show(from: Mark, to: Mark): void {
  const { wall, node, postgres } = costOf(from, to)
  const figures = [node, postgres, wall].map((figure) => figure.toFixed(2))
  console.log(`to block ${to.height}: Node, Postgres, time: ${figures.join(', ')} ms/block`)
}

/** A mark at the start and at the end of each tenth. */
async function follow(databaseUrl: string, url: string, top: number) {
  const env = { ...process.env, DATABASE_URL: databaseUrl, RPC_ENDPOINT: url, LOG_LEVEL: 'error' }
  const startedAt = performance.now()
  const processor = spawn(process.execPath, [bin, 'processor'], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  let ended = false
  processor.once('exit', () => {
    ended = true
  })
  const reader = new Client({ connectionString: databaseUrl })
  await reader.connect()
  const marks: Mark[] = []
  while ((marks.at(-1)?.height ?? -1) < top) {
    if (ended) throw new Error('the processor ended')
    await new Promise((resolve) => setTimeout(resolve, 50))
    const { rows } = await reader.query<{ height: number; pid: number | null }>(
      `select height, (select pid from pg_stat_activity where application_name = 'auto-registry processor'
         and datname = current_database() limit 1) as pid from index_status`,
    )
    const { height = -1, pid = null } = rows[0] ?? {}
    if (height < (top * marks.length) / 10 || pid === null || processor.pid === undefined) continue
    const mark = {
      height,
      seconds: (performance.now() - startedAt) / 1000,
      node: cpuOf(processor.pid),
      postgres: serverCpuOf(pid),
    }
    const last = marks.at(-1)
    if (last !== undefined && height > last.height) show(last, mark)
    marks.push(mark)
  }
  await untilComplete(reader, () => ended)
  const seconds = (performance.now() - startedAt) / 1000
  const lastMark = marks.at(-1)?.seconds ?? Number.NaN
  console.log(`indexes for readers: ${(seconds - lastMark).toFixed(1)} s`)
  const rssMb = processor.pid === undefined ? Number.NaN : peakMbOf(processor.pid)
  processor.kill()
  await reader.end()
  return { marks, rssMb, seconds }
}

/** Until the indexes that wait for the head are made: the index is of use from then on. */
async function untilComplete(reader: Client, hasEnded: () => boolean): Promise<void> {
  for (;;) {
    const { rows } = await reader.query('select from postponed_index limit 1')
    if (rows.length === 0) return
    if (hasEnded()) throw new Error('the processor ended')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
