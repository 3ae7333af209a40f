/** Collects proofs from a node and checks each one here before anybody gets it. */

import { fromHex, type Hex } from '../bytes'
import { AppError } from '../errors'
import { inconsistent, trusting } from '../inconsistent'
import {
  type BlockProof,
  blockProofKeys,
  MAX_SEGMENTS,
  verifyBlockProof,
} from '../proof/block-proof'
import { type ExtrinsicProof, proveExtrinsic } from '../proof/extrinsic-proof'
import { type BlockHeader, hashHeader } from '../proof/header'
import {
  autoIdKey,
  decodeAutoId,
  decodeEventCount,
  EVENT_COUNT_KEY,
  eventSegmentKey,
} from '../proof/registry-storage'
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
  return trusting(`the node's header for ${blockHash} is none`, { blockHash }, () => {
    const read: BlockHeader = {
      parentHash: header.parentHash,
      number: Number(header.number),
      stateRoot: header.stateRoot,
      extrinsicsRoot: header.extrinsicsRoot,
      digestLogs: header.digest.logs,
    }
    if (hashHeader(read) === blockHash) return read
    throw inconsistent(`the node's header for ${blockHash} has another hash`)
  })
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
    const id: Hex = autoId
    const value = await readStorage(rpc, autoIdKey(id), blockHash)
    autoId =
      value === null
        ? null
        : trusting(`The entry of ${id} does not decode`, { blockHash }, () =>
            decodeAutoId(id, fromHex(value)),
          ).issuerId
  }
  return chain
}

/** The proof that a block's events are complete. */
export async function collectBlockProof(rpc: NodeRpc, blockHash: Hex): Promise<BlockProof> {
  const header = await readHeader(rpc, blockHash)
  const segments = await countSegments(rpc, blockHash)
  const nodes = await readProof(rpc, blockProofKeys(segments), blockHash)
  const proof: BlockProof = { blockHash, header, nodes }
  const outcome = verifyBlockProof(proof)
  if (!outcome.ok) throw badProof(outcome.code, outcome.message)
  return proof
}

/** No more than there are events: a node that always has one more segment would be asked for ever. */
async function countSegments(rpc: NodeRpc, blockHash: Hex): Promise<number> {
  const counted = await readStorage(rpc, EVENT_COUNT_KEY, blockHash)
  const eventCount =
    counted === null
      ? 0
      : trusting('The count of events does not decode', { blockHash }, () =>
          decodeEventCount(fromHex(counted)),
        )
  const most = Math.min(eventCount, MAX_SEGMENTS)
  let segments = 0
  while (segments < most && (await readStorage(rpc, eventSegmentKey(segments), blockHash)) !== null)
    segments += 1
  return segments
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

function readStorage(rpc: NodeRpc, key: Hex, blockHash: Hex): Promise<Hex | null> {
  return rpc.call<Hex | null>('state_getStorage', [key, blockHash])
}

async function readProof(rpc: NodeRpc, keys: Hex[], blockHash: Hex): Promise<Hex[]> {
  const read = await rpc.call<{ proof?: Hex[] } | null>('state_getReadProof', [keys, blockHash])
  if (!Array.isArray(read?.proof)) throw inconsistent('the node gave something else than a proof')
  return read.proof
}

function badProof(code: string, message: string): AppError {
  return inconsistent(`the node's proof does not hold (${code}): ${message}`)
}
