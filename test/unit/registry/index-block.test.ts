import { describe, expect, it } from 'vitest'
import { concatBytes, type Hex } from '../../../src/bytes'
import { AppError } from '../../../src/errors'
import { encodeElement, encodeOid, encodeSequence } from '../../../src/pki/der-writer'
import { indexBlock } from '../../../src/registry/index-block'
import { IndexSession } from '../../../src/registry/index-session'
import { EMPTY_CONTEXT } from '../../../src/registry/loaded-context'
import { identifierOfCall } from '../../../src/registry/pallet-certificate'
import type {
  BlockRecord,
  ExecutionNode,
  RegistryCall,
  StateRead,
  StoredEntry,
  UnexplainedEvent,
} from '../../../src/registry/types'
import { neededByCall, neededKeys } from '../../../src/registry/working-set'
import { MemoryIndex } from '../../support/memory-index'
import {
  actionCall,
  blockOf,
  extension,
  KEYS,
  leafCall,
  observed,
  registerCall,
  renewCall,
  rootAndLeaf,
  serial,
} from '../../support/registry-builder'

const ROOT = registerCall({ commonName: 'root' })
const rootId = identifierOfCall(ROOT) ?? ''
const leafId = identifierOfCall(leafCall(rootId)) ?? ''

function applied(call: RegistryCall, autoId: Hex, eventIndex: number): ExecutionNode {
  return { type: 'CALL', call: observed(call, { status: 'APPLIED', eventIndex, autoId }) }
}

function blocksOf(...nodes: (readonly [RegistryCall, Hex])[][]): BlockRecord[] {
  return nodes.map((calls, at) =>
    blockOf(at + 1, { nodes: calls.map(([call, id], index) => applied(call, id, index)) }),
  )
}

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

