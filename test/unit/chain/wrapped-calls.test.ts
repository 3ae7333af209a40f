/** Random call trees through the decoder and the index, compared after every block with a runtime written for it. */

import { describe, expect, it } from 'vitest'
import { concatBytes } from '../../../src/bytes'
import { decodeBlock } from '../../../src/chain/decode-block'
import { encodeInherents, inherentSuccess } from '../../../src/devnet/maker/scale'
import { encodeCompact } from '../../../src/proof/compact'
import type { BlockChanges } from '../../../src/registry/block-changes'
import { MemoryIndex } from '../../support/memory-index'
import { ID as hashOf, make, runtime } from '../../support/one-extrinsic'
import { byPlace, expectedRow, type TreeBlock, TreeBlocks } from '../../support/tree-blocks'
import type { PalletState } from '../../support/tree-run'

const START = Date.UTC(2027, 4, 5)
/** The two inherents, with an event each. */
const AFTER = { extrinsics: 2, events: 2 }

function recordOf(height: number, now: number, { extrinsics, records }: TreeBlock) {
  const events = [inherentSuccess(0), inherentSuccess(1), ...records]
  const raw = {
    height,
    hash: hashOf(height),
    parentHash: hashOf(height - 1),
    stateRoot: hashOf(0),
    extrinsicsRoot: hashOf(0),
    digestLogs: [],
    extrinsics: [...encodeInherents(now), ...extrinsics],
    events: concatBytes(encodeCompact(events.length), ...events),
    eventCount: events.length,
  }
  return decodeBlock(raw, runtime)
}

const CALLS = {
  REGISTERED: 'REGISTER',
  RENEWED: 'RENEW',
  REVOKED: 'REVOKE',
  DEACTIVATED: 'DEACTIVATE',
} as const

/** Every call of a block, by place. */
function found({ events, failedCalls }: BlockChanges) {
  const applied = events.map((event) => {
    const { callPath, wrappers, autoId, eventIndex } = event
    const place = { extrinsicIndex: event.extrinsicIndex ?? -1, callPath, wrappers }
    const told = { status: 'APPLIED', error: null, derived: false }
    return { ...place, kind: CALLS[event.kind], ...told, autoId, eventIndex }
  })
  const failed = failedCalls.map((call) => {
    const { extrinsicIndex, callPath, wrappers, status, error, derived, autoId } = call
    const place = { extrinsicIndex, callPath, wrappers, kind: call.call }
    return { ...place, status, error, derived, autoId, eventIndex: null }
  })
  return [...applied, ...failed].sort(byPlace)
}

function stateOf(index: MemoryIndex) {
  const open = index.versions.filter(({ active, blockTo }) => active && blockTo === null)
  return {
    entries: open
      .map(({ autoId, issuerId, serial, nonce, notAfter }) => [
        autoId,
        issuerId,
        serial,
        nonce,
        notAfter,
      ])
      .sort(),
    issued: index.issued
      .filter(({ blockTo }) => blockTo === null)
      .map(({ autoId, serial }) => `${autoId} ${serial}`)
      .sort(),
    revoked: index.revocations.map(({ issuerId, serial }) => `${issuerId} ${serial}`).sort(),
  }
}

function palletStateOf({ entries, issued, revoked }: PalletState) {
  return {
    entries: [...entries]
      .map(([autoId, { issuerId, serial, nonce, notAfter }]) => [
        autoId,
        issuerId,
        serial,
        nonce,
        notAfter,
      ])
      .sort(),
    issued: [...issued].sort(),
    revoked: [...revoked].sort(),
  }
}

const seeds = Array.from({ length: 24 }, (_, i) => i + 1)

describe('calls in random trees of batches, if_else, dispatch_as, sudo and their like', () => {
  it.each(seeds)(
    'meet their own events, or their fate, and leave the pallet’s state (seed %i)',
    (seed) => {
      const trees = new TreeBlocks(seed, 'tree')
      const index = new MemoryIndex()
      for (let height = 1; height <= 16; height++) {
        const now = START + height * 6_000
        const made = trees.next(make, 6, AFTER, now)
        const record = recordOf(height, now, made)
        expect(record.unexplained).toEqual([])
        expect(record.quarantined).toEqual([])
        const [changes] = index.apply([record])
        if (changes === undefined) throw new Error('no changes')
        const expected = [...made.calls].sort(byPlace).map(expectedRow)
        expect(found(changes), `block ${height}`).toEqual(expected)
        expect(stateOf(index), `block ${height}`).toEqual(palletStateOf(trees.state))
      }
    },
  )

  it('come in every shape: each wrapper around applied calls, each fate, each way to be hidden', () => {
    const calls = seeds.flatMap((seed) => {
      const trees = new TreeBlocks(seed, 'tree')
      return Array.from(
        { length: 16 },
        (_, i) => trees.next(make, 6, AFTER, START + (i + 1) * 6_000).calls,
      ).flat()
    })
    const applied = calls.filter(({ fate }) => fate.status === 'APPLIED')
    const around = new Set(applied.flatMap(({ wrappers }) => wrappers))
    expect([...around].sort()).toEqual([
      'Sudo.sudo',
      'Utility.as_derivative',
      'Utility.batch',
      'Utility.batch_all',
      'Utility.dispatch_as',
      'Utility.dispatch_as_fallible',
      'Utility.force_batch',
      'Utility.if_else',
      'Utility.with_weight',
    ])
    const fates = new Set(calls.map(({ fate, isHidden }) => `${fate.status} ${isHidden}`))
    expect([...fates].sort()).toEqual([
      'APPLIED false',
      'FAILED false',
      'FAILED true',
      'NOT_EXECUTED false',
      'NOT_EXECUTED true',
      'REVERTED true',
    ])
  })
})
