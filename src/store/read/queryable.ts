/** Statements of one snapshot, one after the other on its connection. */

import type { Db } from './sql'
import { type Sql, toQuery } from './statement'

export type Queryable = Db

export async function rowsOf<R extends object>(db: Queryable, statement: Sql): Promise<R[]> {
  return (await db.query<R>(toQuery(statement))).rows
}
