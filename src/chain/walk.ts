/**
 * Which call caused which event: an extrinsic's events read backwards against its call tree.
 *
 * A failing call leaves no events. Every wrapper that succeeds ends with exactly one marker event, the transparent ones
 * (as_derivative, with_weight) with none. So from the last event back, each event belongs to one known place in the tree.
 */

import { eventKindOf } from '../registry/event-kind'
import { identifierOfCall } from '../registry/pallet-certificate'
import type { CallOutcome, ExecutionNode, ObservedCall } from '../registry/types'
import { holdsRegistryCall, isRegistryCall, readRegistryEvent } from './auto-id-pallet'
import { type CallNode, callName } from './call-tree'
import { dispatchErrorName, resultError } from './dispatch-error'
import { type ChainEvent, eventArg } from './events'
import { innerOrigin, type Origin } from './origin'
import { buildRolledBack } from './rolled-back-tree'
import type { Runtime } from './runtime'

/** The events do not follow from the call tree by the known rules: nothing of this extrinsic was concluded. */
export class WalkMismatch extends Error {
  override readonly name = 'WalkMismatch'
}

export type Observe = (node: CallNode, outcome: CallOutcome) => ObservedCall

/** What became of an extrinsic as a whole. */
export type ExtrinsicOutcome =
  | { readonly type: 'SUCCEEDED' }
  | { readonly type: 'FAILED'; readonly error: string }
  /** Included, but refused before its call was dispatched. */
  | { readonly type: 'NOT_DISPATCHED' }

export const NOT_EXECUTED: CallOutcome = { status: 'NOT_EXECUTED', derived: false }
const NOT_DISPATCHED: CallOutcome = { ...NOT_EXECUTED, error: 'PreDispatch' }
const TO_BE_DERIVED: CallOutcome = { status: 'NOT_EXECUTED', derived: true }

/**
 * @param events of this extrinsic, in order
 * @returns its AutoId calls and rolled-back subtrees in order of execution
 * @throws {WalkMismatch}
 */
export function walkExtrinsic(
  call: CallNode,
  outcome: ExtrinsicOutcome,
  origin: Origin,
  events: readonly ChainEvent[],
  runtime: Runtime,
  observe: Observe,
): ExecutionNode[] {
  const walk = new BackwardWalk(events.filter(isMarker), runtime, observe)
  switch (outcome.type) {
    case 'SUCCEEDED':
      walk.succeeded(call, origin)
      break
    case 'FAILED':
      walk.failed(call, outcome.error, origin)
      break
    case 'NOT_DISPATCHED':
      walk.notDispatched(call)
  }
  return walk.finish()
}

const MARKING_PALLETS: ReadonlySet<string> = new Set(['AutoId', 'Utility', 'Sudo'])

/** Of the stock sudo pallet: what a call that holds no other one did. */
const NO_MARKERS: ReadonlySet<string> = new Set(['Sudo.KeyChanged', 'Sudo.KeyRemoved'])

function isMarker({ name }: ChainEvent): boolean {
  return MARKING_PALLETS.has(name.slice(0, name.indexOf('.'))) && !NO_MARKERS.has(name)
}

class BackwardWalk {
  private readonly nodes: ExecutionNode[] = []
  private next: number

  constructor(
    private readonly events: readonly ChainEvent[],
    private readonly runtime: Runtime,
    private readonly observe: Observe,
  ) {
    this.next = events.length - 1
  }

  finish(): ExecutionNode[] {
    if (this.next >= 0) throw new WalkMismatch(`${this.next + 1} events belong to no call`)
    return this.nodes.reverse()
  }

  succeeded(node: CallNode, origin: Origin): void {
    if (isRegistryCall(node)) this.applied(node)
    else this.wrapper(node, innerOrigin(node, origin, this.runtime))
  }

  private wrapper(node: CallNode, within: Origin): void {
    switch (callName(node)) {
      case 'Utility.batch':
        this.batch(node, within)
        break
      case 'Utility.batch_all':
        this.take('Utility.BatchCompleted')
        this.items(node.children, within)
        break
      case 'Utility.force_batch':
        this.take('Utility.BatchCompleted', 'Utility.BatchCompletedWithErrors')
        this.items(node.children, within)
        break
      case 'Utility.if_else':
        this.ifElse(node, within)
        break
      case 'Utility.dispatch_as':
      case 'Utility.dispatch_as_fallible':
        this.wrapped(node, within, this.take('Utility.DispatchedAs'), 'result')
        break
      case 'Sudo.sudo':
      case 'Sudo.sudo_unchecked_weight':
        this.wrapped(node, within, this.take('Sudo.Sudid'), 'sudo_result')
        break
      case 'Sudo.sudo_as':
        this.wrapped(node, within, this.take('Sudo.SudoAsDone'), 'sudo_result')
        break
      case 'Utility.as_derivative':
      case 'Utility.with_weight':
        this.succeeded(childAt(node, 0), within)
        break
      default:
        // Whatever it did with its calls, none of them could leave a marker.
        if (!mayLeaveMarkers(node)) return
        throw new WalkMismatch(`${callName(node)} is no known wrapper`)
    }
  }

