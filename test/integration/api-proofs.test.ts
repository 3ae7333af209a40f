/** Proofs over GraphQL: what they cost a stranger, and what a node that is away costs the API. */

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { fewAtOnce, type ProofSource } from '../../src/api/proofs'
import { type Devnet, startDevnet } from '../../src/devnet/devnet'
import { type ServerOptions, startServer } from '../../src/server'
import { openTestApi } from '../support/api'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { serverOptions } from '../support/server-options'

let database: TestDatabase
let dataDir: string
let devnet: Devnet
let agent: string
const cleanups: (() => unknown)[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url)
  dataDir = await mkdtemp(path.join(tmpdir(), 'auto-registry-test-'))
  devnet = await startDevnet({ chainDir: 'chains/dev' })
  agent = JSON.parse(await readFile('chains/dev/story.json', 'utf8')).agent
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})
afterAll(async () => {
  await devnet?.close()
  await database?.close()
  await rm(dataDir, { recursive: true, force: true })
})

async function start(rpcUrl: string, limits: ServerOptions['limits'] = {}): Promise<string> {
  const server = await startServer({
    ...serverOptions(database.url, dataDir),
    rpcEndpoints: [rpcUrl],
    limits,
  })
  cleanups.push(() => server.close())
  return server.url
}

type Answer = { data?: unknown; errors?: { message: string; extensions: { code: string } }[] }

async function ask(url: string, query: string): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  return (await response.json()) as Answer
}

const codesOf = ({ errors = [] }: Answer) => errors.map(({ extensions }) => extensions.code)
const STATE = () => `stateProof(autoId: "${agent}", at: { block: 276 })`
const HEAD = '{ status { head { height } } }'

