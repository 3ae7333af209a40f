import { describe, expect, it } from 'vitest'
import { DEFAULT_POLICY } from '../../../src/verify/policy'
import { verifyEvidence } from '../../../src/verify/verify-auto-id'
import {
  eventAt,
  evidenceOf,
  historyOf,
  laterOf,
  leaf,
  middle,
  ROOT,
  recordOf,
  registrationOf,
  revocationOf,
  root,
  spanOn,
  timeOf,
} from '../../support/evidence'

const beginOf = (result: ReturnType<typeof spanOn>) => ({
  verdict: result.verdict,
  since: result.sinceMs,
  height: result.turnedBy?.height ?? null,
  autoId: result.turnedBy?.autoId ?? null,
})
const renewed = (which: typeof leaf, height: number, serial: string) => [
  { ...which, to: eventAt(height) },
  { ...which, id: eventAt(height).eventId, from: eventAt(height), serial },
]

describe('since', () => {
  it('is the block of the last registration that made the chain whole', () => {
    expect(beginOf(spanOn())).toEqual({
      verdict: 'VALID',
      since: timeOf(30),
      height: 30,
      autoId: leaf.autoId,
    })
  })

  it('goes back past a renewal of an issuer that never broke the chain', () => {
    const history = historyOf({ certificates: [root, ...renewed(middle, 60, '0x22'), leaf] })
    expect(beginOf(spanOn({ history })).since).toBe(timeOf(30))
  })

  it('is the renewal where it healed a revocation, and names the identity', () => {
    const history = historyOf({
      certificates: [root, ...renewed(middle, 60, '0x22'), leaf],
      revocations: [revocationOf(middle, 50)],
    })
    expect(beginOf(spanOn({ history }))).toMatchObject({
      verdict: 'VALID',
      height: 60,
      autoId: middle.autoId,
    })
    expect(beginOf(spanOn({ history, height: 55 }))).toMatchObject({
      verdict: 'INVALID',
      since: timeOf(50),
      height: 50,
      autoId: middle.autoId,
    })
  })

  it('of several failures is the first that has stood without a break', () => {
    const history = historyOf({
      revocations: [revocationOf(leaf, 80), revocationOf(root, 70), revocationOf(middle, 90)],
    })
    const result = spanOn({ history })
    expect(beginOf(result)).toMatchObject({ verdict: 'INVALID', height: 70, autoId: root.autoId })
    expect(result.failures[0]?.autoId).toBe(root.autoId)
  })

  it('of a takeover is the deactivation before it', () => {
    const first = { ...root, to: eventAt(50) }
    const second = recordOf({
      made: ROOT,
      height: 60,
      registrationId: 'second',
      publicKeySha256: 'another key',
    })
    const history = historyOf({
      certificates: [first, second, middle, leaf],
      registrations: [
        registrationOf(first, { to: eventAt(50) }),
        registrationOf(second, { ordinal: 2, continuity: 'UNPROVEN' }),
        registrationOf(middle),
        registrationOf(leaf),
      ],
    })
    expect(beginOf(spanOn({ history }))).toMatchObject({ verdict: 'INVALID', height: 50 })
  })

  it('is the clock’s where nothing else changed: notBefore, and just past notAfter', () => {
    const early = historyOf({ certificates: [root, middle, { ...leaf, notBeforeMs: timeOf(40) }] })
    expect(spanOn({ history: early })).toMatchObject({
      verdict: 'VALID',
      sinceMs: timeOf(40),
      turnedBy: { height: null, event: null, autoId: leaf.autoId },
    })
    const expired = spanOn({ clockMs: leaf.notAfterMs + 5 })
    expect([expired.verdict, expired.sinceMs]).toEqual(['INVALID', leaf.notAfterMs + 1])
  })

  it('is unknown for what is undetermined, and for what only the policy made invalid', () => {
    const later = historyOf({ events: [laterOf(leaf, 'REVOKED', 150)] })
    expect(spanOn({ history: later, known: 200 }, { laterRevocation: 'REJECT' })).toMatchObject({
      verdict: 'INVALID',
      sinceMs: null,
      untilMs: null,
    })
    const unchecked = historyOf({
      certificates: [root, middle, { ...leaf, signatureOutcome: 'UNSUPPORTED' }],
    })
    expect(spanOn({ history: unchecked })).toMatchObject({
      verdict: 'INDETERMINATE',
      sinceMs: null,
    })
  })

  it('is unknown where the history was longer than is read', () => {
    expect(spanOn({ history: historyOf({ completeFrom: 31 }) }).sinceMs).toBeNull()
    const many = Array.from({ length: 100 }, (_, n) => ({
      ...leaf,
      id: eventAt(40 + n).eventId,
      from: eventAt(40 + n),
      to: n === 99 ? null : eventAt(41 + n),
    }))
    const history = historyOf({ certificates: [root, middle, ...many] })
    expect(spanOn({ history, height: 200 })).toMatchObject({ verdict: 'VALID', sinceMs: null })
  })
})

describe('span', () => {
  it('is looked for only when it is asked for, and then once', () => {
    const { past, ...evidence } = evidenceOf()
    if (past === undefined) throw new Error('no history')
    let looked = 0
    // Findings read the history too; how far back it reaches concerns the span alone.
    const history = Object.defineProperty({ ...past.history }, 'completeFrom', {
      get: () => {
        looked += 1
        return past.history.completeFrom
      },
    })
    const watched = { ...evidence, past: { ...past, history } }
    const { verdict, span } = verifyEvidence(watched, DEFAULT_POLICY)
    expect([verdict, looked]).toEqual(['VALID', 0])
    const first = span()
    expect([first.sinceMs, looked > 0]).toEqual([timeOf(30), true])
    looked = 0
    expect([span() === first, looked]).toEqual([true, 0])
  })
})

describe('until', () => {
  it('of a valid chain is its first notAfter, whichever hop has it', () => {
    expect(spanOn().untilMs).toBe(leaf.notAfterMs)
    const history = historyOf({
      certificates: [root, { ...middle, notAfterMs: timeOf(5000) }, leaf],
    })
    expect(spanOn({ history }).untilMs).toBe(timeOf(5000))
  })

  it('of what is only too early is the last notBefore', () => {
    const history = historyOf({
      certificates: [
        root,
        { ...middle, notBeforeMs: timeOf(300) },
        { ...leaf, notBeforeMs: timeOf(400) },
      ],
    })
    expect(spanOn({ history })).toMatchObject({ verdict: 'INVALID', untilMs: timeOf(400) })
  })

  it('is none where the clock mends nothing: expired before the rest begins, or revoked', () => {
    const never = historyOf({
      certificates: [
        root,
        { ...middle, notAfterMs: timeOf(300) },
        { ...leaf, notBeforeMs: timeOf(400) },
      ],
    })
    expect(spanOn({ history: never }).untilMs).toBeNull()
    const revoked = historyOf({
      revocations: [revocationOf(root, 90)],
      certificates: [root, middle, { ...leaf, notBeforeMs: timeOf(400) }],
    })
    expect(spanOn({ history: revoked }).untilMs).toBeNull()
    expect(spanOn({ clockMs: leaf.notAfterMs + 1 }).untilMs).toBeNull()
  })
})
