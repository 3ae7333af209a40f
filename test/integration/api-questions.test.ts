/** Questions by GraphQL over the recorded chain: points in time, certificates, chains, blocks and what they did. */

import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApi } from '../support/api'
import { openRecordedApi, type RecordedApi } from '../support/recorded-api'

let api: RecordedApi
beforeAll(async () => {
  api = await openRecordedApi()
})
afterAll(() => api?.close())

const rsaRoot = '0xc6876ff74b39cb191bf90c3be32d259e7bcfc342281aa102418e6903d62159af'
const nobody = `0x${'ab'.repeat(32)}`

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
    const late = openTestApi(api.databaseUrl, { nowMs: () => Date.parse('2030-01-01T00:00:00Z') })
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
    expect(await api.failureOf(asOf, { at })).toMatchObject({
      code: 'POINT_IN_TIME_OUT_OF_RANGE',
      argument: 'at',
    })
  })

  test.each([
    ['neither key', {}],
    ['both keys', { block: 2, time: '2026-09-02T00:00:12.000Z' }],
  ])('%s is refused by name', async (_, at) => {
    expect(await api.failureOf(asOf, { at })).toMatchObject({
      code: 'BAD_USER_INPUT',
      argument: 'at',
    })
  })
})

describe('a certificate by its fingerprint', () => {
  const text = `query ($f: String!, $at: PointInTime) { certificate(fingerprint: $f, at: $at) {
    inForceTo { height } revocation { revokedAt { height } } autoId { status asOf { height } } } }`
  type Found = { certificate: object | null }

  async function fingerprint(): Promise<string> {
    const { autoId } = await api.ask<{ autoId: { certificate: { fingerprint: string } } }>(
      'query ($id: ID!) { autoId(id: $id, at: { block: 105 }) { certificate { fingerprint } } }',
      { id: await api.idOf('rev-x.dev', 105) },
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
    expect(await api.failureOf(text, { f: await fingerprint(), at: { block: 283 } })).toMatchObject(
      {
        code: 'POINT_IN_TIME_OUT_OF_RANGE',
        argument: 'at',
      },
    )
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
    const leaf = await revokedLeafOf(await api.idOf('dea-root.dev', block - 1), block - 1)
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
    expect(await api.failureOf('{ block { height } }')).toMatchObject({ code: 'BAD_USER_INPUT' })
    expect(await api.failureOf('{ block(height: -1) { height } }')).toMatchObject({
      code: 'BAD_USER_INPUT',
      argument: 'height',
    })
  })
})

describe('a moment reaches down into everything below', () => {
  test('an identity at a past block shows nothing that came later', async () => {
    const id = await api.idOf('renew-root.dev')
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