  failed(node: CallNode, error: string, origin: Origin): void {
    if (isRegistryCall(node)) {
      this.push(node, { status: 'FAILED', error, derived: false })
    } else if (holdsRegistryCall(node)) {
      const root = buildRolledBack(node, origin, this.runtime, (inner) =>
        this.observe(inner, TO_BE_DERIVED),
      )
      this.nodes.push({ type: 'ROLLED_BACK', error, root })
    }
  }

  notDispatched(node: CallNode): void {
    if (isRegistryCall(node)) this.push(node, NOT_DISPATCHED)
    else this.notExecuted(node)
  }

  notExecuted(node: CallNode): void {
    if (isRegistryCall(node)) this.push(node, NOT_EXECUTED)
    for (const child of node.children.toReversed()) this.notExecuted(child)
  }

  private applied(node: CallNode): void {
    const event = this.take()
    const found = readRegistryEvent(event)
    const { call } = this.observe(node, NOT_EXECUTED)
    const autoId = identifierOfCall(call)
    if (found === null || found.kind !== eventKindOf(call) || found.autoId !== autoId) {
      throw new WalkMismatch(`event ${event.index} is not that of ${callName(node)}`)
    }
    this.push(node, { status: 'APPLIED', eventIndex: event.index, autoId })
  }

  private batch(node: CallNode, within: Origin): void {
    const marker = this.take('Utility.BatchCompleted', 'Utility.BatchInterrupted')
    if (marker.name === 'Utility.BatchCompleted') {
      this.items(node.children, within)
      return
    }
    const index = eventArg(marker, 'index')
    const error = eventArg(marker, 'error')
    if (typeof index !== 'number' || error === undefined) {
      throw new WalkMismatch(`event ${marker.index} has no index and error`)
    }
    const interrupted = childAt(node, index)
    for (const child of node.children.slice(index + 1).reverse()) this.notExecuted(child)
    this.failed(interrupted, dispatchErrorName(error, this.runtime), within)
    this.items(node.children.slice(0, index), within)
  }

  /** Each item is followed by its own marker: completed, or (force_batch only) failed. */
  private items(items: readonly CallNode[], within: Origin): void {
    for (const item of items.toReversed()) {
      const marker = this.take('Utility.ItemCompleted', 'Utility.ItemFailed')
      if (marker.name === 'Utility.ItemCompleted') this.succeeded(item, within)
      else {
        const error = eventArg(marker, 'error') ?? null
        this.failed(item, dispatchErrorName(error, this.runtime), within)
      }
    }
  }

  private ifElse(node: CallNode, within: Origin): void {
    const marker = this.take('Utility.IfElseMainSuccess', 'Utility.IfElseFallbackCalled')
    const main = childAt(node, 0)
    const fallback = childAt(node, 1)
    if (marker.name === 'Utility.IfElseMainSuccess') {
      this.notExecuted(fallback)
      this.succeeded(main, within)
    } else {
      const error = eventArg(marker, 'main_error') ?? null
      this.succeeded(fallback, within)
      this.failed(main, dispatchErrorName(error, this.runtime), within)
    }
  }

  private wrapped(node: CallNode, within: Origin, marker: ChainEvent, argument: string): void {
    const error = resultError(eventArg(marker, argument) ?? null, this.runtime)
    if (error === null) this.succeeded(childAt(node, 0), within)
    else this.failed(childAt(node, 0), error, within)
  }

  private push(node: CallNode, outcome: CallOutcome): void {
    this.nodes.push({ type: 'CALL', call: this.observe(node, outcome) })
  }

  /** The next event from the back; with names given, it must have one of them. */
  private take(...names: readonly string[]): ChainEvent {
    const event = this.events[this.next]
    if (event === undefined || (names.length > 0 && !names.includes(event.name))) {
      throw new WalkMismatch(
        `${names.join(' or ') || 'an event'} expected, ${event?.name ?? 'none'} found`,
      )
    }
    this.next -= 1
    return event
  }
}

function childAt(node: CallNode, index: number): CallNode {
  const child = node.children[index]
  if (child === undefined) throw new WalkMismatch(`${callName(node)} has no call ${index}`)
  return child
}

function mayLeaveMarkers(node: CallNode): boolean {
  return node.children.some((child) => MARKING_PALLETS.has(child.pallet) || mayLeaveMarkers(child))
}
