/** Pre-flight by GraphQL: every plain call of the recorded chain, asked before its block, judged by what then happened. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toHex } from '../../src/bytes'
import { assembleCertificate } from '../../src/pki/certificate'
import { encodePem } from '../../src/pki/pem'
import { openTestApi, type TestApi } from '../support/api'
import { indexDevChain } from '../support/indexed-dev-chain'
import { atEndOf, type PlainCall, plainCalls } from '../support/plain-calls'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { errorText } from '../support/recorded-calls'
import { readExpected } from '../support/recorded-chain'
import { canonicalStates, RecordedState } from '../support/recorded-state'

type Simulation = {
  outcome: string
  call: string
  error: string | null
  autoIdId: string | null
  standing: { autoIdId: string; before: string; after: string }[]
  blastRadius: { becomeInvalid: number; becomeValid: number; autoIdIds: string[] } | null
}
const SIMULATE = `query ($call: String, $certificate: CertificateProposal, $time: DateTime) {
  simulate(call: $call, certificate: $certificate, time: $time) {
    outcome call error autoIdId standing { autoIdId before after }
    blastRadius { becomeInvalid becomeValid autoIdIds } } }`

let database: TestDatabase
let api: TestApi
beforeAll(async () => {
  database = await createTestDatabase()
  api = openTestApi(database.url)
})
afterAll(async () => {
  await api?.close()
  await database?.close()
})

const canonical = canonicalStates()
const oracle = new Map(readExpected().map((block) => [block.hash, block]))

/** Calls that were alone in their block: the registry before them is that of the block before. */
function loneCalls(): Map<number, PlainCall> {
  const lone = new Map<number, PlainCall>()
  for (const plain of plainCalls()) {
    const block = oracle.get(plain.blockHash)
    const calls = block?.extrinsics.flatMap(({ autoIdCalls }) => autoIdCalls) ?? []
    if (block?.branch === 'canonical' && calls.length === 1) lone.set(block.number, plain)
  }
  return lone
}

function recordedOutcome({ blockHash, index }: PlainCall) {
  const call = oracle.get(blockHash)?.extrinsics[index]?.autoIdCalls[0]
  return {
    outcome: call?.status === 'applied' ? 'APPLIED' : 'ERROR',
    error: errorText(call?.error ?? null),
  }
}

async function simulate(variables: object): Promise<Simulation> {
  return (await api.ask<{ simulate: Simulation }>(SIMULATE, { ...variables })).simulate
}

/** Whom the rules call good in one state and not in the other, by the same clock. */
function recordedFlips(
  before: ReadonlyMap<string, boolean | null>,
  state: RecordedState,
  nowMs: number,
): Set<string> {
  const flips = [...state.seen].filter(
    (id) => before.get(id) !== null && state.isGood(id, nowMs) !== null,
  )
  return new Set(flips.filter((id) => (before.get(id) ?? false) !== state.isGood(id, nowMs)))
}

/** What the first test was told of revocations, before their blocks. */
const revocations: { readonly block: number; readonly flips: readonly string[] }[] = []

function knownBy(block: number): string[] {
  const before = canonical.filter(({ number }) => number < block)
  return [...new Set(before.flatMap(({ autoIds }) => Object.keys(autoIds.set)))]
}

async function isValid(autoId: string, block: number): Promise<boolean> {
  const query = `query ($id: ID!, $at: PointInTime!) {
    verify(subject: { autoId: $id }, at: $at, knownAt: $at) { verdict } }`
  const { verify } = await api.ask<{ verify: { verdict: string } }>(query, {
    id: autoId,
    at: { block },
  })
  return verify.verdict === 'VALID'
}

describe('simulate', () => {
  it('predicts outcome, error and every verdict that turns, for each call that was alone in its block', async () => {
    const lone = loneCalls()
    const state = new RecordedState()
    const counts = { calls: 0, errors: 0, flips: 0 }
    for (const block of canonical) {
      const plain = lone.get(block.number)
      const nowMs = block.timestamp
      const ids = [...state.seen]
      const before = new Map(ids.map((id) => [id, state.isGood(id, nowMs)]))
      state.apply(block)
      if (plain === undefined) continue
      await indexDevChain(database.url, { to: block.number - 1 })
      const call = toHex(atEndOf(plain.bytes, plain.call) ?? new Uint8Array())
      const result = await simulate({ call, time: new Date(nowMs).toISOString() })
      const { outcome, error } = recordedOutcome(plain)
      expect([block.number, result.outcome, result.error]).toEqual([block.number, outcome, error])
      expect(result.call).toBe(plain.call.kind)
      counts.calls += 1
      if (outcome === 'ERROR') {
        expect(result.blastRadius).toBeNull()
        counts.errors += 1
        continue
      }
      const flips = recordedFlips(before, state, nowMs)
      expect([block.number, new Set(result.blastRadius?.autoIdIds)]).toEqual([block.number, flips])
      counts.flips += flips.size
      if (plain.call.kind === 'REVOKE') {
        revocations.push({ block: block.number, flips: result.blastRadius?.autoIdIds ?? [] })
      }
    }
    expect(counts.calls).toBeGreaterThan(150)
    expect(counts.errors).toBeGreaterThan(50)
    expect(counts.flips).toBeGreaterThan(80)
  })

  it('names, before a revocation, just those whose verdicts then are other ones than in the block before', async () => {
    await indexDevChain(database.url)
    // Most turn one identity; what matters is the issuer's list, the tree below, and a root's own serial.
    const widest = [...revocations].sort((a, b) => b.flips.length - a.flips.length).slice(0, 6)
    expect(widest[0]?.flips.length).toBeGreaterThan(1)
    for (const { block, flips } of widest) {
      const turned: string[] = []
      for (const id of knownBy(block)) {
        if ((await isValid(id, block - 1)) !== (await isValid(id, block))) turned.push(id)
      }
      expect([block, turned.sort()]).toEqual([block, [...flips].sort()])
    }
  })

  it('takes a PEM with its issuer for the call that would register it (block 270)', async () => {
    const plain = loneCalls().get(270)
    if (plain?.call.kind !== 'REGISTER') throw new Error('block 270 holds no registration')
    const { certificate, signatureAlgorithm, signature, issuerId } = plain.call
    const pem = encodePem(
      'CERTIFICATE',
      assembleCertificate(certificate, signature, signatureAlgorithm),
    )
    // By now it is registered: its serial is taken.
    expect(await simulate({ certificate: { pem, issuerId } })).toMatchObject({
      outcome: 'ERROR',
      call: 'REGISTER',
      error: 'AutoId.CertificateSerialAlreadyIssued',
    })
    expect(await simulate({ certificate: { pem } })).toMatchObject({
      error: 'AutoId.InvalidSignature',
    })
    const id = (await simulate({ certificate: { pem, issuerId } })).autoIdId
    expect(await simulate({ certificate: { pem, issuerId, renews: id } })).toMatchObject({
      call: 'RENEW',
      error: 'AutoId.CertificateSerialAlreadyIssued',
    })
  })

  it.each([
    ['neither', {}],
    ['no hex', { call: 'register' }],
    ['another pallet’s call', { call: '0x00000c616263' }],
    ['no certificate', { certificate: { pem: 'no PEM' } }],
    ['both', { call: '0x28', certificate: { pem: '' } }],
  ])('refuses %s', async (_title, variables) => {
    const { answer } = await api.post(SIMULATE, variables)
    expect(answer.errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT')
  })
})
