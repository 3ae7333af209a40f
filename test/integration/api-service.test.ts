/** What the API promises besides its answers: one snapshot, a fixed number of statements, freshness, limits, masks. */

import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { exampleQueries } from '../../src/api/example-queries'
import { openTestApi, type TestApi } from '../support/api'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'

let database: TestDatabase
const opened: TestApi[] = []
/** A minute after the recorded head. */
const now = Date.parse('2026-11-19T19:27:30.434Z')

beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url)
})
afterEach(async () => {
  vi.restoreAllMocks()
  for (const api of opened.splice(0)) await api.close()
})
afterAll(async () => {
  await database?.close()
})

function open(options: Parameters<typeof openTestApi>[1] = {}): TestApi {
  const api = openTestApi(database.url, { nowMs: () => now, ...options })
  opened.push(api)
  return api
}

const codeOf = async (api: TestApi, query: string, headers: Record<string, string> = {}) =>
  (await api.post(query, {}, headers)).answer.errors?.[0]?.extensions?.['code']

describe('statements', () => {
  async function statementsOf(api: TestApi, query: string): Promise<number> {
    const spy = vi.spyOn(pg.Client.prototype, 'query')
    await api.ask(query)
    const count = spy.mock.calls.filter(([text]) => text !== undefined).length
    spy.mockRestore()
    return count
  }

  const page = (first: number) => `{
    autoIds(first: ${first}, filter: { kind: LEAF }) {
      totalCount
      nodes {
        id status
        issuer { id commonName certificate { serial } }
        certificate { serial registeredBy { id block { height } } issuerCertificate { serial } }
        revocation { reason revokedAt { height } evidence { id } }
        registrations { ordinal fee certificates { serial } }
        issued(first: 3) { totalCount nodes { id } }
        events(first: 2) { totalCount nodes { id } }
        findings { code evidence { id } }
        asOf { height }
      }
    }
  }`

  test('a page of 100 identities with all around them costs as many as one of 2', async () => {
    const api = open()
    await statementsOf(api, page(2))
    const few = await statementsOf(api, page(2))
    const many = await statementsOf(api, page(100))
    // Two identities may lack what is looked up for some of a hundred: a revocation, a finding.
    expect(many).toBeLessThanOrEqual(few + 6)
    expect(many).toBeLessThan(25)
  })

  test('issuer, certificate and revocation of 100 identities: six, begin and commit included', async () => {
    const api = open()
    const query = `{ autoIds(first: 100) { nodes {
      issuer { commonName } certificate { serial } revocation { reason } } } }`
    expect(await statementsOf(api, query)).toBe(6)
  })

  test('nested pages of siblings are one statement, whatever the number of parents', async () => {
    const api = open()
    const query = (first: number) =>
      `{ autoIds(first: ${first}, filter: { kind: ROOT }) { nodes { issued(last: 2) { totalCount nodes { id } } } } }`
    expect(await statementsOf(api, query(50))).toBe(await statementsOf(api, query(3)))
  })
})

describe('one snapshot', () => {
  test('an operation sees one head, whatever is written meanwhile', async () => {
    const api = open()
    const snapshot = await api.openSnapshot({ minBlock: null, maxLagSeconds: null })
    const writer = new pg.Client({ connectionString: database.url })
    await writer.connect()
    await writer.query("update index_status set reorg_count = 99 where id = 'status'")
    await writer.query('delete from quarantined_extrinsic')
    const again = await snapshot.read.status.counts()
    const fresh = await api.ask<{ status: { reorgCount: number } }>('{ status { reorgCount } }')
    await writer.query("update index_status set reorg_count = 0 where id = 'status'")
    await writer.end()
    expect(snapshot.head.reorgCount).toBe(0)
    expect(again.autoIds).toBe(323)
    expect(fresh.status.reorgCount).toBe(99)
    await snapshot.close()
  })

  test('nothing can be written through it', async () => {
    const api = open()
    const snapshot = await api.openSnapshot({ minBlock: null, maxLagSeconds: null })
    await expect(
      snapshot.read.search(
        {
          text: "'; delete from block; --",
          hash: null,
          hashPrefix: null,
          serials: [],
          height: null,
          account: null,
          fingerprints: [],
        },
        5,
      ),
    ).resolves.toEqual([])
    await snapshot.close()
    expect(
      (await api.ask<{ status: { head: object } }>('{ status { head { height } } }')).status.head,
    ).toEqual({ height: 282 })
  })
})

