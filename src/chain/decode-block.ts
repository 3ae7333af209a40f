/** One raw block and the runtime that executed it → the record the core reads. */

import { type Hex, toHex } from '../bytes'
import { AppError } from '../errors'
import { blake2b256Once } from '../hash'
import type {
  BlockRecord,
  CallOutcome,
  ExecutionNode,
  ObservedCall,
  ObservedRemark,
  Quarantined,
  RegistryCall,
  UnexplainedEvent,
} from '../registry/types'
import { type Alignment, alignEvents, type RegistryEventAt } from './align'
import { holdsRegistryCall, readRegistryCall, readRegistryEvent } from './auto-id-pallet'
import { type CallNode, callPath, decodeArgument, wrappersOf } from './call-tree'
import { dispatchErrorName } from './dispatch-error'
import { type ChainEvent, decodeEvents, eventArg } from './events'
import { type DecodedExtrinsic, decodeExtrinsic } from './extrinsic'
import { originOf } from './origin'
import type { RawBlock } from './raw-block'
import { readRemarks } from './remarks'
import type { Runtime } from './runtime'
import { ScaleError } from './scale'
import { type ExtrinsicOutcome, WalkMismatch, walkExtrinsic } from './walk'

/**
 * `stateRead` is left null: the caller reads what genesis and `unexplained` ask for.
 *
 * @param runtime the one that EXECUTED the block, not the one its state holds
 * @throws {AppError} INCONSISTENT_NODE when the events do not decode or do not number `EventCount`
 */
export function decodeBlock(raw: RawBlock, runtime: Runtime): BlockRecord {
  const events = readEvents(raw, runtime)
  assertOutcomes(raw, events)
  const block = new BlockDecoder(raw, runtime, groupByExtrinsic(events))
  raw.extrinsics.forEach((bytes, index) => {
    block.extrinsic(index, bytes)
  })
  block.unexplain(null, events.filter((event) => event.extrinsicIndex === null).flatMap(toRegistry))
  const { height, hash, parentHash, stateRoot, extrinsicsRoot } = raw
  return {
    height,
    hash,
    parentHash,
    stateRoot,
    extrinsicsRoot,
    timestamp: block.timestamp,
    specVersion: runtime.specVersion,
    eventCount: events.length,
    extrinsicCount: raw.extrinsics.length,
    nodes: block.nodes,
    remarks: block.remarks,
    unexplained: block.unexplained.sort((a, b) => a.eventIndex - b.eventIndex),
    quarantined: block.quarantined,
    stateRead: null,
  }
}

function readEvents(raw: RawBlock, runtime: Runtime): ChainEvent[] {
  const facts = { height: raw.height, hash: raw.hash, eventCount: raw.eventCount }
  let events: ChainEvent[]
  try {
    events = decodeEvents(raw.events, runtime)
  } catch (cause) {
    if (!(cause instanceof ScaleError)) throw cause
    throw new AppError(
      'INCONSISTENT_NODE',
      `The events of block ${raw.height} do not decode by runtime ${runtime.specVersion}: ${cause.message}.`,
      facts,
      { cause },
    )
  }
  if (events.length !== raw.eventCount) {
    throw new AppError(
      'INCONSISTENT_NODE',
      `Block ${raw.height} has ${events.length} events where System.EventCount says ${raw.eventCount}.`,
      facts,
    )
  }
  return events
}

const OUTCOMES: ReadonlySet<string> = new Set(['System.ExtrinsicSuccess', 'System.ExtrinsicFailed'])

/**
 * Events of another block rarely fit this one's extrinsics: each has one outcome, in order, and no other has any event.
 *
 * @see frame-system `note_applied_extrinsic`, which deposits it for every extrinsic applied
 */
function assertOutcomes(raw: RawBlock, events: readonly ChainEvent[]): void {
  const outcomes = events.flatMap(({ name, extrinsicIndex }) =>
    OUTCOMES.has(name) ? [extrinsicIndex] : [],
  )
  const count = raw.extrinsics.length
  const isEach = outcomes.length === count && outcomes.every((of, index) => of === index)
  const isWithin = events.every(({ extrinsicIndex }) => (extrinsicIndex ?? -1) < count)
  if (isEach && isWithin) return
  throw new AppError(
    'INCONSISTENT_NODE',
    `The events of block ${raw.height} are not those of its ${count} extrinsics.`,
    { height: raw.height, hash: raw.hash },
  )
}

class BlockDecoder {
  readonly nodes: ExecutionNode[] = []
  readonly remarks: ObservedRemark[] = []
  readonly unexplained: UnexplainedEvent[] = []
  readonly quarantined: Quarantined[] = []
  timestamp: number | null = null

  constructor(
    private readonly raw: RawBlock,
    private readonly runtime: Runtime,
    private readonly eventsOf: ReadonlyMap<number, readonly ChainEvent[]>,
  ) {}

  extrinsic(index: number, bytes: Uint8Array): void {
    const events = this.eventsOf.get(index) ?? []
    const extrinsic = this.decode(index, bytes)
    if (extrinsic === null) {
      this.unexplain(index, events.flatMap(toRegistry))
    } else {
      this.timestamp ??= readTimestamp(extrinsic, this.runtime)
      this.pair(index, bytes, extrinsic, events)
    }
    const call = extrinsic?.call ?? null
    const hash = () => extrinsicHash(bytes)
    for (const remark of readRemarks(index, hash, call, events, this.runtime)) {
      this.remarks.push(remark)
    }
  }

