/** Squid's HotDatabase over an array: keeps what it is given, and refuses what a database must refuse. */

import type {
  FinalTxInfo,
  HashAndHeight,
  HotDatabase,
  HotDatabaseState,
  HotTxInfo,
} from '@subsquid/util-internal-processor-tools'
import type { BlockRecord } from '../../src/registry/types'

export type MemoryStore = { readonly add: (blocks: readonly BlockRecord[]) => void }

export class MemoryDatabase implements HotDatabase<MemoryStore> {
  readonly supportsHotBlocks = true
  /** Indexed by height. */
  blocks: BlockRecord[] = []
  finalizedHeight = -1
  /** Deepest number of blocks undone at once. */
  deepestReorg = 0
  transactions = 0

  get head(): HashAndHeight {
    return this.ref(this.blocks.length - 1)
  }

  async connect(): Promise<HotDatabaseState> {
    return {
      ...this.ref(this.finalizedHeight),
      top: this.blocks.slice(this.finalizedHeight + 1).map(({ height }) => this.ref(height)),
    }
  }

  async transact(info: FinalTxInfo, cb: (store: MemoryStore) => Promise<void>): Promise<void> {
    this.rollBackTo(info.prevHead)
    await cb(this.store())
    this.finish(info.nextHead, info.nextHead)
  }

  transactHot(): Promise<void> {
    throw new Error('superseded by transactHot2')
  }

  async transactHot2(
    info: HotTxInfo,
    cb: (store: MemoryStore, from: number, to: number) => Promise<void>,
  ): Promise<void> {
    this.rollBackTo(info.baseHead)
    if (info.newBlocks.length > 0) await cb(this.store(), 0, info.newBlocks.length)
    this.finish(info.newBlocks.at(-1) ?? info.baseHead, info.finalizedHead)
  }

  private ref(height: number): HashAndHeight {
    return { height, hash: this.blocks[height]?.hash ?? '0x' }
  }

  private store(): MemoryStore {
    return {
      add: (blocks) => {
        for (const block of blocks) {
          const before = this.head
          if (block.height !== before.height + 1) throw new Error(`gap before ${block.height}`)
          if (block.height > 0 && block.parentHash !== before.hash) {
            throw new Error(`block ${block.height} does not follow`)
          }
          this.blocks.push(block)
        }
      },
    }
  }

  private rollBackTo(base: HashAndHeight): void {
    if (base.height < this.finalizedHeight) throw new Error('a final block would be undone')
    if (this.ref(base.height).hash !== base.hash) throw new Error('base is not indexed')
    this.deepestReorg = Math.max(this.deepestReorg, this.blocks.length - 1 - base.height)
    this.blocks.length = base.height + 1
  }

  private finish(head: HashAndHeight, finalized: HashAndHeight): void {
    if (this.head.hash !== head.hash) throw new Error('head was not written')
    if (this.ref(finalized.height).hash !== finalized.hash) throw new Error('final is not indexed')
    if (finalized.height < this.finalizedHeight) throw new Error('finality went back')
    this.finalizedHeight = finalized.height
    this.transactions += 1
  }
}