describe('freshness', () => {
  const query = '{ status { head { height hash } } }'

  test('every answer says which head it was computed from', async () => {
    const api = open()
    const { answer, response } = await api.post(query)
    const { head } = (answer.data as { status: { head: { height: number; hash: string } } }).status
    expect(response.headers.get('index-head')).toBe(`${head.height} ${head.hash}`)
    const failed = await api.post('{ autoId(id: "x") { id } }')
    expect(failed.response.headers.get('index-head')).toBe(`${head.height} ${head.hash}`)
  })

  test.each([
    [{ 'min-block': '282' }, undefined],
    [{ 'min-block': '283' }, 'UNAVAILABLE'],
    [{ 'x-min-block': '283' }, 'UNAVAILABLE'],
    [{ 'max-lag-seconds': '60' }, undefined],
    [{ 'max-lag-seconds': '59' }, 'UNAVAILABLE'],
    [{ 'min-block': 'soon' }, 'BAD_USER_INPUT'],
  ])('demanded by header: %j', async (headers, code) => {
    expect(await codeOf(open(), query, headers as Record<string, string>)).toBe(code)
  })

  test('demanded in the request’s extensions and its query string', async () => {
    const api = open()
    const ask = (url: string, extensions: object) =>
      api
        .fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query, extensions }),
        })
        .then((response) => response.json() as Promise<{ errors?: { extensions: object }[] }>)
    const unavailable = { extensions: { code: 'UNAVAILABLE', headHeight: 282, minBlock: 300 } }
    expect((await ask('http://test/graphql', { minBlock: 300 })).errors?.[0]).toMatchObject(
      unavailable,
    )
    expect((await ask('http://test/graphql?minBlock=300', {})).errors?.[0]).toMatchObject(
      unavailable,
    )
    expect((await ask('http://test/graphql', { minBlock: 282 })).errors).toBeUndefined()
  })

  test('an old head answers no question about now, only status and questions with a point in time', async () => {
    const api = open({ maxHeadAgeSeconds: 59 })
    expect(await codeOf(api, '{ autoIds { totalCount } }')).toBe('UNAVAILABLE')
    expect(await codeOf(api, '{ events { totalCount } }')).toBe('UNAVAILABLE')
    expect(await codeOf(api, '{ status { lagBlocks headAgeSeconds } }')).toBeUndefined()
    expect(await codeOf(api, '{ autoIds(at: { block: 282 }) { totalCount } }')).toBeUndefined()
    const young = open({ maxHeadAgeSeconds: 60 })
    expect(await codeOf(young, '{ autoIds { totalCount } }')).toBeUndefined()
  })
})

