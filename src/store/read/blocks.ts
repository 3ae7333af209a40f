/** Blocks, and the head with all that is known of it. */

import { type Queryable, rowsOf } from './queryable'
import { raw, sql } from './statement'

export type BlockRow = {
  readonly height: number
  readonly hash: string
  readonly timestamp: Date
  readonly isFinal: boolean
  readonly parentHash: string
  readonly stateRoot: string
  readonly extrinsicsRoot: string
  readonly specVersion: number
  readonly eventCount: number
  readonly extrinsicCount: number
}

const columns =
  raw(`b.height, b.id as hash, b.timestamp, b.height <= s.finalized_height as "isFinal",
  b.parent_hash as "parentHash", b.state_root as "stateRoot", b.extrinsics_root as "extrinsicsRoot",
  b.spec_version as "specVersion", b.event_count as "eventCount", b.extrinsic_count as "extrinsicCount"`)

const from = raw(
  "block b cross join (select finalized_height from index_status where id = 'status') s",
)

export function blockReaders(db: Queryable) {
  return {
    byHeights: (heights: readonly number[]): Promise<BlockRow[]> =>
      rowsOf<BlockRow>(
        db,
        sql`select ${columns} from ${from} where b.height = any(${heights}::int[])`,
      ),
    byHashes: (hashes: readonly string[]): Promise<BlockRow[]> =>
      rowsOf<BlockRow>(db, sql`select ${columns} from ${from} where b.id = any(${hashes}::text[])`),
    lastNotLater: async (time: Date): Promise<BlockRow | null> => {
      const [row] = await rowsOf<BlockRow>(
        db,
        sql`select ${columns} from ${from} where b.timestamp <= ${time}
             order by b.timestamp desc, b.height desc limit 1`,
      )
      return row ?? null
    },
  }
}

export type HeadRow = {
  readonly block: BlockRow
  readonly finalizedHeight: number
  readonly finalizedHash: string
  readonly nodeHeight: number | null
  readonly nodeHash: string | null
  readonly confirmedAt: Date | null
  readonly error: string | null
  readonly errorAt: Date | null
  readonly reorgCount: number
  readonly deepestReorg: number
  readonly genesisHash: string
}

type FlatHead = BlockRow & Omit<HeadRow, 'block'>

/** Runs behind `begin` in the same message, so it takes no parameters. */
export const headStatement = `
  select ${columns.parts[0]}, s.finalized_height as "finalizedHeight", s.finalized_hash as "finalizedHash",
         s.node_height as "nodeHeight", s.node_hash as "nodeHash", s.confirmed_at as "confirmedAt",
         s.error, s.error_at as "errorAt", s.reorg_count as "reorgCount", s.deepest_reorg as "deepestReorg",
         c.genesis_hash as "genesisHash"
    from index_status s join block b on b.height = s.height join chain_info c on c.id = 'chain'
   where s.id = 'status'`

export function toHeadRow(row: FlatHead): HeadRow {
  const { finalizedHeight, finalizedHash, nodeHeight, nodeHash, confirmedAt } = row
  const { error, errorAt, reorgCount, deepestReorg, genesisHash, ...block } = row
  return {
    block: blockOf(block),
    finalizedHeight,
    finalizedHash,
    nodeHeight,
    nodeHash,
    confirmedAt,
    error,
    errorAt,
    reorgCount,
    deepestReorg,
    genesisHash,
  }
}

function blockOf(row: BlockRow): BlockRow {
  const { height, hash, timestamp, isFinal, parentHash, stateRoot } = row
  const { extrinsicsRoot, specVersion, eventCount, extrinsicCount } = row
  return {
    height,
    hash,
    timestamp,
    isFinal,
    parentHash,
    stateRoot,
    extrinsicsRoot,
    specVersion,
    eventCount,
    extrinsicCount,
  }
}
