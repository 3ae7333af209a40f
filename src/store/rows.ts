/** Changes of rows in sets: one statement a table and chunk, whatever the number of rows. New rows: copy-rows.ts. */

import type { ClientBase } from 'pg'

/** Columns by their camelCase names, as the entities have them. */
export type Row = Readonly<Record<string, unknown>>

/** A statement's parameter is built in memory twice (text, wire): chunks keep that bounded. */
const maxChunkChars = 8_000_000

/** Sets `columns` of the rows with the same `id`. The table's own row type reads the values. */
export async function updateRows(
  client: ClientBase,
  table: string,
  columns: readonly string[],
  rows: readonly Row[],
): Promise<void> {
  const assignments = columns.map((column) => `${column} = changed.${column}`).join(', ')
  for (const chunk of jsonChunks(rows)) {
    await client.query({
      name: `update_${table}`,
      text: `update ${table} set ${assignments}
        from jsonb_populate_recordset(null::${table}, $1) as changed where ${table}.id = changed.id`,
      values: [chunk],
    })
  }
}

/** JSON arrays of rows, each short enough for one statement. */
export function* jsonChunks(rows: readonly Row[]): Generator<string> {
  let chunk: string[] = []
  let length = 0
  for (const row of rows) {
    const text = rowToJson(row)
    if (length > 0 && length + text.length > maxChunkChars) {
      yield `[${chunk.join(',')}]`
      chunk = []
      length = 0
    }
    chunk.push(text)
    length += text.length
  }
  if (chunk.length > 0) yield `[${chunk.join(',')}]`
}

/** Bytes as `\x…`, big integers as text, times as ISO 8601: what Postgres' own input functions read. */
export function rowToJson(row: Row): string {
  const columns: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(row)) {
    if (value !== undefined && value !== null) columns[columnName(name)] = toJsonValue(value)
  }
  return withoutUnstorable(JSON.stringify(columns))
}

function toJsonValue(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (!(value instanceof Uint8Array)) return value
  return `\\x${Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')}`
}

/** Postgres text can hold neither NUL nor half a surrogate pair, and names on chain may have both. */
export function withoutUnstorable(json: string): string {
  if (!json.includes('\\u')) return json
  return json.replace(/\\(?:u([0-9a-f]{4})|.)/g, (sequence, code: string | undefined) =>
    code === '0000' || code?.startsWith('d') === true ? '\\ufffd' : sequence,
  )
}

const columnNames = new Map<string, string>()

/** `publicKeySha256` → `public_key_sha256`, as the model's naming strategy has it. */
export function columnName(property: string): string {
  const known = columnNames.get(property)
  if (known !== undefined) return known
  const name = property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  columnNames.set(property, name)
  return name
}

const propertyNames = new Map<string, string>()

/** `public_key_sha256` → `publicKeySha256`: the inverse of {@link columnName}. */
export function propertyName(column: string): string {
  const known = propertyNames.get(column)
  if (known !== undefined) return known
  const name = column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  propertyNames.set(column, name)
  return name
}
