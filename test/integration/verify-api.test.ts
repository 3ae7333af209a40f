/** `verify` asked by GraphQL over the recorded chain, what it costs, and identities of one key. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestApi } from '../support/api'
import {
  askVerdict,
  at275,
  codes,
  openVerdictApi,
  type VerdictApi,
} from '../support/asked-verdicts'
import { story } from '../support/story'

let api: VerdictApi
beforeAll(async () => {
  api = await openVerdictApi()
})
afterAll(() => api?.close())

// Priced by their fields alone these cost 1, and fifty of them a second of work.
it.each([
  ['verify', `verify(subject: { autoId: "0x${'11'.repeat(32)}" }) { verdict }`],
  ['verifyToken', 'verifyToken(jwt: "a.b.c") { verdict }'],
  ['verifyProvenance', `verifyProvenance(proof: "x", sha256: "${'11'.repeat(32)}") { verdict }`],
  ['simulate', 'simulate(call: "0x") { __typename }'],
  [
    'compositeIdentity of one member',
    `compositeIdentity(publicKey: "0x${'11'.repeat(32)}", first: 1) { totalCount }`,
  ],
])('%s has the price of a verdict whatever is selected', async (_, field) => {
  const one = openTestApi(api.databaseUrl, { limits: { maxComplexity: 60 } })
  const codeOf = async (query: string) =>
    (await one.post(query)).answer.errors?.[0]?.extensions?.['code']
  expect(await codeOf(`{ ${field} }`)).not.toBe('QUERY_TOO_COMPLEX')
  expect(await codeOf(`{ a: ${field} b: ${field} }`)).toBe('QUERY_TOO_COMPLEX')
  await one.close()
})

it('each identity of a key that may be judged has the price of a verdict', async () => {
  const one = openTestApi(api.databaseUrl, { limits: { maxComplexity: 2_600 } })
  const codeOf = async (field: string) =>
    (await one.post(`{ ${field} }`)).answer.errors?.[0]?.extensions?.['code']
  const key = `publicKey: "0x${'11'.repeat(32)}"`
  const id = `subject: { autoId: "0x${'11'.repeat(32)}" }`
  for (const fits of [
    `compositeIdentity(${key}) { totalCount }`,
    `compositeIdentity(${key}, first: 50) { totalCount }`,
    `verify(${id}, policy: { minIssuers: 2 }) { verdict }`,
    `verify(${id}, policy: { minIssuers: 2, maxMembers: 50 }) { verdict }`,
    `verify(${id}, policy: { maxMembers: 5000 }) { verdict }`,
  ]) {
    expect([fits, await codeOf(fits)]).toEqual([fits, undefined])
  }
  for (const exceeds of [
    `compositeIdentity(${key}, first: 53) { totalCount }`,
    `verify(${id}, policy: { minIssuers: 2, maxMembers: 53 }) { verdict }`,
    `verify(${id}, policy: { issuers: [], maxMembers: 53 }) { verdict }`,
  ]) {
    expect([exceeds, await codeOf(exceeds)]).toEqual([exceeds, 'QUERY_TOO_COMPLEX'])
  }
  await one.close()
})

describe('verify', () => {
  it('blocks 267-275: the agent, its person and its organisation, named up to the root', async () => {
    const result = await api.verify({ autoId: story.agent }, at275)
    expect(result).toMatchObject({ verdict: 'VALID', indication: 'TOTAL-PASSED', failures: [] })
    expect(result.chain.map(({ autoId }) => autoId.id)).toEqual([
      story.agent,
      story.person,
      story.organisation,
    ])
    expect(result.trustAnchor?.id).toBe(story.organisation)
    expect(result.turnedBy).toMatchObject({
      autoIdId: story.agent,
      block: { height: 269 },
      evidence: { kind: 'REGISTERED' },
    })
  })

  it('block 276: the revocation is the deciding failure, with its event, and what turned the verdict', async () => {
    const result = await api.verify({ autoId: story.agent }, { at: { block: 280 } })
    expect(result).toMatchObject({ verdict: 'INVALID', indication: 'TOTAL-FAILED/REVOKED' })
    expect(result.failures).toMatchObject([
      { code: 'NOT_REVOKED', autoIdId: story.agent, evidence: { kind: 'REVOKED' } },
    ])
    expect(result.turnedBy).toMatchObject({ block: { height: 276 }, evidence: { kind: 'REVOKED' } })
  })

  it('knownAt is the head when absent, and tells of the revocation that was still to come', async () => {
    const result = await api.verify({ autoId: story.agent }, { at: { block: 275 } })
    expect([result.verdict, result.asOf.height, result.knownAt.height]).toEqual(['VALID', 275, 282])
    expect(result.findings[0]).toMatchObject({ code: 'REVOKED_LATER', severity: 'CRITICAL' })
  })

  it('a time between two blocks has the state of the earlier one and its own clock', async () => {
    const query = 'query ($h: Int!) { block(height: $h) { timestamp } }'
    const { block } = await api.ask<{ block: { timestamp: string } }>(query, { h: 276 })
    const time = (ms: number) => new Date(Date.parse(block.timestamp) + ms).toISOString()
    const before = await api.verify({ autoId: story.agent }, { at: { time: time(-1) } })
    const then = await api.verify({ autoId: story.agent }, { at: { time: time(0) } })
    expect([before.verdict, before.asOf.height]).toEqual(['VALID', 275])
    expect([then.verdict, then.asOf.height]).toEqual(['INVALID', 276])
  })

  it('refuses the future, the time before the chain, and knowledge older than the question', async () => {
    const subject = { autoId: story.agent }
    expect(await api.errorOf(subject, { at: { block: 283 } })).toBe('POINT_IN_TIME_OUT_OF_RANGE')
    expect(await api.errorOf(subject, { at: { time: '2030-01-01T00:00:00Z' } })).toBe(
      'POINT_IN_TIME_OUT_OF_RANGE',
    )
    expect(await api.errorOf(subject, { at: { time: '2020-01-01T00:00:00Z' } })).toBe(
      'POINT_IN_TIME_OUT_OF_RANGE',
    )
    expect(await api.errorOf(subject, { at: { block: 275 }, knownAt: { block: 274 } })).toBe(
      'BAD_USER_INPUT',
    )
    expect(await api.errorOf(subject, { at: { block: 275, time: '2026-09-01T00:00:00Z' } })).toBe(
      'BAD_USER_INPUT',
    )
  })

  it('without `at` the wall clock judges validity: `until` past, the chain has expired, though the head stands still', async () => {
    const subject = { autoId: story.organisation }
    const now = await api.verify(subject)
    const until = Date.parse(now.until ?? '')
    const later = openTestApi(api.databaseUrl, { nowMs: () => until + 60_000 })
    const result = await askVerdict(later, subject)
    await later.close()
    expect([now.verdict, result.verdict, result.indication]).toEqual([
      'VALID',
      'INVALID',
      'TOTAL-FAILED/EXPIRED',
    ])
    expect([Date.parse(result.since ?? ''), result.turnedBy?.block]).toEqual([until + 1, null])
  })
})

describe('composite identities', () => {
  const COMPOSITE = `query ($publicKey: String!, $at: PointInTime) { compositeIdentity(publicKey: $publicKey, at: $at) {
    validIssuers members { autoId { id } verdict } } }`
  const keyOfAgent = async () => {
    const query = 'query ($id: ID!) { autoId(id: $id) { certificate { publicKey { sha256 } } } }'
    const answer = await api.ask<{ autoId: { certificate: { publicKey: { sha256: string } } } }>(
      query,
      { id: story.agent },
    )
    return answer.autoId.certificate.publicKey.sha256
  }

  it('block 273: the agent’s key stands under its person and under the partner; after 276 one is left', async () => {
    const publicKey = await keyOfAgent()
    type Answer = {
      compositeIdentity: {
        validIssuers: number
        members: { autoId: { id: string }; verdict: string }[]
      }
    }
    const then = await api.ask<Answer>(COMPOSITE, { publicKey, at: { block: 275 } })
    expect(then.compositeIdentity.validIssuers).toBe(2)
    expect(then.compositeIdentity.members.map(({ autoId }) => autoId.id).sort()).toEqual(
      [story.agent, story.agentUnderPartner].sort(),
    )
    const after = await api.ask<Answer>(COMPOSITE, { publicKey, at: { block: 276 } })
    expect(after.compositeIdentity.validIssuers).toBe(1)
    const nobody = await api.ask<Answer>(COMPOSITE, { publicKey: `0x${'0'.repeat(64)}` })
    expect(nobody.compositeIdentity).toBeNull()
  })

  it('minIssuers: valid under two issuers until one of them revokes', async () => {
    const subject = { autoId: story.agentUnderPartner }
    const policy = { minIssuers: 2 }
    expect((await api.verify(subject, { ...at275, policy })).verdict).toBe('VALID')
    const after = await api.verify(subject, { at: { block: 276 }, policy })
    expect([after.verdict, codes(after.failures)]).toEqual(['INVALID', ['COMPOSITE']])
    expect((await api.verify(subject, { at: { block: 276 } })).verdict).toBe('VALID')
  })

  it('issuers: only the named ones count, wherever above they stand', async () => {
    const subject = { autoId: story.agent }
    const both = { minIssuers: 2, issuers: [story.organisation, story.partner] }
    expect((await api.verify(subject, { ...at275, policy: both })).verdict).toBe('VALID')
    const other = { minIssuers: 2, issuers: [story.organisation, story.service] }
    expect((await api.verify(subject, { ...at275, policy: other })).verdict).toBe('INVALID')
  })
})
