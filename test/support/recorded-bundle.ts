/** An evidence bundle of the recorded chain, put together from its files: no node and no index. */

import { equalBytes, fromHex, type Hex, toHex } from '../../src/bytes'
import { type BlockProof, blockProofKeys } from '../../src/proof/block-proof'
import {
  BUNDLE_FORMAT,
  type CertificateEvidence,
  type EvidenceBundle,
} from '../../src/proof/bundle'
import { proveExtrinsic } from '../../src/proof/extrinsic-proof'
import { EVENTS_KEY, eventSegmentKey } from '../../src/proof/registry-storage'
import { stateProofKeys, verifyStateProof } from '../../src/proof/state-proof'
import type { RegistryCall, RolledBackNode } from '../../src/registry/types'
import { headerOf, type RecordedBlock, recordedBlocks, stateAfter, trieAfter } from './recorded'
import { callTrees } from './recorded-calls'
import { readExpected } from './recorded-chain'

/** @param chain the identity and its issuers, leaf first */
export function recordedBundle(height: number, chain: readonly Hex[]): EvidenceBundle {
  const blocks = recordedBlocks()
  const canonical = blocks.filter((block) => block.branch === 'canonical')
  const [autoId = '0x'] = chain
  const top = canonical.find((block) => block.number === height)
  if (top === undefined) throw new Error(`no block ${height}`)
  const proof = (block: RecordedBlock, keys: readonly Hex[]): BlockProof => ({
    blockHash: block.hash,
    header: headerOf(block),
    nodes: trieAfter(blocks, block.hash).proof(keys.map(fromHex)).map(toHex),
  })
  const state = { ...proof(top, stateProofKeys(chain)), autoId }
  const outcome = verifyStateProof(state)
  if (!outcome.ok) throw new Error(outcome.message)
  const certificates = outcome.hops.map(({ autoId: id, entry }): CertificateEvidence => {
    const { block, index, call } = findCall(canonical, entry?.raw ?? new Uint8Array())
    const extrinsic = proveExtrinsic(headerOf(block), block.extrinsics, index)
    if (extrinsic === null) throw new Error('no proof of an extrinsic')
    return {
      autoId: id,
      tbs: toHex(call.certificate),
      signatureAlgorithm: toHex(call.signatureAlgorithm),
      signature: toHex(call.signature),
      block: proof(block, blockProofKeys(countSegments(stateAfter(blocks, block.hash)))),
      extrinsic,
    }
  })
  const genesisHash = canonical[0]?.hash ?? '0x'
  return { format: BUNDLE_FORMAT, version: 1, genesisHash, autoId, state, certificates }
}

function countSegments(state: ReadonlyMap<string, string>): number {
  let segments = 0
  while (!state.has(EVENTS_KEY) && state.has(eventSegmentKey(segments))) segments += 1
  return segments
}

type CertificateCall = Extract<RegistryCall, { kind: 'REGISTER' | 'RENEW' }>

function findCall(blocks: readonly RecordedBlock[], tbs: Uint8Array) {
  const expected = new Map(readExpected().map((block) => [block.hash, block]))
  for (const block of blocks) {
    const outcome = expected.get(block.hash)
    if (outcome === undefined) continue
    for (const [index, tree] of callTrees(block, outcome).entries()) {
      const call = callsOf(tree).find((one) => equalBytes(one.certificate, tbs))
      if (call !== undefined) return { block, index, call }
    }
  }
  throw new Error('no call with this certificate')
}

function callsOf(node: RolledBackNode | undefined): CertificateCall[] {
  if (node?.type === 'SEQUENCE') return node.items.flatMap(callsOf)
  if (node?.type === 'WRAPPER') return callsOf(node.inner)
  if (node?.type !== 'CALL') return []
  const { call } = node.call
  return call.kind === 'REGISTER' || call.kind === 'RENEW' ? [call] : []
}
