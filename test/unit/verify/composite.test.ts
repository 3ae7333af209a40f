import { describe, expect, it } from 'vitest'
import {
  checkComposite,
  countIssuers,
  type Holder,
  judgeHolders,
  type Member,
  memberOf,
} from '../../../src/verify/composite'
import { DEFAULT_POLICY } from '../../../src/verify/policy'
import {
  evidenceOf,
  historyOf,
  idOf,
  leaf,
  middle,
  registrationOf,
  root,
} from '../../support/evidence'

const member = (name: string, rest: Partial<Member> = {}): Member => ({
  autoId: idOf(name),
  issuerId: idOf('issuer'),
  above: [idOf('issuer'), idOf('top')],
  unproven: [],
  verdict: 'VALID',
  ...rest,
})
const policy = (minIssuers: number, issuers: string[] | null = null) => ({
  ...DEFAULT_POLICY,
  minIssuers,
  issuers,
})

describe('countIssuers', () => {
  it('counts an issuer once, however many identities it gave the key', () => {
    expect(countIssuers([member('a'), member('b')], null)).toBe(1)
    expect(countIssuers([member('a'), member('b', { issuerId: idOf('other') })], null)).toBe(2)
  })

  it('counts valid identities only', () => {
    const invalid = member('b', { issuerId: idOf('other'), verdict: 'INVALID' })
    const unknown = member('c', { issuerId: idOf('third'), verdict: 'INDETERMINATE' })
    expect(countIssuers([member('a'), invalid, unknown], null)).toBe(1)
  })

  it('a root vouches for itself', () => {
    expect(countIssuers([member('a', { issuerId: null, above: [] })], null)).toBe(1)
    expect(countIssuers([member('a', { issuerId: null, above: [] })], [idOf('a')])).toBe(1)
  })

  it('with named issuers only those count, wherever above they stand', () => {
    const members = [member('a'), member('b', { issuerId: idOf('x'), above: [idOf('x')] })]
    expect(countIssuers(members, [idOf('top'), idOf('nobody')])).toBe(1)
    expect(countIssuers(members, [idOf('top'), idOf('x')])).toBe(2)
    expect(countIssuers(members, [idOf('a')])).toBe(0)
  })

  it('a named issuer given twice counts once', () => {
    expect(countIssuers([member('a')], [idOf('top'), idOf('top')])).toBe(1)
  })
})

describe('checkComposite', () => {
  it('passes with as many issuers as asked for, fails below', () => {
    const members = [member('a'), member('b', { issuerId: idOf('other') })]
    expect(checkComposite(members, policy(2), null, false).outcome).toBe('PASSED')
    expect(checkComposite(members, policy(3), null, false).outcome).toBe('FAILED')
  })

  it('too few of a part is not known to be too few', () => {
    const check = checkComposite([member('a')], policy(2), null, true)
    expect([check.outcome, check.isUndetermined]).toEqual(['SKIPPED', true])
  })
})

describe('a named issuer that a stranger took over', () => {
  const takenOver = member('a', { unproven: [idOf('top')] })

  it('does not count, and whether it should is not known', () => {
    expect(countIssuers([takenOver], [idOf('top')])).toBe(0)
    expect(countIssuers([takenOver], [idOf('issuer')])).toBe(1)
    const check = checkComposite([takenOver], policy(1, [idOf('top')]), null, false)
    expect([check.outcome, check.isUndetermined]).toEqual(['SKIPPED', true])
  })

  it('vouches for nothing as a root of its own either', () => {
    const root = member('a', { issuerId: null, above: [], unproven: [idOf('a')] })
    expect(countIssuers([root], [idOf('a')])).toBe(0)
  })

  it('is beside the point when another one is named, or none', () => {
    const other = checkComposite([takenOver], policy(1, [idOf('other')]), null, false)
    expect([other.outcome, other.isUndetermined]).toEqual(['FAILED', false])
    expect(checkComposite([takenOver], policy(1), null, false).outcome).toBe('PASSED')
  })
})

describe('memberOf', () => {
  it('takes issuer and ancestors from the evidence', () => {
    expect(memberOf(leaf.autoId, evidenceOf(), 'VALID', DEFAULT_POLICY)).toEqual({
      autoId: leaf.autoId,
      issuerId: middle.autoId,
      above: [middle.autoId, root.autoId],
      unproven: [],
      verdict: 'VALID',
    })
  })

  it('names the identities whose owner nothing links to the one before, unless the policy names the root’s key', () => {
    const registrations = [root, middle, leaf].map((certificate) =>
      registrationOf(certificate, certificate === root ? { continuity: 'UNPROVEN' } : {}),
    )
    const evidence = evidenceOf({ history: historyOf({ registrations }) })
    const unproven = (trustAnchorKeys: string[] | null) =>
      memberOf(leaf.autoId, evidence, 'VALID', { trustAnchorKeys }).unproven
    expect(unproven(null)).toEqual([root.autoId])
    expect(unproven([root.publicKeySha256])).toEqual([])
  })
})

