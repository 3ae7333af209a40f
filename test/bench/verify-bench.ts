/**
 * Answers: verdicts beside the bare signatures and beside a constant resolver of the same server, and the tail latency
 * of each common question over a large index beside a small one. `BENCH_SMALL` and `BENCH_LARGE` name indexes that are
 * already filled (see pg-load.ts, multiply-index.ts); without them both are filled here.
 */

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createPublicKey, verify as verifySignature } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import path from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { parseCertificate } from '../../src/pki/certificate'
import { registryReaders } from '../../src/store/read/readers'
import type { Evidence } from '../../src/verify/evidence'
import { DEFAULT_POLICY } from '../../src/verify/policy'
import { verifyEvidence } from '../../src/verify/verify-auto-id'
import { startTestServer } from '../support/postgres-server'
import type { LoadOptions } from './http-load'
import {
  alternate,
  type Bench,
  inTurn,
  type Measurement,
  measurement,
  median,
  ratePerCpuSecond,
} from './measurement'
import { multiplyIndex } from './multiply-index'
import { loadIndex, planOf } from './pg-load'

const SAMPLES = 400
const CONNECTIONS = 8
const WARM_UP_MS = 3_000
const agent = new Agent({ keepAlive: true })

type Index = {
  readonly url: string
  readonly samples: readonly Sample[]
  /** With one issuer between them and a root. */
  readonly deeper: readonly Pick<Sample, 'autoId'>[]
  readonly size: number
}
type Sample = { readonly autoId: string; readonly serial: string; readonly name: string }
type Server = { readonly url: string; readonly process: ChildProcess }

/** A question about one of the samples. */
const questions: Readonly<Record<string, (sample: Sample) => string>> = {
  autoId: ({ autoId }) =>
    `{ autoId(id: "${autoId}") { id status commonName issuer { id } certificate { fingerprint } } }`,
  certificateChain: ({ autoId }) =>
    `{ certificateChain(autoId: "${autoId}") { complete certificates { serial } pem } }`,
  revocationStatus: ({ autoId }) =>
    `{ revocationStatus(of: { autoId: "${autoId}" }) { status reason revokedAt { height } } }`,
  verify: ({ autoId }) =>
    `{ verify(subject: { autoId: "${autoId}" }) { verdict failures { code } chain { checks { code outcome } } } }`,
  eventsPage: ({ autoId }) =>
    `{ events(filter: { autoId: "${autoId}" }, first: 20) { nodes { id kind } } newest: events(first: 20, orderBy: NEWEST_FIRST) { nodes { id kind } } }`,
  searchName: ({ name }) => `{ search(text: "${name}") { kind label matched } }`,
  searchSerial: ({ serial }) => `{ search(text: "${serial}") { kind label matched } }`,
}

async function withIndexes<T>(
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
async function withSmallIndex<T>(quick: boolean, use: (small: Index) => Promise<T>): Promise<T> {
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

async function startApi(databaseUrl: string): Promise<Server> {
  const child = spawn(process.execPath, [path.join(__dirname, 'serve.js'), databaseUrl], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the API ended')))
    child.stdout?.once('data', (line) => resolve(String(line).trim()))
  })
  return { url, process: child }
}

async function stopApi({ process: child }: Server): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.stdin?.end()
  await ended
}

const answers: Bench = ({ quick }) =>
  withIndexes(quick, async (small, large) => {
    const servers = { small: await startApi(small.url), large: await startApi(large.url) }
    const results: Measurement[] = []
    for (const [name, question] of Object.entries(questions)) {
      const times = await interleave(servers, { small, large }, question, quick ? 300 : 2_000)
      for (const [label, share] of [
        ['p50', 0.5],
        ['p99', 0.99],
      ] as const) {
        results.push(
          measurement(
            `verify.answers.${name}.${label}`,
            quantile(times.large, share),
            `ms at ${large.size.toLocaleString('en')}`,
            `at ${small.size.toLocaleString('en')}`,
            quantile(times.small, share),
          ),
        )
      }
    }
    await stopApi(servers.small)
    await stopApi(servers.large)
    return results
  })

type Pair<T> = { readonly small: T; readonly large: T }

/** One question to the small index, one to the large: whatever else the machine does hits both alike. */
async function interleave(
  servers: Pair<Server>,
  indexes: Pair<Index>,
  question: (sample: Sample) => string,
  count: number,
): Promise<{ small: number[]; large: number[] }> {
  const times: { small: number[]; large: number[] } = { small: [], large: [] }
  const warmUp = 50
  for (let i = -warmUp; i < count; i++) {
    for (const side of ['small', 'large'] as const) {
      const { samples } = indexes[side]
      const sample = samples[(i + warmUp) % samples.length]
      if (sample === undefined) throw new Error('an empty index')
      const started = performance.now()
      await ask(servers[side].url, question(sample))
      if (i >= 0) times[side].push(performance.now() - started)
    }
  }
  return times
}

async function ask(url: string, query: string): Promise<void> {
  const body = JSON.stringify({ query })
  const text = await new Promise<string>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length }
    const sent = request(`${url}/graphql`, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    })
    sent.once('error', reject).end(body)
  })
  if (!text.startsWith('{"data":')) throw new Error(`not answered: ${text.slice(0, 300)}`)
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/**
 * Verdicts by the RFC 5280 profile from evidence nobody has looked at before, beside the signatures of its path alone.
 * Issuers are known from other verdicts, targets never; since and until when a verdict holds are figures of their own,
 * because only who asks for them pays for them.
 */
