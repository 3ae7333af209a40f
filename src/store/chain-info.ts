/** Which chain the index belongs to. */

import type { ClientBase } from 'pg'
import { AppError } from '../errors'

export type ChainIdentity = {
  /** Hash of block 0. */
  readonly genesisHash: string
  readonly specName: string
  readonly ss58Prefix: number
  readonly tokenSymbol: string
  readonly tokenDecimals: number
}

/**
 * Writes the identity once; later starts compare.
 * @throws {AppError} WRONG_CHAIN when the database was made from another genesis; nothing is written then.
 */
export async function claimChain(client: ClientBase, chain: ChainIdentity): Promise<void> {
  const { rows } = await client.query<{ genesis_hash: string }>(
    'select genesis_hash from chain_info',
  )
  const indexed = rows[0]?.genesis_hash
  if (indexed !== undefined && indexed !== chain.genesisHash) {
    throw new AppError(
      'WRONG_CHAIN',
      `the database was indexed from the chain with genesis ${indexed}, the node's is ${chain.genesisHash}: name another DATABASE_URL or RPC_ENDPOINT`,
      { indexed, node: chain.genesisHash },
    )
  }
  if (indexed !== undefined) return
  await client.query(
    `insert into chain_info (id, genesis_hash, spec_name, ss58_prefix, token_symbol, token_decimals)
     values ('chain', $1, $2, $3, $4, $5)`,
    [chain.genesisHash, chain.specName, chain.ss58Prefix, chain.tokenSymbol, chain.tokenDecimals],
  )
  await client.query(
    `insert into index_status (id, height, hash, finalized_height, finalized_hash, reorg_count, deepest_reorg)
     values ('status', -1, '0x', -1, '0x', 0, 0)`,
  )
}
