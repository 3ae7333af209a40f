/** Both layouts of a block's events, restored to one SCALE `Vec<EventRecord>`. */

import { concatBytes, fromHex, type Hex } from '../bytes'
import { encodeCompact, readCompact } from '../proof/compact'
import {
  decodeEventCount,
  EVENT_COUNT_KEY,
  EVENTS_KEY,
  eventSegmentKey,
} from '../proof/registry-storage'
import type { EventLayout } from './runtime'

/** What one read of storage gives for a block's events; null: no such key. */
export type EventStorage = {
  readonly events: Hex | null
  readonly count: Hex | null
  readonly firstSegment: Hex | null
}

/** Keys of {@link EventStorage}, in its order: all blocks are asked for both layouts at once. */
export const EVENT_KEYS = [EVENTS_KEY, EVENT_COUNT_KEY, eventSegmentKey(0)] as const

/** No block has room for more segments; a count that asks for more is refused. */
const MAX_SEGMENTS = 10_000

/** @throws {RangeError} when the value is not a u32 */
export function eventCountOf(storage: EventStorage): number {
  return storage.count === null ? 0 : decodeEventCount(fromHex(storage.count))
}

/**
 * Keys of the segments after the first, which take one more read.
 *
 * The length of a segment is what the first one holds: 100 today, another size may come.
 * @throws {RangeError} when the count cannot be served by such segments
 */
export function furtherSegmentKeys(layout: EventLayout, storage: EventStorage): Hex[] {
  if (layout === 'EVENTS') return []
  const count = eventCountOf(storage)
  const length = storage.firstSegment === null ? 0 : segmentLength(fromHex(storage.firstSegment))
  if (count <= length) return []
  if (length === 0) throw new RangeError(`${count} events, and no first segment`)
  const segments = Math.ceil(count / length)
  if (segments > MAX_SEGMENTS) throw new RangeError(`${count} events in segments of ${length}`)
  return Array.from({ length: segments - 1 }, (_, i) => eventSegmentKey(i + 1))
}

/**
 * The block's events as one vector; empty bytes when there are none. That they number `EventCount` is for the caller to check.
 *
 * @param further values at {@link furtherSegmentKeys}
 * @throws {RangeError} when a segment is missing or is no vector
 */
export function joinEvents(
  layout: EventLayout,
  storage: EventStorage,
  further: readonly (Hex | null)[],
): Uint8Array {
  if (layout === 'EVENTS') return storage.events === null ? EMPTY : fromHex(storage.events)
  if (storage.firstSegment === null) return EMPTY
  const segments = [storage.firstSegment, ...further].map((value, index) => {
    if (value === null) throw new RangeError(`event segment ${index} is missing`)
    return fromHex(value)
  })
  const count = segments.reduce((sum, segment) => sum + segmentLength(segment), 0)
  const records = segments.map((segment) => segment.subarray(readCompact(segment, 0).next))
  return concatBytes(encodeCompact(count), ...records)
}

const EMPTY = new Uint8Array(0)

function segmentLength(segment: Uint8Array): number {
  return readCompact(segment, 0).value
}
