import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BlockRef, Heads } from '../../../src/chain/block-source'
import { ChainFollower, type FollowUpdate } from '../../../src/chain/follow'
import type { BlockRecord } from '../../../src/registry/types'

/** A chain written as its branch names, one a height: block 2 of `aab` is `aab@2`; its ancestors share its prefix. */
const hashOf = (branch: string, height: number) => `${branch.slice(0, height + 1)}@${height}`
const refOf = (branch: string, height: number): BlockRef => ({
  height,
  hash: hashOf(branch, height),
})

class FakeNode {
  fetched = 0
  constructor(public branch: string) {}

  heads(finalized = 0): Heads {
    const height = this.branch.length - 1
    const best = { ...refOf(this.branch, height), parentHash: hashOf(this.branch, height - 1) }
    return { best, finalized: refOf(this.branch, finalized) }
  }

  readHashes = async (from: number, to: number) => {
    const hashes: string[] = []
    for (let height = from; height <= to; height++) hashes.push(hashOf(this.branch, height))
    return hashes
  }

  blocks = async function* (this: FakeNode, from: number, to: number) {
    for (let height = from; height <= to; height++) {
      this.fetched += 1
      const { hash } = refOf(this.branch, height)
      yield [{ height, hash, parentHash: hashOf(this.branch, height - 1) } as BlockRecord]
    }
  }
}

function followerOf(node: FakeNode) {
  const indexed: string[] = [hashOf(node.branch, 0)]
  const updates: FollowUpdate[] = []
  const follower = new ChainFollower(
    { ...refOf(node.branch, 0), top: [] },
    node,
    async (update) => {
      expect(indexed[update.baseHead.height]).toBe(update.baseHead.hash)
      indexed.length = update.baseHead.height + 1
      for (const block of update.blocks) indexed.push(block.hash)
      expect(indexed[update.finalizedHead.height]).toBe(update.finalizedHead.hash)
      updates.push(update)
    },
  )
  return { follower, indexed, updates }
}

const chainOf = (branch: string) => [...branch].map((_, height) => hashOf(branch, height))

describe('ChainFollower', () => {
  it('ends on the node’s best chain after any sequence of reorganisations above the final block', async () => {
    const branch = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 24 })
    await fc.assert(
      fc.asyncProperty(fc.array(branch, { minLength: 1, maxLength: 8 }), async (tails) => {
        const node = new FakeNode('g')
        const { follower, indexed } = followerOf(node)
        for (const tail of tails) {
          node.branch = `g${tail}`
          const before = [...indexed]
          await follower.goto(node.heads())
          const wanted = chainOf(node.branch)
          // A head that is an older block of the same chain is a node behind: nothing is undone.
          const isBehind = wanted.every((hash, height) => before[height] === hash)
          expect(indexed).toEqual(isBehind ? before : wanted)
        }
      }),
      { seed: 5 },
    )
  })

  it('undoes no more than the blocks that left the chain', async () => {
    const node = new FakeNode('gaaaaaa')
    const { follower, updates } = followerOf(node)
    await follower.goto(node.heads())
    node.branch = 'gaaaabbbb'
    node.fetched = 0
    await follower.goto(node.heads())
    expect(updates.find(({ blocks }) => blocks[0]?.hash.includes('b'))?.baseHead).toEqual(
      refOf('gaaaa', 4),
    )
    expect(node.fetched).toBe(4)
  })

  it('moves the final block on also when no block came, and never back', async () => {
    const node = new FakeNode('gaaaa')
    const { follower, updates } = followerOf(node)
    await follower.goto(node.heads(1))
    await follower.goto(node.heads(3))
    expect(updates.at(-1)).toMatchObject({ blocks: [], finalizedHead: { height: 3 } })
    const count = updates.length
    await follower.goto(node.heads(2))
    expect(follower.finalized.height).toBe(3)
    expect(updates.length).toBe(count)
  })

  // Tried with the last final block taken for the ancestor that was not found: the other chain is indexed on it.
  it('refuses a chain without the last final block', async () => {
    const node = new FakeNode('gaaaa')
    const { follower, indexed } = followerOf(node)
    await follower.goto(node.heads(3))
    node.branch = 'gabbbbb'
    await expect(follower.goto(node.heads(3))).rejects.toMatchObject({ code: 'WRONG_CHAIN' })
    expect(indexed).toEqual(chainOf('gaaaa'))
  })

  // Tried without comparing the hashes at its height: ours is made final in its place.
  it('refuses a final block that is not on the best chain', async () => {
    const node = new FakeNode('gaaaa')
    const { follower, indexed } = followerOf(node)
    const heads = { ...node.heads(), finalized: { height: 2, hash: 'other' } }
    await expect(follower.goto(heads)).rejects.toMatchObject({ code: 'INCONSISTENT_NODE' })
    expect(indexed.length).toBe(1 + 1)
  })

  it('takes no block for final when the final one is above its head: it may be of another branch', async () => {
    const node = new FakeNode('gaaaa')
    const { follower, updates } = followerOf(node)
    // Between the two answers the node left this branch, and finality went past its tip.
    await follower.goto({ ...node.heads(), finalized: refOf('gabbbbbb', 6) })
    expect(updates.at(-1)?.finalizedHead).toEqual(refOf('g', 0))
    node.branch = 'gabbbbbb'
    await follower.goto(node.heads(6))
    expect(updates.at(-1)?.finalizedHead).toEqual(refOf('gabbbbbb', 6))
  })

  it('gives up when the chain changes while it is read, and stands where it last was in step', async () => {
    const node = new FakeNode('gaaaa')
    const { follower, indexed } = followerOf(node)
    const heads = node.heads()
    const { blocks } = node
    node.blocks = async function* (this: FakeNode, from: number, to: number) {
      for (let height = from; height <= to; height++) {
        if (height === 3) this.branch = 'gbbbb'
        yield* blocks.call(this, height, height)
      }
    }
    await expect(follower.goto(heads)).rejects.toMatchObject({ code: 'INCONSISTENT_NODE' })
    expect(indexed).toEqual(chainOf('gaa'))
    node.blocks = blocks
    await follower.goto(node.heads())
    expect(indexed).toEqual(chainOf('gbbbb'))
  })
})
