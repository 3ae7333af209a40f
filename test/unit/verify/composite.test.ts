import { describe, expect, it } from 'vitest'
import { checkComposite, countIssuers, type Member, memberOf } from '../../../src/verify/composite'
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
