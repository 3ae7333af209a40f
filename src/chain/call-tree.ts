/** An extrinsic's call with every call nested in it, found by type: no list of wrappers is needed. */

import type { Runtime } from './runtime'
import { readOptionByte, readVariant, ScaleError, ScaleReader, type ScaleValue } from './scale'
import type { TypeId } from './scale-types'

/** Substrate decodes 256 levels of lists and boxes (`MAX_EXTRINSIC_DEPTH`), of which every nested call takes one. */
const MAX_CALL_DEPTH = 300
/** Most calls followed in one extrinsic; a block's weight has no room for so many that do anything. */
const MAX_CALLS = 200_000

type CallArgument = { readonly type: TypeId; readonly bytes: Uint8Array }

export type CallNode = {
  readonly pallet: string
  readonly name: string
  /** Null for the extrinsic's own call. */
  readonly parent: CallNode | null
  /** Place among the parent's nested calls. */
  readonly position: number
  /** Arguments that hold no call, still encoded. */
  readonly args: ReadonlyMap<string, CallArgument>
  readonly children: CallNode[]
}

/**
 * Reads one encoded `RuntimeCall` to its last byte.
 *
 * @throws {ScaleError} on bytes that are no call of this runtime, or past the bounds on depth and number
 */
export function readCallTree(reader: ScaleReader, runtime: Runtime): CallNode {
  const tree = new CallTreeReader(reader, runtime).readCall(null, 0, 1)
  reader.assertEnd()
  return tree
}

/** `Pallet.name`. */
export function callName({ pallet, name }: CallNode): string {
  return `${pallet}.${name}`
}

/** Positions from the extrinsic's call down, joined with dots. */
export function callPath(node: CallNode): string {
  const path: number[] = []
  for (let at = node; at.parent !== null; at = at.parent) path.push(at.position)
  return path.reverse().join('.')
}

/** Names of the calls around a call, outermost first. */
export function wrappersOf(node: CallNode): string[] {
  const names: string[] = []
  for (let at = node.parent; at !== null; at = at.parent) names.push(callName(at))
  return names.reverse()
}

export function decodeArgument(node: CallNode, name: string, runtime: Runtime): ScaleValue {
  const argument = node.args.get(name)
  if (argument === undefined) throw new ScaleError(`${callName(node)} has no argument ${name}`)
  return runtime.decoder.decodeAll(argument.type, argument.bytes)
}

class CallTreeReader {
  private calls = 0

  constructor(
    private readonly reader: ScaleReader,
    private readonly runtime: Runtime,
  ) {}

  readCall(parent: CallNode | null, position: number, depth: number): CallNode {
    this.calls += 1
    if (depth > MAX_CALL_DEPTH) throw new ScaleError(`calls nested over ${MAX_CALL_DEPTH} deep`)
    if (this.calls > MAX_CALLS) throw new ScaleError(`over ${MAX_CALLS} calls`)
    const { reader, runtime } = this
    const palletIndex = reader.u8()
    const pallet = runtime.calls[palletIndex]
    if (pallet === undefined) throw new ScaleError(`no pallet ${palletIndex} with calls`)
    const variant = readVariant(pallet.variants, reader)
    const args = new Map<string, CallArgument>()
    const children: CallNode[] = []
    const node = { pallet: pallet.pallet, name: variant.name, parent, position, args, children }
    for (const [i, { name, type }] of variant.fields.entries()) {
      const start = reader.offset
      if (runtime.typesWithCalls.has(type)) this.collect(type, node, depth)
      else {
        runtime.decoder.skip(type, reader)
        args.set(name ?? `${i}`, { type, bytes: reader.bytes.subarray(start, reader.offset) })
      }
    }
    return node
  }

  /** Reads a value that may hold calls, adding them to `node` in the order they stand in. */
  private collect(id: TypeId, node: CallNode, depth: number): void {
    if (id === this.runtime.callType) {
      node.children.push(this.readCall(node, node.children.length, depth + 1))
      return
    }
    if (!this.runtime.typesWithCalls.has(id)) {
      this.runtime.decoder.skip(id, this.reader)
      return
    }
    const type = this.runtime.scaleType(id)
    switch (type.kind) {
      case 'SEQUENCE':
        this.collectItems(type.item, this.reader.compactLength(), node, depth)
        return
      case 'ARRAY':
        this.collectItems(type.item, type.length, node, depth)
        return
      case 'OPTION':
        if (readOptionByte(this.reader)) this.collect(type.item, node, depth)
        return
      case 'FIELDS':
        for (const field of type.fields) this.collect(field.type, node, depth)
        return
      case 'ENUM':
        for (const field of readVariant(type.variants, this.reader).fields) {
          this.collect(field.type, node, depth)
        }
        return
      default:
        this.runtime.decoder.skip(id, this.reader)
    }
  }

  private collectItems(item: TypeId, count: number, node: CallNode, depth: number): void {
    // A call takes at least two bytes, so the bytes bound the loop.
    for (let i = 0; i < count; i++) this.collect(item, node, depth)
  }
}
