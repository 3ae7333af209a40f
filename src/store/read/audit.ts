/** The registry at a block as the index has it, sorted by identifier: the index's side of an audit. */

import type { Pool, PoolClient } from 'pg'
import type { Hex } from '../../bytes'
import type { EventKind, StoredEntry } from '../../registry/types'

type Queryable = Pick<Pool | PoolClient, 'query'>
type KeyRange = { readonly after: Hex | null; readonly upTo: Hex | null }
type Keyed<T> = { readonly key: Hex; readonly value: T }

const PAGE = 500

type EntryRow = {
  auto_id: Hex
  issuer_id: Hex | null
  serial: Hex
  common_name_bytes: Buffer
  public_key: Buffer
  not_before: Date
  not_after: Date
  tbs: Buffer
  nonce: string
  issued: Hex[] | null
}

const ENTRIES = `
  select v.auto_id, v.issuer_id, v.serial, v.common_name_bytes, r.public_key,
         v.not_before, v.not_after, c.tbs, v.nonce::text as nonce,
         (select array_agg(s.serial) from issued_serial s
           where s.auto_id = v.auto_id and s.block_from <= $1 and (s.block_to is null or s.block_to > $1)) as issued
    from auto_id_version v
    join registration r on r.id = v.registration_id
    join certificate c on c.id = v.certificate_id
   where v.active and v.block_from <= $1 and (v.block_to is null or v.block_to > $1) and v.auto_id > $2
     and ($3::text is null or v.auto_id <= $3)
   order by v.auto_id
   limit ${PAGE}`

/** Every entry the registry held after block `height`. */
export async function* readIndexEntries(
  db: Queryable,
  height: number,
  range: KeyRange,
): AsyncGenerator<Keyed<StoredEntry>> {
  let after = range.after ?? ''
  for (;;) {
    const { rows } = await db.query<EntryRow>(ENTRIES, [height, after, range.upTo])
    for (const row of rows) yield { key: row.auto_id, value: toStoredEntry(row) }
    if (rows.length < PAGE) return
    after = rows.at(-1)?.auto_id ?? after
  }
}

function toStoredEntry(row: EntryRow): StoredEntry {
  return {
    autoId: row.auto_id,
    issuerId: row.issuer_id,
    serial: BigInt(row.serial),
    subjectCommonName: row.common_name_bytes,
    subjectPublicKeyInfo: row.public_key,
    notBefore: row.not_before.getTime(),
    notAfter: row.not_after.getTime(),
    raw: row.tbs,
    issuedSerials: (row.issued ?? []).map(BigInt),
    nonce: BigInt(row.nonce),
  }
}

const LISTS = `
  select issuer_id, array_agg(serial) as serials
    from revocation
   where block <= $1 and issuer_id > $2 and ($3::text is null or issuer_id <= $3)
   group by issuer_id
   order by issuer_id
   limit ${PAGE}`

/** Every revocation list that held a serial after block `height`. */
export async function* readIndexLists(
  db: Queryable,
  height: number,
  range: KeyRange,
): AsyncGenerator<Keyed<bigint[]>> {
  let after = range.after ?? ''
  for (;;) {
    const { rows } = await db.query<{ issuer_id: Hex; serials: Hex[] }>(LISTS, [
      height,
      after,
      range.upTo,
    ])
    for (const row of rows) yield { key: row.issuer_id, value: row.serials.map(BigInt) }
    if (rows.length < PAGE) return
    after = rows.at(-1)?.issuer_id ?? after
  }
}

export type IndexedEvents = {
  readonly height: number
  readonly hash: Hex
  readonly eventCount: number
  readonly events: readonly {
    readonly eventIndex: number
    readonly kind: EventKind
    readonly autoId: Hex
  }[]
}

// One statement: a reorganisation between two would show as a difference. Genesis rows stand for its state, not events.
const EVENTS = `
  select b.height, b.id as hash, b.event_count as "eventCount",
         coalesce((select json_agg(json_build_object(
                     'eventIndex', e.event_index, 'kind', e.kind, 'autoId', e.auto_id))
                     from registry_event e where e.block = b.height and e.source <> 'GENESIS'), '[]') as events
    from block b where b.height = $1`

/** What the index holds of a block's events; null when it does not have the block. */
export async function readIndexEvents(
  db: Queryable,
  height: number,
): Promise<IndexedEvents | null> {
  const { rows } = await db.query<IndexedEvents>(EVENTS, [height])
  return rows[0] ?? null
}
