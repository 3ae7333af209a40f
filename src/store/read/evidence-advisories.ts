/** Advisories of a chain, bounded by kind: no kind is ever pushed out by many of another, whoever causes them. */

import {
  ADVISORIES,
  type AdvisoryCode,
  type AdvisoryFacts,
  type Severity,
} from '../../registry/advisory'
import { type Evidence, type EvidenceMoment, type Hop, MAX_HOPS } from '../../verify/evidence'
import { type Db, readPrepared } from './sql'

/** Of one kind and one identity the newest are read; the rest repeats them. */
export const MAX_OF_KIND = 20
/** One of each kind for every hop, and once more for an asked certificate that was replaced: these always fit. */
const MAX_ADVISORIES = (MAX_HOPS + 1) * Object.keys(ADVISORIES).length

type Row = {
  id: string
  code: AdvisoryCode
  severity: Severity
  eventId: string
  autoId: string
  certificateId: string | null
  facts: AdvisoryFacts
  /** Place among its kind, newest first. */
  nth: number
}

/** From one event of an identity up to another, which is not included. */
type Span = { readonly autoId: string; readonly from: string; readonly to: string }

/** Each kind is one look at the index, so the work follows the kinds there are, never the rows. */
const NEWEST_OF_EACH_KIND = `
  with recursive span as (
    select * from unnest($1::text[], $2::text[], $3::text[]) as s (auto_id, id_from, id_to)
  ), kind as (
    select span.*, (select min(a.code) from advisory a where a.auto_id = span.auto_id) as code from span
    union all
    select auto_id, id_from, id_to,
           (select min(a.code) from advisory a where a.auto_id = kind.auto_id and a.code > kind.code)
      from kind where code is not null
  )
  select newest.id, newest.code, newest.severity, newest.event_id, newest.auto_id, newest.certificate_id, newest.facts,
         newest.nth::int
    from kind
   cross join lateral (
     select a.*, row_number() over (order by a.id desc) as nth
       from advisory a
      where a.auto_id = kind.auto_id and a.code = kind.code and a.id >= kind.id_from and a.id < kind.id_to
      order by a.id desc
      limit ${MAX_OF_KIND + 1}) newest
   where kind.code is not null
   order by newest.nth > 1, newest.id desc
   limit ${MAX_ADVISORIES + 1}`

/** Of the registrations that stand in the chain, up to the asked block. */
export async function readAdvisories(
  db: Db,
  { state }: EvidenceMoment,
  hops: readonly Hop[],
): Promise<Pick<Evidence, 'advisories' | 'isCutAdvisories'>> {
  if (hops.length === 0) return { advisories: [], isCutAdvisories: false }
  const spans = spansOf(hops, state.height)
  const rows = await readPrepared<Row>(db, 'evidence_advisories', NEWEST_OF_EACH_KIND, [
    spans.map(({ autoId }) => autoId),
    spans.map(({ from }) => from),
    spans.map(({ to }) => to),
  ])
  const isCutAdvisories = rows.length > MAX_ADVISORIES || rows.some(({ nth }) => nth > MAX_OF_KIND)
  const kept = rows.slice(0, MAX_ADVISORIES).filter(({ nth }) => nth <= MAX_OF_KIND)
  const once = new Map(kept.map(({ id, nth: _, ...advisory }) => [id, advisory]))
  return { advisories: [...once.values()], isCutAdvisories }
}

/**
 * A replaced certificate is asked about on its own, or what was found in it could be older than the newest of its kind.
 * Ids of advisories begin with that of their event, which begins with the height.
 */
function spansOf(hops: readonly Hop[], height: number): Span[] {
  const end = String(height + 1).padStart(10, '0')
  const whole = hops.map(({ autoId, registration }): Span => {
    return { autoId, from: registration.from.eventId, to: end }
  })
  const [target] = hops
  if (!target?.certificate.endedAt) return whole
  const { autoId, certificate } = target
  const { issuedAt, endedAt } = certificate
  return [...whole, { autoId, from: issuedAt.eventId, to: endedAt?.eventId ?? end }]
}
