/** The recorded chain as its files hold it, for tests that judge by it. */

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { fromHex } from '../../src/bytes'
import type { BlockHeader } from '../../src/proof/header'
import { Trie } from '../../src/proof/trie-build'

export type RecordedBlock = {
  number: number
  hash: string
  parentHash: string
  stateRoot: string
  extrinsicsRoot: string
  digest: { logs: string[] }
  specVersion: number
  extrinsics: string[]
  storageDiff: [string, string | null][]
  branch: string
}

export function readGzippedLines<T>(path: string): T[] {
  const text = gunzipSync(readFileSync(path)).toString().trim()
  return text.split('\n').map((line) => JSON.parse(line) as T)
}

export const recordedBlocks = (): RecordedBlock[] =>
  readGzippedLines<RecordedBlock>('chains/dev/blocks.jsonl.gz')

export function headerOf(block: RecordedBlock): BlockHeader {
  const { parentHash, number, stateRoot, extrinsicsRoot } = block
  return { parentHash, number, stateRoot, extrinsicsRoot, digestLogs: block.digest.logs }
}

/** The whole state after a block, by replaying the diffs from genesis along parent hashes. */
export function stateAfter(blocks: RecordedBlock[], hash: string): Map<string, string> {
  const byHash = new Map(blocks.map((block) => [block.hash, block]))
  const path: RecordedBlock[] = []
  for (let block = byHash.get(hash); block; block = byHash.get(block.parentHash)) path.push(block)
  const state = new Map<string, string>()
  for (const block of path.reverse()) {
    for (const [key, value] of block.storageDiff) {
      if (value === null) state.delete(key)
      else state.set(key, value)
    }
  }
  return state
}

export function trieAfter(blocks: RecordedBlock[], hash: string): Trie {
  const state = [...stateAfter(blocks, hash)]
  return new Trie(
    state.map(([key, value]) => [fromHex(key), fromHex(value)] as const),
    'V1',
  )
}