describe('limits', () => {
  // Tried with each limit alone out of reach (and `tooWide` never asked for): its own case runs, the others are refused.
  test.each([
    ['depth', `{ autoIds { nodes ${'{ issuer '.repeat(20)}{ id } ${'}'.repeat(20)} } }`],
    [
      'aliases',
      `{ status { ${Array.from({ length: 60 }, (_, i) => `a${i}: version`).join(' ')} } }`,
    ],
    ['fields at the top', `{ ${'status { version } '.repeat(60)} }`],
    [
      'fields at the top, in fragments',
      `{ ${'...two '.repeat(30)} } fragment two on Query { status { version } ... { __typename } }`,
    ],
    ['directives', `{ status { ${'version @include(if: true) '.repeat(60)} } }`],
    [
      'price by page sizes',
      '{ autoIds(first: 1000) { nodes { issued(first: 1000) { nodes { id } } } } }',
    ],
    [
      'price by page sizes in variables',
      'query ($n: Int = 1000) { autoIds(first: $n) { nodes { issued(first: $n) { nodes { id } } } } }',
    ],
    ['tokens', `{ status { ${'version '.repeat(6_000)} } }`],
  ])('%s', async (_, query) => {
    expect(await codeOf(open(), query)).toBe('QUERY_TOO_COMPLEX')
  })

  // Tried without `nestingPlugin`: INTERNAL_SERVER_ERROR, and a line in the log, as the stack of the parser, or of a rule,
  // overflows.
  test.each([
    ['lists', '[', ']', 2_400],
    ['objects', '{ a: ', '}', 1_600],
  ])('%s in each other, as many as tokens allow', async (_, begin, end, times) => {
    const api = open()
    const filter = `${begin.repeat(times)}${end.repeat(times)}`
    const query = `{ autoIds(filter: ${filter}) { totalCount } }`
    expect(await codeOf(api, query)).toBe('QUERY_TOO_COMPLEX')
    expect(api.logged).toEqual([])
  })

  const wide =
    'autoIds(first: 1000) { nodes { issued(first: 1000) { nodes { issued(first: 1000) { nodes { id } } } } } }'

  // A price that could not be told was none: both ran, at a price of 1,002,002,001.
  test.each([
    [
      'more fields, fragments multiplied out, than are priced',
      'QUERY_TOO_COMPLEX',
      `{ status { ...f10 } ${wide} } fragment f0 on IndexStatus { ${'version '.repeat(10)} }
       ${Array.from({ length: 10 }, (_, i) => `fragment f${i + 1} on IndexStatus { ...f${i} ...f${i} }`).join('\n')}`,
      {},
    ],
    [
      'an argument that is null where it may not be',
      'BAD_USER_INPUT',
      `query ($id: ID = "0x1") { autoId(id: $id) { id } ${wide} }`,
      { id: null },
    ],
    [
      'a condition that is null',
      'BAD_USER_INPUT',
      `query ($if: Boolean = true) { status @include(if: $if) { version } ${wide} }`,
      { if: null },
    ],
  ])('what has no price: %s', async (_, code, query, variables) => {
    const { answer } = await open().post(query, variables)
    expect(answer.errors?.[0]?.extensions?.['code']).toBe(code)
    expect(answer.data ?? null).toBeNull()
  })

  test('a list costs what its first asks for', async () => {
    const query = (first: number) => `{ search(text: "a", first: ${first}) { autoId {
      issued(first: 100) { nodes { id issuer { id } } } } } }`
    expect(await codeOf(open(), query(20))).toBeUndefined()
    expect(await codeOf(open(), query(100))).toBe('QUERY_TOO_COMPLEX')
  })

  // Without `bodyLimitPlugin` the answer is 200.
  test('bodies, whatever length they say they have', async () => {
    const api = open({ limits: { maxBodyBytes: 2_000 } })
    const response = await api.fetch('http://test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: `{ status { version } } #${'x'.repeat(3_000)}` }),
    })
    expect(response.status).toBe(413)
    expect(await response.text()).toContain('2000')
  })

  // Each alone, for each hid that the other was missing: without the timer of `createSessionHolder`, or the statement
  // time-out of the pool, the operation waits for ever.
  test.each([
    ['of the operation', { limits: { requestTimeoutMs: 250 }, statementTimeoutMs: 0 }],
    ['of a statement', { limits: { requestTimeoutMs: 600_000 }, statementTimeoutMs: 250 }],
  ])(
    'time %s: it is cancelled, the answer says so, and no connection is left behind',
    async (_, times) => {
      const api = open(times)
      const blocker = new pg.Client({ connectionString: database.url })
      await blocker.connect()
      await blocker.query('begin; lock table registration in access exclusive mode')
      const started = Date.now()
      const query = `{ autoIds(first: 1) { nodes { registrations { ordinal } } } }`
      expect(await codeOf(api, query)).toBe('UNAVAILABLE')
      expect(Date.now() - started).toBeLessThan(5_000)
      const { rows } = await blocker.query(
        "select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      )
      expect(rows[0]).toEqual({ waiting: 0 })
      await blocker.query('rollback')
      await blocker.end()
      expect(await codeOf(api, query)).toBeUndefined()
    },
  )
})

describe('failures', () => {
  // Tried with the cause in the message: the answer names the table.
  test('an unexpected one is masked and logged with an id', async () => {
    const api = open()
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    await client.query('alter table audit_run rename to hidden')
    const { answer } = await api.post('{ status { audit { block } } }')
    await client.query('alter table hidden rename to audit_run')
    await client.end()
    const [error] = answer.errors ?? []
    expect(error?.extensions).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' })
    expect(JSON.stringify(answer.errors)).not.toContain('audit_run')
    expect(api.logged[0]?.facts['errorId']).toBe(error?.extensions?.['errorId'])
  })

  test('a database that is away, or not migrated: UNAVAILABLE', async () => {
    const away = openTestApi('postgres://nobody@127.0.0.1:1/none')
    opened.push(away)
    expect(await codeOf(away, '{ status { version } }')).toBe('UNAVAILABLE')
    const empty = await createTestDatabase({ migrated: false })
    const unmigrated = openTestApi(empty.url)
    expect(await codeOf(unmigrated, '{ status { version } }')).toBe('UNAVAILABLE')
    await unmigrated.close()
    await empty.close()
  })

  test('an index without a block: UNAVAILABLE', async () => {
    const blank = await createTestDatabase()
    const api = openTestApi(blank.url)
    expect(await codeOf(api, '{ status { version } }')).toBe('UNAVAILABLE')
    await api.close()
    await blank.close()
  })
})

describe('GraphiQL', () => {
  test('opens with example queries, each of which is answered, and asks nobody else', async () => {
    const api = open()
    const page = await api.fetch('http://test/graphql', { headers: { accept: 'text/html' } })
    const html = await page.text()
    expect(html).not.toMatch(/<(?:script|link)[^>]+(?:src|href)="https?:/)
    for (const query of exampleQueries) {
      expect(html).toContain(JSON.stringify(query).slice(1, 40))
      if (query.includes('subscription')) continue
      expect(await codeOf(api, query)).toBeUndefined()
    }
  })
})
