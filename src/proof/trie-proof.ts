/**
 * Read proofs of `state_getReadProof`: a set of trie nodes from which, starting at the state root of a header,
 * a key's value or its ABSENCE follows. Nothing is trusted but the root.
 */

import { equalBytes, type Hex, toHex } from '../bytes'
import { blake2b256 } from '../hash'
import { decodeNode, type TrieNode, toNibbles } from './trie-node'

export type ProofOutcome =
  | { readonly ok: true; readonly value: Uint8Array | null }
  | {
      readonly ok: false
      readonly code: 'PROOF_INCOMPLETE' | 'PROOF_MALFORMED' | 'PROOF_TOO_LARGE'
      readonly message: string
    }

/** Deeper than any key of this state (64-byte keys are 128 nibbles), so a longer walk is a crafted proof. */
const MAX_NODES_ON_PATH = 512
const MAX_PROOF_NODES = 200_000

/** Nodes of one proof by their hash: made once, asked for many keys. */
export class ProofNodes {
  private readonly nodes = new Map<Hex, Uint8Array>()

  constructor(nodes: readonly Uint8Array[]) {
    if (nodes.length > MAX_PROOF_NODES) throw new RangeError(`over ${MAX_PROOF_NODES} proof nodes`)
    for (const node of nodes) this.nodes.set(toHex(blake2b256(node)), node)
  }

  get(hash: Uint8Array): Uint8Array | undefined {
    return this.nodes.get(toHex(hash))
  }
}

/**
 * Reads `key` from the trie under `stateRoot`. `value: null` is a proof of absence.
 *
 * @param stateRoot 32 bytes, from a header the caller trusts
 */
export function readProvenValue(
  stateRoot: Uint8Array,
  nodes: ProofNodes,
  key: Uint8Array,
): ProofOutcome {
  try {
    return walk(stateRoot, nodes, toNibbles(key))
  } catch (error) {
    return { ok: false, code: 'PROOF_MALFORMED', message: (error as Error).message }
  }
}

function walk(stateRoot: Uint8Array, nodes: ProofNodes, key: Uint8Array): ProofOutcome {
  let position = 0
  let reference: Uint8Array = stateRoot
  let isHash = true
  for (let depth = 0; depth < MAX_NODES_ON_PATH; depth++) {
    const encoded = isHash ? nodes.get(reference) : reference
    if (!encoded) return incomplete(reference)
    const node = decodeNode(encoded)
    if (node === 'EMPTY') return { ok: true, value: null }
    if (!equalBytes(key.subarray(position, position + node.partial.length), node.partial)) {
      return { ok: true, value: null }
    }
    position += node.partial.length
    if (position === key.length) return resolveValue(node, nodes)
    const child = node.children?.[key[position] ?? 0]
    if (!child) return { ok: true, value: null }
    position += 1
    reference = child
    isHash = child.length === 32
  }
  return { ok: false, code: 'PROOF_TOO_LARGE', message: `path over ${MAX_NODES_ON_PATH} nodes` }
}

function resolveValue(node: TrieNode, nodes: ProofNodes): ProofOutcome {
  if (!node.value) return { ok: true, value: null }
  if (node.value.type === 'INLINE') return { ok: true, value: node.value.value }
  const value = nodes.get(node.value.hash)
  return value ? { ok: true, value } : incomplete(node.value.hash)
}

function incomplete(hash: Uint8Array): ProofOutcome {
  return { ok: false, code: 'PROOF_INCOMPLETE', message: `node ${toHex(hash)} is not in the proof` }
}
