/**
 * Indexes that only readers need, made when an empty index has caught up with its chain: each has its entries at places of
 * their own all over it, so that what a registration costs would grow with the registrations there are. What is missing
 * stands in `postponed_index`, in the transaction that drops or makes it.
 */

import type { ClientBase } from 'pg'
import type { WriterSession } from './writer-session'

/** Of `block`, by hash: a header's hash covers its height, which stays unique, so that no two blocks can have the same. */
const keyOfBlocks = 'PK_d0925763efb591c2e2ffb267572'

/**
 * None but the key of blocks is unique, and no statement of the processor asks for any while an index catches up
 * (test/integration/postponed-indexes.test.ts).
 */
export const postponable: readonly string[] = [
  keyOfBlocks,
  'IDX_5c67cbcf4960c1a39e5fe25e87', // block (timestamp)
  'IDX_6a35513d63ca0fdba4fefe1ec0', // auto_id_version (public_key_sha256, auto_id)
  'ix_auto_id_version_open_issuer',
  'ix_auto_id_version_open_name',
  'ix_auto_id_version_open_name_begin',
  'IDX_088cd8b7854860bc8669b6898e', // certificate (serial)
  'IDX_11b1b62799d4a736688dd822ec', // certificate (issuer_id, serial)
  'IDX_25d3e55638b4e61e25e1b3c528', // certificate (fingerprint)
  'IDX_89faf6fe8fd5c032369bf556ae', // certificate (tbs_fingerprint)
  'IDX_5b9ffe1f8036aeeb93f74f2c87', // certificate (public_key_sha256)
  'IDX_9bd301bd024a6ccc864d4dd351', // certificate (auto_id, block_from)
  'IDX_463a851a999c6548e3ebf1dad8', // registry_event (signer, id)
  'IDX_99b7167923773c80a3b15b645c', // registry_event (issuer_id, id)
  'IDX_5ac031181093e8fdff6c64d071', // registry_event (auto_id, id)
  'IDX_74342c703db1ea84ca313a5b0e', // registry_event (extrinsic_hash)
  'IDX_8cfc71c1254fedab993dde0f0d', // advisory (auto_id, id)
  'ix_advisory_kind',
  'IDX_d61fc7da6736951a290cd9fac8', // failed_call (auto_id, id)
  'IDX_00c7f9ade79cbd4abcd4ee1f21', // failed_call (extrinsic_hash)
  'IDX_141883ec6e3c626998b1160c4f', // failed_call (signer)
  'IDX_a4518a9abbca7c26fed1231618', // revocation (serial)
  'IDX_23ffbbbed01e4960252e5d0fa5', // remark (remark_hash)
  'IDX_a40a11d266b25bc49f78dc23a1', // remark (remark)
]

/** Drops them, inside the caller's transaction; the statements that make them again are kept. For an empty index. */
export async function postponeIndexes(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `insert into postponed_index (id, definition)
       select indexname, case indexname when $2 then indexdef || $3 else indexdef end
         from pg_indexes where schemaname = current_schema() and indexname = any($1)
     returning id`,
    [postponable, keyOfBlocks, makeKey],
  )
  for (const { id } of rows) await client.query(id === keyOfBlocks ? dropKey : `drop index "${id}"`)
}

const dropKey = `alter table block drop constraint "${keyOfBlocks}"`
/**
 * The index first, beside which readers go on: adding the key at once would keep them out until it is made. Behind a
 * transaction that has read the table it waits for a second, since all later readers wait behind it, and is tried again.
 */
const makeKey = `; set local lock_timeout = '1s'; alter table block add primary key using index "${keyOfBlocks}"`

/** Names of those that are missing. */
async function readPostponed(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>('select id from postponed_index order by id')
  return rows.map(({ id }) => id)
}

/** Makes one, inside the caller's transaction: readers go on, nobody can write to its table. Takes as long as it takes. */
async function makePostponed(client: ClientBase, name: string): Promise<void> {
  const { rows } = await client.query<{ definition: string }>(
    'delete from postponed_index where id = $1 returning definition',
    [name],
  )
  const [row] = rows
  if (row === undefined) return
  await client.query('set local statement_timeout = 0')
  await client.query(row.definition)
}

export type IndexMaking = {
  /** Told how many indexes for readers wait for the head from here on. */
  readonly onPostponed?: (indexes: number) => void
  /** Told of each of them that was made once the head was reached, and how many are still to come. */
  readonly onIndexMade?: (name: string, left: number) => void
  /** Ends the making under way. */
  readonly signal?: AbortSignal
}

/** Those of one database, by its writing session. */
export class PostponedIndexes {
  private missing: readonly string[] = []

  constructor(
    private readonly session: WriterSession,
    private readonly options: IndexMaking,
  ) {}

  /** What an earlier start has left, inside the caller's transaction. */
  async read(client: ClientBase): Promise<void> {
    this.missing = await readPostponed(client)
  }

  /** For an empty index that is not at the head with its first batch. */
  async drop(): Promise<void> {
    await this.session.transaction(
      async (client) => {
        await postponeIndexes(client)
        await this.read(client)
      },
      async () => false,
    )
    this.options.onPostponed?.(this.missing.length)
  }

  /** For an index at the head. One transaction each: a stop ends the one under way and leaves it and the rest to the next start. */
  async make(): Promise<void> {
    if (this.missing.length === 0) return
    const { signal } = this.options
    const cut = () => void this.session.close()
    signal?.addEventListener('abort', cut, { once: true })
    try {
      await this.makeEach()
    } finally {
      signal?.removeEventListener('abort', cut)
    }
  }

  private async makeEach(): Promise<void> {
    while (this.missing.length > 0 && this.options.signal?.aborted !== true) {
      const [name = '', ...left] = this.missing
      await this.session.transaction(
        (client) => makePostponed(client, name),
        async (client) => !(await readPostponed(client)).includes(name),
      )
      this.missing = left
      this.options.onIndexMade?.(name, left.length)
    }
  }
}
