/** The databases of one registry as the API reads them: pools of each, and the ear for new blocks. */

import type { Pool } from 'pg'
import type { Logger } from './log'
import { openPool } from './store/connection'
import { type ReadPool, withFallback } from './store/read/fallback'
import { listenToHead } from './store/read/listen'

export type DatabaseOptions = {
  /** The primary, which is written to. */
  readonly databaseUrl: string
  /** Read replicas; empty: `databaseUrl`. */
  readonly databaseReadUrls: readonly string[]
  /** Of GraphQL, to each database. */
  readonly maxConnections: number
  readonly statementTimeoutMs: number
}

export type Databases = {
  /** Taken in turn, one for an operation. */
  readonly snapshotPools: readonly Pool[]
  /** Null where the primary is among them anyway. */
  readonly primary: Pool | null
  readonly relyingParties: ReadPool
  close(): Promise<void>
}

/** Connections for the relying parties' endpoints, beside those of GraphQL. */
const RELYING_PARTY_CONNECTIONS = 8
/** A replica shows a block a moment after the primary told of it. */
const REPLICA_LAGS_MS = [200, 1_000, 5_000]

/** Connects to nothing yet: each pool does when it is first asked. */
export function openDatabases(options: DatabaseOptions, log: Logger): Databases {
  const { databaseReadUrls: replicas, statementTimeoutMs } = options
  const open = (url: string, maxConnections: number): Pool =>
    openPool(url, { name: 'api', maxConnections, statementTimeoutMs, readOnly: true }, (error) =>
      log.warn({ err: error }, 'a database connection was lost'),
    )
  const openBoth = (url: string) => ({
    snapshots: open(url, options.maxConnections),
    relyingParties: open(url, RELYING_PARTY_CONNECTIONS),
  })
  const primary = openBoth(options.databaseUrl)
  const read = replicas.length === 0 ? [primary] : replicas.map(openBoth)
  const [first = primary] = read
  const all = new Set([primary, ...read].flatMap((pools) => Object.values(pools)))
  return {
    snapshotPools: read.map(({ snapshots }) => snapshots),
    primary: replicas.length === 0 ? null : primary.snapshots,
    relyingParties:
      first === primary
        ? primary.relyingParties
        : withFallback(first.relyingParties, primary.relyingParties, (error) =>
            log.warn({ err: error }, 'a replica is gone: revocation answers come from the primary'),
          ),
    close: async () => {
      await Promise.all([...all].map((pool) => pool.end()))
    },
  }
}

/** Notices come from the database that is written to: a replica sends none. */
export function announceHeads(
  { databaseUrl, databaseReadUrls }: DatabaseOptions,
  announce: () => void,
  log: Logger,
): { close(): Promise<void> } {
  const timers = new Set<NodeJS.Timeout>()
  const announceAgain = () => {
    announce()
    if (databaseReadUrls.length === 0) return
    for (const delay of REPLICA_LAGS_MS) {
      const timer = setTimeout(() => {
        timers.delete(timer)
        announce()
      }, delay)
      timers.add(timer)
    }
  }
  const listener = listenToHead({
    url: databaseUrl,
    onNotice: announceAgain,
    onConnected: announceAgain,
    onError: (error) => log.warn({ err: error }, 'not told of new blocks; connecting again'),
  })
  return {
    close: async () => {
      for (const timer of timers) clearTimeout(timer)
      await listener.close()
    },
  }
}
