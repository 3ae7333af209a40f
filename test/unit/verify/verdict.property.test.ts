/** Whatever the evidence, a verdict keeps these promises. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HistoryCertificate } from '../../../src/verify/evidence'
import type { Policy } from '../../../src/verify/policy'
import {
  type Asked,
  eventAt,
  historyOf,
  idOf,
  laterOf,
  leaf,
  middle,
  registrationOf,
  revocationOf,
  root,
  timeOf,
  verdictOn,
} from '../../support/evidence'

const line = [root, middle, leaf]
const which = fc.constantFrom(...line)

/** One thing that is wrong with the chain, or could not be known, at block 100. */
type Trouble = (certificate: HistoryCertificate) => {
  readonly certificate?: Partial<HistoryCertificate>
  readonly isRevoked?: boolean
  readonly isGone?: boolean
}
const troubles: readonly Trouble[] = [
  () => ({ certificate: { signatureOutcome: 'BAD' } }),
  () => ({ certificate: { signatureOutcome: 'UNSUPPORTED' } }),
  () => ({ certificate: { signatureOutcome: 'UNAVAILABLE', hasSignature: false } }),
  () => ({ certificate: { notAfterMs: timeOf(99) } }),
  () => ({ certificate: { notBeforeMs: timeOf(101) } }),
  () => ({ isRevoked: true }),
  () => ({ isGone: true }),
  ({ issuerId }) => ({
    certificate: issuerId === null ? { signatureOutcome: 'BAD' } : { signerKeySha256: 'another' },
  }),
  () => ({ certificate: { issuerId: idOf('nobody') } }),
]

function asked(certificate: HistoryCertificate, trouble: Trouble): Asked {
  const { certificate: change, isRevoked, isGone } = trouble(certificate)
  const end = isGone ? { to: eventAt(90) } : {}
  const changed = { ...certificate, ...change, ...end }
  const certificates = line.map((each) => (each === certificate ? changed : each))
  return {
    history: historyOf({
      certificates,
      registrations: certificates.map((each) => registrationOf(each, each === changed ? end : {})),
      revocations: isRevoked ? [revocationOf(changed, 90)] : [],
    }),
  }
}

const policies: fc.Arbitrary<Partial<Policy>> = fc.record({
  profile: fc.constantFrom('REGISTRY', 'RFC5280'),
  trustAnchors: fc.constantFrom(null, [], [root.autoId], [idOf('other')]),
  requireFinal: fc.boolean(),
  laterRevocation: fc.constantFrom('IGNORE', 'WARN', 'REJECT'),
  rejectSeverity: fc.constantFrom(null, 'INFO', 'WARNING', 'CRITICAL'),
  minRsaBits: fc.constantFrom(0, 2048),
  minEcBits: fc.constantFrom(0, 256, 384),
  allowSha1: fc.boolean(),
  maxPathLength: fc.constantFrom(null, 0, 1),
})
const questions = fc.record({
  height: fc.integer({ min: 0, max: 130 }),
  isFinal: fc.boolean(),
  known: fc.constantFrom(130, 200),
})

describe('verifyEvidence', () => {
  it('with anything wrong or unknown at any hop is never VALID, under any policy', () => {
    fc.assert(
      fc.property(which, fc.constantFrom(...troubles), policies, (certificate, trouble, policy) => {
        const result = verdictOn(asked(certificate, trouble), policy)
        expect(result.verdict).not.toBe('VALID')
        expect(result.failures.length).toBeGreaterThan(0)
      }),
      { numRuns: 400 },
    )
  })

  it('VALID comes with TOTAL-PASSED, no failure and an end; all else with a failure and another indication', () => {
    fc.assert(
      fc.property(questions, policies, fc.boolean(), (question, policy, isRevoked) => {
        const events = isRevoked ? [laterOf(middle, 'REVOKED', 150)] : []
        const result = verdictOn({ ...question, history: historyOf({ events }) }, policy)
        const isValid = result.verdict === 'VALID'
        expect(result.indication === 'TOTAL-PASSED').toBe(isValid)
        expect(result.failures.length === 0).toBe(isValid)
        if (isValid) expect(result.span().untilMs).not.toBeNull()
        if (result.verdict === 'INDETERMINATE') {
          expect(result.indication).toMatch(/^INDETERMINATE\//)
        }
      }),
      { numRuns: 400 },
    )
  })

  it('a stricter policy never turns a verdict VALID', () => {
    fc.assert(
      fc.property(questions, policies, (question, policy) => {
        if (verdictOn(question, policy).verdict !== 'VALID') return
        const looser: Partial<Policy> = { profile: 'REGISTRY' }
        expect(verdictOn(question, looser).verdict).toBe('VALID')
      }),
    )
  })

  it('what becomes known later changes no verdict unless the policy rejects it', () => {
    fc.assert(
      fc.property(which, fc.constantFrom('REVOKED', 'DEACTIVATED'), (certificate, kind) => {
        const history = historyOf({ events: [laterOf(certificate, kind, 150)] })
        for (const laterRevocation of ['IGNORE', 'WARN'] as const) {
          const then = verdictOn({ history, known: 100 }, { laterRevocation })
          const now = verdictOn({ history, known: 200 }, { laterRevocation })
          expect([now.verdict, now.failures]).toEqual([then.verdict, then.failures])
          expect(now.findings.length).toBe(then.findings.length + 1)
        }
      }),
    )
  })
})
