import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes, toHex } from '../../../src/bytes'
import {
  type EventStorage,
  eventCountOf,
  furtherSegmentKeys,
  joinEvents,
} from '../../../src/chain/event-segments'
import { encodeCompact } from '../../../src/proof/compact'
import { eventSegmentKey } from '../../../src/proof/registry-storage'

/** Records of one byte are enough: joining never looks inside. */
function vector(records: readonly number[]): Uint8Array {
  return concatBytes(encodeCompact(records.length), Uint8Array.from(records))
}

function u32(value: number): string {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return toHex(bytes)
}

/** As a runtime with segments of `size` stores the records. */
function split(records: readonly number[], size: number) {
  const segments: Uint8Array[] = []
  for (let i = 0; i < records.length; i += size) segments.push(vector(records.slice(i, i + size)))
  const storage: EventStorage = {
    events: null,
    count: u32(records.length),
    firstSegment: segments[0] === undefined ? null : toHex(segments[0]),
  }
  return { storage, further: segments.slice(1).map(toHex) }
}

describe('joinEvents', () => {
  it('gives back the whole list from segments of any length', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(255), { maxLength: 700 }),
        fc.integer({ min: 1, max: 120 }),
        (records, size) => {
          const { storage, further } = split(records, size)
          expect(furtherSegmentKeys('SEGMENTS', storage).length).toBe(further.length)
          const joined = joinEvents('SEGMENTS', storage, further)
          expect(joined).toEqual(records.length === 0 ? new Uint8Array(0) : vector(records))
        },
      ),
      { seed: 4 },
    )
  })

  it('takes System.Events alone under a runtime without segments, whatever else is stored', () => {
    const storage = {
      events: toHex(vector([1, 2])),
      count: u32(2),
      firstSegment: toHex(vector([9])),
    }
    expect(joinEvents('EVENTS', storage, [])).toEqual(vector([1, 2]))
    expect(furtherSegmentKeys('EVENTS', { ...storage, count: u32(500) })).toEqual([])
  })

  it('takes segments alone under a runtime with them, whatever System.Events still holds', () => {
    const { storage } = split([5, 6], 100)
    expect(joinEvents('SEGMENTS', { ...storage, events: toHex(vector([1])) }, [])).toEqual(
      vector([5, 6]),
    )
  })

  // Tried with a missing segment taken for an empty one: the events after it are lost in silence.
  it('refuses a segment that is missing', () => {
    const { storage, further } = split([1, 2, 3, 4, 5], 2)
    expect(() => joinEvents('SEGMENTS', storage, [further[0] ?? null, null])).toThrow(/segment 2/)
  })
})

describe('furtherSegmentKeys', () => {
  it('names the segments after the first, by the length the first has', () => {
    const { storage } = split(Array(263).fill(0), 100)
    expect(furtherSegmentKeys('SEGMENTS', storage)).toEqual([
      eventSegmentKey(1),
      eventSegmentKey(2),
    ])
  })

  it('refuses a count that no segments can serve', () => {
    const none = { events: null, count: u32(5), firstSegment: null }
    expect(() => furtherSegmentKeys('SEGMENTS', none)).toThrow(/no first segment/)
    const { storage } = split([1], 1)
    const many = { ...storage, count: u32(0xffffffff) }
    expect(() => furtherSegmentKeys('SEGMENTS', many)).toThrow(/segments of 1/)
  })
})

describe('eventCountOf', () => {
  it('is zero where the chain stores none, and refuses what is no u32', () => {
    const storage = { events: null, count: null, firstSegment: null }
    expect(eventCountOf(storage)).toBe(0)
    expect(() => eventCountOf({ ...storage, count: '0x00' })).toThrow(RangeError)
  })
})
