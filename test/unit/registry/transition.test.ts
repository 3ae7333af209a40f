import { describe, expect, it } from 'vitest'
import { concatBytes, fromHex, type Hex } from '../../../src/bytes'
import { encodeTime } from '../../../src/pki/der-writer'
import { effects, execute } from '../../../src/registry/transition'
import type { RegistryCall, RegistryView } from '../../../src/registry/types'
import { WorkingState } from '../../../src/registry/working-state'
import {
  actionCall,
  applyTo,
  DAY,
  KEYS,
  leafCall,
  NOW,
  registerCall,
  renewCall,
  rootAndLeaf,
  serial,
} from '../../support/registry-builder'

function errorOf(view: RegistryView, call: RegistryCall, now = NOW): string {
  const result = execute(view, call, now)
  return result.ok ? 'applied' : result.error
}

const broken = (call: RegistryCall): RegistryCall => ({ ...call, signature: new Uint8Array(64) })
const noDer = (call: RegistryCall) =>
  ({ ...call, certificate: Uint8Array.of(5, 0) }) as RegistryCall
const EXPIRED = { notAfter: encodeTime(NOW - 1000) }
const FUTURE = { notBefore: encodeTime(NOW + 1000) }
const text = (value: string) => new TextEncoder().encode(value)

describe('register a root', () => {
  it('creates the entry with nonce 0 and its own serial issued', () => {
    const state = new WorkingState()
    const id = applyTo(state, registerCall({ commonName: 'root', serial: serial(7) }))
    expect(state.entry(id)).toMatchObject({ issuerId: null, serial: 7n, nonce: 0n })
    expect(state.isIssued(id, 7n)).toBe(true)
    expect(state.isIssued(id, 8n)).toBe(false)
  })

  it('refuses in this order: certificate, signature, validity, identifier', () => {
    const state = new WorkingState()
    applyTo(state, registerCall())
    const call = registerCall(EXPIRED)
    expect(errorOf(state, noDer(broken(call)))).toBe('InvalidCertificate')
    expect(errorOf(state, broken(call))).toBe('InvalidSignature')
    expect(errorOf(state, call)).toBe('ExpiredCertificate')
    expect(errorOf(state, registerCall({ key: KEYS.b }))).toBe('AutoIdIdentifierAlreadyExists')
  })

  it('takes both ends of the validity, and calls what is not yet valid expired, too (block 208)', () => {
    const moment = { notBefore: encodeTime(NOW), notAfter: encodeTime(NOW) }
    const state = new WorkingState()
    expect(errorOf(state, registerCall(moment))).toBe('applied')
    expect(errorOf(state, registerCall(moment), NOW + 1)).toBe('ExpiredCertificate')
    expect(errorOf(state, registerCall(FUTURE))).toBe('ExpiredCertificate')
  })

  it('takes a serial that its own list already holds: born revoked (block 139)', () => {
    const state = new WorkingState()
    const id = applyTo(state, registerCall())
    applyTo(state, actionCall('REVOKE', id, KEYS.a, 0n))
    applyTo(state, actionCall('DEACTIVATE', id, KEYS.a, 1n))
    applyTo(state, registerCall())
    expect(state.isRevoked(id, 1n)).toBe(true)
  })
})

