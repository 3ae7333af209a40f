/** Subscriptions over a chain that grows and is reorganised, told by Postgres' own notices. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type HeadListener, listenToHead } from '../../src/store/read/listen'
import { openTestApi, type TestApi } from '../support/api'
import { commonHeight, indexBranch } from '../support/branches'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { subscribe } from '../support/subscription'
import { until } from '../support/until'

let database: TestDatabase
let api: TestApi
let listener: HeadListener
let connections = 0

beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url, { to: commonHeight })
  api = openTestApi(database.url)
  listener = listenToHead({
    url: database.url,
    retryMs: 20,
    onNotice: () => api.hub.publish(),
    onConnected: () => {
      connections++
      api.hub.publish()
    },
  })
  await until(() => listener.isConnected)
})
afterAll(async () => {
  await listener?.close()
  await api?.close()
  await database?.close()
})

type HeadMessage = {
  data: { head: { head: { height: number; hash: string }; finalityLagBlocks: number } }
}
type EventMessage = {
  data: {
    events: {
      id: string
      kind: string
      removed: boolean
      block: { hash: string }
      autoId: { commonName: string }
    }
  }
}

describe('the subscriptions head and events', () => {
  test('follow the chain through growth and a reorganisation: each event once, in order, removals said', async () => {
    const heads = await subscribe<HeadMessage>(
      api,
      'subscription { head { head { height hash } finalityLagBlocks } }',
    )
    const all = await subscribe<EventMessage>(
      api,
      'subscription { events { id kind removed block { hash } autoId { commonName } } }',
    )
    const revocations = await subscribe<EventMessage>(
      api,
      'subscription { events(filter: { kind: REVOKED }) { id kind removed block { hash } autoId { commonName } } }',
    )
    await until(() => heads.received.length >= 1)
    await indexBranch(database.url, 'fork-near-head', 279, 280)
    await indexBranch(database.url, 'fork-near-head', 281, 281)
    await until(() => all.received.length >= 6)
    await indexBranch(database.url, 'canonical', 279, 282)
    await until(() => all.received.length >= 17)

    const events = all.received.map(({ data }) => data.events)
    const shown = events.map(({ id, removed }) => `${removed ? '-' : '+'}${id.slice(7, 10)}`)
    expect(shown).toEqual([
      ...['+279', '+279', '+280', '+280', '+281', '+281'],
      ...['-281', '-281', '-280', '-280', '-279', '-279'],
      ...['+279', '+280', '+281', '+281', '+282'],
    ])
    const added = events.slice(0, 6)
    const removed = events.slice(6, 12).reverse()
    expect(removed.map(({ block, id }) => [block.hash, id])).toEqual(
      added.map(({ block, id }) => [block.hash, id]),
    )
    expect(revocations.received.map(({ data }) => data.events)).toEqual(
      events.filter(({ kind }) => kind === 'REVOKED'),
    )

    await until(() => heads.received.at(-1)?.data.head.head.height === 282)
    const heights = heads.received.map(({ data }) => data.head.head.height)
    expect(heights[0]).toBe(commonHeight)
    expect(heads.received.at(-1)?.data.head.finalityLagBlocks).toBe(4)
    for (const subscription of [heads, all, revocations]) await subscription.end()
  })

  test('end with their client: nobody is waited for', async () => {
    const head = await subscribe<HeadMessage>(api, 'subscription { head { head { height hash } } }')
    await until(() => head.received.length === 1)
    const before = api.hub.followers
    await head.end()
    await until(() => api.hub.followers < before)
  })

  test('a lost listening connection comes back and has everybody look again', async () => {
    const head = await subscribe<HeadMessage>(api, 'subscription { head { head { height hash } } }')
    await until(() => head.received.length >= 1)
    const before = connections
    const pg = await import('pg')
    const client = new pg.default.Client({ connectionString: database.url })
    await client.connect()
    await client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'auto-registry listen' and datname = current_database()",
    )
    // What happened while nobody listened.
    await client.query(
      'update index_status set finalized_height = 280, finalized_hash = (select id from block where height = 280)',
    )
    await client.end()
    await until(() => connections > before)
    await until(() => head.received.length >= 2)
    await head.end()
  })

  test('a bad filter is refused by name', async () => {
    const response = await api.fetch('http://test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { events(filter: { autoId: "x" }) { id } }' }),
    })
    const text = await response.text()
    expect(text).toContain('BAD_USER_INPUT')
    expect(text).toContain('filter.autoId')
  })
})
