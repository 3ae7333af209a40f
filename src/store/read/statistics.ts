/** Counts for people who watch: over time, and as things stand. */

import { type AtHeight, holds, statusSql } from './identities'
import { type Queryable, rowsOf } from './queryable'
import { raw, type Sql, sql } from './statement'

export type ActivityRow = {
  readonly from: Date
  readonly to: Date
  readonly registered: number
  readonly renewed: number
  readonly revoked: number
  readonly deactivated: number
  readonly failed: number
}

type Counted<T> = T & { readonly count: number }

const expiryDays = 30

export function statisticsReaders(db: Queryable) {
  return {
    byStatus: (at: AtHeight, clock: Date) =>
      rowsOf<Counted<{ status: string; kind: string }>>(
        db,
        sql`select ${statusSql(clock)} as status, v.kind, count(*)::int as count from ${versions(at)}
             where ${holds('v', at)} group by 1, 2`,
      ),
    activity: (from: Date, to: Date, bucket: string) =>
      rowsOf<ActivityRow>(db, activity(from, to, bucket)),
    chainBegin: async (): Promise<Date | null> => {
      const rows = await rowsOf<{ timestamp: Date }>(
        db,
        sql`select timestamp from block where height > 0 order by height limit 1`,
      )
      return rows[0]?.timestamp ?? null
    },
    keyAlgorithms: () =>
      rowsOf<Counted<{ algorithm: string; bits: number | null }>>(
        db,
        sql`select public_key_algorithm as algorithm, public_key_bits as bits, count(*)::int as count
              from certificate where block_to is null group by 1, 2 order by 3 desc, 1, 2`,
      ),
    signatureAlgorithms: () =>
      rowsOf<Counted<{ algorithm: string }>>(
        db,
        sql`select signature_algorithm_name as algorithm, count(*)::int as count
              from certificate where block_to is null group by 1 order by 2 desc, 1`,
      ),
    topIssuers: (limit: number) =>
      rowsOf<Counted<{ issuerId: string }>>(
        db,
        sql`select issuer_id as "issuerId", count(*)::int as count from auto_id_version
             where block_to is null and active and issuer_id is not null
             group by 1 order by 2 desc, 1 limit ${limit}`,
      ),
    findings: () =>
      rowsOf<Counted<{ code: string; severity: string }>>(
        db,
        sql`select code, severity, count(*)::int as count from advisory group by 1, 2 order by 3 desc, 1`,
      ),
    errors: (from: Date, to: Date) =>
      rowsOf<Counted<{ error: string }>>(
        db,
        sql`select f.error, count(*)::int as count from failed_call f
             where f.error is not null and ${inBounds('f', from, to)} group by 1 order by 2 desc, 1`,
      ),
    issuer: (issuerId: string, at: AtHeight, clock: Date) => issuer(db, issuerId, at, clock),
  }
}

function versions({ height }: AtHeight): Sql {
  return sql`auto_id_version v left join revocation r
    on r.issuer_id = coalesce(v.issuer_id, v.auto_id) and r.serial = v.serial and r.block <= ${height}`
}

/** Block times never go back: a range of times is one of heights. */
function inBounds(alias: string, from: Date, to: Date): Sql {
  const block = raw(`${alias}.block`)
  return sql`${block} >= (select coalesce(min(height), 2147483647) from block where timestamp >= ${from})
    and ${block} <= (select coalesce(max(height), -1) from block where timestamp < ${to})`
}

function activity(from: Date, to: Date, bucket: string): Sql {
  const unit = bucket.toLowerCase()
  return sql`
    with happened as (
      select e.block, e.kind from registry_event e where ${inBounds('e', from, to)}
      union all
      select f.block, 'FAILED' from failed_call f where ${inBounds('f', from, to)}
    ), counted as (
      select date_trunc(${unit}::text, b.timestamp, 'UTC') as start,
             count(*) filter (where kind = 'REGISTERED')::int as registered,
             count(*) filter (where kind = 'RENEWED')::int as renewed,
             count(*) filter (where kind = 'REVOKED')::int as revoked,
             count(*) filter (where kind = 'DEACTIVATED')::int as deactivated,
             count(*) filter (where kind = 'FAILED')::int as failed
        from happened h join block b on b.height = h.block group by 1
    )
    select s.start as "from", s.start + ${`1 ${unit}`}::interval as "to", coalesce(c.registered, 0) as registered,
           coalesce(c.renewed, 0) as renewed, coalesce(c.revoked, 0) as revoked,
           coalesce(c.deactivated, 0) as deactivated, coalesce(c.failed, 0) as failed
      from generate_series(${from}::timestamptz, ${to}::timestamptz - interval '1 millisecond',
                           ${`1 ${unit}`}::interval) as s (start)
      left join counted c on c.start = s.start
     order by 1`
}

async function issuer(db: Queryable, issuerId: string, at: AtHeight, clock: Date) {
  const issuedByStatus = await rowsOf<Counted<{ status: string }>>(
    db,
    sql`select ${statusSql(clock)} as status, count(*)::int as count from ${versions(at)}
         where ${holds('v', at)} and v.issuer_id = ${issuerId} group by 1`,
  )
  const soon = new Date(clock.getTime() + expiryDays * 86_400_000)
  const [figures] = await rowsOf<
    Record<'expiringSoon' | 'certificates' | 'revoked' | 'superseded', number>
  >(
    db,
    sql`select
      (select count(*)::int from ${versions(at)} where ${holds('v', at)} and v.issuer_id = ${issuerId} and v.active
          and r.id is null and v.not_before <= ${clock} and v.not_after >= ${clock} and v.not_after < ${soon})
        as "expiringSoon",
      (select count(*)::int from certificate where issuer_id = ${issuerId} and block_from <= ${at.height}) as certificates,
      (select count(*)::int from revocation where issuer_id = ${issuerId} and block <= ${at.height}
          and reason = 'REVOKED') as revoked,
      (select count(*)::int from revocation where issuer_id = ${issuerId} and block <= ${at.height}
          and reason = 'SUPERSEDED') as superseded`,
  )
  return {
    issuedByStatus,
    ...(figures ?? { expiringSoon: 0, certificates: 0, revoked: 0, superseded: 0 }),
  }
}
