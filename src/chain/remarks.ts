/** `System.Remarked` events with the remark itself, from the call that made it. */

import { type Hex, toHex } from '../bytes'
import { blake2b256 } from '../hash'
import type { ObservedRemark } from '../registry/types'
import { type CallNode, callPath, decodeArgument } from './call-tree'
import { type ChainEvent, eventArg } from './events'
import type { Runtime } from './runtime'

/** Longer remarks are known by their hash alone. */
const MAX_REMARK_BYTES = 256

/**
 * @param call of the extrinsic; null when it could not be decoded
 * @param events of the extrinsic
 */
export function readRemarks(
  extrinsicIndex: number,
  extrinsicHash: () => Hex,
  call: CallNode | null,
  events: readonly ChainEvent[],
  runtime: Runtime,
): ObservedRemark[] {
  const remarked = events.filter(({ name }) => name === 'System.Remarked')
  if (remarked.length === 0) return []
  const made = call === null ? new Map<Hex, Remark[]>() : remarksByHash(call, runtime)
  const hash = extrinsicHash()
  return remarked.flatMap((event) => {
    const sender = eventArg(event, 'sender')
    const remarkHash = eventArg(event, 'hash')
    if (!(sender instanceof Uint8Array) || !(remarkHash instanceof Uint8Array)) return []
    // Equal remarks are interchangeable but for their place: they are taken in order.
    const remark = made.get(toHex(remarkHash))?.shift() ?? null
    return [
      {
        eventIndex: event.index,
        extrinsicIndex,
        extrinsicHash: hash,
        callPath: remark === null ? '' : callPath(remark.node),
        sender: toHex(sender),
        remark: remark !== null && remark.bytes.length <= MAX_REMARK_BYTES ? remark.bytes : null,
        remarkHash: toHex(remarkHash),
      },
    ]
  })
}

function remarkCalls(node: CallNode): CallNode[] {
  const isRemark = node.pallet === 'System' && node.name === 'remark_with_event'
  return isRemark ? [node] : node.children.flatMap(remarkCalls)
}

type Remark = { readonly node: CallNode; readonly bytes: Uint8Array }

function remarksByHash(call: CallNode, runtime: Runtime): Map<Hex, Remark[]> {
  const remarks = new Map<Hex, Remark[]>()
  for (const node of remarkCalls(call)) {
    const bytes = decodeArgument(node, 'remark', runtime)
    if (!(bytes instanceof Uint8Array)) continue
    const hash = toHex(blake2b256(bytes))
    const same = remarks.get(hash)
    if (same === undefined) remarks.set(hash, [{ node, bytes }])
    else same.push({ node, bytes })
  }
  return remarks
}
