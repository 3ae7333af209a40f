import { describe, expect, it } from 'vitest'
import { simulate, standingOf } from '../../../src/registry/simulate'
import {
  actionCall,
  DAY,
  KEYS,
  leafCall,
  NOW,
  registerCall,
  renewCall,
  rootAndLeaf,
  serial,
} from '../../support/registry-builder'

describe('simulate', () => {
  it('tells the error the chain would return, and the identifier it is about', () => {
    const { state, root, leaf } = rootAndLeaf()
    expect(simulate(state, leafCall(root), NOW)).toEqual({
      outcome: 'ERROR',
      error: 'AutoId.CertificateSerialAlreadyIssued',
      autoId: leaf,
    })
  })

  it('tells whose standing a revocation changes, and leaves the registry as it is', () => {
    const { state, root, leaf } = rootAndLeaf()
    const simulation = simulate(state, actionCall('REVOKE', leaf, KEYS.a, 0n), NOW)
    expect(simulation).toMatchObject({
      outcome: 'APPLIED',
      autoId: leaf,
      standing: [{ autoId: leaf, before: 'GOOD', after: 'REVOKED' }],
    })
    expect(standingOf(state, leaf, NOW)).toBe('GOOD')
    expect(state.isRevoked(root, 2n)).toBe(false)
  })

  it("tells that revoking a leaf with its issuer's serial takes the issuer down, too (block 205)", () => {
    const { state, root } = rootAndLeaf()
    const renewed = simulate(state, renewCall(root, { commonName: 'root', serial: serial(9) }), NOW)
    if (renewed.outcome === 'APPLIED') state.apply(renewed.changes)
    const twin = simulate(
      state,
      leafCall(root, { commonName: 'twin', key: KEYS.c, serial: serial(9) }),
      NOW,
    )
    if (twin.outcome !== 'APPLIED') throw new Error(twin.error)
    state.apply(twin.changes)
    const revoked = simulate(state, actionCall('REVOKE', twin.autoId, KEYS.a, 0n), NOW)
    expect(revoked).toMatchObject({
      standing: [
        { autoId: twin.autoId, after: 'REVOKED' },
        { autoId: root, after: 'REVOKED' },
      ],
    })
  })

  it('tells that a registration makes an identity good, and a deactivation makes it absent', () => {
    const { state, leaf } = rootAndLeaf()
    expect(simulate(state, registerCall({ commonName: 'new' }), NOW)).toMatchObject({
      standing: [{ before: 'ABSENT', after: 'GOOD' }],
    })
    expect(simulate(state, actionCall('DEACTIVATE', leaf, KEYS.b, 0n), NOW)).toMatchObject({
      standing: [{ autoId: leaf, before: 'GOOD', after: 'ABSENT' }],
    })
  })
})

describe('standingOf', () => {
  it('calls an expired entry not valid, a listed one revoked', () => {
    const { state, root, leaf } = rootAndLeaf()
    expect(standingOf(state, leaf, NOW + 2 * DAY)).toBe('NOT_VALID')
    state.apply([{ type: 'SERIAL_REVOKED', issuerId: root, serial: 2n, reason: 'SUPERSEDED' }])
    expect(standingOf(state, leaf, NOW + 2 * DAY)).toBe('REVOKED')
    expect(standingOf(state, `0x${'77'.repeat(32)}`, NOW)).toBe('ABSENT')
  })
})
