import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../../src/bytes'
import { BlockTree } from '../../../src/devnet/block-tree'
import { startDevnet } from '../../../src/devnet/devnet'
import { indexBlocks } from '../../../src/devnet/disk-blocks'
import { makeBlocks, plans, writeChain } from '../../../src/devnet/maker/write-chain'
import { readRecording } from '../../../src/devnet/recording'
import { hashHeader } from '../../../src/proof/header'
import {
  AUTO_IDS_PREFIX,
  autoIdKey,
  EVENT_COUNT_KEY,
  REVOCATION_LIST_PREFIX,
} from '../../../src/proof/registry-storage'
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

describe('a node that serves a chain without the registry’s state', () => {
  it('says so of any block after genesis, as a pruned node does, and answers for the state there is', async () => {
    await writeChain(plan('mixed', 50), directory, 'chains/dev')
    const devnet = await startDevnet({ chainDir: directory })
    try {
      const ask = async (method: string, ...params: unknown[]) => {
        const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
        const response = await fetch(devnet.url, { method: 'POST', body })
        return (await response.json()) as { result?: unknown; error?: unknown }
      }
      const head = devnet.head().hash
      const genesis = devnet.node.genesis.block.hash
      const entry = autoIdKey(`0x${'11'.repeat(32)}`)
      const discarded = {
        error: { code: 4003, message: expect.stringContaining('State already discarded') },
      }
      const asked: [method: string, ...params: unknown[]][] = [
        ['state_getStorage', entry, head],
        ['state_getStorageHash', entry, head],
        ['state_getStorageSize', entry, head],
        ['state_queryStorageAt', [EVENT_COUNT_KEY, entry], head],
        ['state_getKeysPaged', AUTO_IDS_PREFIX, 10, null, head],
        ['state_getKeysPaged', REVOCATION_LIST_PREFIX, 10, null, head],
        ['state_getKeysPaged', '0x', 10, null, head],
        ['state_getKeysPaged', AUTO_IDS_PREFIX.slice(0, 20), 10, null, head],
        ['state_getReadProof', [EVENT_COUNT_KEY, entry], head],
      ]
      for (const question of asked) expect(await ask(...question)).toMatchObject(discarded)
      // The registry of genesis is empty, and known to be.
      const atGenesis = await ask('state_getKeysPaged', AUTO_IDS_PREFIX, 10, null, genesis)
      expect(atGenesis.result).toEqual([])
      const counted = await ask('state_queryStorageAt', [EVENT_COUNT_KEY], head)
      expect(counted.result).toMatchObject([{ changes: [[EVENT_COUNT_KEY, expect.any(String)]] }])
      const proof = await ask('state_getReadProof', [EVENT_COUNT_KEY], head)
      expect(proof.result).toMatchObject({ at: head })
    } finally {
      await devnet.close()
    }
  })
})
