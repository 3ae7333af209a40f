/** Questions by GraphQL over the recorded chain: points in time, lists, chains, revocation, search, figures. */

import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeSs58 } from '../../src/api/ss58'
import { openTestApi, type TestApi } from '../support/api'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'

let database: TestDatabase
let api: TestApi
/** A day after the recorded head. */
const now = Date.parse('2026-11-20T19:26:30.434Z')

beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url)
  api = openTestApi(database.url, { nowMs: () => now })
})
afterAll(async () => {
  await api?.close()
  await database?.close()
})

const rsaRoot = '0xc6876ff74b39cb191bf90c3be32d259e7bcfc342281aa102418e6903d62159af'
const nobody = `0x${'ab'.repeat(32)}`

/** The error of a question that must fail. */
async function failureOf(query: string, variables?: Record<string, unknown>) {
  const { answer } = await api.post(query, variables)
  const [error] = answer.errors ?? []
  if (error === undefined) throw new Error(`answered: ${JSON.stringify(answer.data)}`)
  return { message: error.message, ...error.extensions } as Record<string, unknown>
}

/** Identifier by common name, as of a block (two roots may have borne it). */
async function idOf(commonName: string, block = 282): Promise<string> {
  const { autoIds } = await api.ask<{ autoIds: { nodes: { id: string }[] } }>(
    'query ($n: String, $b: Int) { autoIds(filter: {commonName: $n}, at: {block: $b}) { nodes { id } } }',
    { n: commonName, b: block },
  )
  const [first] = autoIds.nodes
  if (first === undefined) throw new Error(`no ${commonName}`)
  return first.id
}

describe('a point in time', () => {
  const asOf =
    'query ($at: PointInTime) { autoId(id: "' +
    rsaRoot +
    '", at: $at) { status asOf { height final } } }'

  test('by block: the state after it', async () => {
    expect(await api.ask(asOf, { at: { block: 1 } })).toEqual({ autoId: null })
    const { autoId } = await api.ask<{ autoId: object }>(asOf, { at: { block: 2 } })
    expect(autoId).toEqual({ status: 'ACTIVE', asOf: { height: 2, final: true } })
  })

  test('by time: the last block not later', async () => {
    const at = (time: string) => api.ask(asOf, { at: { time } })
    expect(await at('2026-09-02T00:00:12.000Z')).toMatchObject({ autoId: { asOf: { height: 2 } } })
    expect(await at('2026-09-02T02:00:17.999+02:00')).toMatchObject({
      autoId: { asOf: { height: 2 } },
    })
    expect(await at('2026-09-02T00:00:11.999Z')).toEqual({ autoId: null })
  })

  test('absent: the head, which is not final here, and the wall clock', async () => {
    expect(await api.ask(asOf)).toMatchObject({ autoId: { asOf: { height: 282, final: false } } })
    const late = openTestApi(database.url, { nowMs: () => Date.parse('2030-01-01T00:00:00Z') })
    expect(await late.ask(asOf)).toMatchObject({ autoId: { status: 'EXPIRED' } })
    expect(await late.ask(asOf, { at: { block: 282 } })).toMatchObject({
      autoId: { status: 'ACTIVE' },
    })
    await late.close()
  })

  test.each([
    ['past the head', { block: 283 }],
    ['past the head’s time', { time: '2026-11-19T19:26:30.435Z' }],
    ['before genesis', { block: -1 }],
    ['before the first block’s time', { time: '2026-09-01T00:00:00Z' }],
  ])('%s is out of range', async (_, at) => {
    expect(await failureOf(asOf, { at })).toMatchObject({
      code: 'POINT_IN_TIME_OUT_OF_RANGE',
      argument: 'at',
    })
  })

  test.each([
    ['neither key', {}],
    ['both keys', { block: 2, time: '2026-09-02T00:00:12.000Z' }],
  ])('%s is refused by name', async (_, at) => {
    expect(await failureOf(asOf, { at })).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'at' })
  })
})

