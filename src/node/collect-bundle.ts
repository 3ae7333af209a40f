/** Puts together an evidence bundle: proofs from the node, calls and signatures from the index. */

import { type Hex, toHex } from '../bytes'
import { AppError } from '../errors'
import {
  BUNDLE_FORMAT,
  type CertificateEvidence,
  type EvidenceBundle,
  type ReadCertificateCall,
} from '../proof/bundle'
import { verifyStateProof } from '../proof/state-proof'
import { collectBlockProof, collectExtrinsicProof, collectStateProof } from './collect-proof'
import type { NodeRpc } from './rpc'

/**
 * @throws {AppError} NOT_FOUND when the identity was not in the registry at that block, or one of its chain came
 *   without a call (genesis state): such an identity has a state proof, but no bundle
 */
export async function collectBundle(
  rpc: NodeRpc,
  readCall: ReadCertificateCall,
  genesisHash: Hex,
  block: { readonly height: number; readonly hash: Hex },
  autoId: Hex,
): Promise<EvidenceBundle> {
  const state = await collectStateProof(rpc, block.hash, autoId)
  const outcome = verifyStateProof(state)
  const hops = outcome.ok ? outcome.hops : []
  if (!hops[0]?.entry) {
    throw new AppError('NOT_FOUND', `${autoId} is not in the registry at block ${block.height}`)
  }
  const certificates: CertificateEvidence[] = []
  for (const hop of hops) {
    if (!hop.entry) continue
    certificates.push(await collectCall(rpc, readCall, hop.autoId, block.height))
  }
  return { format: BUNDLE_FORMAT, version: 1, genesisHash, autoId, state, certificates }
}

async function collectCall(
  rpc: NodeRpc,
  readCall: ReadCertificateCall,
  autoId: Hex,
  height: number,
): Promise<CertificateEvidence> {
  const call = await readCall(autoId, height)
  if (!call || call.extrinsicIndex === null || !call.signature || !call.signatureAlgorithm) {
    throw new AppError('NOT_FOUND', `no signed call is known for the certificate of ${autoId}`)
  }
  const { proof } = await collectExtrinsicProof(rpc, call.blockHash, call.extrinsicIndex)
  return {
    autoId,
    tbs: toHex(call.tbs),
    signatureAlgorithm: toHex(call.signatureAlgorithm),
    signature: toHex(call.signature),
    block: await collectBlockProof(rpc, call.blockHash),
    extrinsic: proof,
  }
}