describe('a block', () => {
  it('coalesces several changes of one identifier into one version row (block 146)', () => {
    const index = new MemoryIndex()
    const [changes] = index.apply(
      blocksOf([
        [ROOT, rootId],
        [renewCall(rootId, { commonName: 'root', serial: serial(8) }), rootId],
        [leafCall(rootId), leafId],
        [actionCall('REVOKE', leafId, KEYS.a, 0n), leafId],
        [actionCall('DEACTIVATE', rootId, KEYS.a, 1n), rootId],
        [registerCall({ commonName: 'root', key: KEYS.c }), rootId],
      ]),
    )
    expect(changes?.versions.map(({ autoId, active }) => [autoId, active])).toEqual([
      [rootId, true],
      [leafId, true],
    ])
    expect(changes?.registrations.map(({ id, blockTo }) => [id, blockTo])).toEqual([
      [`${rootId}-1`, 1],
      [`${leafId}-1`, null],
      [`${rootId}-2`, null],
    ])
    expect(changes?.certificates.map(({ id, blockTo, eventTo }) => [id, blockTo, eventTo])).toEqual(
      [
        ['0000000001-000000', 1, '0000000001-000001'],
        ['0000000001-000001', 1, '0000000001-000004'],
        ['0000000001-000002', null, null],
        ['0000000001-000005', null, null],
      ],
    )
    expect(changes?.revocations.map(({ serial: value, reason }) => [value, reason])).toEqual([
      [1n, 'SUPERSEDED'],
      [2n, 'REVOKED'],
    ])
    expect(changes?.issuedSerials.opened).toEqual([
      { autoId: leafId, serial: 2n },
      { autoId: rootId, serial: 1n },
    ])
  })

  it('leaves a row of a deactivated identifier with its last certificate (block 149)', () => {
    const index = new MemoryIndex()
    index.apply(
      blocksOf([
        [ROOT, rootId],
        [actionCall('DEACTIVATE', rootId, KEYS.a, 0n), rootId],
      ]),
    )
    expect(index.versions).toMatchObject([
      { autoId: rootId, active: false, certificateId: '0000000001-000000', serial: 1n },
    ])
    expect(index.issued).toEqual([])
  })

  it('keeps the signed bytes, nonce and signature of every operation', () => {
    const index = new MemoryIndex()
    const revocation = actionCall('REVOKE', leafId, KEYS.a, 0n)
    index.apply(
      blocksOf([
        [ROOT, rootId],
        [leafCall(rootId), leafId],
        [revocation, leafId],
      ]),
    )
    expect(index.events[2]).toMatchObject({
      kind: 'REVOKED',
      source: 'CALL',
      nonce: 0n,
      signature: revocation.signature,
      certificateId: '0000000001-000001',
      issuerId: rootId,
      serial: 2n,
    })
    expect(index.events[2]?.signedPayload).toHaveLength(65)
  })

  it('rebuilds no certificate around trailing bytes, and says why (block 182)', () => {
    const certificate = concatBytes(
      'certificate' in ROOT ? ROOT.certificate : new Uint8Array(),
      Uint8Array.of(1, 2),
    )
    const index = new MemoryIndex()
    index.apply(blocksOf([[{ ...ROOT, certificate } as RegistryCall, rootId]]))
    expect(index.certificates).toMatchObject([
      { der: null, fingerprint: null, rebuildProblem: expect.stringMatching(/^2 bytes follow/) },
    ])
  })

  it('marks a certificate whose signature does not verify under the key the issuer had', () => {
    const index = new MemoryIndex()
    const forged = leafCall(rootId, { signer: KEYS.c })
    index.apply(
      blocksOf([
        [ROOT, rootId],
        [forged, leafId],
      ]),
    )
    expect(index.certificates.map(({ signatureOutcome }) => signatureOutcome)).toEqual([
      'GOOD',
      'BAD',
    ])
    expect(index.advisories).toContainEqual(
      expect.objectContaining({ code: 'SIGNATURE_NOT_CONFIRMED', autoId: leafId }),
    )
  })

  it('is refused whole when it cannot follow from the indexed state', () => {
    const refusals: BlockRecord[][] = [
      blocksOf([
        [ROOT, rootId],
        [ROOT, rootId],
      ]),
      blocksOf([[actionCall('REVOKE', leafId, KEYS.a, 0n), leafId]]),
      blocksOf([[renewCall(rootId), rootId]]),
    ]
    for (const blocks of refusals) {
      expect(() => new MemoryIndex().apply(blocks)).toThrow(AppError)
      expect(() => new MemoryIndex().apply(blocks)).toThrow(/does not follow/)
    }
  })

  it('turns hostile names into text a database takes: no NUL, no half characters', () => {
    const emoji = encodeSequence(
      encodeElement(
        0x31,
        encodeSequence(
          encodeOid('2.5.4.3'),
          encodeElement(0x0c, Buffer.from(`x${'\u{1f600}'.repeat(4096)}`)),
        ),
      ),
    )
    const names = encodeSequence(
      encodeElement(0x86, Buffer.from('autoid:auto:\0nul')),
      encodeElement(0xa4, emoji),
    )
    const call = registerCall({ extensions: [extension('2.5.29.17', names)] })
    const index = new MemoryIndex()
    index.apply([blockOf(1, { nodes: [applied(call, identifierOfCall(call) ?? '', 0)] })])
    const [certificate] = index.certificates
    expect(certificate?.sanAutoId).toBe('autoid:auto:nul')
    const texts = JSON.stringify([certificate?.extensions, index.advisories.map((a) => a.facts)])
    expect(certificate?.extensions?.[0]?.value?.length).toBeGreaterThan(1000)
    expect(texts).not.toMatch(/\\u0000|\\ud[89a-f]/i)
  })

  it('is not stopped by a name nobody can read under name constraints', () => {
    const permitted = encodeElement(
      0xa0,
      encodeSequence(encodeElement(0x82, Buffer.from('example.org'))),
    )
    const root = registerCall({
      commonName: 'root',
      extensions: [extension('2.5.29.30', encodeSequence(permitted))],
    })
    const leaf = leafCall(rootId, { commonName: Uint8Array.of(0xff, 0xfe) })
    const id = identifierOfCall(leaf) ?? ''
    const index = new MemoryIndex()
    index.apply([blockOf(1, { nodes: [applied(root, rootId, 0), applied(leaf, id, 1)] })])
    expect(index.advisories).toContainEqual(
      expect.objectContaining({ code: 'STRICT_PARSER_REFUSES', autoId: id }),
    )
  })

  it('finds a duplicate among very many extensions at once', () => {
    const many = Array.from({ length: 60_000 }, (_, at) => extension(`1.2.${at}`, new Uint8Array()))
    const list = Buffer.concat([...many, extension('1.2.7', new Uint8Array())])
    const call = registerCall({ tail: encodeElement(0xa3, encodeElement(0x30, list)) })
    const index = new MemoryIndex()
    const started = performance.now()
    index.apply([blockOf(1, { nodes: [applied(call, identifierOfCall(call) ?? '', 0)] })])
    expect(performance.now() - started).toBeLessThan(5_000)
    expect(index.advisories).toContainEqual(
      expect.objectContaining({ code: 'DUPLICATE_EXTENSION', facts: { oid: '1.2.7' } }),
    )
  })

  it('may have a chain of issuers of any depth', () => {
    const index = new MemoryIndex()
    let issuerId: Hex | null = null
    for (let depth = 0; depth < 80; depth++) {
      const call: RegistryCall = registerCall({ issuerId, serial: serial(depth + 1) })
      const autoId: Hex = identifierOfCall(call) ?? ''
      const renewal = renewCall(autoId, { issuerId, serial: serial(depth + 1000) })
      const revocation = actionCall('REVOKE', autoId, KEYS.a, 0n)
      for (const [at, step] of [call, renewal, revocation].entries()) {
        index.apply([blockOf(3 * depth + at + 1, { nodes: [applied(step, autoId, 0)] })])
      }
      issuerId = autoId
    }
    expect(index.versions.filter(({ blockTo }) => blockTo === null)).toHaveLength(80)
  })

  it('may not look at an identifier nobody loaded', () => {
    const session = new IndexSession(EMPTY_CONTEXT)
    const [block] = blocksOf([[ROOT, rootId]])
    if (block === undefined) throw new Error('no block')
    expect(() => indexBlock(session, block)).toThrow(/was not loaded/)
  })

  it('records remarks and undecodable extrinsics', () => {
    const hash = `0x${'ab'.repeat(32)}`
    const changes = indexBlock(
      new IndexSession(EMPTY_CONTEXT),
      blockOf(5, {
        remarks: [
          {
            eventIndex: 7,
            extrinsicIndex: 2,
            extrinsicHash: hash,
            callPath: '0',
            sender: hash,
            remark: Uint8Array.of(1),
            remarkHash: hash,
          },
        ],
        quarantined: [{ extrinsicIndex: 3, extrinsicHash: hash, reason: 'unreadable', length: 9 }],
      }),
    )
    expect(changes.remarks).toMatchObject([{ id: '0000000005-000007', remark: '0x01' }])
    expect(changes.quarantined).toMatchObject([{ id: '0000000005-000003', block: 5 }])
  })
})

