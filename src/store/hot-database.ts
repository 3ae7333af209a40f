/**
 * Squid's `HotDatabase` over tables versioned by block interval: a batch, its rollback and the new position are one
 * transaction, and any earlier height is a point to roll back to, however many blocks a batch had.
 */

import type {
  FinalTxInfo,
  HashAndHeight,
  HotDatabase,
  HotDatabaseState,
  HotTxInfo,
} from '@subsquid/util-internal-processor-tools'
import type { ClientBase } from 'pg'
import { AppError } from '../errors'
import { type ChainIdentity, claimChain } from './chain-info'
import { withoutPassword } from './connection'
import { sendHeadNotice } from './head-notice'
import { type IndexMaking, PostponedIndexes } from './postponed-indexes'
import { rollbackTo } from './rollback'
import { type SessionOptions, WriterSession } from './writer-session'

type Position = {
  readonly height: number
  readonly hash: string
  readonly finalized: HashAndHeight
}

type Move = {
  /** Blocks above it are undone. */
  readonly base: HashAndHeight
  readonly head: HashAndHeight
  readonly finalized: HashAndHeight
  readonly apply: (client: ClientBase) => Promise<void>
}

export type DatabaseOptions = SessionOptions & IndexMaking

export class RegistryDatabase implements HotDatabase<ClientBase> {
  readonly supportsHotBlocks = true
  private readonly session: WriterSession
  private opened: Promise<HotDatabaseState> | null = null
  private readonly postponed: PostponedIndexes

  constructor(
    private readonly url: string,
    private readonly chain: ChainIdentity,
    options: DatabaseOptions = {},
  ) {
    this.session = new WriterSession(url, options)
    this.postponed = new PostponedIndexes(this.session, options)
  }

  /**
   * The last final block and all blocks above it; height -1 for an empty index. Asked again, the same state: Squid's
   * runner asks after the root has, to whom a refusal matters before anything else is started.
   * @throws {AppError} WRONG_CHAIN, or UNAVAILABLE (away, not migrated, read-only, or another processor has it).
   */
  connect(): Promise<HotDatabaseState> {
    this.opened ??= this.open()
    return this.opened
  }

  private async open(): Promise<HotDatabaseState> {
    await this.session.open()
    const state: { value?: HotDatabaseState; isAtHead?: boolean } = {}
    try {
      await this.session.transaction(
        async (client) => {
          await assertMigrated(client)
          await assertWritable(client, this.url)
          await claimChain(client, this.chain)
          await this.postponed.read(client)
          state.value = await readState(client)
          state.isAtHead = await wasAtHead(client)
        },
        async () => false,
      )
      // A stop may have come between the last block there is and the indexes: no further block may come for long.
      if (state.isAtHead === true) await this.postponed.make()
    } catch (error) {
      await this.session.close()
      throw error
    }
    if (state.value === undefined) throw new AppError('UNAVAILABLE', 'the index has no state')
    return state.value
  }

  /** Frees the lock. */
  disconnect(): Promise<void> {
    return this.session.close()
  }

  async transact(info: FinalTxInfo, cb: (client: ClientBase) => Promise<void>): Promise<void> {
    const isFirstOfMany = info.prevHead.height < 0 && !info.isOnTop
    if (isFirstOfMany) await this.postponed.drop()
    await this.move({
      base: info.prevHead,
      head: info.nextHead,
      finalized: info.nextHead,
      apply: cb,
    })
    if (info.isOnTop) await this.postponed.make()
  }

  async transactHot(
    info: HotTxInfo,
    cb: (client: ClientBase, block: HashAndHeight) => Promise<void>,
  ): Promise<void> {
    await this.transactHot2(info, async (client, from, to) => {
      for (const block of info.newBlocks.slice(from, to)) await cb(client, block)
    })
  }

  async transactHot2(
    info: HotTxInfo,
    cb: (client: ClientBase, from: number, to: number) => Promise<void>,
  ): Promise<void> {
    const count = info.newBlocks.length
    await this.move({
      base: info.baseHead,
      head: info.newBlocks.at(-1) ?? info.baseHead,
      finalized: info.finalizedHead,
      apply: (client) => cb(client, 0, count),
    })
    await this.postponed.make()
  }

  private async move(move: Move): Promise<void> {
    await this.session.transaction(
      (client) => moveHead(client, move),
      async (client) => {
        const position = await readPosition(client)
        return (
          position.hash === move.head.hash && position.finalized.height >= move.finalized.height
        )
      },
    )
  }
}

