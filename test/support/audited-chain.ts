/** The recorded chain as an audit has it: indexed in a database of its own, and served by a node. */

import pg from 'pg'
import { pino } from 'pino'
import { startDevnet } from '../../src/devnet/devnet'
import { connectNode, type NodeRpc } from '../../src/node/rpc'
import { readIndexEntries, readIndexLists } from '../../src/store/read/audit'
import { indexDevChain } from './indexed-dev-chain'
import { createTestDatabase } from './postgres'
import { recordedBlocks } from './recorded'

export const silentLog = pino({ level: 'silent' })

export type AuditedChain = {
  readonly databaseUrl: string
  readonly nodeUrl: string
  readonly pool: pg.Pool
  readonly rpc: NodeRpc
  close(): Promise<void>
}

export async function openAuditedChain(): Promise<AuditedChain> {
  const database = await createTestDatabase()
  await indexDevChain(database.url)
  const pool = new pg.Pool({ connectionString: database.url })
  const devnet = await startDevnet({ chainDir: 'chains/dev' })
  const rpc = connectNode({ endpoints: [devnet.url], timeoutMs: 5_000 })
  return {
    databaseUrl: database.url,
    nodeUrl: devnet.url,
    pool,
    rpc,
    close: async () => {
      rpc.close()
      await devnet.close()
      await pool.end()
      await database.close()
    },
  }
}

/** What an audit reads of the index. */
export const indexReads = (db: Parameters<typeof readIndexEntries>[0]) => ({
  entries: (height: number, range: Parameters<typeof readIndexEntries>[2]) =>
    readIndexEntries(db, height, range),
  lists: (height: number, range: Parameters<typeof readIndexLists>[2]) =>
    readIndexLists(db, height, range),
})

/** Changes a row behind the index's back: the nonce that is in force at block 278. */
export const addToNonce = (pool: pg.Pool, autoId: string, difference: number) =>
  pool.query(
    `update auto_id_version set nonce = nonce + $2
      where auto_id = $1 and block_from <= 278 and (block_to is null or block_to > 278)`,
    [autoId, difference],
  )

const blocks = recordedBlocks()

export const genesisHash = blocks[0]?.hash ?? ''

/** A block of the chain that became final. */
export function blockAt(height: number): { height: number; hash: string } {
  const block = blocks.find(({ number, branch }) => number === height && branch === 'canonical')
  if (!block) throw new Error(`no block ${height}`)
  return { height, hash: block.hash }
}
