/** Append-only tables in chain order. Their ids begin with the height in ten digits, so that ranges of blocks are ranges of ids. */

import { type KeysetOrder, listReader } from './list'
import { type Queryable, rowsOf } from './queryable'
import { raw, type Sql, sql } from './statement'

export type TimelineFilter = {
  readonly upTo: number
  readonly fromBlock?: number | null
  readonly toBlock?: number | null
  readonly fromTime?: Date | null
  readonly toTime?: Date | null
}

type EqualFilter<Column extends string> = TimelineFilter & {
  readonly [K in Column]?: string | boolean | null
}

export type EventRow = {
  readonly id: string
  readonly kind: 'REGISTERED' | 'RENEWED' | 'REVOKED' | 'DEACTIVATED'
  readonly source: 'CALL' | 'STATE' | 'GENESIS'
  readonly block: number
  readonly eventIndex: number
  readonly extrinsicIndex: number | null
  readonly extrinsicHash: string | null
  readonly callPath: string
  readonly wrappers: readonly string[]
  readonly signer: string | null
  readonly fee: string | null
  readonly autoId: string
  readonly registrationId: string
  readonly certificateId: string
  readonly issuerId: string | null
  readonly serial: string
  readonly signedPayload: Buffer | null
  readonly signatureAlgorithm: Buffer | null
  readonly signature: Buffer | null
  readonly nonce: string | null
}

export type FailedCallRow = {
  readonly id: string
  readonly call: 'REGISTER' | 'RENEW' | 'REVOKE' | 'DEACTIVATE'
  readonly status: 'FAILED' | 'REVERTED' | 'NOT_EXECUTED'
  readonly error: string | null
  readonly derived: boolean
  readonly block: number
  readonly extrinsicIndex: number
  readonly extrinsicHash: string
  readonly callPath: string
  readonly wrappers: readonly string[]
  readonly signer: string | null
  readonly fee: string | null
  readonly autoId: string | null
  readonly issuerId: string | null
  readonly serial: string | null
  readonly tbs: Buffer | null
  readonly signatureAlgorithm: Buffer
  readonly signature: Buffer
}

export type AdvisoryRow = {
  readonly id: string
  readonly block: number
  readonly eventId: string
  readonly autoId: string
  readonly certificateId: string | null
  readonly code: string
  readonly severity: 'INFO' | 'WARNING' | 'CRITICAL'
  readonly facts: object
}

export type RemarkRow = {
  readonly id: string
  readonly block: number
  readonly extrinsicIndex: number
  readonly extrinsicHash: string
  readonly callPath: string
  readonly sender: string
  readonly remarkHash: string
  readonly remark: string | null
}

export type QuarantinedRow = {
  readonly id: string
  readonly block: number
  readonly extrinsicIndex: number
  readonly extrinsicHash: string
  readonly reason: string
  readonly length: number
}

const eventColumns = raw(`t.id, t.kind, t.source, t.block, t.event_index as "eventIndex",
  t.extrinsic_index as "extrinsicIndex", t.extrinsic_hash as "extrinsicHash", t.call_path as "callPath",
  t.wrappers, t.signer, t.fee::text as fee, t.auto_id as "autoId", t.registration_id as "registrationId",
  t.certificate_id as "certificateId", t.issuer_id as "issuerId", t.serial,
  t.signed_payload as "signedPayload", t.signature_algorithm as "signatureAlgorithm", t.signature,
  t.nonce::text as nonce`)

const failedCallColumns = raw(`t.id, t.call, t.status, t.error, t.derived, t.block,
  t.extrinsic_index as "extrinsicIndex", t.extrinsic_hash as "extrinsicHash", t.call_path as "callPath",
  t.wrappers, t.signer, t.fee::text as fee, t.auto_id as "autoId", t.issuer_id as "issuerId", t.serial, t.tbs,
  t.signature_algorithm as "signatureAlgorithm", t.signature`)

const advisoryColumns = raw(`t.id, t.block, t.event_id as "eventId", t.auto_id as "autoId",
  t.certificate_id as "certificateId", t.code, t.severity, t.facts`)

const remarkColumns = raw(`t.id, t.block, t.extrinsic_index as "extrinsicIndex",
  t.extrinsic_hash as "extrinsicHash", t.call_path as "callPath", t.sender, t.remark_hash as "remarkHash",
  t.remark`)

const quarantinedColumns = raw(`t.id, t.block, t.extrinsic_index as "extrinsicIndex",
  t.extrinsic_hash as "extrinsicHash", t.reason, t.length`)

