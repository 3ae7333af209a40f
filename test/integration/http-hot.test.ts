/** What is kept ready for relying parties, from the whole server: sent before any route, and yet like every other answer. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { TAG } from '../../src/pki/der'
import {
  encodeElement,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from '../../src/pki/der-writer'
import { encodeOcspRequest } from '../../src/pki/ocsp-request'
import { type RunningServer, type ServerOptions, startServer } from '../../src/server'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { serverOptions } from '../support/server-options'

const STATUS = '/status/0x02106153c961063bad7d076150b07dc567dbc56363bbf8b268cb53fd8e7cbb16'
const NOW_MS = Date.parse('2026-11-19T19:30:00Z')

let database: TestDatabase
let dataDir: string
let running: RunningServer | null = null

beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url)
  dataDir = await mkdtemp(path.join(tmpdir(), 'auto-registry-test-'))
})
afterEach(async () => {
  await running?.close()
  running = null
})
afterAll(async () => {
  await database?.close()
  await rm(dataDir, { recursive: true, force: true })
})

/** The clock stands still: what was read of the head once is fresh for the whole test. */
async function start(more: Partial<ServerOptions> = {}): Promise<string> {
  running = await startServer({
    ...serverOptions(database.url, dataDir),
    nowMs: () => NOW_MS,
    ...more,
  })
  return running.url
}

const CHANGING = ['date', 'connection', 'keep-alive']

async function get(url: string, headers: Record<string, string> = {}) {
  const answer = await fetch(url, { headers })
  const kept = [...answer.headers].filter(([name]) => !CHANGING.includes(name))
  return { status: answer.status, headers: Object.fromEntries(kept), text: await answer.text() }
}

// Without the headers of the response among those kept, the second lacks x-content-type-options and the rest.
test('the second answer is the first one, header by header, and is counted like it', async () => {
  const url = await start({ corsOrigin: 'https://app.example' })
  const first = await get(url + STATUS)
  expect(first).toMatchObject({ status: 200, headers: { 'x-frame-options': 'DENY' } })
  expect(await get(url + STATUS)).toEqual(first)
  const { text } = await get(`${url}/metrics`)
  expect(text).toMatch(/http_request_seconds_count\{route="relying-parties",status="200"\} 2\n/)
})

test('a client that has it is told so', async () => {
  const url = await start()
  const { headers } = await get(url + STATUS)
  for (const etag of [headers['etag'], `"other", W/${headers['etag']}`, '*']) {
    const again = await get(url + STATUS, { 'if-none-match': etag ?? '' })
    expect(again).toMatchObject({ status: 304, text: '', headers: { etag: headers['etag'] } })
    expect(again.headers['content-length']).toBeUndefined()
  }
  expect((await get(url + STATUS, { 'if-none-match': '"other"' })).status).toBe(200)
})

// Without the charge before fromMemory the third is 200.
test("a client's share of requests holds for it as well", async () => {
  const url = await start({ trustProxy: 1, limits: { requestsPerMinute: 2 } })
  const from = { 'x-forwarded-for': '192.0.2.1' }
  const statuses = []
  for (let i = 0; i < 3; i++) statuses.push((await get(url + STATUS, from)).status)
  expect(statuses).toEqual([200, 200, 429])
})

// The counter was there and nobody counted: the dashboard's panel stayed empty.
test('each look-up in a cache is counted, as a hit or a miss', async () => {
  const url = await start()
  const counted = async () => {
    const { text } = await get(`${url}/metrics`)
    const lines = text.matchAll(/^auto_registry_cache_total\{cache="(.+)",result="(.+)"\} (\d+)$/gm)
    return [...lines].map(([, ...facts]) => facts.join(' ')).sort()
  }
  expect(await counted()).toEqual([])
  const issuer = STATUS.slice('/status/'.length)
  const body = JSON.stringify({ query: '{ statistics { keyAlgorithms { count } } }' })
  // Of nobody's certificate: the answer is UNKNOWN, and kept.
  const certId = encodeSequence(
    encodeSequence(encodeOid('1.3.14.3.2.26')),
    ...[1, 2].map((of) => encodeOctetString(new Uint8Array(20).fill(of))),
    encodeElement(TAG.integer, Uint8Array.of(7)),
  )
  const ocsp = new Uint8Array(encodeOcspRequest([certId]))
  for (let i = 0; i < 3; i++) {
    await get(url + STATUS)
    await get(`${url}/crl/${issuer}.crl`)
    await get(`${url}/status-list/0`)
    await fetch(`${url}/ocsp`, { method: 'POST', body: ocsp })
    const headers = { 'content-type': 'application/json' }
    await fetch(`${url}/graphql`, { method: 'POST', headers, body })
  }
  const caches = ['crl', 'figures', 'hot', 'ocsp', 'status-list']
  expect(await counted()).toEqual(caches.flatMap((name) => [`${name} hit 2`, `${name} miss 1`]))
})
