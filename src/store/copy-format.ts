/**
 * Rows in COPY's binary format: bytes go as they are, no text to build here and to read there. Integers are big-endian.
 * @see PostgreSQL manual, "COPY", Binary Format; the receive functions of each type (`bytearecv`, `numeric_recv`, …)
 */

import { serialToHex } from '../bytes'
import { type Row, withoutUnstorable } from './rows'

/** A column as the catalog has it. */
export type Column = {
  readonly name: string
  /** camelCase of its name. */
  readonly property: string
  /** `pg_type.typname`. */
  readonly type: string
  /** Of a list's elements. */
  readonly elementOid: number
}

/** Pieces a copy is sent in; a longer row makes a longer one. */
const PIECE_BYTES = 256 * 1024
const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
const TRAILER = Buffer.from('ffff', 'hex')
const NULL_LENGTH = -1

/** @throws {TypeError} naming the column, for a value that its type does not take */
export function* copyPieces(rows: Iterable<Row>, columns: readonly Column[]): Generator<Buffer> {
  yield SIGNATURE
  let out = new FieldWriter()
  const fields = columns.map((column) => ({ ...column, kind: kindOf(column) }))
  for (const row of rows) {
    out.int16(fields.length)
    for (const { name, property, kind, elementOid } of fields) {
      const value = row[property]
      if (value === null || value === undefined) out.int32(NULL_LENGTH)
      else if (kind.takes(value)) kind.write(out, value, elementOid)
      else throw new TypeError(`column ${name} does not take this ${typeof value}`)
    }
    if (out.length < PIECE_BYTES) continue
    yield out.bytes()
    out = new FieldWriter()
  }
  yield out.bytes()
  yield TRAILER
}

function kindOf({ name, type }: Column): FieldKind {
  const known = KINDS[type]
  if (known === undefined) throw new TypeError(`column ${name} is of type ${type}, unknown here`)
  return known
}

/** Writes length and contents of a field. */
type Write<T> = (out: FieldWriter, value: T, elementOid: number) => void
type FieldKind = { readonly takes: (value: unknown) => boolean; readonly write: Write<unknown> }

function kind<T>(takes: (value: unknown) => value is T, write: Write<T>): FieldKind {
  return { takes, write: write as Write<unknown> }
}

/** A serial number is its text form, see {@link serialToHex}. */
const text = kind(
  (value): value is string | bigint => typeof value === 'string' || typeof value === 'bigint',
  (out, value) => out.text(typeof value === 'string' ? value : serialToHex(value)),
)

const KINDS: Readonly<Record<string, FieldKind>> = {
  text,
  varchar: text,
  bytea: kind(
    (value): value is Uint8Array => value instanceof Uint8Array,
    (out, value) => out.octets(value),
  ),
  int4: kind(isInteger, (out, value) => {
    out.int32(4)
    out.int32(value)
  }),
  bool: kind(
    (value): value is boolean => typeof value === 'boolean',
    (out, value) => out.octets(Uint8Array.of(value ? 1 : 0)),
  ),
  timestamptz: kind(
    (value): value is Date | number => isInteger(value instanceof Date ? value.getTime() : value),
    writeTime,
  ),
  numeric: kind(
    (value): value is bigint | number => typeof value === 'bigint' || isInteger(value),
    writeNumeric,
  ),
  jsonb: { takes: () => true, write: writeJson },
  _text: kind(
    (value): value is readonly string[] =>
      Array.isArray(value) && value.every((item) => typeof item === 'string'),
    (out, value, elementOid) => out.list(value, elementOid),
  ),
}

function isInteger(value: unknown): value is number {
  return Number.isInteger(value)
}

/** 2000-01-01, where Postgres' time begins. */
const POSTGRES_EPOCH_MS = 946_684_800_000

/** A Date, or milliseconds since 1970. */
function writeTime(out: FieldWriter, value: Date | number): void {
  out.int32(8)
  out.int64(BigInt(Number(value) - POSTGRES_EPOCH_MS) * 1000n)
}

const DIGITS_A_GROUP = 4
const NEGATIVE = 0x4000

/** An integer: groups of four decimal digits, with the first one's weight and no digits after the point. */
function writeNumeric(out: FieldWriter, value: bigint | number): void {
  const digits = String(value).replace('-', '')
  const count = digits === '0' ? 0 : Math.ceil(digits.length / DIGITS_A_GROUP)
  const padded = digits.padStart(count * DIGITS_A_GROUP, '0')
  out.int32(8 + 2 * count)
  out.int16(count)
  out.int16(Math.max(0, count - 1))
  out.int16(value < 0 ? NEGATIVE : 0)
  out.int16(0)
  for (let at = 0; at < count * DIGITS_A_GROUP; at += DIGITS_A_GROUP) {
    out.int16(Number(padded.slice(at, at + DIGITS_A_GROUP)))
  }
}

const JSONB_VERSION = '\x01'

function writeJson(out: FieldWriter, value: unknown): void {
  out.text(JSONB_VERSION + withoutUnstorable(JSON.stringify(value)))
}

/** Of a UTF-16 unit, at most. */
const UTF8_BYTES_A_UNIT = 3

/** A growing buffer. */
class FieldWriter {
  private buffer = Buffer.allocUnsafe(PIECE_BYTES + 16 * 1024)
  private at = 0

  get length(): number {
    return this.at
  }

  bytes(): Buffer {
    return this.buffer.subarray(0, this.at)
  }

  int16(value: number): void {
    this.reserve(2)
    this.at = this.buffer.writeUInt16BE(value, this.at)
  }

  int32(value: number): void {
    this.reserve(4)
    this.at = this.buffer.writeInt32BE(value, this.at)
  }

  int64(value: bigint): void {
    this.reserve(8)
    this.at = this.buffer.writeBigInt64BE(value, this.at)
  }

  octets(bytes: Uint8Array): void {
    this.int32(bytes.length)
    this.reserve(bytes.length)
    this.buffer.set(bytes, this.at)
    this.at += bytes.length
  }

  /** Encoding makes U+FFFD of halves of surrogate pairs; NUL, which Postgres' text cannot hold, becomes it here. */
  text(text: string): void {
    const storable = text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text
    this.reserve(4 + storable.length * UTF8_BYTES_A_UNIT)
    const length = this.buffer.write(storable, this.at + 4)
    this.int32(length)
    this.at += length
  }

  /** One dimension, counted from 1; none when empty. */
  list(items: readonly string[], elementOid: number): void {
    const lengthAt = this.at
    this.int32(0)
    this.int32(items.length === 0 ? 0 : 1)
    this.int32(0)
    this.int32(elementOid)
    if (items.length > 0) {
      this.int32(items.length)
      this.int32(1)
    }
    for (const item of items) this.text(item)
    this.buffer.writeInt32BE(this.at - lengthAt - 4, lengthAt)
  }

  private reserve(count: number): void {
    const needed = this.at + count
    if (needed <= this.buffer.length) return
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.buffer.length))
    this.buffer.copy(grown, 0, 0, this.at)
    this.buffer = grown
  }
}