describe('register a leaf', () => {
  it('marks the serial at the issuer and at the leaf', () => {
    const { state, root, leaf } = rootAndLeaf()
    expect(state.entry(leaf)?.issuerId).toBe(root)
    expect([state.isIssued(root, 2n), state.isIssued(leaf, 2n)]).toEqual([true, true])
  })

  it('refuses in this order: issuer, its validity, certificate, signature, validity, list, serial, identifier', () => {
    const { state, root } = rootAndLeaf()
    const unknown = `0x${'77'.repeat(32)}`
    const expired = leafCall(root, EXPIRED)
    expect(errorOf(state, noDer(leafCall(unknown)))).toBe('UnknownIssuer')
    expect(errorOf(state, noDer(expired), NOW + 2 * DAY)).toBe('ExpiredCertificate')
    expect(errorOf(state, noDer(broken(expired)))).toBe('InvalidCertificate')
    expect(errorOf(state, broken(expired))).toBe('InvalidSignature')
    expect(errorOf(state, expired)).toBe('ExpiredCertificate')
    expect(errorOf(state, leafCall(root))).toBe('CertificateSerialAlreadyIssued')
    expect(errorOf(state, leafCall(root, { serial: serial(9) }))).toBe(
      'AutoIdIdentifierAlreadyExists',
    )
    state.apply([{ type: 'SERIAL_REVOKED', issuerId: root, serial: 2n, reason: 'REVOKED' }])
    expect(errorOf(state, leafCall(root))).toBe('CertificateRevoked')
  })

  it("refuses one that its issuer did not sign, and the issuer's own serial (blocks 17, 202)", () => {
    const { state, root } = rootAndLeaf()
    expect(errorOf(state, leafCall(root, { signer: KEYS.c }))).toBe('InvalidSignature')
    expect(errorOf(state, leafCall(root, { serial: serial(1) }))).toBe(
      'CertificateSerialAlreadyIssued',
    )
  })

  it('refuses a self-revoked root as issuer, but takes a revoked leaf as one (blocks 49, 100)', () => {
    const { state, root, leaf } = rootAndLeaf()
    const below = registerCall({
      issuerId: leaf,
      key: KEYS.c,
      signer: KEYS.b,
      serial: serial(5),
    })
    applyTo(state, actionCall('REVOKE', leaf, KEYS.a, 0n))
    expect(errorOf(state, below)).toBe('applied')
    applyTo(state, actionCall('REVOKE', root, KEYS.a, 1n))
    expect(errorOf(state, leafCall(root, { serial: serial(9) }))).toBe('CertificateRevoked')
  })
})

