/** What strangers may do to the API process, over real sockets. How each was seen to fail stands with it. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { clientOf, createClientRate } from '../../src/http/client-rate'
import { type RunningServer, type ServerOptions, startServer } from '../../src/server'
import { commonHeight } from '../support/branches'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { serverOptions } from '../support/server-options'

let database: TestDatabase
let dataDir: string
const running: RunningServer[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url, { to: commonHeight })
  dataDir = await mkdtemp(path.join(tmpdir(), 'auto-registry-test-'))
})
afterEach(async () => {
  for (const server of running.splice(0)) await server.close()
})
afterAll(async () => {
  await database?.close()
  await rm(dataDir, { recursive: true, force: true })
})

async function start(more: Partial<ServerOptions> = {}): Promise<string> {
  const server = await startServer({
    ...serverOptions(database.url, dataDir),
    ...more,
  })
  running.push(server)
  return server.url
}

const HEAD = '{ status { head { height } } }'

function ask(url: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

const from = (address: string) => ({ 'x-forwarded-for': address })

describe('rate limits', () => {
  // Without the charge in `route` all answers are 200.
  test('refuse the requests of one client over its share with 429 and Retry-After, and serve the next client', async () => {
    const url = await start({ trustProxy: 1, limits: { requestsPerMinute: 3 } })
    const get = (address: string) => fetch(`${url}/healthz`, { headers: from(address) })
    const statuses = []
    for (let i = 0; i < 4; i++) statuses.push((await get('192.0.2.1')).status)
    expect(statuses).toEqual([200, 200, 200, 429])
    const refused = await ask(url, { query: HEAD }, from('192.0.2.1'))
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await refused.json()).toMatchObject({
      errors: [{ extensions: { code: 'RATE_LIMITED' } }],
    })
    expect((await get('192.0.2.2')).status).toBe(200)
  })

  // Without the charge in the price plugin the second answer has data.
  test('count GraphQL by its price, and tell when to ask again', async () => {
    const url = await start({ trustProxy: 1, limits: { pricePerMinute: 150 } })
    const page = { query: '{ autoIds(first: 100) { nodes { id } } }' }
    expect(await (await ask(url, page, from('192.0.2.1'))).json()).toHaveProperty('data.autoIds')
    const refused = await ask(url, page, from('192.0.2.1'))
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await refused.json()).toMatchObject({
      errors: [{ extensions: { code: 'RATE_LIMITED' } }],
    })
    expect((await ask(url, page, from('192.0.2.2'))).status).toBe(200)
  })

  // Believing the header without TRUST_PROXY, the second answer is 429.
  test('leave loopback alone, whatever it says it forwards, until a proxy is trusted', async () => {
    const url = await start({ limits: { requestsPerMinute: 1 } })
    for (let i = 0; i < 3; i++) {
      expect((await fetch(`${url}/healthz`, { headers: from('192.0.2.1') })).status).toBe(200)
    }
  })

  const request = (remoteAddress: string, forwarded?: string) =>
    ({
      socket: { remoteAddress },
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    }) as never

  // Reading the first entry instead of the last, a client chooses its own address. With the network of an IPv6 address as
  // long as itself a subscriber is as many clients as it has addresses; with mapped ones in one form alone all of the other
  // form are one client.
  test.each([
    ['203.0.113.9', undefined, 0, '203.0.113.9'],
    ['203.0.113.9', '192.0.2.1', 0, '203.0.113.9'],
    ['::ffff:203.0.113.9', undefined, 0, '203.0.113.9'],
    ['::ffff:127.0.0.1', undefined, 0, null],
    ['::1', undefined, 0, null],
    ['10.0.0.1', '198.51.100.7, 192.0.2.1', 1, '192.0.2.1'],
    ['10.0.0.1', '198.51.100.7, 192.0.2.1, 10.0.0.2', 2, '192.0.2.1'],
    ['10.0.0.1', 'nonsense', 1, '10.0.0.1'],
    ['10.0.0.1', '192.0.2.1', 2, '10.0.0.1'],
    ['10.0.0.1', '[2001:db8::1]:443', 1, '2001:db8:0:0'],
    ['10.0.0.1', '::ffff:c000:201', 1, '192.0.2.1'],
    ['10.0.0.1', '0:0:0:0:0:FFFF:192.0.2.1', 1, '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', undefined, 0, '2001:db8:1:2'],
    ['2001:0db8:1:2::9', undefined, 0, '2001:db8:1:2'],
    ['fe80::1%eth0', undefined, 0, 'fe80:0:0:0'],
  ])(
    'a socket from %s forwarding %s, %i proxies trusted, is client %s',
    (socket, header, trust, client) => {
      expect(clientOf(request(socket, header), trust)).toBe(client)
    },
  )

  test('refill evenly, and never past a full bucket', () => {
    let nowMs = 0
    const charge = createClientRate({ perMinute: 60, trustProxy: 0, nowMs: () => nowMs })
    expect(charge(request('203.0.113.9'), 1_000)).toBeNull()
    expect(charge(request('203.0.113.9'), 2)).toBe(2)
    nowMs = 2_000
    expect(charge(request('203.0.113.9'), 2)).toBeNull()
    nowMs = 3_600_000
    expect(charge(request('203.0.113.9'), 60)).toBeNull()
    expect(charge(request('203.0.113.9'), 1)).toBe(1)
  })

  // With a plain Map the first client is still remembered, and refused.
  test('remember a bounded number of clients, and 0 is off', () => {
    const nowMs = () => 0
    const charge = createClientRate({ perMinute: 1, trustProxy: 0, nowMs, maxClients: 2 })
    for (const last of [1, 2, 3, 1]) expect(charge(request(`203.0.113.${last}`), 1)).toBeNull()
    expect(charge(request('203.0.113.1'), 1)).not.toBeNull()
    const off = createClientRate({ perMinute: 0, trustProxy: 0, nowMs })
    expect(off(request('203.0.113.1'), 1e9)).toBeNull()
  })
})

describe('open subscriptions', () => {
  const query = 'subscription { head { head { height } } }'
  const opened: AbortController[] = []
  afterEach(() => {
    for (const one of opened.splice(0)) one.abort()
  })
  /** The first thing it says. */
  const subscribe = async (url: string, address: string) => {
    const ending = new AbortController()
    opened.push(ending)
    const headers = {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...from(address),
    }
    const body = JSON.stringify({ query })
    const init = { method: 'POST', headers, body, signal: ending.signal }
    // A loop over the body would end the subscription with itself.
    const reader = (await fetch(`${url}/graphql`, init)).body?.getReader()
    let text = ''
    while (!text.includes('data: {')) {
      text += Buffer.from((await reader?.read())?.value ?? []).toString()
    }
    return text.includes('UNAVAILABLE') ? 'refused' : 'open'
  }

  // One client had all 1,000, and nobody else any.
  test('are few for one client, who may open another when one has ended', async () => {
    const url = await start({ trustProxy: 1, limits: { maxClientSubscriptions: 2 } })
    const asked = async (address: string) => subscribe(url, address)
    expect([await asked('192.0.2.1'), await asked('192.0.2.1')]).toEqual(['open', 'open'])
    expect(await asked('192.0.2.1')).toBe('refused')
    expect(await asked('192.0.2.2')).toBe('open')
    opened[0]?.abort()
    await expect.poll(() => asked('192.0.2.1')).toBe('open')
  })

  // Without the plugin the third is open.
  test('are limited for all together', async () => {
    const url = await start({ trustProxy: 1, limits: { maxSubscriptions: 2 } })
    const answers = []
    for (const last of [1, 2, 3]) answers.push(await subscribe(url, `192.0.2.${last}`))
    expect(answers).toEqual(['open', 'open', 'refused'])
  })
})

