/** Keeping an unfinalized chain in step with a node's best one, through reorganisations of any depth down to the final block. */

import type { Hex } from '../bytes'
import { AppError } from '../errors'
import { inconsistent } from '../inconsistent'
import type { BlockRecord } from '../registry/types'
import type { BlockRef, Heads } from './block-source'

export type FollowSource = {
  readonly readHashes: (from: number, to: number) => Promise<Hex[]>
  readonly blocks: (from: number, to: number) => AsyncIterable<BlockRecord[]>
}

/** Blocks above `baseHead` are undone, then `blocks` added; `finalizedHead` lies on the resulting chain. */
export type FollowUpdate = {
  readonly baseHead: BlockRef
  readonly finalizedHead: BlockRef
  readonly blocks: readonly BlockRecord[]
}

/** First step back when looking for the common ancestor; doubled while it is not found. */
const FIRST_STEP_BACK = 8

export class ChainFollower {
  /** From the last final block to the head, without a gap. */
  private chain: BlockRef[]

  constructor(
    state: BlockRef & { readonly top: readonly BlockRef[] },
    private readonly source: FollowSource,
    private readonly apply: (update: FollowUpdate) => Promise<void>,
  ) {
    this.chain = [{ height: state.height, hash: state.hash }, ...state.top]
  }

  get head(): BlockRef {
    return at(this.chain, this.chain.length - 1)
  }

  get finalized(): BlockRef {
    return at(this.chain, 0)
  }

  /**
   * Moves to the node's best block, in as many updates as it takes.
   *
   * A node whose best block is an older one of this very chain is behind, not reorganised: nothing is undone.
   * @throws {AppError} WRONG_CHAIN when the node's chain does not hold the last final block; INCONSISTENT_NODE when the
   *   chain changed while it was read: try again with new heads
   */
  async goto({ best, finalized }: Heads): Promise<void> {
    if (best.height < this.finalized.height) return
    if (this.find(best.height)?.hash === best.hash) {
      await this.finalizeOnly(finalized)
      return
    }
    let base =
      best.parentHash === this.head.hash ? this.head : await this.commonAncestor(best.height)
    for await (const blocks of this.source.blocks(base.height + 1, best.height)) {
      if (blocks[0]?.parentHash !== base.hash) {
        throw inconsistent('The best chain changed while it was read.', { height: base.height })
      }
      await this.move(base, blocks, finalized)
      base = this.head
    }
  }

  /** Has the node come no further than an older block of this chain? Then it says nothing of the head. */
  isAheadOf(best: BlockRef): boolean {
    if (best.height < this.finalized.height) return true
    return best.height < this.head.height && this.find(best.height)?.hash === best.hash
  }

  private async finalizeOnly(finalized: BlockRef): Promise<void> {
    if (finalized.height > this.finalized.height) await this.move(this.head, [], finalized)
  }

  private async move(
    base: BlockRef,
    blocks: readonly BlockRecord[],
    finalized: BlockRef,
  ): Promise<void> {
    const kept = this.chain.slice(0, base.height - this.finalized.height + 1)
    const added = blocks.map(({ height, hash }) => ({ height, hash }))
    const chain = [...kept, ...added]
    const final = finalBlock(chain, finalized)
    await this.apply({ baseHead: base, finalizedHead: at(chain, final), blocks })
    this.chain = chain.slice(final)
  }

  /** The highest block of this chain that stands on the node's best chain too, at most `below` high. */
  private async commonAncestor(below: number): Promise<BlockRef> {
    const floor = this.finalized.height
    let high = Math.min(this.head.height, below)
    for (let step = FIRST_STEP_BACK; high >= floor; step *= 2) {
      const low = Math.max(floor, high - step + 1)
      const hashes = await this.source.readHashes(low, high)
      for (let height = high; height >= low; height--) {
        const own = this.find(height)
        if (own !== undefined && own.hash === hashes[height - low]) return own
      }
      high = low - 1
    }
    throw new AppError(
      'WRONG_CHAIN',
      `The node's chain does not hold block ${floor} (${this.finalized.hash}), which is indexed as final.`,
      { height: floor, hash: this.finalized.hash },
    )
  }

  private find(height: number): BlockRef | undefined {
    return this.chain[height - this.finalized.height]
  }
}

/**
 * Place of the last final block; finality never goes back. A final block above our head says nothing of ours: the node may
 * have changed to another branch between the two answers, or not have given us all of this one yet.
 *
 * @throws {AppError} INCONSISTENT_NODE when the final block is not the one that we have at its height
 */
function finalBlock(chain: readonly BlockRef[], finalized: BlockRef): number {
  const place = finalized.height - at(chain, 0).height
  if (place <= 0 || place >= chain.length) return 0
  const block = at(chain, place)
  if (block.hash !== finalized.hash) {
    throw inconsistent(
      `The node's finalized block ${finalized.height} is not on the best chain it gave.`,
      { height: finalized.height, finalized: finalized.hash, best: block.hash },
    )
  }
  return place
}

function at(chain: readonly BlockRef[], index: number): BlockRef {
  const block = chain[index]
  if (block === undefined) throw new RangeError(`no block at place ${index}`)
  return block
}