const cold: Bench = ({ quick }) =>
  withSmallIndex(quick, async (small) => [
    ...(await coldOn('verify.cold', await readEvidences(small, small.samples), quick)),
    ...(await coldOn('verify.cold.path3', await readEvidences(small, small.deeper), quick)),
  ])

async function coldOn(
  name: string,
  all: readonly Evidence[],
  quick: boolean,
): Promise<Measurement[]> {
  const policy = { ...DEFAULT_POLICY, profile: 'RFC5280' as const }
  const evidences = all.filter((evidence) => verifyEvidence(evidence, policy).verdict === 'VALID')
  if (evidences.length === 0) throw new Error(`${name}: no valid sample`)
  const signatures = evidences.map(signaturesOf)
  const count = signatures[0]?.length ?? 0
  const milliseconds = quick ? 500 : 2_000
  let turn = 0
  const next = <T>(list: readonly T[]): T => list[turn++ % list.length] as T
  const rate = (work: () => void) => () => ratePerCpuSecond(milliseconds, work)
  const loads = [
    rate(() => verifyEvidence(next(evidences), policy)),
    rate(() => verifyEvidence(next(evidences), policy).span()),
    rate(() => {
      for (const check of next(signatures)) check()
    }),
  ]
  // A server has judged thousands before: code is compiled for speed only after some seconds.
  ratePerCpuSecond(WARM_UP_MS, () => verifyEvidence(next(evidences), policy).span())
  const rates = await inTurn(quick ? 3 : 5, loads)
  const [verdict = 0, span = 0, bare = 0] = rates
  const reference = `${count} ${count === 1 ? 'signature' : 'signatures'} of its path alone`
  return [
    measurement(name, verdict, 'verdicts/CPU s', reference, bare),
    measurement(`${name}.span`, span, 'verdicts/CPU s', reference, bare),
  ]
}

async function readEvidences(
  { url }: Index,
  samples: readonly Pick<Sample, 'autoId'>[],
): Promise<Evidence[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ height: number; hash: string; timestamp: Date }>(
    'select height, id as hash, timestamp from block order by height desc limit 1',
  )
  const [head] = rows
  if (head === undefined) throw new Error('an empty index')
  const timeMs = head.timestamp.getTime()
  const state = { height: head.height, hash: head.hash, timeMs, isFinal: true } as const
  const read = registryReaders(client as unknown as Parameters<typeof registryReaders>[0])
  const evidences: Evidence[] = []
  for (const { autoId } of samples.slice(0, 100)) {
    const moment = { state, clockMs: timeMs, knownAt: state } as Parameters<typeof read.evidence>[0]
    evidences.push(await read.evidence(moment, { autoId } as Parameters<typeof read.evidence>[1]))
  }
  await client.end()
  return evidences
}

/** The path's signatures below the anchor, keys imported beforehand: what nobody can do without. */
function signaturesOf({ hops }: Evidence): (() => void)[] {
  return hops.slice(0, -1).flatMap(({ certificate }, position) => {
    const issuer = hops[position + 1]
    if (certificate.der === null || issuer === undefined) return []
    const { tbs, signature } = parseCertificate(certificate.der)
    const spki = Buffer.from(issuer.certificate.spki)
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' })
    return [
      () => {
        if (!verifySignature(null, tbs, key, signature)) throw new Error('a bad sample')
      },
    ]
  })
}

/** The same question again and again, beside a constant of the same server. */
const warm: Bench = ({ quick }) =>
  withSmallIndex(quick, async (small) => {
    const server = await startApi(small.url)
    const [sample] = small.samples
    if (sample === undefined) throw new Error('an empty index')
    const get = (query: string) => `${server.url}/graphql?query=${encodeURIComponent(query)}`
    const verify = get(`{ verify(subject: { autoId: "${sample.autoId}" }) { verdict } }`)
    const seconds = quick ? 1 : 4
    const costs: { verify: number[]; constant: number[] } = { verify: [], constant: [] }
    const measured = async (url: string, into: number[]) => {
      const before = cpuSeconds(server)
      const answered = await rate(url, seconds)
      into.push(((cpuSeconds(server) - before) * 1_000) / (answered * seconds))
      return answered
    }
    const rates = await alternate(
      quick ? 1 : 5,
      () => measured(verify, costs.verify),
      () => measured(get('{ __typename }'), costs.constant),
    )
    await stopApi(server)
    return [
      measurement(
        'verify.warm.cpu',
        median(costs.verify),
        'CPU ms an answer',
        'constant resolver',
        median(costs.constant),
      ),
      measurement('verify.warm', rates.a, 'answers/s', 'constant resolver', rates.b),
    ]
  })

/** Of the process and its threads so far, however busy the machine is: Linux counts it in hundredths. */
function cpuSeconds({ process: { pid } }: Server): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

async function rate(url: string, seconds: number): Promise<number> {
  const options: LoadOptions = { url, seconds, connections: CONNECTIONS }
  const script = path.join(__dirname, 'http-load.js')
  const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(options)])
  return Number(stdout)
}

export const benches: Record<string, Bench> = {
  'verify.cold': cold,
  'verify.warm': warm,
  'verify.answers': answers,
}
