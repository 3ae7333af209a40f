import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../../src/bytes'
import { blake2b256 } from '../../../src/hash'
import { encodeCompact, readCompact } from '../../../src/proof/compact'
import { orderedTrieRoot, type Trie } from '../../../src/proof/trie-build'
import { ProofNodes, readProvenValue } from '../../../src/proof/trie-proof'
import { type RecordedBlock, recordedBlocks, trieAfter } from '../../support/recorded'

type Recorded = {
  blockNumber: number
  blockHash: string
  stateRoot: string
  key?: string
  value?: string | null
  keys?: string[]
  values?: (string | null)[]
  proof: string[]
}
const recorded = readFileSync('test/fixtures/dev/proofs.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded)
const blocks = recordedBlocks()

const pairs = (proof: Recorded) =>
  proof.keys
    ? proof.keys.map((key, i) => [key, proof.values?.[i] ?? null] as const)
    : [[proof.key as string, proof.value ?? null] as const]

describe('readProvenValue', () => {
  it('reads the recorded value, or its absence, from every recorded proof', () => {
    for (const proof of recorded) {
      const nodes = new ProofNodes(proof.proof.map(fromHex))
      for (const [key, value] of pairs(proof)) {
        const outcome = readProvenValue(fromHex(proof.stateRoot), nodes, fromHex(key))
        expect(outcome.ok && outcome.value && toHex(outcome.value)).toBe(value)
        expect(outcome.ok).toBe(true)
      }
    }
    expect(recorded.length).toBeGreaterThan(50)
  })

  it('never reads from a proof that lacks any one of its nodes, and never another value', () => {
    for (const proof of recorded.slice(0, 20)) {
      for (let drop = 0; drop < proof.proof.length; drop++) {
        const nodes = new ProofNodes(proof.proof.filter((_, i) => i !== drop).map(fromHex))
        const outcomes = pairs(proof).map(([key, value]) => {
          const outcome = readProvenValue(fromHex(proof.stateRoot), nodes, fromHex(key))
          if (outcome.ok) expect(outcome.value && toHex(outcome.value)).toBe(value)
          return outcome
        })
        expect(outcomes.some((o) => !o.ok && o.code === 'PROOF_INCOMPLETE')).toBe(true)
      }
    }
  })

  it('reads nothing under another state root', () => {
    const proof = recorded[0] as Recorded
    const nodes = new ProofNodes(proof.proof.map(fromHex))
    const outcome = readProvenValue(new Uint8Array(32), nodes, fromHex(proof.key as string))
    expect(outcome).toMatchObject({ ok: false, code: 'PROOF_INCOMPLETE' })
  })

  it('a node changed in any byte never yields another value', () => {
    const proof = recorded[0] as Recorded
    const key = fromHex(proof.key as string)
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), (n, at, flip) => {
        const nodes = proof.proof.map(fromHex)
        const node = nodes[n % nodes.length] as Uint8Array
        node[at % node.length] = (node[at % node.length] as number) ^ flip
        const outcome = readProvenValue(fromHex(proof.stateRoot), new ProofNodes(nodes), key)
        return !outcome.ok || (outcome.value !== null && toHex(outcome.value) === proof.value)
      }),
      { seed: 7, numRuns: 500 },
    )
  })

  it('arbitrary bytes as the root node are malformed or read as absent, never a crash', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 80 }),
        fc.uint8Array({ maxLength: 40 }),
        (node, key) => {
          readProvenValue(blake2b256(node), new ProofNodes([node]), key)
        },
      ),
      { seed: 7, numRuns: 2000 },
    )
  })
})

describe('Trie', () => {
  const heights = [0, 46, 92, 93, 282]

  it.each(heights)('recomputes the state root of block %i from its whole state', (height) => {
    const block = blocks.filter((b) => b.number === height).at(-1) as RecordedBlock
    expect(toHex(trieAfter(blocks, block.hash).root())).toBe(block.stateRoot)
  })

  it('makes the recorded proofs, node for node', () => {
    const tries = new Map<string, Trie>()
    for (const proof of recorded) {
      let trie = tries.get(proof.blockHash)
      if (!trie) {
        trie = trieAfter(blocks, proof.blockHash)
        tries.set(proof.blockHash, trie)
      }
      const made = trie.proof(pairs(proof).map(([key]) => fromHex(key)))
      expect(made.map(toHex).sort()).toEqual([...proof.proof].sort())
    }
  })
})

describe('orderedTrieRoot', () => {
  it('recomputes the extrinsics root of every recorded block', () => {
    for (const block of blocks.slice(1)) {
      const items = block.extrinsics.map(fromHex)
      const roots = (['V0', 'V1'] as const).map((layout) => toHex(orderedTrieRoot(items, layout)))
      expect(roots).toContain(block.extrinsicsRoot)
    }
  })
})

describe('compact lengths', () => {
  it('decoding undoes encoding', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 30 - 1 }), (value) => {
        const bytes = encodeCompact(value)
        expect(readCompact(bytes, 0)).toEqual({ value, next: bytes.length })
      }),
      { seed: 7 },
    )
  })

  it('refuses lengths past 2^30 and truncated ones', () => {
    expect(() => encodeCompact(2 ** 30)).toThrow(RangeError)
    expect(() => readCompact(Uint8Array.of(3), 0)).toThrow(RangeError)
    expect(() => readCompact(Uint8Array.of(2, 0), 0)).toThrow(RangeError)
  })
})
