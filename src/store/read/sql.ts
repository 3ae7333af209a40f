/** Rows of a statement, with camel-cased names. */

import type { Pool, PoolClient } from 'pg'
import { propertyName } from '../rows'

export type Db = Pick<Pool | PoolClient, 'query'>

/** Numerics and counts must be cast in the statement. */
export async function readRows<T>(
  db: Db,
  text: string,
  values: readonly unknown[] = [],
): Promise<T[]> {
  const { rows } = await db.query<Record<string, unknown>>(text, [...values])
  return rows.map((row) => camelCased<T>(row))
}

/** As `readRows`, planned once a connection: for statements that cost more to plan than to run. */
export async function readPrepared<T>(
  db: Db,
  name: string,
  text: string,
  values: readonly unknown[],
): Promise<T[]> {
  const { rows } = await db.query<Record<string, unknown>>({ name, text, values: [...values] })
  return rows.map((row) => camelCased<T>(row))
}

function camelCased<T>(row: Record<string, unknown>): T {
  const out: Record<string, unknown> = {}
  for (const [column, value] of Object.entries(row)) out[propertyName(column)] = value
  return out as T
}
