/** A type written out as text, names and all: how a pallet's shape is compared with the known one. */

import type { Runtime } from './runtime'
import type { Field, TypeId } from './scale-types'

/** Deeper types are cut: none of the registry's is. */
const MAX_SHAPE_DEPTH = 12

/** E.g. `{id:[32],list:[u256],kind:<Root{a:bytes}|Leaf>}`; wrappers around one unnamed field leave no trace. */
export function describeType(runtime: Runtime, id: TypeId, depth = 0): string {
  if (depth > MAX_SHAPE_DEPTH) return '…'
  const inner = (type: TypeId) => describeType(runtime, type, depth + 1)
  const type = runtime.scaleType(id)
  switch (type.kind) {
    case 'PRIMITIVE':
      return type.primitive
    case 'COMPACT':
      return 'compact'
    case 'BYTES':
      return 'bytes'
    case 'FIXED_BYTES':
      return `[${type.length}]`
    case 'SEQUENCE':
      return `[${inner(type.item)}]`
    case 'ARRAY':
      return `[${inner(type.item)};${type.length}]`
    case 'OPTION':
      return `${inner(type.item)}?`
    case 'BITS':
      return 'bits'
    case 'FIELDS':
      return describeFields(runtime, type.fields, depth + 1)
    case 'ENUM': {
      const variants = type.variants.flatMap((variant) =>
        variant ? [variant.name + describeFields(runtime, variant.fields, depth + 1, true)] : [],
      )
      return `<${variants.join('|')}>`
    }
  }
}

export function describeFields(
  runtime: Runtime,
  fields: readonly Field[],
  depth = 0,
  inVariant = false,
): string {
  const [first] = fields
  if (first === undefined) return inVariant ? '' : '()'
  const types = fields.map((field) => describeType(runtime, field.type, depth))
  if (first.name !== null) {
    return `{${fields.map((field, i) => `${field.name}:${types[i]}`).join(',')}}`
  }
  return inVariant || types.length > 1 ? `(${types.join(',')})` : (types[0] ?? '()')
}
