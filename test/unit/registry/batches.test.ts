/** What blocks leave behind depends neither on where a batch began and ended nor on what else was loaded for it. */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BlockRecord, StateRead } from '../../../src/registry/types'
import { MemoryIndex } from '../../support/memory-index'
import {
  anySignature,
  type CallParts,
  callOf,
  NAMES,
  PartlySeenChain,
  SERIALS,
  type Step,
} from '../../support/partly-seen-chain'
import { blockOf, KEYS } from '../../support/registry-builder'

const mostlyFalse = fc.nat(4).map((value) => value === 0)
const signature = fc.uint8Array({ minLength: 1, maxLength: 1 })
const calls = (...kinds: CallParts['kind'][]) =>
  fc
    .record({
      kind: fc.constantFrom(...kinds),
      of: fc.constantFrom(...NAMES),
      isRoot: mostlyFalse,
      serial: fc.constantFrom(...SERIALS),
      spki: fc.constantFrom(KEYS.a.spki, KEYS.a.spki, KEYS.b.spki),
      signature,
    })
    .map(callOf)
const everyCall = calls('REGISTER', 'REGISTER', 'RENEW', 'RENEW', 'REVOKE', 'DEACTIVATE')
const step: fc.Arbitrary<Step> = fc.record({
  shown: fc.constantFrom('CALLS', 'EVENTS', 'EVENTS', 'ROLLED_BACK'),
  calls: fc.array(everyCall, { minLength: 1, maxLength: 4 }),
})
const history = fc
  .tuple(
    // Lists and children of whom the genesis holds no entry are not counted when it registers in the same batch.
    fc.array(calls('REGISTER', 'RENEW', 'REVOKE'), { maxLength: 6 }),
    fc.array(fc.array(step, { maxLength: 3 }), { minLength: 1, maxLength: 6 }),
  )
  .map(([genesis, blocks]) => {
    const chain = new PartlySeenChain()
    return [chain.genesis(genesis), ...blocks.map((steps, at) => chain.block(at + 1, steps))]
  })

/** Names everybody and every serial there is. */
const everything: StateRead = {
  entries: NAMES.map(({ id, issuerId, commonName }) => ({
    autoId: id,
    issuerId,
    serial: 0n,
    subjectCommonName: commonName,
    subjectPublicKeyInfo: KEYS.a.spki,
    notBefore: 0,
    notAfter: 0,
    raw: new Uint8Array(),
    issuedSerials: SERIALS,
    nonce: 0n,
  })),
  removed: [],
  revocationLists: [],
}

class WholeIndex extends MemoryIndex {
  override load(blocks: readonly BlockRecord[]) {
    return super.load([...blocks, blockOf(0, { stateRead: everything })])
  }
}

function indexed(index: MemoryIndex, blocks: readonly BlockRecord[], size: number): MemoryIndex {
  for (let at = 0; at < blocks.length; at += size) {
    index.apply(blocks.slice(at, at + size), anySignature)
  }
  return index
}

describe('a batch of blocks', () => {
  it('leaves what its blocks one by one do with everything loaded, and no serial in a list twice', () => {
    fc.assert(
      fc.property(history, (blocks) => {
        const expected = { ...indexed(new WholeIndex(), blocks, 1) }
        const listed = expected.revocations.map(({ id }) => id)
        expect(listed).toEqual([...new Set(listed)])
        for (const size of [1, 2, blocks.length]) {
          const found = { ...indexed(new MemoryIndex(), blocks, size) }
          // Only what differs is worth the time of a readable comparison.
          if (!isDeepStrictEqual(found, expected)) expect(found).toEqual(expected)
        }
      }),
      { seed: 1, numRuns: 300 },
    )
  })
})
