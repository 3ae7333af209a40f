/**
 * What a stranger can put on chain for ever costs bounded work per certificate and per query: an issuer with 100,000
 * children and as many listed serials, 5,000 issuers in a line, 10,000 identities of one name.
 */

import { readFileSync } from 'node:fs'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { onlyText } from '../../src/api/search-terms'
import { parseTbs } from '../../src/pki/certificate'
import { encodeCertId, encodeOcspRequest } from '../../src/pki/ocsp-request'
import { parseOcspResponse } from '../../src/pki/ocsp-response'
import { MAX_TOLD, noKeys } from '../../src/registry/working-set'
import { loadContext } from '../../src/store/load'
import { registryReaders } from '../../src/store/read/readers'
import { relyingPartyReaders } from '../../src/store/read/relying-party-readers'
import { readFamily } from '../../src/store/read/simulation'
import { openTestApi } from '../support/api'
import { indexDevChain } from '../support/indexed-dev-chain'
import { flood, floodId, listSerials } from '../support/large-index'
import { indexRevocation } from '../support/next-block'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { type Service, startService } from '../support/relying-party-service'
import { countingRows } from '../support/rows-read'
import { story } from '../support/story'

const ISSUER = story.organisation
const CHILDREN = { kind: 1, like: story.person, count: 100_000 }
const LINE = { kind: 2, like: story.person, count: 5_000, isChain: true }
const SHORT_LINE = { kind: 3, like: story.person, count: 3, isChain: true }
const NAMESAKES = { kind: 4, like: story.partner, count: 10_000, commonName: 'A name of many' }
const FEW_NAMESAKES = { kind: 5, like: story.partner, count: 3, commonName: 'Some other name' }
const HEAD_TIME = Date.parse('2026-11-19T19:27:30.434Z')

let database: TestDatabase
let client: pg.Client
let service: Service
const keys = { person: '', partner: '' }
/** Of each question, with three of everything. */
const fewStatements = new Map<string, number>()

beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url)
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  for (const name of ['person', 'partner'] as const) {
    const { rows } = await client.query<{ key: string }>(
      'select public_key_sha256 as key from auto_id_version where auto_id = $1 and block_to is null',
      [story[name]],
    )
    keys[name] = rows[0]?.key ?? ''
  }
  await flood(client, SHORT_LINE)
  await flood(client, FEW_NAMESAKES)
  await client.query('analyze')
  for (const [name, { query }] of Object.entries(questions)) {
    fewStatements.set(name, (await statementsOf(query(true))).count)
  }
  for (const each of [CHILDREN, LINE, NAMESAKES]) await flood(client, each)
  await listSerials(client, ISSUER, 100_000)
  await client.query('analyze')
  service = await startService(database.url, { nowMs: () => HEAD_TIME })
}, 240_000)
afterEach(() => vi.restoreAllMocks())
afterAll(async () => {
  await service?.close()
  await client?.end()
  await database?.close()
})

/** With a memory of its own, and the session of each connection begun. */
async function statementsOf(query: string): Promise<{ count: number; data: never }> {
  const fresh = openTestApi(database.url, { nowMs: () => HEAD_TIME })
  await fresh.ask('{ status { head { height } } }')
  const spy = vi.spyOn(pg.Client.prototype, 'query')
  const data = await fresh.ask<never>(query)
  const count = spy.mock.calls.filter(([text]) => text !== undefined).length
  spy.mockRestore()
  await fresh.close()
  return { count, data }
}

const child = floodId(CHILDREN, 50_000)
const endOf = (isSmall: boolean) => (isSmall ? floodId(SHORT_LINE, 3) : floodId(LINE, 5_000))
const nameOf = (isSmall: boolean) => (isSmall ? FEW_NAMESAKES : NAMESAKES).commonName

/** `most`: where the few are fewer than the most that is looked at. */
type Question = { query: (isSmall: boolean) => string; answer: object; most?: number }
const verdict = (id: string) =>
  `{ verify(subject: { autoId: "${id}" }) { verdict failures { code } } }`

