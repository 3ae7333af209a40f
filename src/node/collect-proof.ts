/** Collects proofs from a node and checks each one here before anybody gets it. */

import { fromHex, type Hex } from '../bytes'
import { AppError } from '../errors'
import { type BlockProof, blockProofKeys, verifyBlockProof } from '../proof/block-proof'
import { type ExtrinsicProof, proveExtrinsic } from '../proof/extrinsic-proof'
import { type BlockHeader, hashHeader } from '../proof/header'
import { autoIdKey, decodeAutoId, eventSegmentKey } from '../proof/registry-storage'
import {
  MAX_PROVEN_HOPS,
  type StateProof,
  stateProofKeys,
  verifyStateProof,
} from '../proof/state-proof'
import type { NodeRpc } from './rpc'

type RpcHeader = {
  parentHash: Hex
  number: Hex | number
  stateRoot: Hex
  extrinsicsRoot: Hex
  digest: { logs: Hex[] }
}

/** @throws {AppError} INCONSISTENT_NODE when the header does not hash to `blockHash` */
export async function readHeader(rpc: NodeRpc, blockHash: Hex): Promise<BlockHeader> {
  const header = await rpc.call<RpcHeader | null>('chain_getHeader', [blockHash])
  if (!header) throw new AppError('NOT_FOUND', `the node does not know block ${blockHash}`)
  return checkedHeader(header, blockHash)
}

function checkedHeader(header: RpcHeader, blockHash: Hex): BlockHeader {
  const read: BlockHeader = {
    parentHash: header.parentHash,
    number: Number(header.number),
    stateRoot: header.stateRoot,
    extrinsicsRoot: header.extrinsicsRoot,
    digestLogs: header.digest.logs,
  }
  if (hashHeader(read) !== blockHash) {
    throw new AppError('INCONSISTENT_NODE', `the node's header for ${blockHash} has another hash`)
  }
  return read
}

/** The state proof of one Auto ID, its issuers up to the root and their revocation lists. */
export async function collectStateProof(
  rpc: NodeRpc,
  blockHash: Hex,
  autoId: Hex,
): Promise<StateProof> {
  const chain = await readIssuerChain(rpc, blockHash, autoId)
  const header = await readHeader(rpc, blockHash)
  const nodes = await readProof(rpc, stateProofKeys(chain), blockHash)
  const proof: StateProof = { blockHash, header, autoId, nodes }
  const outcome = verifyStateProof(proof)
  if (!outcome.ok) throw badProof(outcome.code, outcome.message)
  return proof
}

async function readIssuerChain(rpc: NodeRpc, blockHash: Hex, leaf: Hex): Promise<Hex[]> {
  const chain: Hex[] = []
  let autoId: Hex | null = leaf
  while (autoId !== null && chain.length < MAX_PROVEN_HOPS && !chain.includes(autoId)) {
    chain.push(autoId)
    const value: Hex | null = await rpc.call('state_getStorage', [autoIdKey(autoId), blockHash])
    autoId = value === null ? null : decodeAutoId(autoId, fromHex(value)).issuerId
  }
  return chain
}

/** The proof that a block's events are complete. */
export async function collectBlockProof(rpc: NodeRpc, blockHash: Hex): Promise<BlockProof> {
  const header = await readHeader(rpc, blockHash)
  let segments = 0
  while ((await rpc.call('state_getStorage', [eventSegmentKey(segments), blockHash])) !== null) {
    segments += 1
  }
  const nodes = await readProof(rpc, blockProofKeys(segments), blockHash)
  const proof: BlockProof = { blockHash, header, nodes }
  const outcome = verifyBlockProof(proof)
  if (!outcome.ok) throw badProof(outcome.code, outcome.message)
  return proof
}

/** An extrinsic with the proof that it stands in its block. */
export async function collectExtrinsicProof(
  rpc: NodeRpc,
  blockHash: Hex,
  index: number,
): Promise<{ header: BlockHeader; proof: ExtrinsicProof }> {
  const found = await rpc.call<{ block: { header: RpcHeader; extrinsics: Hex[] } } | null>(
    'chain_getBlock',
    [blockHash],
  )
  if (!found) throw new AppError('NOT_FOUND', `the node does not know block ${blockHash}`)
  const header = checkedHeader(found.block.header, blockHash)
  const proof = proveExtrinsic(header, found.block.extrinsics, index)
  if (!proof) throw badProof('EXTRINSICS_ROOT', 'the extrinsics do not hash to the header')
  return { header, proof }
}

async function readProof(rpc: NodeRpc, keys: Hex[], blockHash: Hex): Promise<Hex[]> {
  const read = await rpc.call<{ proof: Hex[] }>('state_getReadProof', [keys, blockHash])
  return read.proof
}

function badProof(code: string, message: string): AppError {
  return new AppError('INCONSISTENT_NODE', `the node's proof does not hold (${code}): ${message}`)
}