const byId = (descending: boolean): KeysetOrder => ({
  columns: [{ sql: raw('t.id'), type: 'text' }],
  descending,
})
const orders = { OLDEST_FIRST: byId(false), NEWEST_FIRST: byId(true) }

/** Filters by equality: `columns` maps a filter's field to the column. */
function timeline<Row extends object, Column extends string>(
  db: Queryable,
  table: string,
  selected: Sql,
  columns: Readonly<Record<Column, string>>,
) {
  const equalities = (filter: EqualFilter<Column>): Sql[] =>
    (Object.entries(columns) as [Column, string][]).flatMap(([field, column]) => {
      const value = filter[field]
      return value == null ? [] : [sql`${raw(`t.${column}`)} = ${value}`]
    })
  return listReader<Row, EqualFilter<Column>, keyof typeof orders>(db, {
    columns: selected,
    from: () => raw(`${table} t`),
    where: (filter) => [...range(filter), ...equalities(filter)],
    parent: raw('t.auto_id'),
    orders,
  })
}

function range(filter: TimelineFilter): (Sql | null)[] {
  const last = Math.min(filter.toBlock ?? filter.upTo, filter.upTo)
  return [
    sql`t.id < ${idPrefix(last + 1)}`,
    filter.fromBlock == null ? null : sql`t.id >= ${idPrefix(filter.fromBlock)}`,
    filter.fromTime == null ? null : sql`t.block >= ${firstBlockFrom(filter.fromTime)}`,
    filter.toTime == null ? null : sql`t.block < ${firstBlockFrom(filter.toTime)}`,
  ]
}

function idPrefix(height: number): string {
  return String(height).padStart(10, '0')
}

/** Block times never go back, so that a range of times is one of heights. */
function firstBlockFrom(time: Date): Sql {
  return sql`coalesce((select b.height from block b where b.timestamp >= ${time}
    order by b.timestamp, b.height limit 1), 2147483647)`
}

export function timelineReaders(db: Queryable) {
  const select = <Row extends object>(statement: Sql) => rowsOf<Row>(db, statement)
  const eventList = timeline<EventRow, keyof typeof eventFilters>(
    db,
    'registry_event',
    eventColumns,
    eventFilters,
  )
  const findingList = timeline<AdvisoryRow, keyof typeof findingFilters>(
    db,
    'advisory',
    advisoryColumns,
    findingFilters,
  )
  return {
    events: {
      ...eventList,
      byIds: (ids: readonly string[]) =>
        select<EventRow>(
          sql`select ${eventColumns} from registry_event t where t.id = any(${ids}::text[])`,
        ),
    },
    failedCalls: timeline<FailedCallRow, keyof typeof failedCallFilters>(
      db,
      'failed_call',
      failedCallColumns,
      failedCallFilters,
    ),
    remarks: timeline<RemarkRow, keyof typeof remarkFilters>(
      db,
      'remark',
      remarkColumns,
      remarkFilters,
    ),
    quarantined: timeline<QuarantinedRow, never>(
      db,
      'quarantined_extrinsic',
      quarantinedColumns,
      {},
    ),
    findings: {
      ...findingList,
      byAutoIds: (ids: readonly string[]) =>
        select<AdvisoryRow>(sql`select ${advisoryColumns} from advisory t
          where t.auto_id = any(${ids}::text[]) order by t.id`),
      byCertificates: (ids: readonly string[]) =>
        select<AdvisoryRow>(sql`select ${advisoryColumns} from advisory t
          where t.certificate_id = any(${ids}::text[])
            and t.auto_id in (select c.auto_id from certificate c where c.id = any(${ids}::text[]))
          order by t.id`),
    },
  }
}

const eventFilters = {
  kind: 'kind',
  autoId: 'auto_id',
  issuerId: 'issuer_id',
  signer: 'signer',
  extrinsicHash: 'extrinsic_hash',
  source: 'source',
} as const
const failedCallFilters = {
  call: 'call',
  status: 'status',
  error: 'error',
  autoId: 'auto_id',
  issuerId: 'issuer_id',
  signer: 'signer',
  extrinsicHash: 'extrinsic_hash',
  derived: 'derived',
} as const
const remarkFilters = {
  remarkHash: 'remark_hash',
  remark: 'remark',
  sender: 'sender',
  extrinsicHash: 'extrinsic_hash',
} as const
const findingFilters = { code: 'code', severity: 'severity', autoId: 'auto_id' } as const
