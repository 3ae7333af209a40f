/** Bytes that no honest node sends: nothing throws but what is the node’s own fault. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes } from '../../../src/bytes'
import { decodeBlock } from '../../../src/chain/decode-block'
import { callsOf } from '../../../src/registry/rolled-back'
import { bytes, vector } from '../../support/call-bytes'
import { decodeOne, make, rawBlock, runtime, success } from '../../support/one-extrinsic'
import { loadRecordedChain } from '../../support/recorded-chain'

describe('hostile bytes', () => {
  const real = loadRecordedChain().blocks.flatMap(({ raw, runtime: by }) =>
    raw.extrinsics.slice(2).map((extrinsic) => ({ extrinsic, by })),
  )

  it('as extrinsics never throw: they are put aside', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (random, isFramed) => {
        const extrinsic = isFramed ? bytes(concatBytes(Uint8Array.of(5), random)) : random
        const record = decodeOne(extrinsic, [success])
        expect(record.quarantined.length + record.nodes.length).toBeLessThanOrEqual(2)
      }),
      { numRuns: 2_000, seed: 1 },
    )
  })

  it('in place of single bytes of real extrinsics never throw', () => {
    fc.assert(
      fc.property(
        fc.nat(real.length - 1),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (index, changes) => {
          const { extrinsic, by } = real[index] ?? { extrinsic: new Uint8Array(), by: runtime }
          const changed = Uint8Array.from(extrinsic)
          for (const [place, byte] of changes) changed[place % changed.length] = byte
          const record = decodeBlock(rawBlock([changed], make.records(0, [success]), 1), by)
          for (const node of record.nodes) {
            if (node.type === 'ROLLED_BACK') expect(callsOf(node.root).length).toBeGreaterThan(0)
          }
        },
      ),
      { numRuns: 2_000, seed: 2 },
    )
  })

  it('as events either decode or are refused as the node’s fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(5), (events, count) => {
        try {
          decodeBlock(rawBlock([], events, count), runtime)
        } catch (error) {
          expect(error).toMatchObject({ code: 'INCONSISTENT_NODE' })
        }
      }),
      { numRuns: 2_000, seed: 3 },
    )
  })

  it('a vector that claims four billion items takes no memory', () => {
    const claim = concatBytes(make.call('Utility.batch'), Uint8Array.of(3, 255, 255, 255, 255))
    expect(decodeOne(make.signed(claim), [success]).quarantined.length).toBe(1)
    expect(vector([]).length).toBe(1)
  })
})
