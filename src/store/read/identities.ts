/** Identities as of a block: the row that held after it, and whether its serial stood in its issuer's list by then. */

import { type KeysetOrder, listReader } from './list'
import { type Queryable, rowsOf } from './queryable'
import { raw, type Sql, sql } from './statement'

export type AtHeight = { readonly height: number; readonly isHead: boolean }

export type IdentityRow = {
  readonly autoId: string
  readonly blockFrom: number
  readonly active: boolean
  readonly kind: 'ROOT' | 'LEAF'
  readonly issuerId: string | null
  readonly commonName: string
  readonly commonNameBytes: Buffer
  readonly serial: string
  readonly nonce: string
  readonly publicKeySha256: string
  readonly notBefore: Date
  readonly notAfter: Date
  readonly registrationId: string
  readonly certificateId: string
  readonly firstEventId: string
  readonly isRevoked: boolean
}

export type IdentityFilter = AtHeight & {
  readonly clock: Date
  readonly status?: string | null
  readonly kind?: string | null
  readonly ids?: readonly string[] | null
  readonly issuerId?: string | null
  readonly commonName?: string | null
  readonly commonNameContains?: string | null
  readonly publicKeySha256?: string | null
  readonly serial?: string | null
  readonly expiresBefore?: Date | null
  readonly expiresAfter?: Date | null
  readonly changedSinceBlock?: number | null
  readonly finding?: string | null
  readonly findingSeverity?: string | null
}

const columns = raw(`v.auto_id as "autoId", v.block_from as "blockFrom", v.active, v.kind,
  v.issuer_id as "issuerId", v.common_name as "commonName", v.common_name_bytes as "commonNameBytes",
  v.serial, v.nonce::text as nonce, v.public_key_sha256 as "publicKeySha256", v.not_before as "notBefore",
  v.not_after as "notAfter", v.registration_id as "registrationId", v.certificate_id as "certificateId",
  v.first_event_id as "firstEventId", r.id is not null as "isRevoked"`)

/** The head is asked for by what still holds: the partial indexes are about that. */
export function holds(alias: string, { height, isHead }: AtHeight): Sql {
  const table = raw(alias)
  if (isHead) return sql`${table}.block_to is null`
  return sql`${table}.block_from <= ${height} and (${table}.block_to is null or ${table}.block_to > ${height})`
}

function withRevocation({ height }: AtHeight): Sql {
  return sql`auto_id_version v left join revocation r
    on r.issuer_id = coalesce(v.issuer_id, v.auto_id) and r.serial = v.serial and r.block <= ${height}`
}

export const statusSql = (clock: Date): Sql => sql`
  case when not v.active then 'DEACTIVATED' when r.id is not null then 'REVOKED'
       when v.not_before > ${clock} then 'NOT_YET_VALID' when v.not_after < ${clock} then 'EXPIRED'
       else 'ACTIVE' end`

export function identityReaders(db: Queryable) {
  return {
    ...listReader<IdentityRow, IdentityFilter, keyof typeof orders>(db, {
      columns,
      from: withRevocation,
      where: conditions,
      parent: raw('v.issuer_id'),
      orders,
    }),
    byIds: (ids: readonly string[], at: AtHeight): Promise<IdentityRow[]> =>
      rowsOf<IdentityRow>(
        db,
        sql`select ${columns} from ${withRevocation(at)}
             where v.auto_id = any(${ids}::text[]) and ${holds('v', at)}`,
      ),
    ancestors: (id: string, at: AtHeight, depth: number): Promise<IdentityRow[]> =>
      rowsOf<IdentityRow>(db, ancestorsStatement(id, at, depth)),
  }
}