describe('trusted documents', () => {
  const file = async (text: string) => {
    const name = path.join(dataDir, `${Math.random()}.json`)
    await writeFile(name, text)
    return name
  }

  // Without the plugins an id alone runs nothing, and a document that is not trusted has data.
  test('run by id or in full, and nothing else does', async () => {
    const url = await start({ trustedDocuments: await file(JSON.stringify({ head: HEAD })) })
    const byId = (sha256Hash: string) => ({
      extensions: { persistedQuery: { version: 1, sha256Hash } },
    })
    for (const body of [byId('head'), { query: HEAD }]) {
      expect(await (await ask(url, body)).json()).toMatchObject({
        data: { status: { head: { height: commonHeight } } },
      })
    }
    for (const body of [
      byId('other'),
      { query: '{ status { version } }' },
      { query: '{ status { version } }', ...byId('head') },
      {},
    ]) {
      const answer = await ask(url, body)
      expect(answer.status).toBe(400)
      expect(await answer.json()).not.toHaveProperty('data')
    }
    const refused = await ask(url, { query: '{ status { version } }' })
    expect(await refused.json()).toMatchObject({
      errors: [{ message: expect.stringContaining('only trusted documents run here') }],
    })
  })

  test.each(['nonsense', '[]', '{}', '{"a": 1}', '{"a": "{"}', '{"a": "{ noSuchField }"}'])(
    'a file of %s stops the start with one line',
    async (text) => {
      const trustedDocuments = await file(text)
      const error = await start({ trustedDocuments }).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'BAD_USER_INPUT' })
      expect((error as Error).message).toMatch(/^TRUSTED_DOCUMENTS is "[^\n]+$/)
    },
  )
})

