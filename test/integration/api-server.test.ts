/** The whole API process over real sockets. */

import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config'
import { AppError } from '../../src/errors'
import { type RunningServer, startServer } from '../../src/server'
import { commonHeight, indexBranch } from '../support/branches'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { serverOptions } from '../support/server-options'
import { until } from '../support/until'

let database: TestDatabase
let dataDir: string
let server: RunningServer

const options = () => serverOptions(database.url, dataDir)

beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url, { to: commonHeight })
  dataDir = await mkdtemp(path.join(tmpdir(), 'auto-registry-test-'))
  server = await startServer(options())
})
afterAll(async () => {
  await server?.close()
  await database?.close()
  await rm(dataDir, { recursive: true, force: true })
})

const post = (query: string, init: RequestInit = {}) =>
  fetch(`${server.url}/graphql`, {
    method: 'POST',
    body: JSON.stringify({ query }),
    ...init,
    headers: { 'content-type': 'application/json', ...init.headers },
  })

async function subscribers(): Promise<number> {
  const response = await post('{ status { subscribers } }')
  const { data } = (await response.json()) as { data: { status: { subscribers: number } } }
  return data.status.subscribers
}

/** The status lines of what the server answers to these bytes. */
async function sendRaw(text: string): Promise<string[]> {
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  socket.write(text)
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  return answer.match(/^HTTP\/1\.1 \d{3}/gm) ?? []
}

