/** The database and the node of a command: those the settings name, or embedded ones. */

import { Client } from 'pg'
import type { Config } from '../config'
import { type Devnet, startDevnet } from '../devnet/devnet'
import { readRecording } from '../devnet/recording'
import { startEmbeddedPostgres } from '../embedded/postgres'
import { assertReachable } from '../store/connection'
import { sampleChain } from './sample-chain'

export type Part = {
  readonly url: string
  /** For people. */
  readonly description: string
  close(): Promise<void>
}

const reviveMs = 2_000

/** `isOwner`: keeps an embedded server up, and ends it at close whoever else uses it. */
export async function openDatabase(config: Config, isOwner = false): Promise<Part> {
  if (config.databaseUrl !== null) {
    return { url: config.databaseUrl, description: 'as DATABASE_URL says', close: async () => {} }
  }
  const embedded = await startEmbeddedPostgres({ dataDir: config.dataDir })
  const timer = setInterval(() => {
    if (isOwner) embedded.revive().catch(() => undefined)
  }, reviveMs)
  const how = embedded.reused ? 'found running' : 'started'
  return {
    url: embedded.url,
    description: `embedded Postgres, ${how}, in ${embedded.place}`,
    close: () => {
      clearInterval(timer)
      return isOwner ? embedded.stop() : embedded.stopWhenUnused()
    },
  }
}

/** Blocks of the sample that arrive one by one, fork included, so that there is life to look at. */
const liveBlocks = 12

/** The node of `RPC_ENDPOINT`; or one of our own, at the head that the index already has. */
export async function openNode(config: Config, indexedHash: string | null): Promise<Part> {
  if (!config.isSampleChain) {
    const description = 'as RPC_ENDPOINT says'
    return { url: config.rpcEndpoints.join(','), description, close: async () => {} }
  }
  const chain = readRecording(sampleChain)
  const best = Math.max(...chain.blocks.map(({ number }) => number))
  const live = await startDevnet({ chain, initialHeight: best - liveBlocks })
  catchUpWith(live, indexedHash)
  const timer = setInterval(() => live.advance(1), config.sampleBlockMs)
  return {
    url: live.wsUrl,
    description: `the recorded sample chain, served at ${live.url}`,
    close: async () => {
      clearInterval(timer)
      await live.close()
    },
  }
}

/** A node never goes back: blocks arrive until the indexed head has been the best one. */
function catchUpWith(devnet: Devnet, indexedHash: string | null): void {
  if (indexedHash === null || devnet.node.tree.get(indexedHash) !== undefined) return
  while (devnet.head().hash !== indexedHash) {
    if (devnet.advance(1) === 0) return
  }
}

/** Hash of the indexed head; null for an empty index, or one without tables. */
export async function readIndexedHash(databaseUrl: string): Promise<string | null> {
  await assertReachable(databaseUrl)
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const { rows: found } = await client.query("select to_regclass('index_status') is null as bare")
    if (found[0]?.bare === true) return null
    const { rows } = await client.query<{ hash: string }>(
      'select hash from index_status where height >= 0',
    )
    return rows[0]?.hash ?? null
  } finally {
    await client.end()
  }
}
