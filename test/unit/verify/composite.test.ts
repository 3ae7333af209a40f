import { describe, expect, it } from 'vitest'
import { checkComposite, countIssuers, type Member, memberOf } from '../../../src/verify/composite'
import { DEFAULT_POLICY } from '../../../src/verify/policy'
import { evidenceOf, idOf, leaf, middle, root } from '../../support/evidence'

const member = (name: string, rest: Partial<Member> = {}): Member => ({
  autoId: idOf(name),
  issuerId: idOf('issuer'),
  above: [idOf('issuer'), idOf('top')],
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

describe('memberOf', () => {
  it('takes issuer and ancestors from the evidence', () => {
    expect(memberOf(leaf.autoId, evidenceOf(), 'VALID')).toEqual({
      autoId: leaf.autoId,
      issuerId: middle.autoId,
      above: [middle.autoId, root.autoId],
      verdict: 'VALID',
    })
  })
})
