/** Extrinsics of random call trees with the events a runtime would leave, and what an index must make of them. */

import { expect } from 'vitest'
import { concatBytes, fromHex } from '../../src/bytes'
import { type Random, seededRandom } from '../../src/devnet/maker/random'
import { UNKNOWN_ERROR } from '../../src/registry/rolled-back'
import type { RegistryCallKind } from '../../src/registry/types'
import { type CallBytes, DISPATCH_INFO, SIGNER } from './call-bytes'
import { type CallTree, childrenOf, encodeTree, nameOf, TreeMaker } from './call-trees'
import { type Fate, type Layer, PalletState, type TreeEvent, TreeRun } from './tree-run'

export type ExpectedCall = {
  readonly extrinsicIndex: number
  readonly callPath: string
  readonly wrappers: readonly string[]
  readonly kind: RegistryCallKind
  readonly fate: Fate
  /** Of its event; null: it left none. */
  readonly eventIndex: number | null
  /** A call around it was rolled back: no event tells its fate. */
  readonly isHidden: boolean
  /** A call of another pallet failed in the extrinsic: inside what was rolled back, nothing tells which one. */
  readonly isBesideStranger: boolean
}

export type TreeBlock = {
  readonly extrinsics: readonly Uint8Array[]
  /** Encoded event records. */
  readonly records: readonly Uint8Array[]
  readonly calls: readonly ExpectedCall[]
}

type Place = { readonly extrinsics: number; readonly events: number }

type Preamble = 'SIGNED' | 'SUDO' | 'GENERAL' | 'STALE'

export class TreeBlocks {
  state = new PalletState()
  private readonly random: Random
  private readonly maker: TreeMaker

  constructor(seed: number, label: string) {
    this.random = seededRandom(seed)
    this.maker = new TreeMaker(this.random, label, () => this.state.entries)
  }

  /** @param after how many extrinsics and events of the block come before */
  next(make: CallBytes, count: number, after: Place, nowMs: number): TreeBlock {
    const extrinsics: Uint8Array[] = []
    const records: Uint8Array[] = []
    const calls: ExpectedCall[] = []
    for (let i = 0; i < count; i++) {
      const preamble = this.random.pick(PREAMBLES)
      const tree = this.tree(preamble, nowMs)
      const index = after.extrinsics + i
      const run = new TreeRun(make, this.state, nowMs)
      const { extrinsic, events } = this.execute(tree, preamble, run)
      this.state = run.state
      const places = new Map<string, number>()
      for (const event of events) {
        if (event.path !== undefined) places.set(event.path, after.events + records.length)
        records.push(record(index, event.bytes))
      }
      extrinsics.push(extrinsic)
      calls.push(...expectedCalls(tree, { index, run, places }))
    }
    return { extrinsics, records, calls }
  }

  private tree(preamble: Preamble, nowMs: number): CallTree {
    const depth = this.random.below(6)
    if (preamble !== 'SUDO') {
      return this.maker.tree(nowMs, depth, preamble === 'GENERAL' ? 'NONE' : 'SIGNED')
    }
    return { type: 'sudo', items: [this.maker.tree(nowMs, depth, 'ROOT')] }
  }

  private execute(tree: CallTree, preamble: Preamble, run: TreeRun) {
    const { make } = run
    const place = { path: [], filtered: false }
    const call = encodeTree(tree, make)
    switch (preamble) {
      case 'STALE':
        return { extrinsic: make.signed(call), events: [failure(make, 'Other')] }
      case 'SIGNED': {
        const paid = make.event('TransactionPayment.TransactionFeePaid', fromHex(SIGNER), AMOUNTS)
        const layer = run.dispatch(tree, { ...place, origin: 'SIGNED' })
        return { extrinsic: make.signed(call), events: ending(make, layer, [{ bytes: paid }]) }
      }
      default: {
        const extrinsic = preamble === 'SUDO' ? make.bare(5, call) : make.general(call)
        const layer = run.dispatch(tree, { ...place, origin: 'NONE' })
        return { extrinsic, events: ending(make, layer, []) }
      }
    }
  }
}

const PREAMBLES: readonly Preamble[] = ['SIGNED', 'SIGNED', 'SIGNED', 'SUDO', 'GENERAL', 'STALE']
const AMOUNTS = new Uint8Array(32)

function failure(make: CallBytes, error: string): TreeEvent {
  return { bytes: make.event('System.ExtrinsicFailed', make.dispatchError(error), DISPATCH_INFO) }
}

function ending(make: CallBytes, layer: Layer, paid: readonly TreeEvent[]): TreeEvent[] {
  const outcome =
    layer.error === null
      ? { bytes: make.event('System.ExtrinsicSuccess', DISPATCH_INFO) }
      : failure(make, layer.error)
  return [...layer.events, ...paid, outcome]
}

function record(extrinsicIndex: number, event: Uint8Array): Uint8Array {
  const phase = new Uint8Array(5)
  new DataView(phase.buffer).setUint32(1, extrinsicIndex, true)
  return concatBytes(phase, event, Uint8Array.of(0))
}

type Seen = {
  readonly index: number
  readonly run: TreeRun
  readonly places: ReadonlyMap<string, number>
}

/** The AutoId calls of a tree, in pre-order. */
function expectedCalls(
  tree: CallTree,
  seen: Seen,
  path: readonly number[] = [],
  wrappers: readonly string[] = [],
): ExpectedCall[] {
  if (tree.type !== 'REGISTRY') {
    return childrenOf(tree).flatMap((child, i) =>
      expectedCalls(child, seen, [...path, i], [...wrappers, nameOf(tree)]),
    )
  }
  const callPath = path.join('.')
  const fate = seen.run.fates.get(callPath) ?? { status: 'NOT_EXECUTED' }
  return [
    {
      extrinsicIndex: seen.index,
      callPath,
      wrappers,
      kind: tree.call.kind,
      fate,
      eventIndex: seen.places.get(callPath) ?? null,
      isBesideStranger: seen.run.hasStrangerFailed,
      isHidden: path.some((_, depth) => seen.run.rolledBack.has(path.slice(0, depth).join('.'))),
    },
  ]
}

/** A call as the index must tell of it, whichever of its tables holds it. */
export function expectedRow(call: ExpectedCall): unknown {
  const { extrinsicIndex, callPath, fate, kind, wrappers, isHidden, eventIndex } = call
  const place = { extrinsicIndex, callPath, wrappers: [...wrappers], kind }
  if (fate.status === 'APPLIED') {
    return { ...place, ...fate, eventIndex, error: null, derived: false }
  }
  const error = fate.status === 'FAILED' ? fate.error : null
  const told = { status: fate.status, error, derived: isHidden }
  const row = { ...place, ...told, eventIndex: null, autoId: expect.any(String) }
  // Which call of another pallet failed, where nothing left an event, is not always told: then that is said, or the truth.
  if (isHidden && call.isBesideStranger) {
    return expect.toBeOneOf([row, { ...row, status: 'FAILED', error: UNKNOWN_ERROR }])
  }
  return row
}

export const byPlace = (
  a: { extrinsicIndex: number; callPath: string },
  b: { extrinsicIndex: number; callPath: string },
) => a.extrinsicIndex - b.extrinsicIndex || (a.callPath < b.callPath ? -1 : 1)
