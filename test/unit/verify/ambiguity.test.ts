import { describe, expect, it } from 'vitest'
import { ambiguity, decisiveOf } from '../../../src/verify/ambiguity'
import { idOf, leaf, root, verdictOn } from '../../support/evidence'

const named = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ autoId: idOf(`id ${n}`), certificateId: `c${n}` }))
const [one] = named(1)
if (one === undefined) throw new Error('none')

describe('ambiguity', () => {
  it('says nothing of one alone', () => {
    expect(ambiguity(one, named(1), 2)).toEqual({ checks: [], findings: [] })
  })

  it('names the others, each with what registered it', () => {
    const { checks, findings } = ambiguity(one, named(3), 3)
    expect(checks).toEqual([])
    expect(findings.map(({ code, autoId, eventId }) => [code, autoId, eventId])).toEqual([
      ['REFERENCE_AMBIGUOUS', idOf('id 1'), 'c1'],
      ['REFERENCE_AMBIGUOUS', idOf('id 2'), 'c2'],
    ])
  })

  it('more than are looked at leave the verdict open', () => {
    const { checks } = ambiguity(one, named(4), 3)
    expect(checks.map(({ code, isUndetermined }) => [code, isUndetermined])).toEqual([
      ['KNOWN', true],
    ])
  })
})

describe('decisiveOf', () => {
  const good = verdictOn()
  const bad = verdictOn({ clockMs: leaf.notAfterMs + 1 })
  const open = verdictOn({ isFinal: false }, { requireFinal: true })
  const unanchored = verdictOn({}, { trustAnchors: [idOf('other')] })
  const anchored = verdictOn({}, { trustAnchors: [root.autoId] })

  it('gives the worst, wherever it stands', () => {
    expect([good, bad, open].map(({ verdict }) => verdict)).toEqual([
      'VALID',
      'INVALID',
      'INDETERMINATE',
    ])
    expect(decisiveOf([good, open])).toBe(open)
    expect(decisiveOf([open, good])).toBe(open)
    expect(decisiveOf([good, open, bad])).toBe(bad)
  })

  it('leaves out what no trust anchor of the policy is above, unless that is all', () => {
    expect(decisiveOf([unanchored, anchored])).toBe(anchored)
    expect(decisiveOf([anchored, unanchored])).toBe(anchored)
    expect(decisiveOf([unanchored])).toBe(unanchored)
  })
})