async function silentNode(): Promise<string> {
  const sockets: Socket[] = []
  const server = createServer((socket) => sockets.push(socket.on('error', () => undefined)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('a node that is away', () => {
  // Without `until` in `openProofSource` a proof ends by the node's own 10 s; without `fewAtOnce` the twenty hold every
  // connection, and the question about the head is refused.
  test.each(['ws://127.0.0.1:1', 'a silent WebSocket'])(
    'at %s: proofs end at API_TIMEOUT, few wait at once, and other questions go on',
    async (node) => {
      const rpcUrl = node.startsWith('ws:') ? node : await silentNode()
      const url = await start(rpcUrl, { requestTimeoutMs: 3_000, maxConnections: 8 })
      const proofs = Array.from({ length: 20 }, () => ask(url, `{ ${STATE()} { complete } }`))
      expect(await ask(url, HEAD)).toMatchObject({ data: { status: { head: { height: 282 } } } })
      const answers = await Promise.all(proofs)
      for (const answer of answers) expect(codesOf(answer)).toEqual(['UNAVAILABLE'])
      const messages = answers.map(({ errors }) => errors?.[0]?.message ?? '')
      const late = messages.filter((message) => /took too long/.test(message))
      const refused = messages.filter((message) => /ask again/.test(message))
      expect(late.length + refused.length).toBe(20)
      expect(late.length).toBeGreaterThanOrEqual(4)
      expect(refused.length).toBeGreaterThan(0)
      expect(await ask(url, HEAD)).toMatchObject({ data: { status: { head: { height: 282 } } } })
    },
  )

  // With API_MAX_PROOFS alone the four hold both connections: the head is told when the first of them has ended.
  test('half of the connections stay for other questions, whatever API_MAX_PROOFS is', async () => {
    const url = await start(await silentNode(), { requestTimeoutMs: 3_000, maxConnections: 2 })
    const ended: string[] = []
    const proofs = Array.from({ length: 4 }, async () => {
      const { errors } = await ask(url, `{ ${STATE()} { complete } }`)
      ended.push(errors?.[0]?.message ?? '')
    })
    await vi.waitUntil(() => ended.length > 0, 30_000)
    expect(await ask(url, HEAD)).toMatchObject({ data: { status: { head: { height: 282 } } } })
    expect(ended.filter((message) => /took too long/.test(message))).toEqual([])
    await Promise.all(proofs)
    expect(ended.map((message) => /ask again/.test(message))).toEqual([true, true, true, false])
  })
})

describe('fewAtOnce', () => {
  const waiting: (() => void)[] = []
  const source: ProofSource = {
    within: () => ({
      state: () => new Promise((resolve) => waiting.push(() => resolve({} as never))),
      block: () => Promise.reject(new Error('no such block')),
      bundle: () => Promise.reject(new Error('no such bundle')),
    }),
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve))

  test('runs those of one operation in turn, refuses another one, and lets it in afterwards, also after a failure', async () => {
    const few = fewAtOnce(source, 1)
    const [one, other] = [new AbortController().signal, new AbortController().signal]
    const first = few.within(one).state('0x', '0x')
    const second = few.within(one).state('0x', '0x')
    await settle()
    expect(waiting).toHaveLength(1)
    await expect(few.within(other).block('0x')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    waiting.pop()?.()
    await first
    await settle()
    await expect(few.within(other).block('0x')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    waiting.pop()?.()
    await second
    for (let i = 0; i < 2; i++) {
      await expect(few.within(other).block('0x')).rejects.toThrow('no such block')
    }
  })
})

describe('the price of proofs', () => {
  // Priced by their fields alone these cost 0, 3 and 3.
  test.each([
    ['evidenceBundle', () => `evidenceBundle(autoId: "${agent}")`],
    ['stateProof', () => `${STATE()} { nodes }`],
    ['blockProof', () => 'blockProof(height: 230) { nodes }'],
  ])('%s has one whatever is selected', async (_, field) => {
    const url = await start(devnet.url, { maxComplexity: 2_500 })
    expect(codesOf(await ask(url, `{ ${field()} }`))).toEqual([])
    expect(codesOf(await ask(url, `{ a: ${field()} b: ${field()} }`))).toEqual([
      'QUERY_TOO_COMPLEX',
    ])
  })

  // Without the limit a list of 200,000 serials for each hop is written out in every answer.
  test('the lists of a state proof honour API_MAX_LIST_SIZE', async () => {
    const lists = `{ ${STATE()} { hops { revocationList } } }`
    expect(codesOf(await ask(await start(devnet.url), lists))).toEqual([])
    const url = await start(devnet.url, { maxListSize: 0 })
    expect(codesOf(await ask(url, lists))).toEqual(['QUERY_TOO_COMPLEX'])
  })
})

describe('fields at the top', () => {
  const version = (count: number, name: string) =>
    Array.from({ length: count }, (_, i) => `${name}${i}: status { version }`).join(' ')
  // Counting the selections of the operation itself, each of these has one.
  test.each([
    ['fragments', `{ ...a } fragment a on Query { ${version(6, 'a')} }`],
    ['inline fragments', `{ ... on Query { ${version(6, 'a')} } }`],
    [
      'nested ones',
      `{ ...b } fragment b on Query { ...a ...a } fragment a on Query { ${version(3, 'a')} }`,
    ],
  ])('are counted in %s', async (_, query) => {
    const ask = async (maxRootFields: number) => {
      const api = openTestApi(database.url, { limits: { maxRootFields } })
      const { answer } = await api.post(query)
      await api.close()
      return answer.errors?.map(({ extensions }) => extensions?.['code'])
    }
    expect(await ask(5)).toEqual(['QUERY_TOO_COMPLEX'])
    expect(await ask(6)).toBeUndefined()
  })
})

describe('a batch of operations in one request', () => {
  // With yoga's `batching` on, one request is many operations.
  test('is refused', async () => {
    const url = await start(devnet.url)
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ query: HEAD }, { query: HEAD }]),
    })
    expect(response.status).toBe(400)
    expect(await response.text()).not.toContain('"data"')
  })
})

describe('a snapshot that is cancelled', () => {
  // Ending the running statement alone, a cancellation between two statements ended nothing.
  test('answers no further question', async () => {
    const api = openTestApi(database.url)
    const snapshot = await api.openSnapshot({ minBlock: null, maxLagSeconds: null })
    expect(await snapshot.read.status.counts()).toBeTruthy()
    snapshot.cancel()
    await expect(snapshot.read.status.counts()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await snapshot.close()
    await api.close()
  })
})
