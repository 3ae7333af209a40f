import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../../src/bytes'
import { type BlockProof, blockProofKeys, verifyBlockProof } from '../../../src/proof/block-proof'
import { checkExtrinsicProof, proveExtrinsic } from '../../../src/proof/extrinsic-proof'
import { type StateProof, stateProofKeys, verifyStateProof } from '../../../src/proof/state-proof'
import {
  headerOf,
  type RecordedBlock,
  readGzippedLines,
  recordedBlocks,
  trieAfter,
} from '../../support/recorded'
import { story } from '../../support/story'

type Oracle = { hash: string; eventsLayout: string; eventCount: number }
const blocks = recordedBlocks()
const oracle = new Map(
  readGzippedLines<Oracle>('test/fixtures/dev/expected.jsonl.gz').map((e) => [e.hash, e]),
)
function at(height: number): RecordedBlock {
  const found = blocks.find((b) => b.number === height && b.branch === 'canonical')
  if (!found) throw new Error(`no block ${height}`)
  return found
}

function stateProof(height: number, chain: string[]): StateProof {
  const block = at(height)
  const nodes = trieAfter(blocks, block.hash).proof(stateProofKeys(chain).map(fromHex))
  return {
    blockHash: block.hash,
    header: headerOf(block),
    autoId: chain[0] as string,
    nodes: nodes.map(toHex),
  }
}

const agent = () => [story.agent, story.person, story.organisation]

describe('verifyStateProof', () => {
  it('proves an agent, its issuers up to the root, and that none is revoked (block 275)', () => {
    const outcome = verifyStateProof(stateProof(275, agent()))
    expect(outcome.ok && outcome.complete).toBe(true)
    expect(outcome.ok && outcome.hops.map((hop) => hop.autoId)).toEqual(agent())
    expect(outcome.ok && outcome.hops.map((hop) => hop.revoked)).toEqual([false, false, false])
  })

  it('proves the revocation from the very list that holds it (block 276)', () => {
    const outcome = verifyStateProof(stateProof(276, agent()))
    expect(outcome.ok && outcome.hops.map((hop) => hop.revoked)).toEqual([true, false, false])
  })

  it('proves absence of an identity that was not registered yet (block 260)', () => {
    const outcome = verifyStateProof(stateProof(260, agent().slice(0, 1)))
    expect(outcome.ok && outcome.hops[0]?.entry).toBe(null)
    expect(outcome.ok && outcome.complete).toBe(false)
  })

  it('refuses a header of another block', () => {
    const proof = { ...stateProof(275, agent()), header: headerOf(at(276)) }
    expect(verifyStateProof(proof)).toMatchObject({ ok: false, code: 'HEADER_MISMATCH' })
  })

  // Without the lengths the hash is the true one, the proof holds, and block 275 calls itself block 1.
  it('refuses the bytes of a true header cut into other fields', () => {
    const proof = stateProof(275, agent())
    // Block 275 is 0x4d04 as a compact integer, and 0x04 alone is block 1.
    const header = { ...proof.header, parentHash: `${proof.header.parentHash}4d`, number: 1 }
    expect(verifyStateProof({ ...proof, header })).toMatchObject({ ok: false })
    const events = blockProof(275)
    expect(verifyBlockProof({ ...events, header })).toMatchObject({ ok: false })
  })

  it('refuses a proof that leaves out the revocation list', () => {
    const block = at(276)
    const keys = stateProofKeys(agent()).filter((_, i) => i % 2 === 0)
    const nodes = trieAfter(blocks, block.hash).proof(keys.map(fromHex)).map(toHex)
    const proof = { ...stateProof(276, agent()), nodes }
    expect(verifyStateProof(proof)).toMatchObject({ ok: false, code: 'PROOF_INCOMPLETE' })
  })
})

function blockProof(height: number): BlockProof {
  const block = at(height)
  const count = oracle.get(block.hash)?.eventCount ?? 0
  const segments = block.specVersion === 1 ? 0 : Math.ceil(count / 100)
  const nodes = trieAfter(blocks, block.hash).proof(blockProofKeys(segments).map(fromHex))
  return { blockHash: block.hash, header: headerOf(block), nodes: nodes.map(toHex) }
}

describe('verifyBlockProof', () => {
  it.each([1, 46, 79, 92, 93, 230, 232, 282])('proves all events of block %i', (height) => {
    const outcome = verifyBlockProof(blockProof(height))
    const expected = oracle.get(at(height).hash)
    expect(outcome).toMatchObject({
      ok: true,
      eventCount: expected?.eventCount,
      layout: expected?.eventsLayout === 'System.Events' ? 'EVENTS' : 'SEGMENTS',
    })
  })

  it('refuses a proof with a segment withheld (block 230 has three)', () => {
    const block = at(230)
    const nodes = trieAfter(blocks, block.hash).proof(blockProofKeys(2).map(fromHex)).map(toHex)
    const outcome = verifyBlockProof({ blockHash: block.hash, header: headerOf(block), nodes })
    expect(outcome).toMatchObject({ ok: false, code: 'PROOF_INCOMPLETE' })
  })
})

describe('extrinsic proofs', () => {
  it('place every extrinsic of a block under its extrinsics root', () => {
    for (const block of blocks.slice(50, 60)) {
      block.extrinsics.forEach((_, index) => {
        const proof = proveExtrinsic(headerOf(block), block.extrinsics, index)
        expect(proof && checkExtrinsicProof(headerOf(block), proof)).toEqual({ ok: true })
      })
    }
  })

  it('refuse another extrinsic, another index, another block', () => {
    const block = at(53)
    const header = headerOf(block)
    const proof = proveExtrinsic(header, block.extrinsics, 2)
    if (!proof) throw new Error('no proof made')
    const other = block.extrinsics[1] as string
    expect(checkExtrinsicProof(header, { ...proof, extrinsic: other }).ok).toBe(false)
    expect(checkExtrinsicProof(header, { ...proof, index: 1 }).ok).toBe(false)
    expect(checkExtrinsicProof(headerOf(at(54)), proof).ok).toBe(false)
    expect(proveExtrinsic(header, block.extrinsics.slice(1), 1)).toBe(null)
  })
})
