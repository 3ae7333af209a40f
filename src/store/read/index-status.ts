/** Of the index itself: its chain, its size, its last audit. */

import { type Queryable, rowsOf } from './queryable'
import { sql } from './statement'

export type ChainRow = {
  readonly genesisHash: string
  readonly specName: string
  readonly ss58Prefix: number
  readonly tokenSymbol: string
  readonly tokenDecimals: number
}

export type AuditRow = {
  readonly block: number
  readonly finishedAt: Date
  readonly checked: number
  readonly differences: readonly unknown[]
  readonly complete: boolean
}

/** The last attempt of an audit, when it failed. */
export type AuditFailureRow = {
  readonly block: number
  readonly at: Date
  readonly message: string
}

export type CountsRow = Record<
  | 'autoIds'
  | 'registered'
  | 'registrations'
  | 'certificates'
  | 'revocations'
  | 'events'
  | 'failedCalls'
  | 'findings'
  | 'remarks'
  | 'quarantined',
  number
>

export function indexStatusReaders(db: Queryable) {
  return {
    chain: async (): Promise<ChainRow | null> => {
      const rows = await rowsOf<ChainRow>(
        db,
        sql`select genesis_hash as "genesisHash", spec_name as "specName", ss58_prefix as "ss58Prefix",
                   token_symbol as "tokenSymbol", token_decimals as "tokenDecimals"
              from chain_info where id = 'chain'`,
      )
      return rows[0] ?? null
    },
    lastAudit: async (): Promise<AuditRow | null> => {
      const rows = await rowsOf<AuditRow>(
        db,
        sql`select block, finished_at as "finishedAt", checked, differences, complete
              from audit_run where failure is null
             order by finished_at desc limit 1`,
      )
      return rows[0] ?? null
    },
    auditFailure: async (): Promise<AuditFailureRow | null> => {
      const rows = await rowsOf<AuditFailureRow>(
        db,
        sql`select block, finished_at as "at", failure as message
              from audit_run where failure is not null
             order by finished_at desc limit 1`,
      )
      return rows[0] ?? null
    },
    counts: async (): Promise<CountsRow> => {
      const [row] = await rowsOf<CountsRow>(
        db,
        sql`select
          (select count(*)::int from auto_id_version where block_to is null) as "autoIds",
          (select count(*)::int from auto_id_version where block_to is null and active) as registered,
          (select count(*)::int from registration) as registrations,
          (select count(*)::int from certificate) as certificates,
          (select count(*)::int from revocation) as revocations,
          (select count(*)::int from registry_event) as events,
          (select count(*)::int from failed_call) as "failedCalls",
          (select count(*)::int from advisory) as findings,
          (select count(*)::int from remark) as remarks,
          (select count(*)::int from quarantined_extrinsic) as quarantined`,
      )
      if (row === undefined) throw new Error('no counts')
      return row
    },
  }
}
