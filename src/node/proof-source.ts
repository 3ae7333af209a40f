/** A node asked on demand for proofs, as one thing to open and close. */

import type { Hex } from '../bytes'
import { AppError } from '../errors'
import type { ReadCertificateCall } from '../proof/bundle'
import { collectBundle } from './collect-bundle'
import { collectBlockProof, collectStateProof } from './collect-proof'
import { connectNode, type NodeRpc } from './rpc'

/** Null without an endpoint: there is no node to ask. */
export function openProofSource(endpoints: readonly string[], timeoutMs: number) {
  if (endpoints.length === 0) return null
  const rpc = connectNode({ endpoints, timeoutMs })
  return { within: (over: AbortSignal) => proofsFrom(until(over, rpc)), close: () => rpc.close() }
}

function proofsFrom(rpc: NodeRpc) {
  return {
    state: (blockHash: Hex, autoId: Hex) => collectStateProof(rpc, blockHash, autoId),
    block: (blockHash: Hex) => collectBlockProof(rpc, blockHash),
    bundle: (
      readCall: ReadCertificateCall,
      genesisHash: Hex,
      block: { readonly height: number; readonly hash: Hex },
      autoId: Hex,
    ) => collectBundle(rpc, readCall, genesisHash, block, autoId),
  }
}

/** The same node for one operation: once that is over nothing more is asked, nor waited for. */
function until(over: AbortSignal, rpc: NodeRpc): NodeRpc {
  return {
    call: async <T>(method: string, params: unknown[]): Promise<T> => {
      if (over.aborted) throw tooSlow()
      let stop = () => {}
      const ended = new Promise<never>((_, reject) => {
        stop = () => reject(tooSlow())
        over.addEventListener('abort', stop, { once: true })
      })
      ended.catch(() => {})
      try {
        return await Promise.race([rpc.call<T>(method, params), ended])
      } finally {
        over.removeEventListener('abort', stop)
      }
    },
    close: () => {},
  }
}

function tooSlow(): AppError {
  return new AppError('UNAVAILABLE', 'the node took too long to prove the answer')
}
