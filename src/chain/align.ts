/**
 * The way out when an extrinsic's events do not follow from its call tree (an unknown wrapper, left-over events):
 * its AutoId events are matched with its AutoId calls by kind and identifier, only where there is no choice.
 */

import type { Hex } from '../bytes'
import { eventKindOf } from '../registry/event-kind'
import { identifierOfCall } from '../registry/pallet-certificate'
import { UNKNOWN_ERROR } from '../registry/rolled-back'
import type { CallOutcome, EventKind, ExecutionNode } from '../registry/types'
import { isRegistryCall, readRegistryEvent } from './auto-id-pallet'
import type { CallNode } from './call-tree'
import type { ChainEvent } from './events'
import { NOT_EXECUTED, type Observe } from './walk'

export type RegistryEventAt = {
  readonly eventIndex: number
  readonly kind: EventKind
  readonly autoId: Hex
}

export type Alignment = {
  readonly nodes: readonly ExecutionNode[]
  readonly unexplained: readonly RegistryEventAt[]
}

const CANNOT_BE_TOLD: CallOutcome = { status: 'FAILED', error: UNKNOWN_ERROR, derived: true }

/**
 * As many calls as events of one kind and identifier: they belong together in order. More or fewer: which one it was
 * cannot be told, so the events stay unexplained, and of these calls, one of which applied, nothing is said. Calls
 * without an event did not apply; how they ended is unknown.
 *
 * @param events of this extrinsic, in order
 */
export function alignEvents(
  call: CallNode,
  events: readonly ChainEvent[],
  observe: Observe,
): Alignment {
  const calls = new Map<string, CallNode[]>()
  for (const node of registryCalls(call)) {
    const { call: registryCall } = observe(node, NOT_EXECUTED)
    append(calls, `${eventKindOf(registryCall)} ${identifierOfCall(registryCall)}`, node)
  }
  const found = events.flatMap((event) => {
    const read = readRegistryEvent(event)
    return read === null ? [] : [{ ...read, eventIndex: event.index }]
  })
  const groups = new Map<string, RegistryEventAt[]>()
  for (const event of found) append(groups, `${event.kind} ${event.autoId}`, event)

  const matched: { node: CallNode; event: RegistryEventAt }[] = []
  const unexplained: RegistryEventAt[] = []
  for (const [key, group] of groups) {
    const candidates = calls.get(key) ?? []
    calls.delete(key)
    if (candidates.length !== group.length) {
      for (const event of group) unexplained.push(event)
    } else {
      candidates.forEach((node, i) => {
        const event = group[i]
        if (event !== undefined) matched.push({ node, event })
      })
    }
  }
  matched.sort((a, b) => a.event.eventIndex - b.event.eventIndex)
  unexplained.sort((a, b) => a.eventIndex - b.eventIndex)
  const applied = matched.map(({ node, event: { eventIndex, autoId } }) =>
    toNode(node, { status: 'APPLIED', eventIndex, autoId }, observe),
  )
  const rest = [...calls.values()].flat().map((node) => toNode(node, CANNOT_BE_TOLD, observe))
  return { nodes: [...applied, ...rest], unexplained }
}

/** The AutoId calls of a tree, in pre-order. */
function registryCalls(node: CallNode): CallNode[] {
  return isRegistryCall(node) ? [node] : node.children.flatMap(registryCalls)
}

function toNode(node: CallNode, outcome: CallOutcome, observe: Observe): ExecutionNode {
  return { type: 'CALL', call: observe(node, outcome) }
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
