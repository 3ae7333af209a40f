import { describe, expect, it } from 'vitest'
import { toPolicy } from '../../../src/api/map/verification'
import type { PolicyInput } from '../../../src/api/types/verification'
import { DEFAULT_POLICY } from '../../../src/verify/policy'

describe('a policy', () => {
  it('is the default one when nothing is asked', () => {
    expect(toPolicy(null)).toBe(DEFAULT_POLICY)
    expect(toPolicy({})).toEqual(DEFAULT_POLICY)
  })

  it.each<[string, PolicyInput]>([
    ['keyUsage', { keyUsage: ['digitalSignature'] }],
    ['extendedKeyUsage', { extendedKeyUsage: ['clientAuth'] }],
    ['initialPolicySet', { initialPolicySet: ['1.2.3'] }],
    ['requireExplicitPolicy', { requireExplicitPolicy: true }],
    ['inhibitPolicyMapping', { inhibitPolicyMapping: true }],
    ['inhibitAnyPolicy', { inhibitAnyPolicy: true }],
  ])('refuses %s where the profile would not look at it', (field, input) => {
    expect(() => toPolicy(input)).toThrow(new RegExp(`^policy.${field}: `))
    expect(() => toPolicy({ ...input, profile: 'REGISTRY' })).toThrow(/RFC5280/)
    expect(toPolicy({ ...input, profile: 'RFC5280' })).toMatchObject(input)
  })

  it('takes those fields empty under any profile', () => {
    const empty = { keyUsage: [], extendedKeyUsage: [], requireExplicitPolicy: false }
    expect(toPolicy({ ...empty, profile: 'REGISTRY' })).toEqual(DEFAULT_POLICY)
  })

  it.each(['digital_signature', 'DigitalSignature', ''])(
    'refuses a keyUsage that no certificate has: "%s"',
    (usage) => {
      const input: PolicyInput = { profile: 'RFC5280', keyUsage: [usage] }
      expect(() => toPolicy(input)).toThrow(/^policy.keyUsage: /)
    },
  )

  it.each(['serverauth', '1.3.', 'any'])(
    'refuses an extendedKeyUsage that is neither a known name nor an OID: %s',
    (purpose) => {
      const input: PolicyInput = { profile: 'RFC5280', extendedKeyUsage: [purpose] }
      expect(() => toPolicy(input)).toThrow(/^policy.extendedKeyUsage: /)
      expect(
        toPolicy({ ...input, extendedKeyUsage: ['1.3.6.1.5.5.7.3.2'] }).extendedKeyUsage,
      ).toHaveLength(1)
    },
  )
})
