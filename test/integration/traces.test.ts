/** Traces against a collector on a real socket. Each was tried with its watcher left out of `openTracing`: no such span. */

import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { Client } from 'pg'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startDevnet } from '../../src/devnet/devnet'
import { startProcessor } from '../../src/main'
import { startTraces } from '../../src/ops/traces'
import { requestIdOf } from '../../src/request-id'
import { startServer } from '../../src/server'
import { createTestDatabase, type TestDatabase } from '../support/postgres'

type Value = { stringValue?: string; intValue?: number }
type ReceivedSpan = {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  attributes: { key: string; value: Value }[]
  status: { code?: number }
}
type Received = {
  resourceSpans: {
    resource: { attributes: { key: string; value: Value }[] }
    scopeSpans: { spans: ReceivedSpan[] }[]
  }[]
}

/** Takes spans as an OpenTelemetry collector does. */
class Collector {
  readonly paths: string[] = []
  readonly bodies: string[] = []
  private readonly server: Server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    this.paths.push(request.url ?? '')
    this.bodies.push(body)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  get received(): Received['resourceSpans'] {
    return this.bodies.flatMap((body) => (JSON.parse(body) as Received).resourceSpans)
  }

  get spans(): ReceivedSpan[] {
    return this.received.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }
}

const options = { service: 'test', version: '0', requestIdOf }
const { cache } = createRequire(__filename)
const isLoaded = () =>
  Object.keys(cache).some((file) => /@opentelemetry.(sdk|exporter|otlp)/.test(file))

const attribute = ({ attributes }: ReceivedSpan, key: string) => {
  const value = attributes.find((each) => each.key === key)?.value
  return value?.stringValue ?? value?.intValue
}

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.close())

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: database.url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

async function index(): Promise<void> {
  const devnet = await startDevnet({ chainDir: 'chains/dev', initialHeight: 60 })
  const processor = await startProcessor(
    {
      databaseUrl: database.url,
      rpcEndpoints: [devnet.url],
      rpcBatchSize: 100,
      rpcTimeoutSeconds: 30,
      finality: { type: 'NODE' },
      headPollMs: 20,
    },
    pino({ level: 'silent' }),
  )
  for (;;) {
    const [row] = await query('select height from index_status')
    if (Number(row?.['height']) === 60) break
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await processor.close()
  await devnet.close()
}

async function ask(query: string, headers: Record<string, string>): Promise<Response> {
  const server = await startServer({
    databaseUrl: database.url,
    databaseReadUrls: [],
    port: 0,
    host: '127.0.0.1',
    dataDir: tmpdir(),
    maxHeadAgeSeconds: 0,
    responderKey: null,
    responderCert: null,
    logLevel: 'fatal',
  })
  try {
    const answer = await fetch(`${server.url}/graphql?secret=hush`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer hush', ...headers },
      body: JSON.stringify({ query }),
    })
    await answer.text()
    return answer
  } finally {
    await server.close()
  }
}

describe('traces', () => {
  test('load nothing of the SDK while there is no endpoint', async () => {
    const traces = await startTraces({ ...options, endpoint: null })
    await traces.close()
    expect(isLoaded()).toBe(false)
  })

  test('tell of batches, calls to the node, requests, operations and SQL, each below what caused it', async () => {
    const collector = new Collector()
    const traces = await startTraces({ ...options, endpoint: `${await collector.open()}/` })
    expect(isLoaded()).toBe(true)
    const traceparent = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`
    await index()
    const document =
      'query Named { autoIds(first: 3, filter: { commonName: "hush" }) { totalCount } }'
    const answer = await ask(document, { 'x-request-id': 'request-1', traceparent })
    expect(answer.headers.get('x-request-id')).toBe('request-1')
    await traces.close()
    const { spans, bodies, paths } = collector
    await collector.close()
    expect(new Set(paths)).toEqual(new Set(['/v1/traces']))

    const children = (parent: ReceivedSpan) =>
      spans.filter(({ parentSpanId }) => parentSpanId === parent.spanId)
    const request = spans.find(({ name }) => name === 'POST /graphql')
    if (request === undefined) throw new Error('no request was told of')
    expect([request.traceId, request.parentSpanId]).toEqual(['ab'.repeat(16), 'cd'.repeat(8)])
    expect(attribute(request, 'http.request.id')).toBe('request-1')
    expect(attribute(request, 'http.response.status_code')).toBe(200)
    const operation = children(request).find(({ name }) => name === 'GraphQL query')
    if (operation === undefined) throw new Error('no operation was told of')
    expect(attribute(operation, 'graphql.operation.name')).toBe('Named')
    expect(children(operation).map(({ name }) => name)).toContain('SQL select')

    const batch = spans.find(({ name }) => name === 'processor batch')
    if (batch === undefined) throw new Error('no batch was told of')
    expect(attribute(batch, 'block.from')).toBe(0)
    const statements = children(batch).map(({ name }) => name)
    expect(statements).toEqual(expect.arrayContaining(['SQL begin', 'SQL update', 'SQL commit']))
    const calls = spans.filter(({ name }) => name === 'RPC chain_getBlock')
    expect(calls.some((call) => Number(attribute(call, 'rpc.batch.size')) > 1)).toBe(true)

    // What clients send, and what a URL may hold beside host and path, stays here.
    expect(bodies.join('\n')).not.toContain('hush')
  })

  test('are over when they are closed', async () => {
    const collector = new Collector()
    const traces = await startTraces({ ...options, endpoint: await collector.open() })
    await traces.close()
    await query('select 1')
    expect(collector.bodies).toEqual([])
    await collector.close()
  })

  test('of a collector that is away hold up nothing', async () => {
    const traces = await startTraces({ ...options, endpoint: 'http://127.0.0.1:1' })
    expect((await ask('{ __typename }', {})).status).toBe(200)
    await traces.close()
  })
})

describe('request ids', () => {
  // Taking any text, the header would carry what the client chose into logs.
  test('are the client’s where they are plain words, else ours', async () => {
    const idOf = async (given: string) =>
      (await ask('{ __typename }', { 'x-request-id': given })).headers.get('x-request-id')
    expect(await idOf('a-b_c.1:2')).toBe('a-b_c.1:2')
    expect(await idOf('{"level":50}')).toMatch(/^[0-9a-f-]{36}$/)
    expect(await idOf('x'.repeat(129))).toMatch(/^[0-9a-f-]{36}$/)
  })
})
