/** What is known from the chain's state alone: the genesis, and events without a call. */

import { describe, expect, it } from 'vitest'
import { type Hex } from '../../../src/bytes'
import { identifierOfCall } from '../../../src/registry/pallet-certificate'
import type { EventKind, RegistryCall, StateRead, StoredEntry } from '../../../src/registry/types'
import { MemoryIndex } from '../../support/memory-index'
import {
  actionCall,
  applied,
  blockOf,
  blocksOf,
  KEYS,
  leafCall,
  registerCall,
  renewCall,
  rootAndLeaf,
  serial,
} from '../../support/registry-builder'

const ROOT = registerCall({ commonName: 'root' })
const rootId = identifierOfCall(ROOT) ?? ''
const leafId = identifierOfCall(leafCall(rootId)) ?? ''

/** An entry as it would stand in the chain's state after these calls. */
function stored(autoId: Hex, call: RegistryCall, parts: Partial<StoredEntry> = {}): StoredEntry {
  const { state } = rootAndLeaf()
  const entry = state.entry(autoId)
  if (entry === undefined || !('certificate' in call)) throw new Error('not in the registry')
  return { ...entry, autoId, raw: call.certificate, issuedSerials: [entry.serial], ...parts }
}

const read = (parts: Partial<StateRead>): StateRead => ({
  entries: [],
  removed: [],
  revocationLists: [],
  ...parts,
})

/** One that no call explains. */
const event = (kind: EventKind, autoId = rootId, eventIndex = 1) => ({
  kind,
  autoId,
  eventIndex,
  extrinsicIndex: 2,
  extrinsicHash: null,
})

describe('the genesis state', () => {
  const genesis = blockOf(0, {
    timestamp: null,
    stateRead: read({
      entries: [
        stored(leafId, leafCall(rootId)),
        stored(rootId, ROOT, { nonce: 3n, issuedSerials: [1n, 2n] }),
      ],
      revocationLists: [{ issuerId: rootId, serials: [9n] }],
    }),
  })

  it('is indexed as registrations without calls, issuers first', () => {
    const index = new MemoryIndex()
    index.apply([genesis])
    expect(index.events.map(({ id, autoId, source, kind }) => [id, autoId, source, kind])).toEqual([
      ['0000000000-000000', rootId, 'GENESIS', 'REGISTERED'],
      ['0000000000-000001', leafId, 'GENESIS', 'REGISTERED'],
    ])
    expect(index.versions.map(({ autoId, nonce }) => [autoId, nonce])).toEqual([
      [rootId, 3n],
      [leafId, 0n],
    ])
    expect(index.certificates[1]).toMatchObject({
      der: null,
      signature: null,
      signatureOutcome: 'UNAVAILABLE',
      rebuildProblem: expect.stringMatching(/no signatures/),
      issuerCertificateId: '0000000000-000000',
      subject: 'CN=leaf',
    })
    expect(index.issued.map(({ autoId, serial: value }) => [autoId, value])).toEqual([
      [rootId, 1n],
      [rootId, 2n],
      [leafId, 2n],
    ])
    expect(index.revocations).toMatchObject([{ serial: 9n, reason: 'REVOKED', eventId: null }])
  })

  it('carries on with calls', () => {
    const index = new MemoryIndex()
    index.apply([genesis])
    const revoke = actionCall('REVOKE', leafId, KEYS.a, 3n)
    index.apply([blockOf(1, { nodes: [applied(revoke, leafId, 0)] })])
    expect(index.revocations.at(-1)).toMatchObject({ serial: 2n, reason: 'REVOKED' })
  })

  it('shows a certificate nobody can read as what it is', () => {
    const unreadable = stored(rootId, ROOT, { raw: Uint8Array.of(1, 2, 3) })
    const index = new MemoryIndex()
    index.apply([blockOf(0, { timestamp: null, stateRead: read({ entries: [unreadable] }) })])
    expect(index.certificates).toMatchObject([
      { parseProblem: expect.stringMatching(/^not readable/), tbs: Uint8Array.of(1, 2, 3) },
    ])
  })
})