function ancestorsStatement(id: string, at: AtHeight, depth: number): Sql {
  return sql`
    with recursive path (id, issuer, depth) as (
      select v.id, v.issuer_id, 0 from auto_id_version v where v.auto_id = ${id} and ${holds('v', at)}
      union all
      select v.id, v.issuer_id, path.depth + 1
        from path join auto_id_version v on v.auto_id = path.issuer and ${holds('v', at)}
       where path.depth < ${depth})
    select ${columns} from path join auto_id_version v on v.id = path.id
      left join revocation r on r.issuer_id = coalesce(v.issuer_id, v.auto_id)
       and r.serial = v.serial and r.block <= ${at.height}
     order by path.depth`
}

function order(column: string, type: 'text' | 'int' | 'time', descending: boolean): KeysetOrder {
  const first = { sql: raw(column), type }
  return { columns: [first, { sql: raw('v.auto_id'), type: 'text' }], descending }
}

const orders = {
  REGISTERED_AT_ASC: order('v.first_event_id', 'text', false),
  REGISTERED_AT_DESC: order('v.first_event_id', 'text', true),
  EXPIRES_AT_ASC: order('v.not_after', 'time', false),
  EXPIRES_AT_DESC: order('v.not_after', 'time', true),
  CHANGED_AT_ASC: order('v.block_from', 'int', false),
  CHANGED_AT_DESC: order('v.block_from', 'int', true),
}

function conditions(filter: IdentityFilter): (Sql | null)[] {
  return [
    holds('v', filter),
    filter.status == null ? null : statusCondition(filter.status, filter.clock),
    filter.kind == null ? null : sql`v.kind = ${filter.kind}`,
    filter.ids == null ? null : sql`v.auto_id = any(${filter.ids}::text[])`,
    filter.issuerId == null ? null : sql`v.issuer_id = ${filter.issuerId}`,
    filter.commonName == null ? null : commonNameCondition(filter.commonName),
    filter.commonNameContains == null
      ? null
      : sql`v.common_name ilike ${`%${escapeLike(filter.commonNameContains)}%`}`,
    filter.publicKeySha256 == null ? null : sql`v.public_key_sha256 = ${filter.publicKeySha256}`,
    filter.serial == null ? null : serialCondition(filter.serial),
    filter.expiresBefore == null ? null : sql`v.not_after < ${filter.expiresBefore}`,
    filter.expiresAfter == null ? null : sql`v.not_after >= ${filter.expiresAfter}`,
    filter.changedSinceBlock == null ? null : sql`v.block_from >= ${filter.changedSinceBlock}`,
    findingCondition(filter),
  ]
}

/** The index of trigrams answers only pattern matching. */
function commonNameCondition(name: string): Sql {
  return sql`v.common_name = ${name} and v.common_name ilike ${escapeLike(name)}`
}

/** Serials are indexed among the certificates. */
function serialCondition(serial: string): Sql {
  return sql`v.serial = ${serial}
    and v.auto_id in (select c.auto_id from certificate c where c.serial = ${serial})`
}

/** Written out for each status, so that indexes on single columns serve. */
function statusCondition(status: string, clock: Date): Sql {
  switch (status) {
    case 'DEACTIVATED':
      return sql`not v.active`
    case 'REVOKED':
      return sql`v.active and r.id is not null`
    case 'NOT_YET_VALID':
      return sql`v.active and r.id is null and v.not_before > ${clock}`
    case 'EXPIRED':
      return sql`v.active and r.id is null and v.not_before <= ${clock} and v.not_after < ${clock}`
    default:
      return sql`v.active and r.id is null and v.not_before <= ${clock} and v.not_after >= ${clock}`
  }
}

function findingCondition({ finding, findingSeverity, height }: IdentityFilter): Sql | null {
  if (finding == null && findingSeverity == null) return null
  return sql`exists (select from advisory a where a.auto_id = v.auto_id and a.block <= ${height}
    and (${finding ?? null}::text is null or a.code = ${finding ?? null})
    and (${findingSeverity ?? null}::text is null or a.severity = ${findingSeverity ?? null}))`
}

export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}
