/** `npm run audit -- [--block N] [--registry NAME]`: compares the index with the chain's own storage, and its events of the block with the proven ones; exit 1 and the differences when they disagree. */

import { parseArgs } from 'node:util'
import type { Pool, PoolClient } from 'pg'
import { auditEvents } from '../audit-events'
import { AppError } from '../errors'
import { type AuditReport, auditIndex } from '../node/audit'
import { connectNode, type NodeRpc } from '../node/rpc'
import { readConfigOf } from '../registries'
import { openPool } from '../store/connection'
import { readIndexEntries, readIndexEvents, readIndexLists } from '../store/read/audit'
import { openDatabase, openNode, readIndexedHash } from './parts'

export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { block: { type: 'string' }, registry: { type: 'string' } },
  })
  const config = readConfigOf(values.registry)
  const database = await openDatabase(config)
  const node = await openNode(config, await readIndexedHash(database.url))
  const rpc = connectNode({
    endpoints: node.url.split(','),
    timeoutMs: config.rpcTimeoutSeconds * 1000,
  })
  const pool = openPool(database.url, {
    name: 'audit',
    maxConnections: 2,
    statementTimeoutMs: 0,
    readOnly: true,
  })
  try {
    const report = await inSnapshot(pool, (db) => auditAt(db, rpc, values.block))
    for (const line of describeAudit(report)) console.log(line)
    return report.differences.length === 0 ? 0 : 1
  } finally {
    rpc.close()
    await pool.end()
    await node.close()
    await database.close()
  }
}

/** One view for all pages: read with several, a reorganisation in between would show as differences. */
export async function inSnapshot<T>(pool: Pool, work: (db: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query('begin transaction isolation level repeatable read read only')
    return await work(client)
  } finally {
    // Nothing was written: whatever the state of the transaction, the session ends with it.
    client.release(true)
  }
}

/** @throws {AppError} POINT_IN_TIME_OUT_OF_RANGE for a block that is not indexed */
async function auditAt(
  db: Pick<PoolClient, 'query'>,
  rpc: NodeRpc,
  height: string | undefined,
): Promise<AuditReport> {
  const block = await readBlock(db, height)
  const state = await auditIndex(rpc, block, {
    entries: (at, range) => readIndexEntries(db, at, range),
    lists: (at, range) => readIndexLists(db, at, range),
  })
  const indexed = await readIndexEvents(db, block.height)
  const events = indexed === null ? [] : await auditEvents(rpc, indexed)
  return { ...state, differences: [...state.differences, ...events] }
}

async function readBlock(
  pool: Pick<PoolClient, 'query'>,
  given: string | undefined,
): Promise<{ height: number; hash: string }> {
  if (given !== undefined && !/^\d{1,9}$/.test(given)) {
    throw new AppError('BAD_USER_INPUT', `--block is "${given}": expected a block height`)
  }
  const height = given === undefined ? null : Number(given)
  const { rows } = await pool.query<{ height: number; hash: string }>(
    `select height, id as hash from block
      where height = coalesce($1, (select height from index_status))`,
    [height],
  )
  const block = rows[0]
  if (!block) {
    throw new AppError('POINT_IN_TIME_OUT_OF_RANGE', `block ${given ?? 'head'} is not indexed`)
  }
  return block
}

export function describeAudit(report: AuditReport): string[] {
  const lines = report.differences.map(
    (d) =>
      `${d.autoId ?? 'the block'} ${d.field}: chain ${d.chain ?? '-'} · index ${d.index ?? '-'}`,
  )
  if (!report.complete) lines.push('… and more: the list stops here')
  const count = report.differences.length
  lines.push(
    `block ${report.block}: ${report.checked} entries and lists and the block's events compared, ${count} differences`,
  )
  return lines
}
