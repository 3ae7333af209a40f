/** Lists by GraphQL over the recorded chain: arguments, pages, filters. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openRecordedApi, type RecordedApi } from '../support/recorded-api'

let api: RecordedApi
beforeAll(async () => {
  api = await openRecordedApi()
})
afterAll(() => api?.close())

const rsaRoot = '0xc6876ff74b39cb191bf90c3be32d259e7bcfc342281aa102418e6903d62159af'
const nobody = `0x${'ab'.repeat(32)}`

describe('bad arguments are refused by name', () => {
  test.each([
    ['{ autoId(id: "0x12") { id } }', 'id'],
    ['{ autoIds(first: "x") { totalCount } }', 'first'],
    ['{ autoIds(first: -1) { totalCount } }', 'first'],
    ['{ autoIds(first: 1001) { totalCount } }', 'first'],
    ['{ autoIds(last: 1, first: 1) { totalCount } }', 'last'],
    ['{ autoIds(after: "nonsense") { totalCount } }', 'after'],
    ['{ autoIds(orderBy: NOPE) { totalCount } }', 'orderBy'],
    ['{ autoIds(filter: { status: NOPE }) { totalCount } }', 'filter'],
    ['{ autoIds(filter: { issuerId: "x" }) { totalCount } }', 'filter.issuerId'],
    ['{ autoIds(at: { time: "yesterday" }) { totalCount } }', 'at'],
    ['{ autoIds(at: { time: "2026-02-30T00:00:00Z" }) { totalCount } }', 'at'],
    ['{ events(filter: { signer: "bob" }) { totalCount } }', 'filter.signer'],
    ['{ certificate(fingerprint: "12") { subject } }', 'fingerprint'],
    ['{ revocationStatus(of: {}) { status } }', 'of'],
    ['{ revocationStatus(of: { pem: "nothing" }) { status } }', 'of.pem'],
    [
      `{ revocationStatus(of: { issuerSerial: { issuer: "${rsaRoot}", serial: "51" } }) { status } }`,
      'of.issuerSerial.serial',
    ],
    ['{ search(text: "a", first: 101) { kind } }', 'first'],
    [
      '{ statistics(from: "2026-09-01T00:00:00Z", to: "2027-09-01T00:00:00Z", bucket: HOUR) { from } }',
      'bucket',
    ],
  ])('%s', async (query, argument) => {
    expect(await api.failureOf(query)).toMatchObject({ code: 'BAD_USER_INPUT', argument })
  })

  test('in variables, too', async () => {
    const query = 'query ($f: Int, $at: PointInTime) { autoIds(first: $f, at: $at) { totalCount } }'
    expect(await api.failureOf(query, { f: 'x' })).toMatchObject({
      code: 'BAD_USER_INPUT',
      argument: 'first',
    })
    expect(await api.failureOf(query, { at: { time: 5 } })).toMatchObject({
      code: 'BAD_USER_INPUT',
      argument: 'at',
    })
  })

  test('a cursor of another order', async () => {
    const { autoIds } = await api.ask<{ autoIds: { pageInfo: { endCursor: string } } }>(
      '{ autoIds(first: 1) { pageInfo { endCursor } } }',
    )
    const query =
      'query ($c: String) { autoIds(after: $c, orderBy: EXPIRES_AT_ASC) { totalCount } }'
    expect(await api.failureOf(query, { c: autoIds.pageInfo.endCursor })).toMatchObject({
      code: 'BAD_USER_INPUT',
      argument: 'after',
    })
  })

  test('a forged cursor', async () => {
    const forged = Buffer.from(JSON.stringify(['CHANGED_AT_ASC', 'x', 'y'])).toString('base64url')
    const query =
      'query ($c: String) { autoIds(after: $c, orderBy: CHANGED_AT_ASC) { totalCount } }'
    expect(await api.failureOf(query, { c: forged })).toMatchObject({ code: 'BAD_USER_INPUT' })
  })
})

describe('pages', () => {
  type Page = {
    list: {
      totalCount: number
      nodes: { id: string }[]
      pageInfo: {
        hasNextPage: boolean
        hasPreviousPage: boolean
        startCursor: string
        endCursor: string
      }
    }
  }
  const fields =
    'totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }'
  const query = (list: string, order: string) =>
    `query ($first: Int, $after: String, $last: Int, $before: String) {
      list: ${list}(first: $first, after: $after, last: $last, before: $before, orderBy: ${order}) { ${fields} } }`

  test.each([
    ['autoIds', 'REGISTERED_AT_ASC'],
    ['autoIds', 'EXPIRES_AT_DESC'],
    ['autoIds', 'CHANGED_AT_DESC'],
    ['events', 'OLDEST_FIRST'],
    ['failedCalls', 'NEWEST_FIRST'],
  ])('%s by %s: forward and backward give each row once, in one order', async (list, order) => {
    const text = query(list, order)
    const forward: string[] = []
    let after: string | null = null
    for (;;) {
      const page: Page = await api.ask<Page>(text, { first: 37, after })
      forward.push(...page.list.nodes.map(({ id }) => id))
      expect(page.list.pageInfo.hasPreviousPage).toBe(after !== null)
      after = page.list.pageInfo.endCursor
      if (!page.list.pageInfo.hasNextPage) break
    }
    const backward: string[] = []
    let before: string | null = null
    for (;;) {
      const page: Page = await api.ask<Page>(text, { last: 41, before })
      backward.unshift(...page.list.nodes.map(({ id }) => id))
      before = page.list.pageInfo.startCursor
      expect(page.list.totalCount).toBe(forward.length)
      if (!page.list.pageInfo.hasPreviousPage) break
    }
    expect(new Set(forward).size).toBe(forward.length)
    expect(backward).toEqual(forward)
  })

  test('orders hold', async () => {
    const { a, d } = await api.ask<
      Record<'a' | 'd', { nodes: { certificate: { notAfter: string } }[] }>
    >(`{
      a: autoIds(first: 500, orderBy: EXPIRES_AT_ASC) { nodes { certificate { notAfter } } }
      d: autoIds(first: 500, orderBy: EXPIRES_AT_DESC) { nodes { certificate { notAfter } } }
    }`)
    const times = a.nodes.map(({ certificate }) => certificate.notAfter)
    expect(times).toEqual([...times].sort())
    expect(d.nodes.map(({ certificate }) => certificate.notAfter)).toEqual([...times].reverse())
  })

  test('an empty page counts all the same', async () => {
    const { list } = await api.ask<Page>(query('autoIds', 'REGISTERED_AT_ASC'), { first: 0 })
    expect(list).toMatchObject({ nodes: [], totalCount: 323, pageInfo: { hasNextPage: true } })
  })
})

describe('filters of identities', () => {
  const ids = async (filter: object, at: object | null = null) => {
    const answer = await api.ask<{
      autoIds: { nodes: { id: string; status: string; kind: string }[]; totalCount: number }
    }>(
      'query ($filter: AutoIdFilter, $at: PointInTime) { autoIds(first: 1000, filter: $filter, at: $at) { totalCount nodes { id status kind } } }',
      { filter, at },
    )
    expect(answer.autoIds.totalCount).toBe(answer.autoIds.nodes.length)
    return answer.autoIds.nodes
  }

  test('statuses partition all, and each node has the one asked for', async () => {
    const all = await ids({})
    let sum = 0
    for (const status of ['ACTIVE', 'NOT_YET_VALID', 'EXPIRED', 'REVOKED', 'DEACTIVATED']) {
      const some = await ids({ status })
      expect(some.every((node) => node.status === status)).toBe(true)
      sum += some.length
    }
    expect(sum).toBe(all.length)
  })

  test('kind, issuer, name, key, serial, ids and expiry', async () => {
    expect((await ids({ kind: 'ROOT' })).every(({ kind }) => kind === 'ROOT')).toBe(true)
    expect(await ids({ issuerId: rsaRoot })).not.toHaveLength(0)
    expect(await ids({ issuerId: nobody })).toEqual([])
    expect((await ids({ commonNameContains: 'BASIC-ROOT-RSA' })).map(({ id }) => id)).toEqual([
      rsaRoot,
    ])
    expect(await ids({ commonNameContains: '%' })).toHaveLength(0)
    expect((await ids({ ids: [rsaRoot, nobody] })).map(({ id }) => id)).toEqual([rsaRoot])
    expect((await ids({ serial: '0x001313bcf78e6e8f195f9972' })).map(({ id }) => id)).toEqual([
      rsaRoot,
    ])
    const before = await ids({ expiresBefore: '2027-01-01T00:00:00Z' })
    const after = await ids({ expiresAfter: '2027-01-01T00:00:00Z' })
    expect(before.length + after.length).toBe(323)
    expect(before).not.toHaveLength(0)
  })

  test('at a past block they ask the state of then', async () => {
    expect(await ids({ status: 'DEACTIVATED' }, { block: 120 })).toHaveLength(6)
    expect(await ids({ status: 'DEACTIVATED' }, { block: 121 })).toHaveLength(7)
  })

  test('those with a finding of a code', async () => {
    const weak = await ids({ finding: 'WEAK_KEY' })
    expect(weak).not.toHaveLength(0)
    const { autoId } = await api.ask<{
      autoId: { findings: { code: string; evidence: { id: string } }[] }
    }>('query ($id: ID!) { autoId(id: $id) { findings { code evidence { id } } } }', {
      id: weak[0]?.id,
    })
    expect(autoId.findings.map(({ code }) => code)).toContain('WEAK_KEY')
  })
})
