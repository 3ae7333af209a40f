/** New rows into a table by COPY: no JSON to build here and to read there. */

import pg, { type ClientBase } from 'pg'
import { columnName, type Row, withoutUnstorable } from './rows'

/** Pieces a copy is sent in: text is built, encoded and handed to the socket in this size. */
const pieceChars = 256 * 1024

/** Columns no row gives stay NULL. @throws {Error} of Postgres, as for any statement; nothing is inserted then. */
export async function copyRows(
  client: ClientBase,
  table: string,
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return
  const properties = propertiesOf(rows)
  const columns = properties.map((property) => `"${columnName(property)}"`).join(', ')
  await new Promise<void>((resolve, reject) => {
    const done = (error?: Error | null) => (error ? reject(error) : resolve())
    const pieces = copyPieces(rows, properties)
    client.query(new CopyIn(`copy ${table} (${columns}) from stdin`, pieces, done))
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
    private readonly pieces: Iterable<string>,
    done: (error?: Error | null) => void,
  ) {
    super(text, done)
  }

  /** Called by pg's client once the server waits for the rows. */
  handleCopyInResponse(connection: Wire): void {
    try {
      for (const piece of this.pieces) {
        connection.sendCopyFromChunk(Buffer.from(piece))
      }
      connection.endCopyFrom()
    } catch (error) {
      // Thrown on, it would end the process: the server refuses the statement instead, which rejects it.
      connection.sendCopyFail(String(error))
    }
  }
}

/** Rows need not have all the same properties. */
export function propertiesOf(rows: readonly Row[]): string[] {
  const properties = new Set<string>()
  for (const row of rows) for (const property in row) properties.add(property)
  return [...properties]
}

/** COPY's text format. UTF-8 encoding makes U+FFFD of halves of surrogate pairs; NUL becomes it here. */
export function* copyPieces(
  rows: readonly Row[],
  properties: readonly string[],
): Generator<string> {
  let piece = ''
  for (const row of rows) {
    let separator = ''
    for (const property of properties) {
      piece += separator + field(property, row[property])
      separator = '\t'
    }
    piece += '\n'
    if (piece.length < pieceChars) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}

/** Properties of type `text[]`; any other list or object is `jsonb`. */
const listProperties: readonly string[] = ['wrappers']

function field(property: string, value: unknown): string {
  if (typeof value === 'string') return escaped(value)
  if (value === null || value === undefined) return '\\N'
  if (typeof value !== 'object') return String(value)
  if (value instanceof Uint8Array) {
    return `\\\\x${Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')}`
  }
  if (value instanceof Date) return value.toISOString()
  if (listProperties.includes(property)) return escaped(arrayLiteral(value as string[]))
  return escaped(withoutUnstorable(JSON.stringify(value)))
}

function arrayLiteral(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`).join(',')}}`
}

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\0': '\ufffd',
}

/** Made once: a literal within the function would be another object for each value. */
const escapable = /[\\\n\r\t\0]/

function escaped(text: string): string {
  return escapable.test(text)
    ? text.replace(/[\\\n\r\t\0]/g, (char) => escapes[char] ?? char)
    : text
}
