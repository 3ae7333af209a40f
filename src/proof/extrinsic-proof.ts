/** Proof that an extrinsic stands in a block: its place in the trie under the header's extrinsics root. */

import { equalBytes, fromHex, type Hex, toHex } from '../bytes'
import { encodeCompact } from './compact'
import type { BlockHeader } from './header'
import { orderedTrie, type TrieLayout } from './trie-build'
import { ProofNodes, readProvenValue } from './trie-proof'

export type ExtrinsicProof = {
  readonly index: number
  /** The whole extrinsic, SCALE, with its length prefix. */
  readonly extrinsic: Hex
  readonly nodes: readonly Hex[]
}

/**
 * @param extrinsics all of the block's, in order
 * @returns null when the extrinsics do not hash to the header's extrinsics root in either trie layout
 */
export function proveExtrinsic(
  header: BlockHeader,
  extrinsics: readonly Hex[],
  index: number,
): ExtrinsicProof | null {
  const items = extrinsics.map(fromHex)
  const extrinsic = extrinsics[index]
  if (extrinsic === undefined) return null
  for (const layout of ['V0', 'V1'] satisfies TrieLayout[]) {
    const trie = orderedTrie(items, layout)
    if (toHex(trie.root()) !== header.extrinsicsRoot) continue
    const nodes = trie.proof([encodeCompact(index)]).map(toHex)
    return { index, extrinsic, nodes }
  }
  return null
}

/** True only when the extrinsic is proved to stand at its index under the header's extrinsics root. */
export function checkExtrinsicProof(
  header: BlockHeader,
  proof: ExtrinsicProof,
): { readonly ok: true } | { readonly ok: false; readonly message: string } {
  try {
    const root = fromHex(header.extrinsicsRoot)
    const nodes = new ProofNodes(proof.nodes.map(fromHex))
    const outcome = readProvenValue(root, nodes, encodeCompact(proof.index))
    if (!outcome.ok) return { ok: false, message: outcome.message }
    const same = outcome.value !== null && equalBytes(outcome.value, fromHex(proof.extrinsic))
    return same ? { ok: true } : { ok: false, message: 'another extrinsic stands at that index' }
  } catch (error) {
    return { ok: false, message: (error as Error).message }
  }
}
