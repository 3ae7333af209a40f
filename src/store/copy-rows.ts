/** New rows into a table by COPY: no JSON to build here and to read there. */

import pg, { type ClientBase } from 'pg'
import { type Column, copyPieces } from './copy-format'
import { propertyName, type Row } from './rows'

/**
 * Rows by their columns' camelCase names: a column that a row does not give is NULL, a property that is no column stays out.
 * @throws {Error} of Postgres, as for any statement; nothing is inserted then.
 */
export async function copyRows(
  client: ClientBase,
  table: string,
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return
  const columns = await columnsOf(client, table)
  const names = columns.map(({ name }) => `"${name}"`).join(', ')
  await new Promise<void>((resolve, reject) => {
    const done = (error?: Error | null) => (error ? reject(error) : resolve())
    const pieces = copyPieces(rows, columns)
    client.query(new CopyIn(`copy ${table} (${names}) from stdin (format binary)`, pieces, done))
  })
}

/** What of pg's connection a copy uses. */
type Wire = {
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
  sendCopyFail(reason: string): void
}

/** A statement of pg's own kind that answers the server's request for data; errors take pg's way. */
class CopyIn extends pg.Query {
  constructor(
    text: string,
    // Not `rows`: pg has a property of that name, and another protocol for statements that set it.
    private readonly pieces: Iterable<Buffer>,
    done: (error?: Error | null) => void,
  ) {
    super(text, done)
  }

  /** Called by pg's client once the server waits for the rows. */
  handleCopyInResponse(connection: Wire): void {
    try {
      for (const piece of this.pieces) connection.sendCopyFromChunk(piece)
      connection.endCopyFrom()
    } catch (error) {
      // Thrown on, it would end the process: the server refuses the statement instead, which rejects it.
      connection.sendCopyFail(String(error))
    }
  }
}

/** Of each connection: tables do not change while it is open. */
const columnsOfTables = new WeakMap<ClientBase, Map<string, readonly Column[]>>()

/** In the order of the table. */
export async function columnsOf(client: ClientBase, table: string): Promise<readonly Column[]> {
  const known = columnsOfTables.get(client) ?? new Map<string, readonly Column[]>()
  columnsOfTables.set(client, known)
  const found = known.get(table) ?? (await readColumns(client, table))
  known.set(table, found)
  return found
}

async function readColumns(client: ClientBase, table: string): Promise<readonly Column[]> {
  const { rows } = await client.query<{ name: string; type: string; element: number }>(
    `select a.attname as name, t.typname as type, t.typelem as element
       from pg_attribute a join pg_type t on t.oid = a.atttypid
      where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`,
    [table],
  )
  return rows.map(({ name, type, element }) => ({
    name,
    property: propertyName(name),
    type,
    elementOid: element,
  }))
}
