/** Compares the registry as the index has it with the registry as the chain stores it. */

import { equalBytes, type Hex, serialToHex, toHex } from '../bytes'
import type { EventKind, StoredEntry } from '../registry/types'

/** One disagreement: which identifier, which field, both values as text (null: absent). */
export type Difference = {
  readonly autoId: Hex
  readonly field: string
  readonly chain: string | null
  readonly index: string | null
}

/** A disagreement about a block's events; `autoId` is null where no event names one. */
export type EventDifference = Omit<Difference, 'autoId'> & {
  readonly block: number
  readonly autoId: Hex | null
}

export type EventSummary = {
  /** All of the block's events, of every pallet. */
  readonly eventCount: number
  /** Those of the AutoId pallet. */
  readonly events: readonly {
    readonly eventIndex: number
    readonly kind: EventKind
    readonly autoId: Hex
  }[]
}

type Keyed<T> = { readonly key: Hex; readonly value: T }

/** Walks two sequences sorted by key; `compare` gets null for the side that lacks the key. */
export async function* mergeSorted<T>(
  chain: AsyncIterable<Keyed<T>>,
  index: AsyncIterable<Keyed<T>>,
): AsyncGenerator<{ key: Hex; chain: T | null; index: T | null }> {
  const left = chain[Symbol.asyncIterator]()
  const right = index[Symbol.asyncIterator]()
  let a = await left.next()
  let b = await right.next()
  while (!a.done || !b.done) {
    if (b.done || (!a.done && a.value.key < b.value.key)) {
      yield { key: a.value.key, chain: a.value.value, index: null }
      a = await left.next()
    } else if (a.done || b.value.key < a.value.key) {
      yield { key: b.value.key, chain: null, index: b.value.value }
      b = await right.next()
    } else {
      yield { key: a.value.key, chain: a.value.value, index: b.value.value }
      a = await left.next()
      b = await right.next()
    }
  }
}

/** Field by field; an entry one side lacks is one difference. */
export function compareEntries(
  autoId: Hex,
  chain: StoredEntry | null,
  index: StoredEntry | null,
): Difference[] {
  if (!chain || !index) {
    const of = (entry: StoredEntry | null) => entry && `serial ${serialToHex(entry.serial)}`
    return [{ autoId, field: 'entry', chain: of(chain), index: of(index) }]
  }
  const fields: [string, string | null, string | null][] = [
    ['issuerId', chain.issuerId, index.issuerId],
    ['serial', serialToHex(chain.serial), serialToHex(index.serial)],
    ['subjectCommonName', toHex(chain.subjectCommonName), toHex(index.subjectCommonName)],
    ['notBefore', String(chain.notBefore), String(index.notBefore)],
    ['notAfter', String(chain.notAfter), String(index.notAfter)],
    ['nonce', String(chain.nonce), String(index.nonce)],
    ['issuedSerials', serialSet(chain.issuedSerials), serialSet(index.issuedSerials)],
  ]
  const differences = fields
    .filter(([, a, b]) => a !== b)
    .map(([field, a, b]) => ({ autoId, field, chain: a, index: b }))
  for (const field of ['subjectPublicKeyInfo', 'raw'] as const) {
    if (!equalBytes(chain[field], index[field])) {
      const of = (bytes: Uint8Array) => `${bytes.length} bytes ${toHex(bytes.subarray(0, 16))}…`
      differences.push({ autoId, field, chain: of(chain[field]), index: of(index[field]) })
    }
  }
  return differences
}

/** Two revocation lists of one issuer; order does not count. */
export function compareLists(
  autoId: Hex,
  chain: readonly bigint[] | null,
  index: readonly bigint[] | null,
): Difference[] {
  const [a, b] = [serialSet(chain ?? []), serialSet(index ?? [])]
  return a === b ? [] : [{ autoId, field: 'certificateRevocationList', chain: a, index: b }]
}

function serialSet(serials: readonly bigint[]): string {
  const sorted = [...serials].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return sorted.map(serialToHex).join(' ')
}

/** The AutoId events of a block by their places, and the number of all its events. */
export function compareEvents(
  block: number,
  chain: EventSummary,
  index: EventSummary,
): EventDifference[] {
  const differences: EventDifference[] = []
  if (chain.eventCount !== index.eventCount) {
    const [a, b] = [String(chain.eventCount), String(index.eventCount)]
    differences.push({ block, autoId: null, field: 'eventCount', chain: a, index: b })
  }
  const [left, right] = [byPlace(chain), byPlace(index)]
  for (const place of new Set([...left.keys(), ...right.keys()])) {
    const [a, b] = [left.get(place), right.get(place)]
    const of = (event: typeof a) => event && `${event.kind} ${event.autoId}`
    if (of(a) === of(b)) continue
    const autoId = a?.autoId ?? b?.autoId ?? null
    const field = `event ${block}-${place}`
    differences.push({ block, autoId, field, chain: of(a) ?? null, index: of(b) ?? null })
  }
  return differences
}

function byPlace({ events }: EventSummary) {
  return new Map(events.map((event) => [event.eventIndex, event]))
}