describe('a call that changed nothing', () => {
  it('is recorded with its status, error and what it was about', () => {
    const index = new MemoryIndex()
    const failed = observed(leafCall(rootId), {
      status: 'FAILED',
      error: 'AutoId.UnknownIssuer',
      derived: false,
    })
    const never = observed(actionCall('REVOKE', leafId, KEYS.a, 0n), {
      status: 'NOT_EXECUTED',
      derived: false,
    })
    index.apply([
      blockOf(1, {
        nodes: [
          { type: 'CALL', call: failed },
          { type: 'CALL', call: never },
        ],
      }),
    ])
    expect(index.failedCalls).toMatchObject([
      {
        id: '0000000001-000002-000000',
        call: 'REGISTER',
        status: 'FAILED',
        error: 'AutoId.UnknownIssuer',
        autoId: leafId,
        issuerId: rootId,
        serial: 2n,
      },
      { id: '0000000001-000002-000001', call: 'REVOKE', status: 'NOT_EXECUTED', error: null },
    ])
    expect(index.events).toEqual([])
  })
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
  const event = (kind: 'REGISTERED' | 'RENEWED' | 'REVOKED' | 'DEACTIVATED', autoId = rootId) => ({
    kind,
    autoId,
    eventIndex: 1,
    extrinsicIndex: 2,
    extrinsicHash: null,
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
        unexplained: [
          {
            kind: 'RENEWED',
            autoId: leafId,
            eventIndex: 1,
            extrinsicIndex: 2,
            extrinsicHash: null,
          },
        ],
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

  // With `stored?.issuerId ?? entry?.issuerId` the certificate was that of the issuer before.
  it('has no issuer when the state after the block names none, whoever issued before', () => {
    expect(renewed(null)).toEqual({ named: null, version: null, ofEvent: null })
  })
})

describe('neededKeys', () => {
  it('names the identifiers, serials and signatures a batch will look at', () => {
    const calls = blocksOf([
      [ROOT, rootId],
      [leafCall(rootId), leafId],
    ])
    const keys = neededKeys(calls)
    expect(keys.autoIds).toEqual(new Set([rootId, leafId]))
    expect(keys.serials).toEqual(new Set([1n, 2n]))
    expect(keys.signatures.size).toBe(2)
  })

  it('asks for the serial that an entry holds only where an event has no call', () => {
    const [block] = blocksOf([[ROOT, rootId]])
    if (block === undefined) throw new Error('no block')
    const event = { autoId: leafId, kind: 'RENEWED', eventIndex: 9 } as UnexplainedEvent
    expect(neededKeys([block]).held).toEqual(new Set())
    expect(neededKeys([{ ...block, unexplained: [event] }]).held).toEqual(new Set([leafId]))
  })

  it('counts below identifiers that an applied call acts on', () => {
    const calls = blocksOf([
      [ROOT, rootId],
      [leafCall(rootId), leafId],
      [actionCall('REVOKE', leafId, KEYS.a, 0n), leafId],
    ])
    expect(neededKeys(calls).counted).toEqual(new Set([rootId, leafId]))
  })

  it('counts nothing for calls that failed, nor for one that is only tried', () => {
    const revocation = actionCall('REVOKE', rootId, KEYS.b, 0n)
    const failed = { status: 'FAILED', error: 'AutoId.InvalidSignature', derived: false } as const
    const node: ExecutionNode = { type: 'CALL', call: observed(revocation, failed) }
    const keys = neededKeys([blockOf(1, { nodes: [node] })])
    expect([keys.autoIds, keys.counted]).toEqual([new Set([rootId]), new Set()])
    expect(neededByCall(revocation).counted).toEqual(new Set())
  })

  it("names the identifier a root's common name begins with", () => {
    const squatter = registerCall({ commonName: new Uint8Array(40).fill(0xab) })
    const keys = neededKeys(blocksOf([[squatter, identifierOfCall(squatter) ?? '']]))
    expect(keys.autoIds.has(`0x${'ab'.repeat(32)}`)).toBe(true)
  })
})
