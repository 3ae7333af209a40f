/**
 * Proof that a block's events are complete: `System.EventCount` and every event vector, from trie nodes under the
 * header's state root, and the vectors' lengths adding up to the count. Nothing was withheld.
 */

import { fromHex, type Hex, toHex } from '../bytes'
import { readCompact } from './compact'
import { type BlockHeader, hashHeader } from './header'
import { decodeEventCount, EVENT_COUNT_KEY, EVENTS_KEY, eventSegmentKey } from './registry-storage'
import type { ProofFailure } from './state-proof'
import { ProofNodes, type ProofOutcome, readProvenValue } from './trie-proof'

export type BlockProof = {
  readonly blockHash: Hex
  readonly header: BlockHeader
  readonly nodes: readonly Hex[]
}

export type BlockProofOutcome =
  | {
      readonly ok: true
      readonly layout: 'EVENTS' | 'SEGMENTS'
      readonly eventCount: number
      /** SCALE `Vec<EventRecord>`: one for `System.Events`, else one a segment, in order. */
      readonly vectors: readonly Hex[]
    }
  | { readonly ok: false; readonly code: ProofFailure | 'COUNT_MISMATCH'; readonly message: string }

/** More segments than a block of this chain can fill: 5,000 calls a batch, a few events each, 100 a segment. */
export const MAX_SEGMENTS = 10_000

/** Keys to prove, for a block whose number of segments is known from its state (0 in the old layout). */
export function blockProofKeys(segments: number): Hex[] {
  const keys = Array.from({ length: segments }, (_, index) => eventSegmentKey(index))
  return [EVENT_COUNT_KEY, EVENTS_KEY, ...keys]
}

/**
 * Never throws. Not checked here: that the block is on a chain; `blockHash` is one the caller knows from elsewhere. The
 * events themselves are bytes: decoding them needs the runtime's metadata.
 */
export function verifyBlockProof(proof: BlockProof): BlockProofOutcome {
  try {
    if (hashHeader(proof.header) !== proof.blockHash) {
      return failure('HEADER_MISMATCH', 'the header does not hash to the block hash')
    }
    const nodes = new ProofNodes(proof.nodes.map(fromHex))
    const stateRoot = fromHex(proof.header.stateRoot)
    return readEvents((key) => readProvenValue(stateRoot, nodes, fromHex(key)))
  } catch (error) {
    return failure('VALUE_MALFORMED', (error as Error).message)
  }
}

function readEvents(read: (key: Hex) => ProofOutcome): BlockProofOutcome {
  const count = read(EVENT_COUNT_KEY)
  if (!count.ok) return count
  const eventCount = count.value ? decodeEventCount(count.value) : 0
  const events = read(EVENTS_KEY)
  if (!events.ok) return events
  const vectors: Uint8Array[] = []
  let found = 0
  if (events.value) {
    vectors.push(events.value)
    found = readCompact(events.value, 0).value
  } else {
    while (found < eventCount && vectors.length < MAX_SEGMENTS) {
      const segment = read(eventSegmentKey(vectors.length))
      if (!segment.ok) return segment
      if (!segment.value) break
      vectors.push(segment.value)
      found += readCompact(segment.value, 0).value
    }
  }
  if (found !== eventCount) {
    return failure(
      'COUNT_MISMATCH',
      `${found} events in the vectors, EventCount says ${eventCount}`,
    )
  }
  const layout = events.value ? 'EVENTS' : 'SEGMENTS'
  return { ok: true, layout, eventCount, vectors: vectors.map(toHex) }
}

function failure(code: ProofFailure | 'COUNT_MISMATCH', message: string): BlockProofOutcome {
  return { ok: false, code, message }
}