describe('the API process', () => {
  test.each(['{ nope }', '{'])('its very first answer says the head, to %j too', async (query) => {
    const fresh = await startServer(options())
    const { headers } = await fetch(`${fresh.url}/graphql`, {
      method: 'POST',
      body: JSON.stringify({ query }),
      headers: { 'content-type': 'application/json' },
    })
    await fresh.close()
    expect(headers.get('index-head')).toMatch(/^278 0x[0-9a-f]{64}$/)
  })

  test.each(['localhost', 'x:99999', 'a:b:c', '[::1', '1.2.3.4.5', 'xn--', 'a@b', ''])(
    'Host %j is no failure of ours, on no route',
    async (host) => {
      for (const target of ['/healthz', '/responder.pem', '/graphql?query=%7B__typename%7D']) {
        const text = `GET ${target} HTTP/1.1\r\nhost: ${host}\r\naccept: application/json\r\nconnection: close\r\n\r\n`
        expect([target, await sendRaw(text)]).toEqual([target, ['HTTP/1.1 200']])
      }
      const absent = `GET /no/such HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`
      expect(await sendRaw(absent)).toEqual(['HTTP/1.1 404'])
    },
  )

  test.each(['TRACE', 'PROPFIND', 'PUT', 'DELETE'])(
    '%s is 405 on every path, GET and HEAD are answered',
    async (method) => {
      for (const target of ['/healthz', '/graphql', '/no/such', '/r/none/x']) {
        const text = `${method} ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`
        expect([target, await sendRaw(text)]).toEqual([target, ['HTTP/1.1 405']])
      }
      for (const known of ['GET', 'HEAD']) {
        const text = `${known} /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`
        expect(await sendRaw(text)).toEqual(['HTTP/1.1 200'])
      }
    },
  )

  test.each(['/ocsp', '/graphql'])(
    'a body to %s that is cut short is counted as no failure',
    async (target) => {
      const { hostname, port } = new URL(server.url)
      const whole = `POST ${target} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n`
      for (const end of ['end', 'destroy'] as const) {
        const socket = connect(Number(port), hostname)
        socket.on('error', () => undefined)
        socket.write(`${whole}content-length: 100\r\n\r\n{"query"`, () => {
          setTimeout(() => socket[end](), 100)
        })
        socket.resume()
        await new Promise((resolve) => socket.once('close', resolve))
      }
      await new Promise((resolve) => setTimeout(resolve, 200))
      const metrics = await (await fetch(`${server.url}/metrics`)).text()
      expect(metrics.match(/http_request_seconds_count\{[^}]*status="5.*/g)).toBe(null)
    },
  )

  test('answers GraphQL, the relying parties and a scrape on one port', async () => {
    const answer = await post('{ status { head { height } version } }')
    expect(await answer.json()).toMatchObject({ data: { status: { head: { height: 278 } } } })
    expect(answer.headers.get('index-head')).toMatch(/^278 0x[0-9a-f]{64}$/)
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
    expect(await (await fetch(`${server.url}/responder.pem`)).text()).toContain('BEGIN CERTIFICATE')
    expect(await (await fetch(`${server.url}/metrics`)).text()).toContain(
      'auto_registry_head_height 278',
    )
    expect((await fetch(`${server.url}/no/such/page`)).status).toBe(404)
  })

  test('tells a subscriber of a new block over Server-Sent Events, and lets go of one that left', async () => {
    const before = await subscribers()
    const gone = new AbortController()
    const response = await post('subscription { events { kind block { height } } }', {
      headers: { accept: 'text/event-stream' },
      signal: gone.signal,
    })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    await until(async () => (await subscribers()) === before + 1)
    await indexBranch(database.url, 'canonical', 279, 279)
    let text = ''
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString()
      if (text.includes('event: next')) break
    }
    expect(text).toContain('{"data":{"events":{"kind":"REGISTERED","block":{"height":279}}}}')
    gone.abort()
    await until(async () => (await subscribers()) === before)
  })

  test('reads may come from any origin; nothing in a browser is trusted with credentials', async () => {
    const response = await post('{ status { version } }', {
      headers: { origin: 'https://elsewhere.example' },
    })
    expect(response.headers.get('access-control-allow-origin')).toMatch(
      /^(?:\*|https:\/\/elsewhere\.example)$/,
    )
    expect(response.headers.get('access-control-allow-credentials')).toBeNull()
    expect(response.headers.get('access-control-expose-headers')).toContain('index-head')
  })

  // Tried with `closeAllConnections` at once: the question is cut off.
  test('lets a question under way finish before it ends, and takes no new one', async () => {
    const second = await startServer(options())
    const blocker = new Client({ connectionString: database.url })
    await blocker.connect()
    await blocker.query('begin; lock table registration in access exclusive mode')
    const body = JSON.stringify({
      query: '{ autoIds(first: 1) { nodes { registrations { ordinal } } } }',
    })
    const headers = { 'content-type': 'application/json' }
    const asked = fetch(`${second.url}/graphql`, { method: 'POST', headers, body })
    const isWaiting = `select count(*)::int as n from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`
    await until(async () => {
      // Within a transaction Postgres shows what it showed first.
      await blocker.query('select pg_stat_clear_snapshot()')
      return (await blocker.query(isWaiting)).rows[0].n === 1
    })
    const closed = second.close()
    await expect(fetch(`${second.url}/healthz`)).rejects.toThrow()
    await blocker.query('rollback')
    await blocker.end()
    expect(await (await asked).json()).toHaveProperty('data.autoIds.nodes')
    await closed
  })

  test('ends within seconds, subscriptions included', async () => {
    const second = await startServer(options())
    const response = await fetch(`${second.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { head { head { height } } }' }),
    })
    const reading = response.text().catch(() => '')
    const started = Date.now()
    await second.close()
    expect(Date.now() - started).toBeLessThan(8_000)
    await reading
  })
})

describe('MAX_HEAD_AGE that is not given', () => {
  const recorded = '0x643c2558b424dd8d1e832692959cda5a4e860fde02156dad2b9907dee89b1a84'
  const { maxHeadAgeSeconds } = parseConfig({ DATABASE_URL: 'postgres://db/registry' })

  async function standing(genesisHash: string) {
    const client = new Client({ connectionString: database.url })
    await client.connect()
    await client.query('update chain_info set genesis_hash = $1', [genesisHash])
    await client.end()
    const named = {
      name: 'other',
      databaseUrl: database.url,
      nodeExplorerUrl: null,
      rpcEndpoints: [],
    }
    const alone = { ...options(), maxHeadAgeSeconds }
    const other = await startServer({ ...alone, registries: [{ ...alone, ...named }] })
    const ask = async (query: string) => {
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ query })
      const answer = await fetch(`${other.url}/graphql`, { method: 'POST', headers, body })
      const { errors } = (await answer.json()) as { errors?: { extensions: { code: string } }[] }
      return errors?.[0]?.extensions.code ?? 'answered'
    }
    try {
      return {
        now: await ask('{ autoIds { totalCount } }'),
        status: await ask('{ status { headAgeSeconds } }'),
        ready: (await fetch(`${other.url}/readyz`)).status,
        further: (await fetch(`${other.url}/r/other/readyz`)).status,
      }
    } finally {
      await other.close()
    }
  }

  test('is ten minutes for an API that is told of no node: the index of a dead processor answers nothing about now', async () => {
    const refused = { now: 'UNAVAILABLE', status: 'answered', ready: 503, further: 503 }
    expect(await standing(`0x${'12'.repeat(32)}`)).toEqual(refused)
  })

  test('is off for the index of the sample chain, whose blocks are old', async () => {
    const open = { now: 'answered', status: 'answered', ready: 200, further: 200 }
    expect(await standing(recorded)).toEqual(open)
  })
})

describe('startServer refuses', () => {
  test('a database that is not there, or refuses the login, with one line that names it', async () => {
    const missing = new URL(database.url)
    missing.pathname = '/no_such_database'
    const stranger = new URL(database.url)
    stranger.username = 'nobody'
    stranger.password = 'secret'
    for (const { href } of [missing, stranger]) {
      const error = await startServer({ ...options(), databaseUrl: href }).catch(
        (reason: unknown) => reason,
      )
      expect(error).toBeInstanceOf(AppError)
      expect(error).toMatchObject({ code: 'UNAVAILABLE' })
      expect(String(error)).toContain(new URL(href).pathname)
      expect(String(error)).not.toContain('secret')
      expect(String(error)).not.toContain('\n')
    }
  })

  test('a port that is taken, and leaves nothing open', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await expect(startServer({ ...options(), port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    other.close()
  })
})
