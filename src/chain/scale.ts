/** Reading SCALE bytes by a runtime's types. The bytes are anybody's: every read is bounded and may throw. */

import { bigEndianToBigInt, littleEndianToBigInt } from '../bytes'
import type { Field, Primitive, ScaleType, TypeId, Variant } from './scale-types'

/**
 * - integers up to 32 bits: number; larger and compact: bigint; bytes and byte arrays: Uint8Array;
 * - Option: null or the value; one unnamed field: the value itself; several: an array; named: a record;
 * - enum: its variant's name and, by the same rules, its fields (none: null).
 */
export type ScaleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly ScaleValue[]
  | ScaleEnum
  | ScaleRecord

export type ScaleRecord = { readonly [field: string]: ScaleValue }

export class ScaleEnum {
  constructor(
    readonly variant: string,
    readonly value: ScaleValue,
  ) {}
}

/** Bytes that do not read as the type says. */
export class ScaleError extends Error {
  override readonly name = 'ScaleError'
}

/** Deepest nesting of values followed; Substrate decodes calls to 256 levels (`MAX_EXTRINSIC_DEPTH`), each a few types deep. */
const MAX_DEPTH = 2048
/** Most items of zero size taken in one sequence: nothing else bounds them. */
const MAX_EMPTY_ITEMS = 4096

export class ScaleReader {
  constructor(
    readonly bytes: Uint8Array,
    public offset = 0,
    readonly end = bytes.length,
  ) {}

  get remaining(): number {
    return this.end - this.offset
  }

  take(length: number): Uint8Array {
    if (length > this.remaining) throw new ScaleError(`ends ${length - this.remaining} bytes early`)
    const taken = this.bytes.subarray(this.offset, this.offset + length)
    this.offset += length
    return taken
  }

  skip(length: number): void {
    if (length > this.remaining) throw new ScaleError(`ends ${length - this.remaining} bytes early`)
    this.offset += length
  }

  u8(): number {
    const byte = this.offset < this.end ? this.bytes[this.offset] : undefined
    if (byte === undefined) throw new ScaleError('ends 1 byte early')
    this.offset += 1
    return byte
  }

  u32(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.take(4)
    return (a | (b << 8) | (c << 16)) + d * 0x1000000
  }

  compact(): bigint {
    const first = this.u8()
    switch (first & 3) {
      case 0:
        return BigInt(first >>> 2)
      case 1:
        return BigInt((first >>> 2) | (this.u8() << 6))
      case 2: {
        const [a = 0, b = 0, c = 0] = this.take(3)
        return BigInt((first >>> 2) + a * 2 ** 6 + b * 2 ** 14 + c * 2 ** 22)
      }
      default:
        return littleEndianToBigInt(this.take((first >>> 2) + 4))
    }
  }

  /** A length or count: no more than the bytes left could hold, unless items may be empty. */
  compactLength(): number {
    const length = this.compact()
    if (length > 0xffffffffn) throw new ScaleError(`a length of ${length}`)
    return Number(length)
  }

  assertEnd(): void {
    if (this.remaining > 0) throw new ScaleError(`${this.remaining} bytes too many`)
  }
}

const PRIMITIVE_SIZES: Record<Exclude<Primitive, 'str'>, number> = {
  bool: 1,
  char: 4,
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  u128: 16,
  u256: 32,
  i8: 1,
  i16: 2,
  i32: 4,
  i64: 8,
  i128: 16,
  i256: 32,
}

export class ScaleDecoder {
  constructor(readonly types: readonly ScaleType[]) {}

  /** @throws {ScaleError} also when bytes are left over */
  decodeAll(type: TypeId, bytes: Uint8Array): ScaleValue {
    const reader = new ScaleReader(bytes)
    const value = this.decode(type, reader)
    reader.assertEnd()
    return value
  }

  type(id: TypeId): ScaleType {
    const type = this.types[id]
    if (type === undefined) throw new ScaleError(`type ${id} is not in the metadata`)
    return type
  }

