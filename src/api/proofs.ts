/** Where proofs come from: a node, asked on demand; every proof was checked here before it is handed out. */

import { AppError } from '../errors'
import type { BlockProof } from '../proof/block-proof'
import type { EvidenceBundle, ReadCertificateCall } from '../proof/bundle'
import type { StateProof } from '../proof/state-proof'

/** @throws {AppError} UNAVAILABLE without an answering node, INCONSISTENT_NODE when its proof does not hold. */
export type Proofs = {
  readonly state: (blockHash: string, autoId: string) => Promise<StateProof>
  readonly block: (blockHash: string) => Promise<BlockProof>
  readonly bundle: (
    readCall: ReadCertificateCall,
    genesisHash: string,
    block: { readonly height: number; readonly hash: string },
    autoId: string,
  ) => Promise<EvidenceBundle>
}

export type ProofSource = {
  /** For one operation: what is not there when `over` is aborted fails as UNAVAILABLE. */
  readonly within: (over: AbortSignal) => Proofs
}

/**
 * An operation that waits for a node holds a snapshot, and with it a connection to the database, meanwhile. So only few
 * do so at once, and the next one is refused instead of waiting in line with a connection of its own. The proofs of one
 * operation are collected one after another.
 */
export function fewAtOnce(source: ProofSource, max: number): ProofSource {
  let operations = 0
  const within = (over: AbortSignal): Proofs => {
    const proofs = source.within(over)
    const inTurn = turnsOf(over, () => {
      if (operations >= max) throw tooMany(max)
      operations += 1
      return () => {
        operations -= 1
      }
    })
    return {
      state: (...args) => inTurn(() => proofs.state(...args)),
      block: (...args) => inTurn(() => proofs.block(...args)),
      bundle: (...args) => inTurn(() => proofs.bundle(...args)),
    }
  }
  return { within: oncePerSignal(within) }
}

function oncePerSignal(within: ProofSource['within']): ProofSource['within'] {
  const known = new WeakMap<AbortSignal, Proofs>()
  return (over) => {
    const proofs = known.get(over) ?? within(over)
    known.set(over, proofs)
    return proofs
  }
}

type InTurn = <T>(work: () => Promise<T>) => Promise<T>

/** The place is taken with the first piece of work and given back after the last. */
function turnsOf(over: AbortSignal, takePlace: () => () => void): InTurn {
  let turn: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let leave = () => {}
  return async (work) => {
    if (waiting === 0) leave = takePlace()
    waiting += 1
    const result = turn.then(() => {
      over.throwIfAborted()
      return work()
    })
    turn = result.catch(() => undefined)
    try {
      return await result
    } finally {
      waiting -= 1
      if (waiting === 0) leave()
    }
  }
}

function tooMany(max: number): AppError {
  return new AppError(
    'UNAVAILABLE',
    `${max} operations are waiting for proofs from the node: ask again`,
    { maxProofOperations: max },
  )
}