async function moveHead(client: ClientBase, { base, head, finalized, apply }: Move): Promise<void> {
  const before = await readPosition(client)
  await assertIndexed(client, before, base)
  const undone = before.height > base.height ? await readHashesAbove(client, base.height) : []
  if (undone.length > 0) await rollbackTo(client, base.height)
  if (head.height > base.height) await apply(client)
  const reorg = await countMissing(client, undone, base.height)
  // Only blocks show that our head is the node's: a node behind it may name a newer final block, too.
  const isConfirmed = head.height > base.height
  // A node that answers behind another one may name an older final block: finality never goes back.
  const final = finalized.height > before.finalized.height ? finalized : before.finalized
  await client.query(
    `update index_status set height = $1, hash = $2, finalized_height = $3, finalized_hash = $4,
       confirmed_at = case when $7 then now() else confirmed_at end,
       error = case when $7 then null else error end, error_at = case when $7 then null else error_at end,
       reorg_count = reorg_count + $5::int, deepest_reorg = greatest(deepest_reorg, $6)
     where id = 'status'`,
    [head.height, head.hash, final.height, final.hash, reorg > 0 ? 1 : 0, reorg, isConfirmed],
  )
  const { height, hash } = head
  await sendHeadNotice(client, { height, hash, from: base.height + 1, reorg })
}

async function readHashesAbove(client: ClientBase, height: number): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>('select id from block where height > $1', [
    height,
  ])
  return rows.map(({ id }) => id)
}

/** After a long absence Squid indexes hot blocks once more as final ones: only those that did not come back were a fork. */
async function countMissing(
  client: ClientBase,
  hashes: readonly string[],
  above: number,
): Promise<number> {
  if (hashes.length === 0) return 0
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from unnest($1::text[]) as undone (id)
     where not exists (select from block where block.height > $2 and block.id = undone.id)`,
    [hashes, above],
  )
  return rows[0]?.count ?? 0
}

/** A batch must stand on a block that we have, at or above the last final one. */
async function assertIndexed(
  client: ClientBase,
  position: Position,
  base: HashAndHeight,
): Promise<void> {
  const known =
    base.height === position.height ? position.hash : await readHash(client, base.height)
  // Before block 0 there is nothing to compare: its parent has no one hash by which all agree.
  if (base.height < 0 && position.finalized.height < 0) return
  if (known === base.hash && base.height >= position.finalized.height) return
  throw new AppError(
    'INCONSISTENT_NODE',
    `the node continues from block ${base.height} (${base.hash}), which is not in the index after final block ${position.finalized.height}`,
    { height: base.height, hash: base.hash, indexed: known ?? null },
  )
}

async function readHash(client: ClientBase, height: number): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>('select id from block where height = $1', [
    height,
  ])
  return rows[0]?.id
}

async function readState(client: ClientBase): Promise<HotDatabaseState> {
  const { finalized } = await readPosition(client)
  const { rows } = await client.query<HashAndHeight>(
    'select height, id as hash from block where height > $1 order by height',
    [finalized.height],
  )
  return { ...finalized, top: rows }
}

/** Was the index where the node was when that last answered? */
async function wasAtHead(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ reached: boolean | null }>(
    "select height >= node_height as reached from index_status where id = 'status'",
  )
  return rows[0]?.reached === true
}

async function readPosition(client: ClientBase): Promise<Position> {
  const { rows } = await client.query<{
    height: number
    hash: string
    finalized_height: number
    finalized_hash: string
  }>("select height, hash, finalized_height, finalized_hash from index_status where id = 'status'")
  const [row] = rows
  if (row === undefined) throw new AppError('UNAVAILABLE', 'the index has lost its status row')
  const finalized = { height: row.finalized_height, hash: row.finalized_hash }
  return { height: row.height, hash: row.hash, finalized }
}

async function assertMigrated(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(
    "select to_regclass('index_status') is not null as there",
  )
  if (rows[0]?.there === true) return
  throw new AppError(
    'UNAVAILABLE',
    'the database has no tables yet: run npm run migrate',
    {},
    {
      retryable: false,
    },
  )
}

/** Of an index that was begun nothing is written before the next block: told at the start, as a setting that is wrong. */
async function assertWritable(client: ClientBase, url: string): Promise<void> {
  const { rows } = await client.query<{ isReadOnly: boolean; mayWrite: boolean }>(
    `select current_setting('transaction_read_only')::boolean as "isReadOnly",
            has_table_privilege('index_status', 'update') as "mayWrite"`,
  )
  const found = rows[0]
  if (found?.isReadOnly === false && found.mayWrite) return
  const why = found?.isReadOnly === true ? 'is read-only' : 'lets this login read only'
  throw new AppError(
    'UNAVAILABLE',
    `the database ${withoutPassword(url)} ${why}: DATABASE_URL must name the one to write to, and its owner`,
    {},
    { retryable: false },
  )
}
