/** A node asked on demand for proofs, as one thing to open and close. */

import type { Hex } from '../bytes'
import type { ReadCertificateCall } from '../proof/bundle'
import { collectBundle } from './collect-bundle'
import { collectBlockProof, collectStateProof } from './collect-proof'
import { connectNode } from './rpc'

/** Null without an endpoint: there is no node to ask. */
export function openProofSource(endpoints: readonly string[], timeoutMs: number) {
  if (endpoints.length === 0) return null
  const rpc = connectNode({ endpoints, timeoutMs })
  return {
    state: (blockHash: Hex, autoId: Hex) => collectStateProof(rpc, blockHash, autoId),
    block: (blockHash: Hex) => collectBlockProof(rpc, blockHash),
    bundle: (
      readCall: ReadCertificateCall,
      genesisHash: Hex,
      block: { readonly height: number; readonly hash: Hex },
      autoId: Hex,
    ) => collectBundle(rpc, readCall, genesisHash, block, autoId),
    close: () => rpc.close(),
  }
}