describe('introspection', () => {
  const page = { headers: { accept: 'text/html' } }
  // Without the rule the schema is told; without the switch GraphiQL answers 200.
  test('is refused with GraphiQL when off, and there when on', async () => {
    const query = '{ __schema { types { name } } }'
    const off = await start({ introspection: 'off' })
    expect(await (await ask(off, { query })).json()).not.toHaveProperty('data')
    expect(await (await ask(off, { query: HEAD })).json()).toHaveProperty('data.status')
    expect((await fetch(`${off}/graphql`, page)).status).not.toBe(200)
    const on = await start()
    expect(await (await ask(on, { query })).json()).toHaveProperty('data.__schema')
    expect((await fetch(`${on}/graphql`, page)).headers.get('content-type')).toContain('html')
  })

  // Without `withoutSuggestion` each of these names what it was asked near to.
  test.each([
    ['a field', '{ statuss { version } }', undefined, /"status"/],
    ['an argument', '{ autoIds(firstt: 1) { totalCount } }', undefined, /"first"/],
    ['a type', '{ status { ... on IndexStatu { version } } }', undefined, /"IndexStatus"/],
    [
      'an enum value',
      '{ autoIds(orderBy: REGISTERED_AT_AS) { totalCount } }',
      undefined,
      /Did you mean/,
    ],
    [
      'a field of a variable',
      'query ($filter: AutoIdFilter) { autoIds(filter: $filter) { totalCount } }',
      { filter: { commonNam: 'x' } },
      /Did you mean/,
    ],
  ])(
    'when off, a misspelt name of %s is not put right; when on, it is',
    async (_, query, variables, suggestion) => {
      const messages = async (introspection: 'on' | 'off') => {
        const answer = await ask(await start({ introspection }), { query, variables })
        const { errors = [] } = (await answer.json()) as { errors?: { message: string }[] }
        return errors.map(({ message }) => message).join('\n')
      }
      expect(await messages('on')).toMatch(suggestion)
      const off = await messages('off')
      expect(off).not.toBe('')
      expect(off).not.toMatch(/Did you mean/)
    },
  )
})

describe('requests that a page of another site can send unasked', () => {
  // Without the plugin yoga runs both forms.
  test.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain'])(
    'POST of %s is refused',
    async (type) => {
      const url = await start()
      const isForm = type.startsWith('multipart')
      const body = isForm
        ? `--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n${JSON.stringify({ query: HEAD })}\r\n--x\r\ncontent-disposition: form-data; name="map"\r\n\r\n{}\r\n--x--\r\n`
        : new URLSearchParams({ query: HEAD }).toString()
      const headers = { 'content-type': type }
      const answer = await fetch(`${url}/graphql`, { method: 'POST', headers, body })
      expect(answer.status).toBe(415)
      expect(await answer.text()).not.toContain('height')
    },
  )

  // Without the check of the header the first answer is 200.
  test('GET needs the header that is demanded', async () => {
    const url = await start({ csrfHeader: 'x-asked' })
    const address = `${url}/graphql?query=${encodeURIComponent(HEAD)}`
    expect((await fetch(address)).status).toBe(403)
    expect((await fetch(address, { headers: { 'x-asked': '1' } })).status).toBe(200)
    expect((await ask(url, { query: HEAD })).status).toBe(200)
  })
})

describe('every answer', () => {
  const paths = [
    '/graphql?query={__typename}',
    '/healthz',
    '/metrics',
    '/no/such',
    '/responder.pem',
  ]
  // Without setSecurityHeaders all three are null; with yoga's own CORS the origin is echoed.
  test.each(paths)(
    'of %s may not be sniffed or framed, and one origin may read it',
    async (name) => {
      const url = await start({ corsOrigin: 'https://app.example' })
      const init = { headers: { origin: 'https://other.example' } }
      const { headers } = await fetch(url + name, init)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
      expect(headers.get('access-control-allow-origin')).toBe('https://app.example')
      expect(headers.get('access-control-allow-credentials')).toBeNull()
    },
  )
})