describe('renew', () => {
  it('of a root puts the old serial into its own list, and keeps issued serials and nonce (block 40)', () => {
    const { state, root, leaf } = rootAndLeaf()
    applyTo(state, actionCall('REVOKE', leaf, KEYS.a, 0n))
    applyTo(state, renewCall(root, { commonName: 'root', serial: serial(8) }))
    expect(state.entry(root)).toMatchObject({ serial: 8n, nonce: 1n })
    expect(state.isRevoked(root, 1n)).toBe(true)
    expect([state.isIssued(root, 1n), state.isIssued(root, 8n)]).toEqual([true, false])
  })

  it("of a leaf puts the old serial into its issuer's list and the new one into its issued serials (block 42)", () => {
    const { state, root, leaf } = rootAndLeaf()
    applyTo(state, leafRenewal(leaf, root))
    expect(state.isRevoked(root, 2n)).toBe(true)
    expect([state.isIssued(root, 3n), state.isIssued(leaf, 3n)]).toEqual([true, false])
  })

  it('refuses in this order: entry, certificate, issuer, its validity, list, serial, signature, validity, key, identifier', () => {
    const { state, root, leaf } = rootAndLeaf()
    const unknown = `0x${'77'.repeat(32)}`
    const renewal = (options = {}) => leafRenewal(leaf, root, options)
    expect(errorOf(state, noDer(renewCall(unknown)))).toBe('UnknownAutoId')
    expect(errorOf(state, noDer(leafRenewal(leaf, unknown)))).toBe('InvalidCertificate')
    expect(errorOf(state, broken(leafRenewal(leaf, unknown)))).toBe('UnknownIssuer')
    expect(errorOf(state, broken(renewal()), NOW + 2 * DAY)).toBe('ExpiredCertificate')
    expect(errorOf(state, broken(renewal({ serial: serial(2) })))).toBe(
      'CertificateSerialAlreadyIssued',
    )
    expect(errorOf(state, broken(renewal(EXPIRED)))).toBe('InvalidSignature')
    const other = { key: KEYS.c, commonName: 'other' }
    expect(errorOf(state, renewal({ ...EXPIRED, ...other }))).toBe('ExpiredCertificate')
    expect(errorOf(state, renewal(other))).toBe('PublicKeyMismatch')
    expect(errorOf(state, renewal({ commonName: 'other' }))).toBe('AutoIdIdentifierMismatch')
    state.apply([{ type: 'SERIAL_REVOKED', issuerId: root, serial: 2n, reason: 'REVOKED' }])
    expect(errorOf(state, broken(renewal({ serial: serial(2) })))).toBe('CertificateRevoked')
  })

  it('with the serial it has revokes a root (block 48), and the next renewal brings it back (50)', () => {
    const { state, root } = rootAndLeaf()
    applyTo(state, renewCall(root, { commonName: 'root' }))
    expect(state.isRevoked(root, 1n)).toBe(true)
    expect(errorOf(state, leafCall(root, { serial: serial(9) }))).toBe('CertificateRevoked')
    applyTo(state, renewCall(root, { commonName: 'root', serial: serial(4) }))
    expect(state.isRevoked(root, state.entry(root)?.serial ?? 0n)).toBe(false)
  })

  it('turns a leaf into a root under the same identifier when the name embeds the issuer (block 224)', () => {
    const { state, root, leaf } = rootAndLeaf()
    const commonName = concatBytes(fromHex(root), text('leaf'))
    applyTo(state, renewCall(leaf, { key: KEYS.b, commonName, serial: serial(6) }))
    expect(state.entry(leaf)).toMatchObject({ issuerId: null, serial: 6n })
    expect(state.isRevoked(leaf, 2n)).toBe(true)
    expect(errorOf(state, actionCall('REVOKE', leaf, KEYS.a, 0n))).toBe('InvalidSignature')
  })
})

describe('revoke', () => {
  it("puts the serial into the issuer's list and raises the issuer's nonce", () => {
    const { state, root, leaf } = rootAndLeaf()
    applyTo(state, actionCall('REVOKE', leaf, KEYS.a, 0n))
    expect(state.isRevoked(root, 2n)).toBe(true)
    expect([state.entry(root)?.nonce, state.entry(leaf)?.nonce]).toEqual([1n, 0n])
  })

  it('refuses in this order: entry, issuer, list, signature', () => {
    const { state, root, leaf } = rootAndLeaf()
    expect(errorOf(state, actionCall('REVOKE', `0x${'77'.repeat(32)}`, KEYS.a, 0n))).toBe(
      'UnknownAutoId',
    )
    expect(errorOf(state, actionCall('REVOKE', leaf, KEYS.b, 0n))).toBe('InvalidSignature')
    expect(errorOf(state, actionCall('REVOKE', leaf, KEYS.a, 1n))).toBe('InvalidSignature')
    expect(errorOf(state, actionCall('DEACTIVATE', leaf, KEYS.a, 0n))).toBe('InvalidSignature')
    state.apply([{ type: 'SERIAL_REVOKED', issuerId: root, serial: 1n, reason: 'REVOKED' }])
    expect(errorOf(state, broken(actionCall('REVOKE', leaf, KEYS.a, 0n)))).toBe(
      'CertificateAlreadyRevoked',
    )
    state.apply([{ type: 'ENTRY_REMOVED', autoId: root }])
    expect(errorOf(state, actionCall('REVOKE', leaf, KEYS.a, 0n))).toBe('UnknownIssuer')
  })

  it('may come from an expired issuer (block 217)', () => {
    const { state, leaf } = rootAndLeaf()
    expect(errorOf(state, actionCall('REVOKE', leaf, KEYS.a, 0n), NOW + 9 * DAY)).toBe('applied')
  })

  it('ends where the nonce does', () => {
    const { state, root, leaf } = rootAndLeaf()
    const entry = state.entry(root)
    if (entry === undefined) throw new Error('no root')
    const nonce = 2n ** 256n - 1n
    state.apply([{ type: 'ENTRY_SET', autoId: root, entry: { ...entry, nonce } }])
    expect(errorOf(state, actionCall('REVOKE', leaf, KEYS.a, nonce))).toBe('NonceOverflow')
  })
})