describe('an event no call explains', () => {
  // Looked up is the serial that the registry has: another one would be asked for without having been loaded.
  it('of a certificate that we read another serial from has the one that the registry has', () => {
    const index = new MemoryIndex()
    index.apply(blocksOf([[ROOT, rootId]]))
    const renewed = stored(rootId, registerCall({ commonName: 'root', serial: serial(50) }), {
      serial: 77n,
    })
    const stateRead = read({ entries: [renewed] })
    index.apply([blockOf(2, { unexplained: [event('RENEWED')], stateRead })])
    expect(index.certificates.at(-1)).toMatchObject({
      serial: 77n,
      parseProblem: expect.stringMatching(/another serial/),
    })
  })

  it('is taken from the state after the block, before the calls behind it', () => {
    const index = new MemoryIndex()
    index.apply([
      blockOf(1, {
        unexplained: [event('REGISTERED')],
        nodes: [applied(leafCall(rootId), leafId, 2)],
        stateRead: read({ entries: [stored(rootId, ROOT, { issuedSerials: [1n, 2n] })] }),
      }),
    ])
    expect(index.events.map(({ source, autoId }) => [source, autoId])).toEqual([
      ['STATE', rootId],
      ['CALL', leafId],
    ])
    expect(index.certificates[0]).toMatchObject({ signature: null, subject: 'CN=root' })
    expect(index.advisories).toContainEqual(
      expect.objectContaining({ code: 'NO_SIGNATURE_KNOWN', autoId: rootId }),
    )
  })

  it('of a revocation or deactivation follows from the state before', () => {
    const index = new MemoryIndex()
    index.apply(
      blocksOf([
        [ROOT, rootId],
        [leafCall(rootId), leafId],
      ]),
    )
    const nonce = { nonce: 1n, issuedSerials: [1n, 2n] }
    index.apply([
      blockOf(2, {
        unexplained: [event('REVOKED', leafId)],
        stateRead: read({
          entries: [stored(rootId, ROOT, nonce), stored(leafId, leafCall(rootId))],
          revocationLists: [{ issuerId: rootId, serials: [2n] }],
        }),
      }),
      blockOf(3, {
        unexplained: [event('DEACTIVATED', leafId)],
        stateRead: read({ removed: [leafId] }),
      }),
    ])
    expect(index.revocations).toMatchObject([{ serial: 2n, eventId: '0000000002-000001' }])
    expect(index.versions.filter(({ blockTo }) => blockTo === null)).toMatchObject([
      { autoId: rootId, nonce: 1n },
      { autoId: leafId, active: false },
    ])
  })

  it('of a certificate that is gone again is a registration nobody saw, valid for nothing', () => {
    const index = new MemoryIndex()
    index.apply([
      blockOf(1, {
        unexplained: [event('REGISTERED'), { ...event('DEACTIVATED'), eventIndex: 2 }],
        stateRead: read({ removed: [rootId] }),
      }),
    ])
    expect(index.certificates).toMatchObject([
      { der: null, notAfter: 0, parseProblem: expect.stringMatching(/^never seen/), blockTo: 1 },
    ])
    expect(index.versions).toMatchObject([{ autoId: rootId, active: false }])
  })

  // What stands for the serial of the registration was looked up at the renewal, and the block was refused.
  it('of a renewal may follow a registration that nobody saw', () => {
    const index = new MemoryIndex()
    const unexplained = [
      event('REGISTERED'),
      event('RENEWED', rootId, 2),
      event('DEACTIVATED', rootId, 3),
    ]
    index.apply([blockOf(1, { unexplained, stateRead: read({ removed: [rootId] }) })])
    expect(index.events.map(({ kind }) => kind)).toEqual(['REGISTERED', 'RENEWED', 'DEACTIVATED'])
  })

  // The second one was a second row of the same key.
  it('of what nobody saw enters a list once, however often it is revoked', () => {
    const index = new MemoryIndex()
    const unseen = {
      unexplained: [
        event('REGISTERED'),
        event('REVOKED', rootId, 2),
        event('DEACTIVATED', rootId, 3),
      ],
      stateRead: read({ removed: [rootId] }),
    }
    const deactivation = actionCall('DEACTIVATE', rootId, KEYS.a, 0n)
    const seen = [applied(ROOT, rootId, 0), applied(deactivation, rootId, 1)]
    index.apply([blockOf(1, unseen)])
    index.apply([blockOf(2, { nodes: seen })])
    index.apply([blockOf(3, unseen)])
    expect(index.revocations).toMatchObject([{ issuerId: rootId, serial: 0n, block: 1 }])
  })

  // Without the key, what the identity signs later was checked with none, unless it was in the same batch.
  it('of a registration nobody saw has the key that the state shows, if it is still the same one', () => {
    const keysAfter = (...between: EventKind[]) => {
      const index = new MemoryIndex()
      const kinds = ['REGISTERED', ...between] as const
      const unexplained = kinds.map((kind, at) => event(kind, rootId, at))
      index.apply([
        blockOf(1, { unexplained, stateRead: read({ entries: [stored(rootId, ROOT)] }) }),
      ])
      return index.registrations.map(({ publicKey }) => publicKey)
    }
    expect(keysAfter('RENEWED')).toEqual([KEYS.a.spki])
    expect(keysAfter('DEACTIVATED', 'REGISTERED')).toEqual([new Uint8Array(), KEYS.a.spki])
  })

  it('of a renewal supersedes the serial before', () => {
    const index = new MemoryIndex()
    index.apply(blocksOf([[ROOT, rootId]]))
    const renewal = renewCall(rootId, { commonName: 'root', serial: serial(8) })
    const raw = 'certificate' in renewal ? renewal.certificate : new Uint8Array()
    index.apply([
      blockOf(2, {
        unexplained: [event('RENEWED')],
        stateRead: read({
          entries: [stored(rootId, ROOT, { raw, serial: 8n, issuedSerials: [1n] })],
          revocationLists: [{ issuerId: rootId, serials: [1n] }],
        }),
      }),
    ])
    expect(index.revocations).toMatchObject([{ serial: 1n, reason: 'SUPERSEDED' }])
    expect(index.certificates.map(({ serial: value, blockTo }) => [value, blockTo])).toEqual([
      [1n, 2],
      [8n, null],
    ])
  })
})

