/**
 * What the benches of answers ask: an index of a few certificates, one of many, and an API over each in a process of its
 * own. `BENCH_SMALL` and `BENCH_LARGE` name indexes that are already filled (see pg-load.ts, multiply-index.ts); without
 * them both are filled here.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { Client } from 'pg'
import { startTestServer } from '../support/postgres-server'
import { multiplyIndex } from './multiply-index'
import { loadIndex, planOf } from './pg-load'

const SAMPLES = 400

export type Index = {
  readonly url: string
  readonly samples: readonly Sample[]
  /** With one issuer between them and a root. */
  readonly deeper: readonly Pick<Sample, 'autoId'>[]
  readonly size: number
}
export type Sample = { readonly autoId: string; readonly serial: string; readonly name: string }
export type Server = { readonly url: string; readonly process: ChildProcess }

export async function withIndexes<T>(
  quick: boolean,
  use: (small: Index, large: Index) => Promise<T>,
): Promise<T> {
  const { BENCH_SMALL: smallUrl, BENCH_LARGE: largeUrl } = process.env
  if (smallUrl !== undefined && largeUrl !== undefined) {
    return use(await openIndex(smallUrl), await openIndex(largeUrl))
  }
  const server = await startTestServer()
  try {
    const small = await createDatabase(server.url, 'bench_small')
    const large = await createDatabase(server.url, 'bench_large')
    await loadIndex(small, planOf(quick ? 200 : 1_000))
    await loadIndex(large, planOf(quick ? 1_000 : 20_000))
    await multiplyIndex(large, quick ? 5 : 50)
    return await use(await openIndex(small), await openIndex(large))
  } finally {
    await server.stop()
  }
}

/** The small index alone: what does not grow with the index needs no large one. */
export async function withSmallIndex<T>(
  quick: boolean,
  use: (small: Index) => Promise<T>,
): Promise<T> {
  const { BENCH_SMALL: url } = process.env
  if (url !== undefined) return use(await openIndex(url))
  const server = await startTestServer()
  try {
    const small = await createDatabase(server.url, 'bench_small')
    await loadIndex(small, planOf(quick ? 200 : 1_000))
    return await use(await openIndex(small))
  } finally {
    await server.stop()
  }
}

async function createDatabase(maintenanceUrl: string, name: string): Promise<string> {
  const admin = new Client({ connectionString: maintenanceUrl })
  await admin.connect()
  await admin.query(`create database ${name}_${process.pid}`)
  await admin.end()
  const url = new URL(maintenanceUrl)
  url.pathname = `/${name}_${process.pid}`
  return url.href
}

/** Real rows, not copies: old ones, right below a root, so that chains are as long in every index; and names that nobody shares. */
const SAMPLED = `
  select o.auto_id as "autoId", o.serial, n.name, (select count(*)::int from certificate) as size
    from (select v.auto_id, v.serial, row_number() over (order by v.first_event_id) as turn
            from auto_id_version v
            join auto_id_version i on i.auto_id = v.issuer_id and i.block_to is null and i.issuer_id is null
           where v.block_to is null and v.active limit ${SAMPLES}) o
    join (select common_name as name,
                 row_number() over (order by length(common_name) desc, md5(auto_id)) as turn
            from auto_id_version where block_to is null limit ${SAMPLES}) n on n.turn = o.turn`

const DEEPER = `
  select v.auto_id as "autoId"
    from auto_id_version v
    join auto_id_version i on i.auto_id = v.issuer_id and i.block_to is null
    join auto_id_version r on r.auto_id = i.issuer_id and r.block_to is null and r.issuer_id is null
   where v.block_to is null and v.active and i.active
   order by v.first_event_id limit ${SAMPLES}`

async function openIndex(url: string): Promise<Index> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<Sample & { size: number }>(SAMPLED)
  const { rows: deeper } = await client.query<Pick<Sample, 'autoId'>>(DEEPER)
  await client.end()
  return { url, samples: rows, deeper, size: rows[0]?.size ?? 0 }
}

export async function startApi(databaseUrl: string): Promise<Server> {
  const child = spawn(process.execPath, [path.join(__dirname, 'serve.js'), databaseUrl], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the API ended')))
    child.stdout?.once('data', (line) => resolve(String(line).trim()))
  })
  return { url, process: child }
}

export async function stopApi({ process: child }: Server): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.stdin?.end()
  await ended
}