describe('deactivate', () => {
  it('removes the entry and its issued serials; the list and the children stay', () => {
    const { state, root, leaf } = rootAndLeaf()
    applyTo(state, actionCall('REVOKE', leaf, KEYS.a, 0n))
    applyTo(state, actionCall('DEACTIVATE', root, KEYS.a, 1n))
    expect(state.entry(root)).toBeUndefined()
    expect(state.isIssued(root, 2n)).toBe(false)
    expect(state.isRevoked(root, 2n)).toBe(true)
    expect(state.entry(leaf)).toBeDefined()
  })

  it('of an unknown identifier is UnknownIssuer (block 23), with another key InvalidSignature (27)', () => {
    const { state, leaf } = rootAndLeaf()
    expect(errorOf(state, actionCall('DEACTIVATE', `0x${'77'.repeat(32)}`, KEYS.a, 0n))).toBe(
      'UnknownIssuer',
    )
    expect(errorOf(state, actionCall('DEACTIVATE', leaf, KEYS.a, 0n))).toBe('InvalidSignature')
    expect(errorOf(state, actionCall('REVOKE', leaf, KEYS.b, 0n))).toBe('InvalidSignature')
  })

  it('does not raise the nonce: after another registration the same signature works again (block 124)', () => {
    const { state, root, leaf } = rootAndLeaf()
    const deactivation = actionCall('DEACTIVATE', leaf, KEYS.b, 0n)
    applyTo(state, deactivation)
    applyTo(state, leafCall(root, { serial: serial(9) }))
    expect(errorOf(state, deactivation)).toBe('applied')
  })
})

describe('effects', () => {
  it('are those of the executed call, whatever its signature and time', () => {
    const { state, root, leaf } = rootAndLeaf()
    const calls: readonly [RegistryCall, Hex][] = [
      [leafRenewal(leaf, root), leaf],
      [actionCall('REVOKE', leaf, KEYS.a, 0n), leaf],
      [actionCall('DEACTIVATE', root, KEYS.a, 0n), root],
    ]
    for (const [call, autoId] of calls) {
      const executed = execute(state, call, NOW)
      expect(executed.ok).toBe(true)
      expect(effects(state, broken(call), autoId)).toEqual({
        ok: true,
        changes: executed.ok ? executed.changes : [],
      })
    }
  })

  it('of a call that cannot have been applied to this state are a disagreement', () => {
    const { state, root, leaf } = rootAndLeaf()
    const other = `0x${'77'.repeat(32)}`
    expect(effects(state, leafCall(root), leaf).ok).toBe(false)
    expect(effects(state, renewCall(other), other).ok).toBe(false)
    expect(effects(state, noDer(registerCall()), other).ok).toBe(false)
    for (const kind of ['REVOKE', 'DEACTIVATE'] as const) {
      expect(effects(state, actionCall(kind, other, KEYS.a, 0n), other).ok).toBe(false)
    }
    state.apply([{ type: 'ENTRY_REMOVED', autoId: root }])
    expect(effects(state, actionCall('REVOKE', leaf, KEYS.a, 0n), leaf).ok).toBe(false)
  })
})

function leafRenewal(leaf: Hex, issuerId: Hex, options = {}): RegistryCall {
  return renewCall(leaf, {
    issuerId,
    key: KEYS.b,
    signer: KEYS.a,
    commonName: 'leaf',
    serial: serial(3),
    ...options,
  })
}