const questions: Record<string, Question> = {
  'the verdict of one of 100,000 children': {
    query: (isSmall) => verdict(isSmall ? story.person : child),
    answer: { verify: { verdict: 'VALID', failures: [] } },
  },
  'the verdict of the issuer of 100,000': {
    query: () => verdict(ISSUER),
    answer: { verify: { verdict: 'VALID', failures: [] } },
  },
  'revocation of one of 100,000': {
    query: (isSmall) =>
      `{ revocationStatus(of: { autoId: "${isSmall ? story.person : child}" }) { status issuerGone } }`,
    answer: { revocationStatus: { status: 'GOOD', issuerGone: false } },
  },
  'a page of 100,000 children': {
    query: () => `{ autoId(id: "${ISSUER}") { issued(last: 3) {
      totalCount nodes { id issuer { id } certificate { serial } revocation { reason } } } } }`,
    answer: {
      autoId: { issued: { totalCount: 100_003, nodes: { length: 3 } } },
    },
  },
  'the verdict of the last of 5,000 issuers in a line': {
    query: (isSmall) => verdict(endOf(isSmall)),
    answer: {
      verify: {
        verdict: 'INDETERMINATE',
        failures: expect.arrayContaining([{ code: 'CHAIN_COMPLETE' }]),
      },
    },
  },
  'the chain of the last of 5,000 issuers in a line': {
    query: (isSmall) =>
      `{ certificateChain(autoId: "${endOf(isSmall)}") { complete trustAnchor { id } certificates { serial } } }`,
    answer: { certificateChain: { complete: false, trustAnchor: null } },
  },
  'revocation of the last of 5,000 issuers in a line': {
    query: (isSmall) => `{ revocationStatus(of: { autoId: "${endOf(isSmall)}" }) { status } }`,
    answer: { revocationStatus: { status: 'GOOD' } },
  },
  'a key of more than 100,000': {
    query: (isSmall) =>
      `{ compositeIdentity(publicKey: "${isSmall ? keys.partner : keys.person}") { partial validIssuers members { verdict } } }`,
    answer: { compositeIdentity: { partial: true, members: { length: 50 } } },
    // Three for each of 50 members.
    most: 160,
  },
  'search by a name of 10,000': {
    query: (isSmall) => `{ search(text: "${nameOf(isSmall)}", first: 20) { kind autoId { id } } }`,
    answer: { search: { length: 20 } },
  },
  'identities of a name of 10,000': {
    query: (isSmall) =>
      `{ autoIds(first: 20, filter: { commonName: "${nameOf(isSmall)}" }) { nodes { id } pageInfo { hasNextPage } } }`,
    answer: { autoIds: { nodes: { length: 20 }, pageInfo: { hasNextPage: true } } },
  },
}

describe('as many statements as for a handful, and the right answer', () => {
  for (const [name, { query, answer, most }] of Object.entries(questions)) {
    test(name, async () => {
      const { count, data } = await statementsOf(query(false))
      expect(data).toMatchObject(answer)
      expect(count).toBeGreaterThan(0)
      expect(count).toBeLessThanOrEqual(most ?? fewStatements.get(name) ?? 0)
    })
  }
})

test('a list longer than a query may have is refused whole, and named as a CRL', async () => {
  const api = openTestApi(database.url, { nowMs: () => HEAD_TIME, limits: { maxListSize: 1_000 } })
  const { answer } = await api.post(
    `{ revocationList(issuer: "${ISSUER}") { entries { serial } } }`,
  )
  await api.close()
  expect(answer.data ?? null).toBeNull()
  expect(answer.errors?.[0]?.extensions?.['code']).toBe('QUERY_TOO_COMPLEX')
  expect(answer.errors?.[0]?.message).toContain(`/crl/${ISSUER}.crl`)
})

describe('the endpoints of relying parties', () => {
  const get = async (path: string) => (await fetch(`${service.url}${path}`)).json()

  test('one of 100,000 children is good; the end of a line that is not read to its root is not', async () => {
    expect(await get(`/status/${child}`)).toMatchObject({ good: true, status: 'ACTIVE' })
    expect(await get(`/status/${floodId(SHORT_LINE, 3)}`)).toMatchObject({ good: true })
    expect(await get(`/status/${floodId(LINE, 5_000)}`)).toMatchObject({
      good: false,
      fault: { code: 'ISSUER_MISSING' },
    })
  })

  test('one of 100,000 children stands in the status list, where its bit says valid', async () => {
    const { status } = await get(`/status-list/of/${child}`)
    expect(status.status_list.uri).toMatch(/\/status-list\/\d$/)
    expect((await fetch(status.status_list.uri)).status).toBe(200)
  })

  test('OCSP: one of more than 100,000 children is good, one of 100,000 listed serials is not', async () => {
    const { rows } = await client.query<{ tbs: Buffer; issuer_key: Buffer; serial: string }>(
      `select c.tbs, ic.public_key as issuer_key, c.serial from certificate c
         join certificate ic on ic.id = c.issuer_certificate_id
        where c.auto_id = $1 and c.block_to is null`,
      [story.person],
    )
    const [row] = rows
    if (row === undefined) throw new Error('no such child')
    const ask = async (serial: string) => {
      const bytes = Buffer.from(serial.length % 2 === 0 ? serial : `0${serial}`, 'hex')
      const id = encodeCertId('sha256', parseTbs(row.tbs).issuer, row.issuer_key, bytes)
      const body = new Uint8Array(encodeOcspRequest([id]))
      const response = await fetch(`${service.url}/ocsp`, { method: 'POST', body })
      const { responses } = parseOcspResponse(new Uint8Array(await response.arrayBuffer()))
      return responses[0]?.certStatus.kind
    }
    expect(await ask(row.serial.slice(2))).toBe('good')
    expect(await ask((4_026_531_840 + 5).toString(16))).not.toBe('good')
  })
})

