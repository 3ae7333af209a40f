import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApi, type TestApi } from '../support/api'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'

const ASKED = 150
const CERTIFICATE = `serial fingerprint subject notAfter pem inForceTo { height } revocation { serial } autoId { id status }`
/** As wide as the questions are that may be kept: all of it is bounded by the moment asked about. */
const WIDE = `{
  autoIds(at: { block: ${ASKED} }, first: 20) { totalCount nodes {
    id status serial nonce asOf { height hash final } revocation { serial reason }
    certificate { ${CERTIFICATE} } issuer { id status } findings { code }
    registrations { ordinal continuity } firstRegisteredAt { height }
    events(first: 10) { totalCount nodes { id kind certificate { ${CERTIFICATE} } } }
    issued(first: 10) { totalCount nodes { id status } } } } }`

let database: TestDatabase
let api: TestApi

beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url, { to: 200, finalized: 190 })
  api = openTestApi(database.url)
})
afterAll(async () => {
  await api?.close()
  await database?.close()
})

const get = (query: string, headers: Record<string, string> = {}) =>
  api.fetch(`http://test/graphql?query=${encodeURIComponent(query)}`, {
    headers: { accept: 'application/json', ...headers },
  })
const control = async (query: string) => (await get(query)).headers.get('cache-control')

const leaf = '0x02106153c961063bad7d076150b07dc567dbc56363bbf8b268cb53fd8e7cbb16'
const KEPT = 'public, max-age=86400, immutable'
const ASKED_AGAIN = 'public, no-cache'

test('an answer about a final block may be kept', async () => {
  expect(await control(`{ autoId(id: "${leaf}", at: { block: 190 }) { status } }`)).toBe(KEPT)
  const verify = (knownAt: string) =>
    `{ verify(subject: { autoId: "${leaf}" }, at: { block: 150 } ${knownAt}) { verdict } }`
  expect(await control(verify('knownAt: { block: 190 }'))).toBe(KEPT)
})

test.each([
  ['about now', `{ autoId(id: "${leaf}") { status } }`],
  ['about a block not final yet', `{ autoId(id: "${leaf}", at: { block: 191 }) { status } }`],
  [
    'that takes in what became known since',
    `{ verify(subject: { autoId: "${leaf}" }, at: { block: 150 }) { verdict } }`,
  ],
  [
    'with one question about now among others',
    `{ a: autoId(id: "${leaf}", at: { block: 9 }) { id } b: autoId(id: "${leaf}") { id } }`,
  ],
  [
    'with a question about now in a fragment',
    `query { ...more } fragment more on Query { autoId(id: "${leaf}") { id } }`,
  ],
  ['of the index itself', '{ status { version } }'],
])('an answer %s is asked about again', async (_, query) => {
  expect(await control(query)).toBe(ASKED_AGAIN)
})

test('an error is not kept', async () => {
  expect(await control(`{ autoId(id: "x", at: { block: 9 }) { status } }`)).not.toBe(KEPT)
  expect(await control(`{ autoId(id: "${leaf}", at: { block: 999 }) { id } }`)).not.toBe(KEPT)
})

test('who has the answer is told so without it, until it changes', async () => {
  const query = '{ autoIds(first: 3) { totalCount nodes { asOf { height } } } }'
  const etag = (await get(query)).headers.get('etag') ?? ''
  const again = await get(query, { 'if-none-match': etag })
  expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag])
  expect(again.headers.get('vary')).toContain('min-block')
  const other = await get(query, { 'if-none-match': '"0"' })
  expect(other.status).toBe(200)
})

test('what may be kept is the same whatever is indexed later', async () => {
  const before = await get(WIDE)
  const body = await before.text()
  expect(JSON.parse(body).errors).toBeUndefined()
  expect(before.headers.get('cache-control')).toBe(KEPT)
  await indexDevChain(database.url)
  expect(await (await get(WIDE)).text()).toBe(body)
  expect(JSON.parse(body).data.autoIds.nodes.length).toBeGreaterThan(10)
})