describe('judgeHolders', () => {
  const holder = (name: string, issuer: string | null, above: string[] = []): Holder => ({
    autoId: idOf(name),
    issuerId: issuer === null ? null : idOf(issuer),
    above: issuer === null ? [] : [idOf(issuer), ...above.map(idOf)],
  })
  const crowd = (count: number, issuer: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => holder(`crowd ${n}`, issuer(n)))
  const judging = (holders: readonly Holder[], valid: readonly string[]) => {
    const asked: string[] = []
    const judge = (autoId: string) => {
      asked.push(autoId)
      const found = holders.find((one) => one.autoId === autoId) as Holder
      const verdict = valid.map(idOf).includes(autoId) ? ('VALID' as const) : ('INVALID' as const)
      return Promise.resolve({ ...found, unproven: [], verdict })
    }
    return { asked, judge }
  }
  const asks = (minIssuers: number, issuers: string[] | null = null, maxMembers = 50) => ({
    ...policy(minIssuers, issuers),
    maxMembers,
  })
  const outcomeOf = async (
    holders: readonly Holder[],
    valid: string[],
    asked: ReturnType<typeof asks>,
  ) => {
    const { asked: judged, judge } = judging(holders, valid)
    const { members, isPartial } = await judgeHolders(holders, asked, judge)
    const { outcome } = checkComposite(members, asked, null, isPartial)
    return { outcome, judged: judged.length }
  }

  it('finds issuers past any number of holders that vouch for nothing under one', async () => {
    const holders = [...crowd(500, () => 'bad'), holder('a', 'x'), holder('b', 'y')]
    expect(await outcomeOf(holders, ['a', 'b'], asks(2))).toEqual({ outcome: 'PASSED', judged: 3 })
  })

  it('stops as soon as enough are found', async () => {
    const holders = crowd(500, (n) => `issuer ${n}`)
    const all = holders.map((_, n) => `crowd ${n}`)
    expect(await outcomeOf(holders, all, asks(3))).toEqual({ outcome: 'PASSED', judged: 3 })
  })

  it('leaves out those that can add no issuer: too few is then known', async () => {
    const holders = [...crowd(500, () => 'x'), holder('b', 'y')]
    const all = [...holders.map((_, n) => `crowd ${n}`), 'b']
    expect(await outcomeOf(holders, all, asks(3))).toEqual({ outcome: 'FAILED', judged: 2 })
  })

  it('with named issuers judges only what stands below one', async () => {
    const named = [idOf('top')]
    const holders = [...crowd(500, (n) => `issuer ${n}`), holder('a', 'x', ['top'])]
    const good = await outcomeOf(holders, ['a'], asks(1, named))
    expect(good).toEqual({ outcome: 'PASSED', judged: 1 })
    const bad = await outcomeOf(holders, [], asks(1, named))
    expect(bad).toEqual({ outcome: 'FAILED', judged: 1 })
    const root = await outcomeOf([holder('top', null)], ['top'], asks(1, named))
    expect(root).toEqual({ outcome: 'PASSED', judged: 1 })
  })

  it('judges no more than is allowed, and says so: too few is then not known', async () => {
    const holders = [...crowd(60, (n) => `issuer ${n}`), holder('a', 'x'), holder('b', 'y')]
    expect(await outcomeOf(holders, ['a', 'b'], asks(2))).toEqual({
      outcome: 'SKIPPED',
      judged: 50,
    })
    const more = await outcomeOf(holders, ['a', 'b'], asks(2, null, 62))
    expect(more).toEqual({ outcome: 'PASSED', judged: 62 })
    const all = await outcomeOf(holders, ['a'], asks(2, null, 62))
    expect(all).toEqual({ outcome: 'FAILED', judged: 62 })
  })

  it('goes on past a named issuer that another key may have taken over', async () => {
    const holders = [holder('a', 'x', ['top']), holder('b', 'y', ['top'])]
    const judge = (autoId: string) => {
      const found = holders.find((one) => one.autoId === autoId) as Holder
      const unproven = autoId === idOf('a') ? [idOf('top')] : []
      return Promise.resolve({ ...found, unproven, verdict: 'VALID' as const })
    }
    const { members } = await judgeHolders(holders, asks(1, [idOf('top')]), judge)
    expect(members.map(({ autoId }) => autoId)).toEqual([idOf('a'), idOf('b')])
  })
})
