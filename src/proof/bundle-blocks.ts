/** The blocks a bundle rests on: whether their headers contradict each other, and which its holder must compare. */

import type { Hex } from '../bytes'
import type { BlockHeader } from './header'

export type NamedBlock = { readonly blockHash: Hex; readonly header: BlockHeader }

/** A block the bundle names. Nothing in the file shows that it is on the chain, unless `parentOf` does. */
export type RestingBlock = {
  readonly height: number
  readonly hash: Hex
  /** The listed block that names this one its parent: with that block on the chain this one is, too. */
  readonly parentOf: Hex | null
}

/** Highest first, each once. The headers are taken to hash to their block hashes: that is for the caller to check. */
export function blocksToCompare(blocks: readonly NamedBlock[]): RestingBlock[] {
  const byHash = new Map(blocks.map((block) => [block.blockHash, block]))
  const distinct = [...byHash.values()].sort((a, b) => b.header.number - a.header.number)
  const childOf = new Map(distinct.map((block) => [block.header.parentHash, block.blockHash]))
  return distinct.map(({ blockHash, header }) => ({
    height: header.number,
    hash: blockHash,
    parentOf: childOf.get(blockHash) ?? null,
  }))
}

/** Why the blocks cannot all be of one chain, with the state block the highest; null: nothing in their headers says so. */
export function contradiction(
  state: NamedBlock,
  calls: readonly NamedBlock[],
  genesisHash: Hex,
): string | null {
  const hashes = new Map<number, Hex>([[0, genesisHash]])
  for (const { blockHash, header } of [state, ...calls]) {
    if (header.number > state.header.number) {
      return `block ${header.number} is above block ${state.header.number}, whose state is proved`
    }
    if ((hashes.get(header.number) ?? blockHash) !== blockHash) {
      return `two blocks of height ${header.number}`
    }
    hashes.set(header.number, blockHash)
  }
  const broken = [state, ...calls].find(
    ({ header }) => (hashes.get(header.number - 1) ?? header.parentHash) !== header.parentHash,
  )
  return broken ? `block ${broken.header.number} does not stand on the one before it` : null
}
