/** The types of a runtime, as its metadata lists them, in the few kinds the SCALE reader needs. */

/** Index into the metadata's type list. */
export type TypeId = number

export type Primitive =
  | 'bool'
  | 'char'
  | 'str'
  | 'u8'
  | 'u16'
  | 'u32'
  | 'u64'
  | 'u128'
  | 'u256'
  | 'i8'
  | 'i16'
  | 'i32'
  | 'i64'
  | 'i128'
  | 'i256'

/** `name` is null in tuple-like structs and variants. */
export type Field = { readonly name: string | null; readonly type: TypeId }
export type Variant = { readonly name: string; readonly fields: readonly Field[] }

export type ScaleType =
  | { readonly kind: 'PRIMITIVE'; readonly primitive: Primitive }
  | { readonly kind: 'COMPACT' }
  /** `Vec<u8>`. */
  | { readonly kind: 'BYTES' }
  /** `[u8; length]`. */
  | { readonly kind: 'FIXED_BYTES'; readonly length: number }
  | { readonly kind: 'SEQUENCE'; readonly item: TypeId }
  | { readonly kind: 'ARRAY'; readonly item: TypeId; readonly length: number }
  | { readonly kind: 'FIELDS'; readonly fields: readonly Field[] }
  | { readonly kind: 'OPTION'; readonly item: TypeId }
  /** Indexed by the variant's byte, with holes. */
  | { readonly kind: 'ENUM'; readonly variants: readonly (Variant | undefined)[] }
  | { readonly kind: 'BITS' }

/** One entry of the metadata's portable registry (V14), as the metadata decoder gives it. */
export type PortableType = {
  readonly path: readonly string[]
  readonly params: readonly { readonly name: string; readonly type?: TypeId | undefined }[]
  readonly def:
    | {
        readonly __kind: 'Composite'
        readonly value: { readonly fields: readonly PortableField[] }
      }
    | {
        readonly __kind: 'Variant'
        readonly value: {
          readonly variants: readonly {
            readonly name: string
            readonly index: number
            readonly fields: readonly PortableField[]
          }[]
        }
      }
    | { readonly __kind: 'Sequence'; readonly value: { readonly type: TypeId } }
    | { readonly __kind: 'Array'; readonly value: { readonly len: number; readonly type: TypeId } }
    | { readonly __kind: 'Tuple'; readonly value: readonly TypeId[] }
    | { readonly __kind: 'Primitive'; readonly value: { readonly __kind: string } }
    | { readonly __kind: 'Compact'; readonly value: { readonly type: TypeId } }
    | { readonly __kind: 'BitSequence'; readonly value: unknown }
}

type PortableField = { readonly name?: string | undefined; readonly type: TypeId }

export function toScaleTypes(registry: readonly PortableType[]): ScaleType[] {
  return registry.map((type) => toScaleType(type, registry))
}

function toScaleType({ def, path }: PortableType, registry: readonly PortableType[]): ScaleType {
  switch (def.__kind) {
    case 'Composite':
      return { kind: 'FIELDS', fields: def.value.fields.map(toField) }
    case 'Tuple':
      return { kind: 'FIELDS', fields: def.value.map((type) => ({ name: null, type })) }
    case 'Variant':
      return toEnum(def.value.variants, path)
    case 'Sequence':
      return isByte(registry[def.value.type])
        ? { kind: 'BYTES' }
        : { kind: 'SEQUENCE', item: def.value.type }
    case 'Array': {
      const { len, type } = def.value
      return isByte(registry[type])
        ? { kind: 'FIXED_BYTES', length: len }
        : { kind: 'ARRAY', item: type, length: len }
    }
    case 'Primitive':
      return { kind: 'PRIMITIVE', primitive: def.value.__kind.toLowerCase() as Primitive }
    case 'Compact':
      return { kind: 'COMPACT' }
    case 'BitSequence':
      return { kind: 'BITS' }
  }
}

function toEnum(
  variants: readonly {
    readonly name: string
    readonly index: number
    readonly fields: readonly PortableField[]
  }[],
  path: readonly string[],
): ScaleType {
  const some = variants.find((variant) => variant.name === 'Some')?.fields[0]
  if (path.length === 1 && path[0] === 'Option' && some !== undefined) {
    return { kind: 'OPTION', item: some.type }
  }
  const byIndex: (Variant | undefined)[] = []
  for (const { name, index, fields } of variants) {
    byIndex[index] = { name, fields: fields.map(toField) }
  }
  return { kind: 'ENUM', variants: byIndex }
}

function toField({ name, type }: PortableField): Field {
  return { name: name ?? null, type }
}

function isByte(type: PortableType | undefined): boolean {
  return type?.def.__kind === 'Primitive' && type.def.value.__kind === 'U8'
}

/** Types that hold `target` somewhere inside, `target` itself included. */
export function typesContaining(types: readonly ScaleType[], target: TypeId): ReadonlySet<TypeId> {
  const found = new Set<TypeId>([target])
  for (let size = -1; size !== found.size; ) {
    size = found.size
    types.forEach((type, id) => {
      if (!found.has(id) && innerTypes(type).some((inner) => found.has(inner))) found.add(id)
    })
  }
  return found
}

function innerTypes(type: ScaleType): TypeId[] {
  switch (type.kind) {
    case 'SEQUENCE':
    case 'ARRAY':
    case 'OPTION':
      return [type.item]
    case 'FIELDS':
      return type.fields.map((field) => field.type)
    case 'ENUM':
      return type.variants.flatMap((variant) => variant?.fields.map((field) => field.type) ?? [])
    default:
      return []
  }
}
