/** A key that more identities hold than are looked at: what is told is a part, and said to be one. */

import { readFileSync } from 'node:fs'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../support/api'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'

const story = JSON.parse(readFileSync('chains/dev/story.json', 'utf8')) as { agent: string }

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

type Composite = { totalCount: number; partial: boolean; validIssuers: number; members: object[] }
type Verified = {
  verdict: string
  failures: { code: string }[]
  findings: { code: string; facts: object }[]
}

async function ask(): Promise<{ compositeIdentity: Composite; verify: Verified }> {
  const { rows } = await client.query<{ key: string }>(
    'select public_key_sha256 as key from auto_id_version where auto_id = $1 limit 1',
    [story.agent],
  )
  const query = `query ($key: String!, $id: ID!) {
    compositeIdentity(publicKey: $key) { totalCount partial validIssuers members { verdict } }
    verify(subject: { autoId: $id }, policy: { minIssuers: 2 }, at: { block: 275 }) {
      verdict failures { code } findings { code facts } } }`
  return api.ask(query, { key: rows[0]?.key, id: story.agent })
}

describe('a key of many identities', () => {
  it('few enough are looked at all: nothing is partial, and the policy’s two issuers are found', async () => {
    const { compositeIdentity, verify } = await ask()
    expect(compositeIdentity).toMatchObject({ totalCount: 2, partial: false, validIssuers: 2 })
    expect(verify.verdict).toBe('VALID')
    const shared = verify.findings.find(({ code }) => code === 'KEY_SHARED')
    expect(shared?.facts).toEqual({ identities: 2, isPartial: false })
  })

  it('of too many a part is looked at and said to be one; too few issuers among them decide nothing', async () => {
    // Identifiers below all others, registered before all others.
    await client.query(
      `insert into auto_id_version
       select (jsonb_populate_record(held, jsonb_build_object('id', 'copy-' || n, 'block_from', 1,
                 'auto_id', '0x' || lpad(n::text, 64, '0'), 'first_event_id', lpad(n::text, 17, '0')))).*
         from auto_id_version held, generate_series(1, 120) n
        where held.auto_id = $1 and held.block_to is null`,
      [story.agent],
    )
    // Evidence under one head is remembered, and the head is the same.
    await api.close()
    api = openTestApi(database.url)
    const { compositeIdentity, verify } = await ask()
    expect(compositeIdentity).toMatchObject({ totalCount: 122, partial: true })
    expect(compositeIdentity.members).toHaveLength(50)
    expect([verify.verdict, verify.failures.map(({ code }) => code)]).toEqual([
      'INDETERMINATE',
      ['COMPOSITE'],
    ])
    const shared = verify.findings.find(({ code }) => code === 'KEY_SHARED')
    expect(shared?.facts).toEqual({ identities: 100, isPartial: true })
  })
})