  unexplain(extrinsicIndex: number | null, events: readonly RegistryEventAt[]): void {
    if (events.length === 0) return
    const extrinsic = extrinsicIndex === null ? undefined : this.raw.extrinsics[extrinsicIndex]
    const hash = extrinsic === undefined ? null : extrinsicHash(extrinsic)
    for (const event of events) {
      this.unexplained.push({ ...event, extrinsicIndex, extrinsicHash: hash })
    }
  }

  /** Null: kept aside as undecodable. */
  private decode(index: number, bytes: Uint8Array): DecodedExtrinsic | null {
    try {
      return decodeExtrinsic(bytes, this.runtime)
    } catch (error) {
      if (!(error instanceof ScaleError)) throw error
      this.quarantined.push({
        extrinsicIndex: index,
        extrinsicHash: extrinsicHash(bytes),
        reason: error.message,
        length: bytes.length,
      })
      return null
    }
  }

  private pair(
    index: number,
    bytes: Uint8Array,
    extrinsic: DecodedExtrinsic,
    events: readonly ChainEvent[],
  ): void {
    const hasEvents = events.some((event) => readRegistryEvent(event) !== null)
    if (!hasEvents && !holdsRegistryCall(extrinsic.call)) return
    const observe = this.observer(index, bytes, extrinsic, feeOf(events))
    const { nodes, unexplained } = explain(extrinsic, events, this.runtime, observe)
    // Not spread: a batch may hold more calls than a function takes arguments.
    for (const node of nodes) this.nodes.push(node)
    this.unexplain(index, unexplained)
  }

  private observer(
    extrinsicIndex: number,
    bytes: Uint8Array,
    { signer }: DecodedExtrinsic,
    fee: bigint | null,
  ) {
    const hash = extrinsicHash(bytes)
    const decoded = new Map<CallNode, RegistryCall>()
    return (node: CallNode, outcome: CallOutcome): ObservedCall => {
      let call = decoded.get(node)
      if (call === undefined) {
        call = readRegistryCall(node, this.runtime)
        decoded.set(node, call)
      }
      return {
        call,
        outcome,
        extrinsicIndex,
        extrinsicHash: hash,
        callPath: callPath(node),
        wrappers: wrappersOf(node),
        signer,
        fee,
      }
    }
  }
}

function explain(
  { preamble, call }: DecodedExtrinsic,
  events: readonly ChainEvent[],
  runtime: Runtime,
  observe: (node: CallNode, outcome: CallOutcome) => ObservedCall,
): Alignment {
  const outcome = outcomeOf(events, preamble === 'SIGNED', runtime)
  if (outcome === null) return alignEvents(call, events, observe)
  try {
    const nodes = walkExtrinsic(call, outcome, originOf(preamble), events, runtime, observe)
    return { nodes, unexplained: [] }
  } catch (error) {
    if (!(error instanceof WalkMismatch)) throw error
    return alignEvents(call, events, observe)
  }
}

/**
 * Null when no event says. A signed extrinsic that failed before dispatch paid no fee; once dispatched it always did.
 *
 * @see domain-pallet-executive `apply_extrinsic`: a failed pre-dispatch is deposited as `ExtrinsicFailed(Other)`
 */
function outcomeOf(
  events: readonly ChainEvent[],
  isSigned: boolean,
  runtime: Runtime,
): ExtrinsicOutcome | null {
  const last = events.findLast(
    ({ name }) => name === 'System.ExtrinsicSuccess' || name === 'System.ExtrinsicFailed',
  )
  if (last === undefined) return null
  if (last.name === 'System.ExtrinsicSuccess') return { type: 'SUCCEEDED' }
  const error = dispatchErrorName(eventArg(last, 'dispatch_error') ?? null, runtime)
  return isSigned && error === 'Other' && feeOf(events) === null
    ? { type: 'NOT_DISPATCHED' }
    : { type: 'FAILED', error }
}

function feeOf(events: readonly ChainEvent[]): bigint | null {
  const paid = events.find(({ name }) => name === 'TransactionPayment.TransactionFeePaid')
  const fee = paid === undefined ? undefined : eventArg(paid, 'actual_fee')
  return typeof fee === 'bigint' ? fee : null
}

function readTimestamp({ call }: DecodedExtrinsic, runtime: Runtime): number | null {
  if (call.pallet !== 'Timestamp' || call.name !== 'set') return null
  const now = decodeArgument(call, 'now', runtime)
  return typeof now === 'bigint' ? Number(now) : null
}

function groupByExtrinsic(events: readonly ChainEvent[]): Map<number, ChainEvent[]> {
  const groups = new Map<number, ChainEvent[]>()
  for (const event of events) {
    if (event.extrinsicIndex === null) continue
    const group = groups.get(event.extrinsicIndex)
    if (group === undefined) groups.set(event.extrinsicIndex, [event])
    else group.push(event)
  }
  return groups
}

function toRegistry(event: ChainEvent): RegistryEventAt[] {
  const read = readRegistryEvent(event)
  return read === null ? [] : [{ ...read, eventIndex: event.index }]
}

function extrinsicHash(bytes: Uint8Array): Hex {
  return toHex(blake2b256Once(bytes))
}
