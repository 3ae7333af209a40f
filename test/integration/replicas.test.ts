import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningServer, startServer } from '../../src/server'
import { migrate } from '../../src/store/migrate'
import { indexDevChain } from '../support/indexed-dev-chain'
import { type Balancer, type Cluster, startCluster, startHaproxy } from '../support/replicas'

/** The first half of the recorded chain is on all servers; the rest comes while one replica lags. */
const EARLY = 200
const HEAD = 282
const QUERY = `{ autoIds(first: 100) { totalCount nodes { id status serial nonce asOf { height hash } } } }`

let cluster: Cluster
let balancer: Balancer
let dataDir: string
const servers: RunningServer[] = []
/** The right answer at a height: what the primary says. */
const truth = new Map<number, string>()

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'auto-registry-replicas-'))
  cluster = await startCluster(2)
  await migrate(cluster.url)
  await indexDevChain(cluster.url, { to: EARLY, finalized: EARLY - 4 })
  await cluster.caughtUp()
  const databaseReadUrls = cluster.replicas.map(({ url }) => url)
  servers.push(await startApi(databaseReadUrls), await startApi(databaseReadUrls))
  balancer = await startHaproxy(servers.map(({ url }) => url))
}, 180_000)

afterAll(async () => {
  await balancer?.stop()
  for (const server of servers) await server.close()
  await cluster?.stop()
  await rm(dataDir, { recursive: true, force: true })
}, 60_000)

function startApi(databaseReadUrls: readonly string[]): Promise<RunningServer> {
  return startServer({
    databaseUrl: cluster.url,
    databaseReadUrls,
    port: 0,
    host: '127.0.0.1',
    dataDir,
    maxHeadAgeSeconds: 0,
    responderKey: null,
    responderCert: null,
    logLevel: 'silent',
  })
}

type Answer = { readonly head: number; readonly body: string; readonly isGood: boolean }

async function ask(minBlock: number | null, url = balancer.url): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(minBlock === null ? {} : { 'min-block': String(minBlock) }),
    },
    body: JSON.stringify({ query: QUERY }),
  })
  const body = await response.text()
  const head = Number((response.headers.get('index-head') ?? '-1').split(' ')[0])
  return { head, body, isGood: response.ok && !body.includes('"errors"') }
}

/** As a client does it: one retry. */
async function askTwice(minBlock: number | null): Promise<Answer> {
  const first = await ask(minBlock).catch(() => null)
  return first?.isGood === true ? first : ask(minBlock)
}

async function rememberTruth(height: number): Promise<void> {
  const primaryOnly = await startApi([])
  const answer = await ask(null, primaryOnly.url)
  await primaryOnly.close()
  expect(answer).toMatchObject({ head: height, isGood: true })
  truth.set(height, answer.body)
}

test('answers come from replicas, and are the ones the primary gives', async () => {
  await rememberTruth(EARLY)
  for (let i = 0; i < 8; i++) {
    expect(await ask(null)).toEqual({ head: EARLY, body: truth.get(EARLY), isGood: true })
  }
})

test('a client that has seen a block never gets an older answer, while one replica lags', async () => {
  const [fresh, lagging] = cluster.replicas
  if (fresh === undefined || lagging === undefined) throw new Error('no replicas')
  await lagging.pause()
  await indexDevChain(cluster.url, { to: HEAD })
  await cluster.caughtUp([fresh])
  await rememberTruth(HEAD)
  expect(truth.get(HEAD)).not.toBe(truth.get(EARLY))
  const demanding = await Promise.all(Array.from({ length: 40 }, () => ask(HEAD)))
  for (const answer of demanding) {
    expect(answer).toEqual({ head: HEAD, body: truth.get(HEAD), isGood: true })
  }
  const heads = new Set<number>()
  for (let i = 0; i < 20; i++) {
    const { head, body } = await ask(null)
    heads.add(head)
    expect(body).toBe(truth.get(head))
  }
  expect([...heads].sort()).toEqual([EARLY, HEAD])
}, 60_000)

test('a replica killed under load costs no client more than one retry, and no answer is wrong', async () => {
  const [fresh] = cluster.replicas
  let isKilled = false
  let afterKill = 0
  const client = async (i: number) => {
    let seen = 0
    for (let asked = 0; asked < 25; asked++) {
      const wasKilled = isKilled
      const answer = await askTwice(i % 2 === 0 ? seen : null)
      expect(answer.isGood).toBe(true)
      expect(answer.body).toBe(truth.get(answer.head))
      if (i % 2 === 0) expect(answer.head).toBeGreaterThanOrEqual(seen)
      seen = Math.max(seen, answer.head)
      if (wasKilled) afterKill++
    }
  }
  const clients = Promise.all(Array.from({ length: 8 }, (_, i) => client(i)))
  await new Promise((resolve) => setTimeout(resolve, 300))
  await fresh?.kill()
  isKilled = true
  await clients
  expect(afterKill).toBeGreaterThan(20)
}, 120_000)

test('with one replica dead and the other behind, the primary answers for a block only it has', async () => {
  expect(await ask(HEAD)).toEqual({ head: HEAD, body: truth.get(HEAD), isGood: true })
  const beyond = await ask(HEAD + 1)
  expect(beyond.isGood).toBe(false)
  expect(beyond.body).toContain('UNAVAILABLE')
})

test('revocation answers outlive the replica they came from', async () => {
  const id = '0x02106153c961063bad7d076150b07dc567dbc56363bbf8b268cb53fd8e7cbb16'
  for (const { url } of servers) {
    const statuses: number[] = []
    for (let i = 0; i < 3; i++) statuses.push((await fetch(`${url}/status/${id}`)).status)
    expect(statuses).toEqual([200, 200, 200])
  }
})

test('a replica that catches up serves its share again', async () => {
  const [, lagging] = cluster.replicas
  await lagging?.resume()
  await cluster.caughtUp(lagging === undefined ? [] : [lagging])
  for (let i = 0; i < 6; i++) {
    expect(await ask(null)).toEqual({ head: HEAD, body: truth.get(HEAD), isGood: true })
  }
})