  decode(id: TypeId, reader: ScaleReader, depth = 0): ScaleValue {
    if (depth > MAX_DEPTH) throw new ScaleError(`nested deeper than ${MAX_DEPTH} values`)
    const type = this.type(id)
    switch (type.kind) {
      case 'PRIMITIVE':
        return decodePrimitive(type.primitive, reader)
      case 'COMPACT':
        return reader.compact()
      case 'BYTES':
        return reader.take(reader.compactLength())
      case 'FIXED_BYTES':
        return reader.take(type.length)
      case 'SEQUENCE':
        return this.decodeItems(type.item, reader.compactLength(), reader, depth)
      case 'ARRAY':
        return this.decodeItems(type.item, type.length, reader, depth)
      case 'FIELDS':
        return this.decodeFields(type.fields, reader, depth)
      case 'OPTION':
        return readOptionByte(reader) ? this.decode(type.item, reader, depth + 1) : null
      case 'ENUM': {
        const variant = readVariant(type.variants, reader)
        return new ScaleEnum(variant.name, this.decodeFields(variant.fields, reader, depth))
      }
      case 'BITS':
        return reader.take(Math.ceil(reader.compactLength() / 8))
    }
  }

  skip(id: TypeId, reader: ScaleReader, depth = 0): void {
    if (depth > MAX_DEPTH) throw new ScaleError(`nested deeper than ${MAX_DEPTH} values`)
    const type = this.type(id)
    switch (type.kind) {
      case 'PRIMITIVE':
        if (type.primitive === 'str') reader.skip(reader.compactLength())
        else reader.skip(PRIMITIVE_SIZES[type.primitive])
        return
      case 'COMPACT':
        reader.compact()
        return
      case 'BYTES':
        reader.skip(reader.compactLength())
        return
      case 'FIXED_BYTES':
        reader.skip(type.length)
        return
      case 'SEQUENCE':
        this.skipItems(type.item, reader.compactLength(), reader, depth)
        return
      case 'ARRAY':
        this.skipItems(type.item, type.length, reader, depth)
        return
      case 'FIELDS':
        for (const field of type.fields) this.skip(field.type, reader, depth + 1)
        return
      case 'OPTION':
        if (readOptionByte(reader)) this.skip(type.item, reader, depth + 1)
        return
      case 'ENUM':
        for (const field of readVariant(type.variants, reader).fields) {
          this.skip(field.type, reader, depth + 1)
        }
        return
      case 'BITS':
        reader.skip(Math.ceil(reader.compactLength() / 8))
    }
  }

  /** A variant's or struct's fields, by the rules of {@link ScaleValue}. */
  decodeFields(fields: readonly Field[], reader: ScaleReader, depth = 0): ScaleValue {
    const [first] = fields
    if (first === undefined) return null
    if (first.name === null) {
      if (fields.length === 1) return this.decode(first.type, reader, depth + 1)
      return fields.map((field) => this.decode(field.type, reader, depth + 1))
    }
    const record: Record<string, ScaleValue> = {}
    for (const { name, type } of fields) record[name ?? ''] = this.decode(type, reader, depth + 1)
    return record
  }

  private decodeItems(item: TypeId, count: number, reader: ScaleReader, depth: number) {
    const items: ScaleValue[] = []
    for (let i = 0; i < count; i++) {
      const before = reader.offset
      items.push(this.decode(item, reader, depth + 1))
      if (reader.offset === before) assertFewEmpty(count)
    }
    return items
  }

  private skipItems(item: TypeId, count: number, reader: ScaleReader, depth: number): void {
    for (let i = 0; i < count; i++) {
      const before = reader.offset
      this.skip(item, reader, depth + 1)
      if (reader.offset === before) assertFewEmpty(count)
    }
  }
}

export function readVariant(
  variants: readonly (Variant | undefined)[],
  reader: ScaleReader,
): Variant {
  const index = reader.u8()
  const variant = variants[index]
  if (variant === undefined) throw new ScaleError(`no variant ${index}`)
  return variant
}

export function readOptionByte(reader: ScaleReader): boolean {
  const byte = reader.u8()
  if (byte > 1) throw new ScaleError(`an option starting with ${byte}`)
  return byte === 1
}

function decodePrimitive(primitive: Primitive, reader: ScaleReader): ScaleValue {
  if (primitive === 'str') {
    return Buffer.from(reader.take(reader.compactLength())).toString('utf8')
  }
  const size = PRIMITIVE_SIZES[primitive]
  if (primitive === 'bool') return reader.u8() !== 0
  if (primitive === 'u32' || primitive === 'char') return reader.u32()
  const bytes = reader.take(size)
  if (primitive.startsWith('u')) {
    return size <= 4 ? Number(littleEndianToBigInt(bytes)) : littleEndianToBigInt(bytes)
  }
  const signed = BigInt.asIntN(size * 8, bigEndianToBigInt(Uint8Array.from(bytes).reverse()))
  return size <= 4 ? Number(signed) : signed
}

function assertFewEmpty(count: number): void {
  if (count > MAX_EMPTY_ITEMS) throw new ScaleError(`${count} items without content`)
}
