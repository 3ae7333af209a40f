import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StateChange } from '../../../src/registry/types'
import { WorkingState } from '../../../src/registry/working-state'

const IDS = ['0xaa', '0xbb', '0xcc'] as const
const SERIALS = [1n, 2n, 3n] as const

const entry = (nonce: bigint) => ({
  issuerId: null,
  serial: 1n,
  subjectCommonName: new Uint8Array(),
  subjectPublicKeyInfo: new Uint8Array(),
  notBefore: 0,
  notAfter: 0,
  nonce,
})

const change: fc.Arbitrary<StateChange> = fc
  .tuple(fc.constantFrom(...IDS), fc.constantFrom(...SERIALS), fc.nat(3), fc.bigInt(0n, 9n))
  .map(([autoId, serial, kind, nonce]): StateChange => {
    if (kind === 0) return { type: 'ENTRY_SET', autoId, entry: entry(nonce) }
    if (kind === 1) return { type: 'ENTRY_REMOVED', autoId }
    if (kind === 2) return { type: 'SERIAL_ISSUED', autoId, serial }
    return { type: 'SERIAL_REVOKED', issuerId: autoId, serial, reason: 'REVOKED' }
  })
const changes = fc.array(change, { maxLength: 12 })

function everything(state: WorkingState): unknown {
  return IDS.map((id) => [
    state.entry(id),
    SERIALS.map((serial) => [state.isIssued(id, serial), state.isRevoked(id, serial)]),
  ])
}

describe('WorkingState', () => {
  it('is after a rollback what it was at the checkpoint, over any base', () => {
    fc.assert(
      fc.property(changes, changes, changes, (below, before, after) => {
        const base = new WorkingState()
        base.apply(below)
        const state = new WorkingState(base)
        state.apply(before)
        const expected = everything(state)
        const checkpoint = state.checkpoint()
        state.apply(after)
        state.rollback(checkpoint)
        expect(everything(state)).toEqual(expected)
      }),
      { seed: 2, numRuns: 1000 },
    )
  })

  it('over a base is the same as one state with all changes', () => {
    fc.assert(
      fc.property(changes, changes, (below, above) => {
        const base = new WorkingState()
        base.apply(below)
        const layered = new WorkingState(base)
        layered.apply(above)
        const flat = new WorkingState()
        flat.apply([...below, ...above])
        expect(everything(layered)).toEqual(everything(flat))
      }),
      { seed: 3, numRuns: 1000 },
    )
  })

  it('does not change its base', () => {
    const base = new WorkingState()
    base.apply([{ type: 'ENTRY_SET', autoId: '0xaa', entry: entry(0n) }])
    const before = everything(base)
    const state = new WorkingState(base)
    state.apply([{ type: 'ENTRY_REMOVED', autoId: '0xaa' }])
    state.forgetJournal()
    expect(state.entry('0xaa')).toBeUndefined()
    expect(everything(base)).toEqual(before)
  })
})
