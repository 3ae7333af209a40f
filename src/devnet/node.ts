/** The node's view of its chain: which blocks have arrived, which is best, which is final. */

import { EventEmitter } from 'node:events'
import type { Hex } from '../bytes'
import { BlockTree, type TreeBlock } from './block-tree'
import type { RecordedBlock } from './recorded-block'
import type { RecordedRuntime, Recording } from './recording'

export type FinalityRule =
  /** The recording's own finalized height. */
  | { readonly type: 'RECORDED' }
  /** So many blocks behind the best one. */
  | { readonly type: 'LAG'; readonly blocks: number }

type NodeEvents = { best: [TreeBlock]; finalized: [TreeBlock]; imported: [TreeBlock] }

export class DevnetNode {
  readonly tree = new BlockTree()
  readonly events = new EventEmitter<NodeEvents>()
  private readonly runtimes: Map<number, RecordedRuntime>
  private readonly genesisBlock: TreeBlock
  private bestBlock: TreeBlock
  private finalizedBlock: TreeBlock
  private arrived = 1

  constructor(
    readonly recording: Recording,
    private readonly finality: FinalityRule,
  ) {
    this.runtimes = new Map(recording.runtimes)
    this.events.setMaxListeners(0)
    const genesis = recording.blocks[0]
    if (genesis === undefined) throw new RangeError('a chain has at least its genesis')
    this.genesisBlock = this.tree.add(genesis)
    this.bestBlock = this.genesisBlock
    this.finalizedBlock = this.genesisBlock
  }

  get genesis(): TreeBlock {
    return this.genesisBlock
  }

  get best(): TreeBlock {
    return this.bestBlock
  }

  get finalized(): TreeBlock {
    return this.finalizedBlock
  }

  /** Recorded blocks that have not arrived yet. */
  get pending(): number {
    return this.recording.blocks.length - this.arrived
  }

  runtimeAt(at: TreeBlock): RecordedRuntime {
    const runtime = this.runtimes.get(at.block.specVersionAfter)
    if (runtime === undefined) throw new RangeError(`no runtime ${at.block.specVersionAfter}`)
    return runtime
  }

  addRuntime(specVersion: number, runtime: RecordedRuntime): void {
    this.runtimes.set(specVersion, runtime)
  }

  /** Lets the next `count` recorded blocks arrive, in the recorded order. Returns how many did. */
  advance(count: number): number {
    const next = this.recording.blocks.slice(this.arrived, this.arrived + count)
    for (const block of next) {
      this.arrived += 1
      this.import(block)
    }
    return next.length
  }

  /** Lets recorded blocks arrive until one of this height has. */
  advanceTo(height: number): void {
    while (this.bestBlock.block.number < height && this.advance(1) > 0);
  }

  /** A block made outside the recording. It becomes best when it is higher than the best one. */
  import(block: RecordedBlock): TreeBlock {
    if (!this.runtimes.has(block.specVersionAfter)) {
      throw new RangeError(`runtime ${block.specVersionAfter} was never added`)
    }
    const added = this.tree.add(block)
    this.events.emit('imported', added)
    if (block.number > this.bestBlock.block.number) this.setBest(added)
    return added
  }

  /** Makes an arrived block the best one, whatever its height: how a test forces a reorganisation. */
  setBestHash(hash: Hex): void {
    const block = this.tree.get(hash)
    if (block === undefined) throw new RangeError(`block ${hash} has not arrived`)
    this.setBest(block)
  }

  /** The arrived block of this height and branch name. */
  find(height: number, branch: string): TreeBlock | undefined {
    for (const { number, hash, branch: name } of this.recording.blocks) {
      if (number === height && (name ?? 'canonical') === branch) return this.tree.get(hash)
    }
    return undefined
  }

  isCanonical(block: TreeBlock): boolean {
    return this.tree.ancestor(this.bestBlock, block.block.number) === block
  }

  private setBest(block: TreeBlock): void {
    this.bestBlock = block
    this.updateFinality()
    this.events.emit('best', block)
  }

  /** Finality never goes back, and never off the best chain. */
  private updateFinality(): void {
    const best = this.bestBlock.block.number
    const height =
      this.finality.type === 'LAG'
        ? best - this.finality.blocks
        : Math.min(best, this.recording.finalizedHeight ?? 0)
    if (height <= this.finalizedBlock.block.number) return
    const block = this.tree.ancestor(this.bestBlock, height)
    if (block === undefined) return
    this.finalizedBlock = block
    this.events.emit('finalized', block)
  }
}
