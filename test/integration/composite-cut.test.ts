/** A key that more identities hold than are looked at: what is told is a part, and said to be one. */

import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../support/api'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { story } from '../support/story'

let database: TestDatabase
let client: pg.Client
let api: TestApi
beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url, { to: 275 })
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  api = openTestApi(database.url)
})
afterAll(async () => {
  await client?.end()
  await api?.close()
  await database?.close()
})

type Composite = {
  totalCount: number
  partial: boolean
  validIssuers: number
  members: { autoId: { id: string } | null; verdict: string }[]
  pageInfo: { hasNextPage: boolean; endCursor: string }
}
type Verified = {
  verdict: string
  failures: { code: string }[]
  findings: { code: string; facts: object }[]
}

async function keyOfAgent(): Promise<string> {
  const { rows } = await client.query<{ key: string }>(
    'select public_key_sha256 as key from auto_id_version where auto_id = $1 limit 1',
    [story.agent],
  )
  return rows[0]?.key ?? ''
}

async function composite(page: { first?: number; after?: string } = {}): Promise<Composite> {
  const query = `query ($key: String!, $first: Int, $after: String) {
    compositeIdentity(publicKey: $key, first: $first, after: $after) {
      totalCount partial validIssuers members { autoId { id } verdict } pageInfo { hasNextPage endCursor } } }`
  const answer = await api.ask<{ compositeIdentity: Composite }>(query, {
    key: await keyOfAgent(),
    ...page,
  })
  return answer.compositeIdentity
}

async function verify(policy: object): Promise<Verified> {
  const query = `query ($id: ID!, $policy: PolicyInput) {
    verify(subject: { autoId: $id }, policy: $policy, at: { block: 275 }) {
      verdict failures { code } findings { code facts } } }`
  return (await api.ask<{ verify: Verified }>(query, { id: story.agent, policy })).verify
}

/** Identifiers below all others, registered before all others; `issuer` an SQL expression. */
async function addCrowd(name: string, count: number, issuer: string): Promise<void> {
  await client.query(
    `insert into auto_id_version
     select (jsonb_populate_record(held, jsonb_build_object('id', $2 || n, 'block_from', 1, 'issuer_id', ${issuer},
               'auto_id', '0x' || encode(sha256(($2 || n)::bytea), 'hex'), 'first_event_id', $2 || lpad(n::text, 16, '0')))).*
       from auto_id_version held, generate_series(1, $3::int) n
      where held.auto_id = $1 and held.block_to is null`,
    [story.agent, name, count],
  )
  // Evidence under one head is remembered, and the head is the same.
  await api.close()
  api = openTestApi(database.url)
}

describe('a key of many identities', () => {
  it('few enough are given all: nothing is partial, and the policy’s two issuers are found', async () => {
    expect(await composite()).toMatchObject({
      totalCount: 2,
      partial: false,
      validIssuers: 2,
      pageInfo: { hasNextPage: false },
    })
    const { verdict, findings } = await verify({ minIssuers: 2 })
    expect(verdict).toBe('VALID')
    const shared = findings.find(({ code }) => code === 'KEY_SHARED')
    expect(shared?.facts).toEqual({ identities: 2, isPartial: false })
  })

  it('of more a page is given, and the next one where it ended; every one has its verdict', async () => {
    await addCrowd('0', 120, 'held.issuer_id')
    const found: Composite['members'] = []
    let page = await composite()
    expect(page).toMatchObject({ totalCount: 122, partial: true, validIssuers: 0 })
    expect(page.members).toHaveLength(50)
    for (;;) {
      found.push(...page.members)
      if (!page.pageInfo.hasNextPage) break
      page = await composite({ first: 40, after: page.pageInfo.endCursor })
    }
    expect(new Set(found.map(({ autoId }) => autoId?.id)).size).toBe(122)
    expect(page.validIssuers).toBe(2)
    const valid = found.filter(({ verdict }) => verdict === 'VALID')
    expect(valid).toHaveLength(2)
  })

  it('a crowd under one issuer hides no other; too few issuers are known to be too few', async () => {
    const { verdict, findings } = await verify({ minIssuers: 2 })
    expect(verdict).toBe('VALID')
    const shared = findings.find(({ code }) => code === 'KEY_SHARED')
    expect(shared?.facts).toEqual({ identities: 100, isPartial: true })
    expect((await verify({ minIssuers: 3 })).verdict).toBe('INVALID')
  })

  it('of a crowd under as many issuers a part is judged and said to be one, unless more is allowed', async () => {
    await addCrowd('00', 60, `'0x' || encode(sha256(('issuer' || n)::bytea), 'hex')`)
    const cut = await verify({ minIssuers: 2 })
    expect([cut.verdict, cut.failures.map(({ code }) => code)]).toEqual([
      'INDETERMINATE',
      ['COMPOSITE'],
    ])
    expect((await verify({ minIssuers: 2, maxMembers: 62 })).verdict).toBe('VALID')
    expect((await verify({ minIssuers: 3, maxMembers: 62 })).verdict).toBe('INVALID')
  })

  it('named issuers are found past any crowd under others', async () => {
    const issuers = [story.organisation, story.partner]
    expect((await verify({ minIssuers: 2, issuers })).verdict).toBe('VALID')
    const other = { minIssuers: 2, issuers: [story.organisation, story.service] }
    expect((await verify(other)).verdict).toBe('INVALID')
  })
})
