/** The tree of known blocks and every storage key's history in it: state at any block, on any branch, without copies of state. */

import type { Hex } from '../bytes'
import { DiskBlock } from './disk-blocks'
import type { RecordedBlock } from './recorded-block'

/** A run of blocks without a branching inside; its first block's parent lies in `parent`. */
type Segment = {
  readonly parent: Segment | null
  readonly start: number
  readonly blocks: TreeBlock[]
}

export type TreeBlock = { readonly block: RecordedBlock; readonly segment: Segment }

/** Values a key took within one segment, by height ascending; of a block on disk only where to read it. */
type KeyHistory = { readonly heights: number[]; readonly values: (Hex | null | DiskBlock)[] }

export class BlockTree {
  private readonly byHash = new Map<Hex, TreeBlock>()
  private readonly histories = new Map<Hex, Map<Segment, KeyHistory>>()
  private sortedKeys: Hex[] | null = null

  /** @throws {RangeError} when the block's parent is unknown, its height does not follow, or it is known already */
  add(block: RecordedBlock): TreeBlock {
    if (this.byHash.has(block.hash)) throw new RangeError(`block ${block.hash} is known already`)
    const segment = this.segmentFor(block)
    const added = { block, segment }
    segment.blocks.push(added)
    this.byHash.set(block.hash, added)
    for (const [key, value] of block.storageDiff) {
      const kept = value !== null && block instanceof DiskBlock ? block : value
      this.record(segment, block.number, key, kept)
    }
    return added
  }

  get(hash: Hex): TreeBlock | undefined {
    return this.byHash.get(hash)
  }

  /** The block of that height on the branch that ends in `tip`. */
  ancestor(tip: TreeBlock, height: number): TreeBlock | undefined {
    if (height > tip.block.number || height < 0) return undefined
    let segment: Segment | null = tip.segment
    while (segment !== null && height < segment.start) segment = segment.parent
    return segment?.blocks[height - segment.start]
  }

  /** Value of a key in the state after `at`; null when absent. */
  valueAt(at: TreeBlock, key: Hex): Hex | null {
    const history = this.histories.get(key)
    if (history === undefined) return null
    let bound = at.block.number
    for (let segment: Segment | null = at.segment; segment !== null; segment = segment.parent) {
      const run = history.get(segment)
      const index = run === undefined ? -1 : lastAtMost(run.heights, bound)
      if (run !== undefined && index >= 0) return resolve(run.values[index] ?? null, key)
      bound = segment.start - 1
    }
    return null
  }

  /** Keys present at `at` under `prefix`, ascending, after `startKey`, at most `count`. */
  keysAt(at: TreeBlock, prefix: Hex, count: number, startKey: Hex | null): Hex[] {
    this.sortedKeys ??= [...this.histories.keys()].sort()
    const found: Hex[] = []
    const from = startKey !== null && startKey > prefix ? startKey : prefix
    for (let i = firstAtLeast(this.sortedKeys, from); i < this.sortedKeys.length; i++) {
      const key = this.sortedKeys[i]
      if (key === undefined || !key.startsWith(prefix) || found.length >= count) break
      if (key !== startKey && this.valueAt(at, key) !== null) found.push(key)
    }
    return found
  }

  private segmentFor(block: RecordedBlock): Segment {
    if (this.byHash.size === 0) return { parent: null, start: block.number, blocks: [] }
    const parent = this.byHash.get(block.parentHash)
    if (parent === undefined) throw new RangeError(`block ${block.hash} has an unknown parent`)
    if (parent.block.number + 1 !== block.number) {
      throw new RangeError(`block ${block.hash} has number ${block.number} above its parent's`)
    }
    const { segment } = parent
    const isTip = segment.start + segment.blocks.length === block.number
    return isTip ? segment : { parent: segment, start: block.number, blocks: [] }
  }

  private record(segment: Segment, height: number, key: Hex, value: Hex | null | DiskBlock): void {
    let history = this.histories.get(key)
    if (history === undefined) {
      history = new Map()
      this.histories.set(key, history)
      this.sortedKeys = null
    }
    let run = history.get(segment)
    if (run === undefined) {
      run = { heights: [], values: [] }
      history.set(segment, run)
    }
    run.heights.push(height)
    run.values.push(value)
  }
}

function resolve(value: Hex | null | DiskBlock, key: Hex): Hex | null {
  if (!(value instanceof DiskBlock)) return value
  return value.storageDiff.find(([changed]) => changed === key)?.[1] ?? null
}

/** Index of the last element at most `bound`, or -1. */
function lastAtMost(sorted: readonly number[], bound: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) <= bound) low = middle + 1
    else high = middle
  }
  return low - 1
}

function firstAtLeast(sorted: readonly string[], bound: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? '') < bound) low = middle + 1
    else high = middle
  }
  return low
}