/** Tried: without the order of listed serials in src/store/load.ts an act of the issuer reads 102,011 rows. */
describe('rows that Postgres goes through', () => {
  async function rowsOf(read: (counted: pg.Client) => Promise<unknown>): Promise<number> {
    const counting = countingRows(client)
    await read(counting.client)
    return counting.rows()
  }
  const page = { order: 'REGISTERED_AT_DESC', limit: 20, backward: false, cursor: null } as const
  const head = { height: 282, isHead: true, clock: new Date(HEAD_TIME) }
  const point = { height: 282, hash: '0x', timeMs: HEAD_TIME, isFinal: false }
  const moment = { state: point, clockMs: HEAD_TIME, knownAt: point }

  const cases: Record<string, { most: number; read: (db: pg.Client) => Promise<unknown> }> = {
    'a block with an act of the issuer of 100,000': {
      most: 3 * MAX_TOLD,
      read: (db) => {
        const ids = new Set([ISSUER] as never[])
        return loadContext(db, { ...noKeys(), autoIds: ids, counted: ids })
      },
    },
    'a block with an act of the last of 5,000 in a line': {
      most: 1_000,
      read: (db) => {
        const ids = new Set([floodId(LINE, 5_000)] as never[])
        return loadContext(db, { ...noKeys(), autoIds: ids, counted: ids })
      },
    },
    'evidence of one of 100,000': {
      most: 1_000,
      read: (db) =>
        registryReaders(db as never).evidence(moment as never, { autoId: child } as never),
    },
    'evidence of the issuer of 100,000': {
      most: 1_000,
      read: (db) =>
        registryReaders(db as never).evidence(moment as never, { autoId: ISSUER } as never),
    },
    'evidence of the last of 5,000 in a line': {
      most: 5_000,
      read: (db) =>
        registryReaders(db as never).evidence(
          moment as never,
          { autoId: floodId(LINE, 5_000) } as never,
        ),
    },
    'a page of 100,000 children': {
      most: 500,
      read: (db) => registryReaders(db as never).identities.page([ISSUER], head, page),
    },
    'a page of the first 20 of 100,000 listed serials': {
      // Those of one block are sorted.
      most: 3_000,
      read: (db) => registryReaders(db as never).revocations.list(ISSUER, 282, 20),
    },
    'search by a name of 10,000': {
      most: 3_000,
      read: (db) => registryReaders(db as never).search(onlyText(NAMESAKES.commonName), 20),
    },
    'the path of the last of 5,000 in a line': {
      most: 1_000,
      read: (db) => relyingPartyReaders(db as never).readPath(floodId(LINE, 5_000) as never, null),
    },
    'OCSP of one of 100,000 children': {
      most: 100,
      read: (db) => relyingPartyReaders(db as never).findIssued(['0x100c350']),
    },
  }
  for (const [name, { most, read }] of Object.entries(cases)) {
    test(`${name}: at most ${most}`, async () => {
      const rows = await rowsOf(read)
      expect(rows).toBeGreaterThan(0)
      expect(rows).toBeLessThanOrEqual(most)
    })
  }
})

describe('everybody a call could touch', () => {
  test('is said to be a part of 100,000, also when the issuer itself has no entry', async () => {
    expect(await readFamily(client, [ISSUER as never])).toMatchObject({ isPartial: true })
    await client.query('begin')
    await client.query('update auto_id_version set active = false where auto_id = $1', [ISSUER])
    const family = await readFamily(client, [ISSUER as never])
    await client.query('rollback')
    expect(family.isPartial).toBe(true)
    const few = await readFamily(client, [floodId(FEW_NAMESAKES, 1) as never])
    expect(few).toMatchObject({ isPartial: false, members: { length: 1 } })
  })
})

test('a block in which the issuer of 100,000 revokes itself: indexed, told in part, all below invalid', async () => {
  const signing = JSON.parse(readFileSync('test/fixtures/dev/keys.json', 'utf8')) as {
    pkcs8Pem: string
    usedFor: { autoId: string }[]
  }[]
  const key = signing.find(({ usedFor }) => usedFor.some(({ autoId }) => autoId === ISSUER))
  await indexRevocation(database.url, ISSUER, ISSUER, key?.pkcs8Pem ?? '')
  const { rows } = await client.query(
    `select facts from advisory where auto_id = $1 and code = 'SELF_REVOCATION_BLOCKS'`,
    [ISSUER],
  )
  expect(rows).toEqual([{ facts: { children: MAX_TOLD, isPartial: true } }])
  const { data } = await statementsOf(verdict(child))
  expect(data).toMatchObject({ verify: { verdict: 'INVALID' } })
})
