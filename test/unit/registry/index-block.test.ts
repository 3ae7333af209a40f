import { describe, expect, it } from 'vitest'
import { concatBytes, type Hex } from '../../../src/bytes'
import { AppError } from '../../../src/errors'
import { encodeElement, encodeOid, encodeSequence } from '../../../src/pki/der-writer'
import { indexBlock, isQuiet } from '../../../src/registry/index-block'
import { IndexSession } from '../../../src/registry/index-session'
import { EMPTY_CONTEXT } from '../../../src/registry/loaded-context'
import { identifierOfCall } from '../../../src/registry/pallet-certificate'
import type { BlockRecord, RegistryCall } from '../../../src/registry/types'
import { MemoryIndex } from '../../support/memory-index'
import {
  actionCall,
  applied,
  blockOf,
  blocksOf,
  extension,
  KEYS,
  leafCall,
  observed,
  registerCall,
  renewCall,
  serial,
} from '../../support/registry-builder'

const ROOT = registerCall({ commonName: 'root' })
const rootId = identifierOfCall(ROOT) ?? ''
const leafId = identifierOfCall(leafCall(rootId)) ?? ''

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

  it('may not ask whether an issuer has issued a serial that nobody loaded', () => {
    const asked = { ...EMPTY_CONTEXT, issued: new Map([[rootId, new Set([1n])]]) }
    const { state } = new IndexSession(asked)
    expect(state.isIssued(rootId, 1n)).toBe(false)
    expect(() => state.isIssued(rootId, 2n)).toThrow(/was not loaded/)
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

describe('a block is quiet', () => {
  it('with nothing in it, above genesis', () => {
    expect([blockOf(0), blockOf(1)].map(isQuiet)).toEqual([false, true])
  })

  const hash = `0x${'ab'.repeat(32)}` as const
  const stateRead = { entries: [], removed: [], revocationLists: [] }
  it.each<[string, Partial<BlockRecord>]>([
    ['a call', { nodes: [applied(ROOT, rootId, 1)] }],
    [
      'an extrinsic nobody can read',
      {
        quarantined: [{ extrinsicIndex: 3, extrinsicHash: hash, reason: 'unreadable', length: 9 }],
      },
    ],
    ['state that was read', { stateRead }],
  ])('but not with %s', (_, parts) => {
    expect(isQuiet(blockOf(1, parts))).toBe(false)
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
