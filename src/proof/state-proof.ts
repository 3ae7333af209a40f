/**
 * Proof of the registry's state for one Auto ID at one block: its entry, those of its issuers up to the root, and the
 * whole revocation list each of them stands under, all read from trie nodes under the header's state root. A whole
 * list is one storage value, so a serial's ABSENCE from it is proved, too.
 */

import { fromHex, type Hex } from '../bytes'
import type { StoredEntry } from '../registry/types'
import { type BlockHeader, hashHeader } from './header'
import {
  autoIdKey,
  decodeAutoId,
  decodeRevocationList,
  revocationListKey,
} from './registry-storage'
import { ProofNodes, type ProofOutcome, readProvenValue } from './trie-proof'

/** Everything here is hex; `nodes` as `state_getReadProof` returns them. */
export type StateProof = {
  readonly blockHash: Hex
  readonly header: BlockHeader
  readonly autoId: Hex
  readonly nodes: readonly Hex[]
}

export type ProvenHop = {
  readonly autoId: Hex
  /** Null: proved absent (never registered, or deactivated). */
  readonly entry: StoredEntry | null
  /** Whose list this entry's serial would stand in: its issuer's, a root's own. */
  readonly listOwner: Hex
  readonly revocationList: readonly bigint[]
  readonly revoked: boolean
}

export type StateProofOutcome =
  | { readonly ok: true; readonly hops: readonly ProvenHop[]; readonly complete: boolean }
  | { readonly ok: false; readonly code: ProofFailure; readonly message: string }

export type ProofFailure =
  | 'PROOF_INCOMPLETE'
  | 'PROOF_MALFORMED'
  | 'PROOF_TOO_LARGE'
  | 'HEADER_MISMATCH'
  | 'VALUE_MALFORMED'

/** A chain of issuers may be thousands deep on chain; one proof covers this many, and says when there is more. */
export const MAX_PROVEN_HOPS = 64

/** Keys a node must be asked to prove, given the chain of identifiers (leaf first). */
export function stateProofKeys(autoIds: readonly Hex[]): Hex[] {
  return autoIds.flatMap((autoId) => [autoIdKey(autoId), revocationListKey(autoId)])
}

/**
 * Checks a proof against nothing but its block hash, which the caller must know from somewhere it trusts.
 * `complete` is false when an issuer is absent or the chain is longer than {@link MAX_PROVEN_HOPS}.
 */
export function verifyStateProof(proof: StateProof): StateProofOutcome {
  try {
    if (hashHeader(proof.header) !== proof.blockHash) {
      return failure('HEADER_MISMATCH', 'the header does not hash to the block hash')
    }
    const nodes = new ProofNodes(proof.nodes.map(fromHex))
    const stateRoot = fromHex(proof.header.stateRoot)
    return climb(proof.autoId, (key) => readProvenValue(stateRoot, nodes, fromHex(key)))
  } catch (error) {
    return failure('VALUE_MALFORMED', (error as Error).message)
  }
}

function climb(leaf: Hex, read: (key: Hex) => ProofOutcome): StateProofOutcome {
  const hops: ProvenHop[] = []
  const seen = new Set<Hex>()
  let autoId: Hex | null = leaf
  while (autoId !== null && hops.length < MAX_PROVEN_HOPS && !seen.has(autoId)) {
    seen.add(autoId)
    const stored = read(autoIdKey(autoId))
    if (!stored.ok) return stored
    const entry: StoredEntry | null = stored.value && decodeAutoId(autoId, stored.value)
    const listOwner: Hex = entry?.issuerId ?? autoId
    const list = read(revocationListKey(listOwner))
    if (!list.ok) return list
    const revocationList = list.value ? decodeRevocationList(list.value) : []
    const revoked = entry !== null && revocationList.includes(entry.serial)
    hops.push({ autoId, entry, listOwner, revocationList, revoked })
    autoId = entry?.issuerId ?? null
  }
  const last = hops.at(-1)
  const complete = last?.entry != null && last.entry.issuerId === null
  return { ok: true, hops, complete }
}

function failure(code: ProofFailure, message: string): StateProofOutcome {
  return { ok: false, code, message }
}