describe('an unexplained renewal', () => {
  const renewed = (issuerId: Hex | null) => {
    const index = new MemoryIndex()
    index.apply(
      blocksOf([
        [ROOT, rootId],
        [leafCall(rootId), leafId],
      ]),
    )
    const renewal = renewCall(leafId, { issuerId, commonName: 'leaf', serial: serial(8) })
    const raw = 'certificate' in renewal ? renewal.certificate : new Uint8Array()
    const entry = stored(leafId, leafCall(issuerId ?? rootId), { raw, serial: 8n, issuerId })
    index.apply([
      blockOf(2, {
        unexplained: [event('RENEWED', leafId)],
        stateRead: read({ entries: [entry] }),
      }),
    ])
    const named = index.certificates.at(-1)?.issuerId
    const version = index.versions.find((v) => v.autoId === leafId && v.blockTo === null)
    return { named, version: version?.issuerId, ofEvent: index.events.at(-1)?.issuerId }
  }

  it('keeps the issuer that the state after the block names', () => {
    expect(renewed(rootId)).toEqual({ named: rootId, version: rootId, ofEvent: rootId })
  })

  // The issuer of the entry before is named by nothing in the block; with what is issued by those named alone it was refused.
  it('of what is gone again after the block is below the issuer before', () => {
    const index = new MemoryIndex()
    index.apply(
      blocksOf([
        [ROOT, rootId],
        [leafCall(rootId), leafId],
      ]),
    )
    index.apply([
      blockOf(2, {
        unexplained: [event('RENEWED', leafId, 1), event('DEACTIVATED', leafId, 2)],
        stateRead: read({ removed: [leafId] }),
      }),
    ])
    expect(index.certificates.at(-1)).toMatchObject({
      autoId: leafId,
      issuerId: rootId,
      blockTo: 2,
    })
    expect(index.issued.filter(({ autoId }) => autoId === rootId).map((row) => row.serial)).toEqual(
      [1n, 2n],
    )
  })

  // With `stored?.issuerId ?? entry?.issuerId` the certificate was that of the issuer before.
  it('has no issuer when the state after the block names none, whoever issued before', () => {
    expect(renewed(null)).toEqual({ named: null, version: null, ofEvent: null })
  })
})
