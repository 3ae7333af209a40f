import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../../src/bytes'
import { BlockTree } from '../../../src/devnet/block-tree'
import { indexBlocks } from '../../../src/devnet/disk-blocks'
import { makeBlocks, plans, writeChain } from '../../../src/devnet/maker/write-chain'
import { readRecording } from '../../../src/devnet/recording'
import { hashHeader } from '../../../src/proof/header'
import { orderedTrieRoot } from '../../../src/proof/trie-build'

const plan = (name: string, size: number, seed = 7) => {
  const make = plans[name]
  if (!make) throw new Error(`no plan ${name}`)
  return make(size, seed)
}

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'made-chain-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

describe('makeBlocks', () => {
  it('makes the same chain from the same seed, and another from another', () => {
    const hashes = (seed: number) => [...makeBlocks(plan('mixed', 100, seed))].map((b) => b.hash)
    expect(hashes(1)).toEqual(hashes(1))
    expect(hashes(1).at(-1)).not.toBe(hashes(2).at(-1))
  })

  it('makes headers that hash, link to their parents and commit to their extrinsics', () => {
    let parent = `0x${'00'.repeat(32)}`
    for (const block of makeBlocks(plan('burst', 1000))) {
      expect(hashHeader({ ...block, digestLogs: block.digest.logs })).toBe(block.hash)
      expect(block.parentHash).toBe(parent)
      const root = orderedTrieRoot(block.extrinsics.map(fromHex), 'V1')
      expect(toHex(root)).toBe(block.extrinsicsRoot)
      parent = block.hash
    }
  })
})

describe('a chain on disk', () => {
  it('answers storage as the same chain in memory does, read again only when asked', async () => {
    await writeChain(plan('mixed', 300), directory, 'chains/dev')
    const memory = readRecording(directory).blocks
    const disk = indexBlocks(join(directory, 'blocks.jsonl'))
    expect(disk.map((b) => b.hash)).toEqual(memory.map((b) => b.hash))
    const trees = [memory, disk].map((blocks) => {
      const tree = new BlockTree()
      for (const block of blocks) tree.add(block)
      return tree
    })
    for (const block of memory) {
      for (const [key] of block.storageDiff) {
        const [a, b] = trees.map((tree) => {
          const at = tree.get(block.hash)
          return at && tree.valueAt(at, key)
        })
        expect(b).toBe(a)
      }
    }
    expect(disk[5]?.extrinsics).toEqual(memory[5]?.extrinsics)
  })
})
