import { describe, expect, it } from 'vitest'
import {
  type AssuranceFacts,
  type AssurancePolicy,
  assess,
  type TermKind,
} from '../../../src/tokens/assurance'

const ID = `0x${'11'.repeat(32)}`
const ISSUER = `0x${'22'.repeat(32)}`
const ROOT = `0x${'33'.repeat(32)}`

const facts: AssuranceFacts = {
  verdict: 'VALID',
  reason: 'good',
  isFinal: true,
  autoId: ID,
  issuerId: ISSUER,
  trustAnchor: ROOT,
  doubtful: [],
  keyAlgorithm: 'Ed25519',
  keyBits: 256,
  keyForgeable: null,
  continuity: 'SAME_KEY',
  fee: 1n,
  claims: [],
}

function term(kind: TermKind, change: Partial<AssuranceFacts>, issuers?: string[]) {
  const asked = { kind, weight: 1, ...(issuers === undefined ? {} : { issuers }) }
  const policy: AssurancePolicy = { name: 'test', terms: [asked] }
  const { score, terms } = assess({ ...facts, ...change }, policy)
  const [judged] = terms
  expect(score).toBe(judged?.met ? 1 : 0)
  return judged
}

describe('an identifier that another key may have taken over', () => {
  it.each([
    ['TRUSTED_ANCHOR', undefined],
    ['TRUSTED_ANCHOR', [ROOT]],
    ['ATTESTED_BY_ISSUER', undefined],
    ['UNBROKEN_CONTINUITY', undefined],
  ] as const)('%s (issuers %s) counts no root that it holds', (kind, issuers) => {
    const asked = issuers === undefined ? undefined : [...issuers]
    expect(term(kind, {}, asked)?.met).toBe(true)
    const doubted = term(kind, { doubtful: [ROOT] }, asked)
    expect(doubted?.met).toBe(false)
    expect(doubted?.explanation).toContain(ROOT)
  })

  it.each(['ATTESTED_BY_ISSUER', 'UNBROKEN_CONTINUITY'] as const)(
    '%s counts no issuer between either',
    (kind) => {
      expect(term(kind, { doubtful: [ISSUER] })?.met).toBe(false)
    },
  )

  it('breaks continuity of its own, though its last registration has the key of the one before', () => {
    expect(term('UNBROKEN_CONTINUITY', { doubtful: [ID] })?.met).toBe(false)
    expect(term('UNBROKEN_CONTINUITY', { continuity: 'UNPROVEN' })?.met).toBe(false)
    // Who issued it is known all the same.
    expect(term('ATTESTED_BY_ISSUER', { doubtful: [ID] })?.met).toBe(true)
  })

  it('is beside the point for what asks about the key, the fee and the block', () => {
    for (const kind of ['VALID', 'FINAL', 'STRONG_KEY', 'PAID_REGISTRATION'] as const) {
      expect(term(kind, { doubtful: [ID, ISSUER, ROOT] })?.met).toBe(true)
    }
  })
})

describe('STRONG_KEY', () => {
  it('is no key of few bits, of an unknown kind, or under which anybody can sign', () => {
    expect(term('STRONG_KEY', { keyAlgorithm: 'RSA', keyBits: 1024 })?.met).toBe(false)
    expect(term('STRONG_KEY', { keyAlgorithm: 'unknown', keyBits: null })?.met).toBe(false)
    const forgeable = 'Ed25519 with a point of low order'
    expect(term('STRONG_KEY', { keyForgeable: forgeable })).toMatchObject({ met: false })
  })
})
