/** What a batch will look at. */

import { describe, expect, it } from 'vitest'
import { identifierOfCall } from '../../../src/registry/pallet-certificate'
import type { ExecutionNode, UnexplainedEvent } from '../../../src/registry/types'
import { issuedPairs, neededByCall, neededKeys } from '../../../src/registry/working-set'
import {
  actionCall,
  blockOf,
  blocksOf,
  KEYS,
  leafCall,
  observed,
  registerCall,
  serial,
} from '../../support/registry-builder'

const ROOT = registerCall({ commonName: 'root' })
const rootId = identifierOfCall(ROOT) ?? ''
const leafId = identifierOfCall(leafCall(rootId)) ?? ''

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

  it('pairs a serial with the issuer and the identifier of its own certificate, and with no other', () => {
    const other = leafCall(rootId, { commonName: 'other', serial: serial(7) })
    const keys = neededKeys(
      blocksOf([
        [leafCall(rootId), leafId],
        [other, identifierOfCall(other) ?? ''],
      ]),
    )
    expect(keys.issued).toEqual(
      new Map([
        [rootId, new Set([2n, 7n])],
        [leafId, new Set([2n])],
        [identifierOfCall(other), new Set([7n])],
      ]),
    )
  })

  it('pairs what a state that was read says was issued, also by an issuer that it does not show', () => {
    const entry = { autoId: leafId, issuerId: rootId, serial: 2n, issuedSerials: [2n, 8n] }
    const entries = [{ ...entry, subjectCommonName: new Uint8Array() }] as never[]
    const stateRead = { entries, removed: [], revocationLists: [] }
    expect(neededKeys([blockOf(1, { stateRead })]).issued).toEqual(
      new Map([
        [rootId, new Set([2n])],
        [leafId, new Set([2n, 8n])],
      ]),
    )
  })

  it('pairs the serial of an entry that is held with its issuer, and leaves other entries alone', () => {
    const keys = { issued: new Map(), held: new Set([leafId]) }
    const entries = [
      { autoId: leafId, issuerId: rootId, serial: 2n },
      { autoId: rootId, issuerId: null, serial: 1n },
    ]
    const pair = new Set([2n])
    expect(issuedPairs(keys, entries)).toEqual(
      new Map([
        [leafId, pair],
        [rootId, pair],
      ]),
    )
    expect(keys.issued).toEqual(new Map())
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