describe('a certificate by its fingerprint', () => {
  const text = `query ($f: String!, $at: PointInTime) { certificate(fingerprint: $f, at: $at) {
    inForceTo { height } revocation { revokedAt { height } } autoId { status asOf { height } } } }`
  type Found = { certificate: object | null }

  async function fingerprint(): Promise<string> {
    const { autoId } = await api.ask<{ autoId: { certificate: { fingerprint: string } } }>(
      'query ($id: ID!) { autoId(id: $id, at: { block: 105 }) { certificate { fingerprint } } }',
      { id: await idOf('rev-x.dev', 105) },
    )
    return autoId.certificate.fingerprint
  }

  test.each([
    [104, null],
    [105, { inForceTo: null, revocation: null, autoId: { status: 'ACTIVE' } }],
    [
      106,
      {
        inForceTo: null,
        revocation: { revokedAt: { height: 106 } },
        autoId: { status: 'REVOKED', asOf: { height: 106 } },
      },
    ],
    [108, { inForceTo: { height: 108 }, autoId: { status: 'DEACTIVATED' } }],
  ])('shows what held at block %i, and nothing that came later', async (block, expected) => {
    const found = await api.ask<Found>(text, { f: await fingerprint(), at: { block } })
    if (expected === null) expect(found).toEqual({ certificate: null })
    else expect(found.certificate).toMatchObject(expected)
  })

  test('past the head is out of range, never the present', async () => {
    expect(await failureOf(text, { f: await fingerprint(), at: { block: 283 } })).toMatchObject({
      code: 'POINT_IN_TIME_OUT_OF_RANGE',
      argument: 'at',
    })
  })
})

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
    expect(await failureOf(query)).toMatchObject({ code: 'BAD_USER_INPUT', argument })
  })

  test('in variables, too', async () => {
    const query = 'query ($f: Int, $at: PointInTime) { autoIds(first: $f, at: $at) { totalCount } }'
    expect(await failureOf(query, { f: 'x' })).toMatchObject({
      code: 'BAD_USER_INPUT',
      argument: 'first',
    })
    expect(await failureOf(query, { at: { time: 5 } })).toMatchObject({
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
    expect(await failureOf(query, { c: autoIds.pageInfo.endCursor })).toMatchObject({
      code: 'BAD_USER_INPUT',
      argument: 'after',
    })
  })

  test('a forged cursor', async () => {
    const forged = Buffer.from(JSON.stringify(['CHANGED_AT_ASC', 'x', 'y'])).toString('base64url')
    const query =
      'query ($c: String) { autoIds(after: $c, orderBy: CHANGED_AT_ASC) { totalCount } }'
    expect(await failureOf(query, { c: forged })).toMatchObject({ code: 'BAD_USER_INPUT' })
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

describe('certificateChain', () => {
  const query = `query ($id: ID!, $at: PointInTime) { certificateChain(autoId: $id, at: $at) {
    complete trustAnchor { commonName } certificates { subject fingerprint } pem asOf { height } } }`
  type Answer = {
    certificateChain: { complete: boolean; certificates: { fingerprint: string }[]; pem: string }
  }

  test('leads from a leaf of depth 4 to its root, leaf first, as PEM', async () => {
    const at = { block: 10 }
    const { autoIds } = await api.ask<{ autoIds: { nodes: { id: string }[] } }>(
      '{ autoIds(last: 1, at: { block: 10 }) { nodes { id } } }',
    )
    const { certificateChain } = await api.ask<Answer>(query, { id: autoIds.nodes[0]?.id, at })
    expect(certificateChain).toMatchObject({ complete: true, asOf: { height: 10 } })
    expect(certificateChain.certificates.length).toBeGreaterThanOrEqual(4)
    const blocks = certificateChain.pem.match(/-----BEGIN CERTIFICATE-----[^-]+/g) ?? []
    const fingerprints = blocks.map((block) => {
      const der = Buffer.from(block.split('\n').slice(1).join(''), 'base64')
      return `0x${createHash('sha256').update(der).digest('hex')}`
    })
    expect(fingerprints).toEqual(certificateChain.certificates.map((c) => c.fingerprint))
  })

  test('is incomplete below an issuer that left the registry', async () => {
    const { before, after } = await chainsAround(127)
    expect(before).toMatchObject({ complete: true, trustAnchor: { commonName: 'dea-root.dev' } })
    expect(after).toMatchObject({ complete: false, trustAnchor: null })
    expect(after.certificates).toHaveLength(1)
  })

  async function chainsAround(block: number) {
    const leaf = await revokedLeafOf(await idOf('dea-root.dev', block - 1), block - 1)
    const ask = async (at: number) =>
      (await api.ask<Answer>(query, { id: leaf, at: { block: at } })).certificateChain
    return { before: await ask(block - 1), after: await ask(block) }
  }

  test('of an unknown identity is null', async () => {
    expect(await api.ask(query, { id: nobody })).toEqual({ certificateChain: null })
  })
})

/** A revoked identity under an issuer: its chain is told all the same. */
async function revokedLeafOf(issuer: string, block: number): Promise<string> {
  const { autoIds } = await api.ask<{ autoIds: { nodes: { id: string }[] } }>(
    'query ($i: ID, $b: Int) { autoIds(filter: { issuerId: $i, status: REVOKED }, at: { block: $b }) { nodes { id } } }',
    { i: issuer, b: block },
  )
  return autoIds.nodes[0]?.id ?? 'none'
}

describe('revocationStatus', () => {
  const query = `query ($of: CertificateRef!, $at: PointInTime) { revocationStatus(of: $of, at: $at) {
    status reason revokedAt { height } evidence { kind block { height } } asOf { height } } }`
  const ask = async (of: object, at: object | null = null) =>
    (await api.ask<{ revocationStatus: Record<string, unknown> }>(query, { of, at }))
      .revocationStatus

  async function certificateOf(id: string, block: number) {
    const { autoId } = await api.ask<{
      autoId: {
        issuerId: string | null
        certificate: { fingerprint: string; tbsFingerprint: string; pem: string; serial: string }
      }
    }>(
      'query ($id: ID!, $b: Int) { autoId(id: $id, at: { block: $b }) { issuerId certificate { fingerprint tbsFingerprint pem serial } } }',
      { id, b: block },
    )
    return { ...autoId.certificate, issuerId: autoId.issuerId ?? id }
  }

  test('a renewed certificate is superseded from the renewal on, by every way to name it', async () => {
    const root = await idOf('renew-root.dev')
    const old = await certificateOf(root, 39)
    const ways = [
      { fingerprint: old.fingerprint },
      { fingerprint: old.tbsFingerprint },
      { pem: old.pem },
      { issuerSerial: { issuerId: root, serial: old.serial } },
      { issuerSerial: { issuer: root, serial: old.serial } },
    ]
    for (const of of ways) {
      expect(await ask(of, { block: 39 })).toMatchObject({ status: 'GOOD', reason: null })
      expect(await ask(of, { block: 40 })).toMatchObject({
        status: 'REVOKED',
        reason: 'SUPERSEDED',
        revokedAt: { height: 40 },
        evidence: { kind: 'RENEWED', block: { height: 40 } },
      })
    }
    expect(await ask({ autoId: root }, { block: 40 })).toMatchObject({ status: 'GOOD' })
  })

  test('a revoked intermediate is revoked, and good again after its renewal', async () => {
    const { events } = await api.ask<{ events: { nodes: { autoId: { id: string } }[] } }>(
      '{ events(filter: { fromBlock: 98, toBlock: 98 }) { nodes { autoId { id } } } }',
    )
    const id = events.nodes[0]?.autoId.id
    expect(await ask({ autoId: id }, { block: 97 })).toMatchObject({ status: 'GOOD' })
    expect(await ask({ autoId: id }, { block: 98 })).toMatchObject({
      status: 'REVOKED',
      reason: 'REVOKED',
      revokedAt: { height: 98 },
    })
    expect(await ask({ autoId: id }, { block: 104 })).toMatchObject({ status: 'GOOD' })
  })

  test('a deactivated identity is never good, though its serial enters no list', async () => {
    const { events } = await api.ask<{ events: { nodes: { autoId: { id: string } }[] } }>(
      '{ events(filter: { fromBlock: 121, toBlock: 121 }) { nodes { autoId { id } } } }',
    )
    expect(await ask({ autoId: events.nodes[0]?.autoId.id }, { block: 121 })).toMatchObject({
      status: 'REVOKED',
      reason: null,
      evidence: { kind: 'DEACTIVATED' },
    })
  })

  test('a certificate registered again is good, though its first registration ended', async () => {
    const id = await idOf('dea-root.dev', 126)
    const first = await certificateOf(id, 126)
    expect(await ask({ fingerprint: first.fingerprint }, { block: 135 })).toMatchObject({
      status: 'REVOKED',
    })
    expect(await ask({ fingerprint: first.fingerprint }, { block: 136 })).toMatchObject({
      status: 'GOOD',
    })
  })

  test('never issued, not yet registered, never seen: unknown, never good', async () => {
    const unknown = { status: 'UNKNOWN', reason: null, revokedAt: null, evidence: null }
    const later = await certificateOf(await idOf('renew-root.dev'), 39)
    expect(await ask({ issuerSerial: { issuerId: rsaRoot, serial: '0xabcdef' } })).toMatchObject(
      unknown,
    )
    expect(await ask({ autoId: nobody })).toMatchObject(unknown)
    expect(await ask({ fingerprint: nobody })).toMatchObject(unknown)
    expect(await ask({ fingerprint: later.fingerprint }, { block: 37 })).toMatchObject(unknown)
  })
})

describe('revocationList', () => {
  test('of an id that never was an issuer: NOT_FOUND; of one that never revoked: empty', async () => {
    const query =
      'query ($i: ID!, $at: PointInTime) { revocationList(issuer: $i, at: $at) { entries { serial } } }'
    expect(await failureOf(query, { i: nobody })).toMatchObject({ code: 'NOT_FOUND' })
    expect(await api.ask(query, { i: rsaRoot, at: { block: 5 } })).toEqual({
      revocationList: { entries: [] },
    })
  })
})

describe('search', () => {
  type Hit = { kind: string; path: string; matched: string; autoId: { id: string } | null }
  const hits = async (text: string) =>
    (
      await api.ask<{ search: Hit[] }>(
        'query ($t: String!) { search(text: $t) { kind path matched autoId { id } } }',
        { t: text },
      )
    ).search

  test('an id, in whole or its begin', async () => {
    expect((await hits(rsaRoot))[0]).toMatchObject({ kind: 'AUTO_ID', path: `/autoid/${rsaRoot}` })
    expect((await hits('0xC6876F'))[0]).toMatchObject({ kind: 'AUTO_ID', autoId: { id: rsaRoot } })
  })

  test('a common name, whatever the case; blanks find nothing', async () => {
    expect((await hits('BASIC-root-rsa'))[0]).toMatchObject({ autoId: { id: rsaRoot } })
    expect(await hits('   ')).toEqual([])
    expect(await hits("'; drop table block; --")).toEqual([])
  })

  test('names that begin with a text or contain it; of a whole name those that begin with it', async () => {
    const labels = async (text: string) => {
      const query = 'query ($t: String!) { search(text: $t, first: 100) { label matched } }'
      const { search } = await api.ask<{ search: { label: string; matched: string }[] }>(query, {
        t: text,
      })
      return search.filter(({ matched }) => matched === 'common name').map(({ label }) => label)
    }
    const found = await labels('tIM')
    expect(found.some((label) => /^tim/i.test(label))).toBe(true)
    expect(found.some((label) => /.tim/i.test(label))).toBe(true)
    expect(new Set(found).size).toBe(found.length)
    for (const label of found) expect(label).toMatch(/tim/i)
    expect((await labels('Basic-root-rsa.dev'))[0]).toBe('basic-root-rsa.dev')
    for (const label of await labels('Basic-root-rsa.dev')) expect(label).toMatch(/^basic-root-rsa/)
    expect(await labels('asic-root-RS')).toContain('basic-root-rsa.dev')
    expect(await labels('basic%rsa')).toEqual([])
    expect(await labels('b_sic-root-rsa.dev')).toEqual([])
    expect((await labels('b')).length).toBeGreaterThan(0)
    expect(await labels('%')).toEqual([])
  })

  test('fingerprint, serial, key, PEM', async () => {
    const { autoId } = await api.ask<{
      autoId: {
        certificate: { fingerprint: string; tbsFingerprint: string; serial: string; pem: string }
        publicKey: { sha256: string }
      }
    }>(
      `{ autoId(id: "${rsaRoot}") { publicKey { sha256 } certificate { fingerprint tbsFingerprint serial pem } } }`,
    )
    const { certificate, publicKey } = autoId
    const colons = certificate.fingerprint.slice(2).toUpperCase().match(/../g)?.join(':') ?? ''
    for (const text of [
      certificate.fingerprint,
      certificate.tbsFingerprint,
      certificate.pem,
      colons,
    ]) {
      expect((await hits(text)).map(({ path }) => path)).toContain(
        `/certificate/${certificate.fingerprint}`,
      )
    }
    expect((await hits(certificate.serial)).map(({ matched }) => matched)).toContain('serial')
    expect((await hits(publicKey.sha256)).map(({ kind }) => kind)).toContain('PUBLIC_KEY')
  })

  test('a block by height and hash, an extrinsic, an account by hex and SS58', async () => {
    const { events } = await api.ask<{
      events: {
        nodes: {
          extrinsicHash: string
          signer: string
          signerAddress: string
          block: { hash: string }
        }[]
      }
    }>('{ events(first: 1) { nodes { extrinsicHash signer signerAddress block { hash } } } }')
    const [event] = events.nodes
    if (event === undefined) throw new Error('no event')
    expect(event.signerAddress).toBe(encodeSs58(event.signer, 6094))
    expect((await hits('12')).map(({ path }) => path)).toContain('/block/12')
    expect((await hits(event.block.hash)).map(({ path }) => path)).toEqual(['/block/2'])
    expect((await hits(event.extrinsicHash)).map(({ kind }) => kind)).toEqual(['EXTRINSIC'])
    for (const text of [event.signer, event.signerAddress]) {
      expect((await hits(text)).map(({ path }) => path)).toEqual([`/events?signer=${event.signer}`])
    }
  })
})

describe('block, extrinsic and event', () => {
  test('an extrinsic with all that it did and tried', async () => {
    const { failedCalls } = await api.ask<{ failedCalls: { nodes: { extrinsicHash: string }[] } }>(
      '{ failedCalls(filter: { fromBlock: 57, toBlock: 57 }, first: 1) { nodes { extrinsicHash } } }',
    )
    const { extrinsic } = await api.ask<{ extrinsic: object }>(
      'query ($h: String!) { extrinsic(hash: $h) { block { height } index events { kind callPath } failedCalls { call callPath } } }',
      { h: failedCalls.nodes[0]?.extrinsicHash },
    )
    expect(extrinsic).toMatchObject({ block: { height: 57 }, index: 2 })
    expect(extrinsic).toHaveProperty('events.length', 3)
    expect(extrinsic).toHaveProperty('failedCalls.length', 2)
  })

  test('a block by height or hash; one that is not indexed is null; both or none is refused', async () => {
    const { a } = await api.ask<{ a: { hash: string } }>(
      '{ a: block(height: 7) { hash parentHash specVersion } }',
    )
    expect(
      await api.ask('query ($h: String) { block(hash: $h) { height } }', { h: a.hash }),
    ).toEqual({
      block: { height: 7 },
    })
    expect(await api.ask('{ block(height: 5000) { height } }')).toEqual({ block: null })
    expect(await failureOf('{ block { height } }')).toMatchObject({ code: 'BAD_USER_INPUT' })
  })
})

describe('statistics', () => {
  test('buckets and parts add up to the whole', async () => {
    type Answer = {
      statistics: {
        buckets: Record<'registered' | 'renewed' | 'revoked' | 'deactivated' | 'failed', number>[]
        identitiesByStatus: { status: string; count: number }[]
        identitiesByKind: { count: number }[]
        findings: { count: number }[]
        findingCodes: { count: number }[]
        keyAlgorithms: { count: number }[]
      }
      status: { counts: Record<string, number> }
    }
    const { statistics, status } = await api.ask<Answer>(`{
      statistics(bucket: HOUR, to: "2026-11-20T00:00:00Z") {
        buckets { registered renewed revoked deactivated failed }
        identitiesByStatus { status count } identitiesByKind { count }
        findings { count } findingCodes { count } keyAlgorithms { count }
      }
      status { counts { autoIds registered events failedCalls findings } }
    }`)
    const { counts } = status
    const sum = (rows: readonly { count: number }[]) =>
      rows.reduce((all, { count }) => all + count, 0)
    const { buckets } = statistics
    const done = buckets.map((b) => b.registered + b.renewed + b.revoked + b.deactivated)
    expect(done.reduce((a, b) => a + b, 0)).toBe(counts['events'])
    expect(buckets.reduce((all, { failed }) => all + failed, 0)).toBe(counts['failedCalls'])
    expect(sum(statistics.identitiesByStatus)).toBe(counts['autoIds'])
    expect(sum(statistics.identitiesByKind)).toBe(counts['registered'])
    expect(sum(statistics.keyAlgorithms)).toBe(counts['registered'])
    expect(sum(statistics.findings)).toBe(counts['findings'])
    expect(sum(statistics.findingCodes)).toBe(counts['findings'])
  })

  test('of an issuer, by status, revoked told from superseded', async () => {
    const { issuerStatistics: figures } = await api.ask<{
      issuerStatistics: Record<string, number> & { issuedByStatus: { count: number }[] }
    }>(
      `query ($i: ID!) { issuerStatistics(issuer: $i) { issued issuedByStatus { count } revoked superseded certificates expiringSoon issuer { commonName } } }`,
      { i: await idOf('rev-root.dev') },
    )
    expect(figures.issuedByStatus.reduce((all, { count }) => all + count, 0)).toBe(
      figures['issued'],
    )
    expect(figures).toMatchObject({ issuer: { commonName: 'rev-root.dev' } })
    expect(figures['revoked']).toBeGreaterThan(0)
  })
})

describe('a moment reaches down into everything below', () => {
  test('an identity at a past block shows nothing that came later', async () => {
    const id = await idOf('renew-root.dev')
    const { autoId } = await api.ask<{
      autoId: {
        registrations: { certificates: { inForceTo: unknown; revocation: unknown }[] }[]
        events: { totalCount: number }
      }
    }>(
      `query ($id: ID!) { autoId(id: $id, at: { block: 40 }) {
        registrations { deactivatedAt { height } certificates { inForceTo { height } revocation { reason } } }
        events { totalCount nodes { kind block { height } } } issued { totalCount } } }`,
      { id },
    )
    expect(autoId).toMatchObject({
      registrations: [
        {
          deactivatedAt: null,
          certificates: [
            { inForceTo: { height: 40 }, revocation: { reason: 'SUPERSEDED' } },
            { inForceTo: null, revocation: null },
          ],
        },
      ],
      events: {
        totalCount: 2,
        nodes: [
          { kind: 'REGISTERED', block: { height: 38 } },
          { kind: 'RENEWED', block: { height: 40 } },
        ],
      },
      issued: { totalCount: 1 },
    })
  })
})
