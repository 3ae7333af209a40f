/** What happened to identities after the asked moment: first what speaks against them, and renewals as far as they fit. */

import type { AdvisoryCode } from '../../registry/advisory'
import type { ChainHistory, EvidenceMoment, HistoryEvent } from '../../verify/evidence'
import { type Db, readPrepared } from './sql'

/** Later events of one identifier and one part that are read. */
export const MAX_LATER_EVENTS = 200

/** An identity, and its last registration up to the asked block. */
export type Registered = { readonly autoId: string; readonly ordinal: number }

/** Advisories of an event that tell what it comes to. */
const TURNS: Partial<Record<AdvisoryCode, HistoryEvent['kind']>> = {
  RENEWED_TO_REVOKED_SERIAL: 'REVOKED',
  REVOCATION_HITS_ISSUER: 'LISTED',
  LEAF_BECAME_ROOT: 'LEFT_ISSUER',
}

type Row = {
  /** Which of the bounded reads it comes from: `RENEWALS` are the first events of any kind. */
  part: 'ENDINGS' | 'REGISTRATIONS' | 'RENEWALS' | AdvisoryCode
  autoId: string
  eventId: string
  kind: HistoryEvent['kind']
  height: number
  time: Date
  publicKeySha256: string | null
}

/** Each part is a range of an index of its own: renewals, which anybody can repeat at will, stand in nobody's way. */
const LATER_EVENTS = `
  with wanted as (select * from unnest($1::text[], $2::int[]) as w (auto_id, ordinal)),
  turn as (select * from unnest($6::text[], $7::text[]) as t (code, kind))
  select later.part, wanted.auto_id, later.event_id, later.kind, later.height, b.timestamp as time,
         later.public_key_sha256
    from wanted
   cross join lateral (
     (select 'ENDINGS' as part, e.id as event_id, e.kind, e.block as height, null as public_key_sha256
        from registry_event e
       where e.auto_id = wanted.auto_id and e.kind in ('REVOKED', 'DEACTIVATED') and e.id >= $4 and e.id < $5
       order by e.id limit ${MAX_LATER_EVENTS})
     union all
     (select 'REGISTRATIONS', r.event_from, 'REGISTERED', r.block_from, r.public_key_sha256
        from registration r
       where r.auto_id = wanted.auto_id and r.ordinal > wanted.ordinal and r.block_from <= $3
       order by r.ordinal limit ${MAX_LATER_EVENTS})
     union all
     (select turned.code, turned.event_id, turn.kind, turned.block, null
        from turn cross join lateral (
          select a.code, a.event_id, a.block from advisory a
           where a.auto_id = wanted.auto_id and a.code = turn.code and a.id >= $4 and a.id < $5
           order by a.id limit ${MAX_LATER_EVENTS}) turned)
     union all
     (select 'RENEWALS', e.id, e.kind, e.block, null
        from registry_event e
       where e.auto_id = wanted.auto_id and e.id >= $4 and e.id < $5
       order by e.id limit ${MAX_LATER_EVENTS})) later
    join block b on b.height = later.height
   order by later.event_id`

/** After the asked block and up to what is known. */
export async function readLater(
  db: Db,
  identities: readonly Registered[],
  { state, knownAt }: EvidenceMoment,
): Promise<Pick<ChainHistory, 'events' | 'isCutLater' | 'areRenewalsCut'>> {
  if (knownAt.height <= state.height || identities.length === 0) {
    return { events: [], isCutLater: false, areRenewalsCut: false }
  }
  const rows = await readPrepared<Row>(db, 'evidence_later', LATER_EVENTS, [
    identities.map(({ autoId }) => autoId),
    identities.map(({ ordinal }) => ordinal),
    knownAt.height,
    firstIdAfter(state.height),
    firstIdAfter(knownAt.height),
    Object.keys(TURNS),
    Object.values(TURNS),
  ])
  const cut = cutParts(rows)
  return {
    events: eventsOf(rows),
    isCutLater: [...cut].some((part) => part !== 'RENEWALS'),
    areRenewalsCut: cut.has('RENEWALS'),
  }
}

/** Ids of events, and of their advisories, begin with the height. */
function firstIdAfter(height: number): string {
  return String(height + 1).padStart(10, '0')
}

function cutParts(rows: readonly Row[]): Set<Row['part']> {
  const counts = new Map<string, number>()
  const full = rows.filter(({ autoId, part }) => {
    const count = (counts.get(`${autoId}/${part}`) ?? 0) + 1
    counts.set(`${autoId}/${part}`, count)
    return count >= MAX_LATER_EVENTS
  })
  return new Set(full.map(({ part }) => part))
}

/** A renewal that comes to more than a renewal is no renewal. */
function eventsOf(rows: readonly Row[]): HistoryEvent[] {
  const renewals = rows.filter(({ part, kind }) => part === 'RENEWALS' && kind === 'RENEWED')
  const others = rows.filter(({ part }) => part !== 'RENEWALS')
  const told = new Set(others.map(({ autoId, eventId }) => `${autoId}/${eventId}`))
  const plain = renewals.filter(({ autoId, eventId }) => !told.has(`${autoId}/${eventId}`))
  return [...others, ...plain]
    .sort((a, b) => (a.eventId < b.eventId ? -1 : 1))
    .map(({ part: _, time, ...row }) => ({ ...row, timeMs: time.getTime() }))
}
