import { describe, expect, it } from 'vitest'
import { serialToHex } from '../../../src/bytes'
import { sha256Hex } from '../../../src/registry/certificate-content'
import type { AutoIdEntry, RegistryView, StateChange } from '../../../src/registry/types'
import { type Family, type FamilyMember, flipsOf } from '../../../src/verify/blast-radius'
import { idOf } from '../../support/evidence'

const KEY = new Uint8Array([1])
const OTHER_KEY = new Uint8Array([2])
const NOW = 1_000

const entry = (change: Partial<AutoIdEntry> = {}): AutoIdEntry => ({
  issuerId: null,
  serial: 1n,
  subjectCommonName: new Uint8Array(),
  subjectPublicKeyInfo: KEY,
  notBefore: 0,
  notAfter: 2_000,
  nonce: 0n,
  ...change,
})

const member = (name: string, issuer: string | null, change: Partial<FamilyMember> = {}) => ({
  autoId: idOf(name),
  issuerId: issuer === null ? null : idOf(issuer),
  serial: serialToHex(1n),
  notBeforeMs: 0,
  notAfterMs: 2_000,
  publicKeySha256: sha256Hex(KEY),
  signerKeySha256: issuer === null ? null : sha256Hex(KEY),
  isSignatureGood: true,
  isRevoked: false,
  ...change,
})

/** root - a - (b, c), and a root beside it. */
const family = (...changed: FamilyMember[]): Family => {
  const members = [
    member('root', null),
    member('a', 'root', { serial: '0x2' }),
    member('b', 'a', { serial: '0x3' }),
    member('c', 'a', { serial: '0x4' }),
    member('beside', null, { serial: '0x9' }),
  ]
  const ids = new Set(changed.map(({ autoId }) => autoId))
  return {
    members: [...members.filter(({ autoId }) => !ids.has(autoId)), ...changed],
    isPartial: false,
  }
}
const view: RegistryView = {
  entry: () => undefined,
  isIssued: () => false,
  isRevoked: (_issuer, serial) => serial === 77n,
}
const revoke = (issuer: string, serial: bigint): StateChange => ({
  type: 'SERIAL_REVOKED',
  issuerId: idOf(issuer),
  serial,
  reason: 'REVOKED',
})
const flipped = (of: Family, changes: StateChange[], nowMs = NOW) =>
  flipsOf(of, view, changes, nowMs)
    .map(({ autoId, isValidAfter }) => `${isValidAfter ? '+' : '-'}${nameOf(autoId)}`)
    .sort()
const nameOf = (id: string) => Buffer.from(id.slice(2), 'hex').toString().replaceAll('\0', '')

describe('flipsOf', () => {
  it('a revocation takes down the identity and all below it, and nobody else', () => {
    expect(flipped(family(), [revoke('root', 2n)])).toEqual(['-a', '-b', '-c'])
  })

  it('a root that revokes itself takes everything below with it', () => {
    expect(flipped(family(), [revoke('root', 1n)])).toEqual(['-a', '-b', '-c', '-root'])
  })

  it('a serial in another issuer’s list touches nobody', () => {
    expect(flipped(family(), [revoke('beside', 2n)])).toEqual([])
  })

  it('a deactivation does the same', () => {
    expect(flipped(family(), [{ type: 'ENTRY_REMOVED', autoId: idOf('a') }])).toEqual([
      '-a',
      '-b',
      '-c',
    ])
  })

  it('what was not valid before does not flip', () => {
    const broken = family(member('root', null, { isRevoked: true }))
    expect(flipped(broken, [revoke('root', 2n)])).toEqual([])
  })

  it('a renewal of a revoked intermediate brings back all below it', () => {
    const revoked = family(member('a', 'root', { serial: '0x2', isRevoked: true }))
    const renewal: StateChange = {
      type: 'ENTRY_SET',
      autoId: idOf('a'),
      entry: entry({ issuerId: idOf('root'), serial: 5n }),
    }
    expect(flipped(revoked, [renewal])).toEqual(['+a', '+b', '+c'])
  })

  it('a registration with a serial already listed is born revoked', () => {
    const born = (serial: bigint): StateChange => ({
      type: 'ENTRY_SET',
      autoId: idOf('new'),
      entry: entry({ serial }),
    })
    expect(flipped(family(), [born(6n)])).toEqual(['+new'])
    expect(flipped(family(), [born(77n)])).toEqual([])
  })

  it('a registration under an issuer that is not valid does not make it valid', () => {
    const child: StateChange = {
      type: 'ENTRY_SET',
      autoId: idOf('new'),
      entry: entry({ issuerId: idOf('a'), serial: 8n }),
    }
    expect(flipped(family(), [child])).toEqual(['+new'])
    expect(flipped(family(member('root', null, { isRevoked: true })), [child])).toEqual([])
  })

  it('children of a key that is gone stay invalid when another key takes the identifier', () => {
    const gone: Family = {
      members: family().members.filter(({ autoId }) => autoId !== idOf('a')),
      isPartial: false,
    }
    const taken: StateChange = {
      type: 'ENTRY_SET',
      autoId: idOf('a'),
      entry: entry({ issuerId: idOf('root'), serial: 6n, subjectPublicKeyInfo: OTHER_KEY }),
    }
    expect(flipped(gone, [taken])).toEqual(['+a'])
  })

  it('a nonce that grows changes nobody', () => {
    const same: StateChange = {
      type: 'ENTRY_SET',
      autoId: idOf('root'),
      entry: entry({ nonce: 5n }),
    }
    expect(flipped(family(), [same])).toEqual([])
  })

  it('nobody is valid out of time, under a bad signature or above a circle', () => {
    expect(flipped(family(), [revoke('root', 2n)], 5_000)).toEqual([])
    const bad = family(member('a', 'root', { serial: '0x2', isSignatureGood: false }))
    expect(flipped(bad, [revoke('root', 2n)])).toEqual([])
    const circle = { members: [member('x', 'y'), member('y', 'x')], isPartial: false }
    expect(flipped(circle, [revoke('y', 1n)])).toEqual([])
  })
})
