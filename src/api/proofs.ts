/** Where proofs come from: a node, asked on demand; every proof was checked here before it is handed out. */

import type { BlockProof } from '../proof/block-proof'
import type { EvidenceBundle, ReadCertificateCall } from '../proof/bundle'
import type { StateProof } from '../proof/state-proof'

/** @throws {AppError} UNAVAILABLE without an answering node, INCONSISTENT_NODE when its proof does not hold. */
export type ProofSource = {
  readonly state: (blockHash: string, autoId: string) => Promise<StateProof>
  readonly block: (blockHash: string) => Promise<BlockProof>
  readonly bundle: (
    readCall: ReadCertificateCall,
    genesisHash: string,
    block: { readonly height: number; readonly hash: string },
    autoId: string,
  ) => Promise<EvidenceBundle>
}
