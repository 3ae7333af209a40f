/** Blocks that never were: headers, tries and hashes in order, contents at will. */

import { concatBytes, fromHex, type Hex, toHex } from '../../src/bytes'
import type { BlockProof } from '../../src/proof/block-proof'
import type { CertificateEvidence } from '../../src/proof/bundle'
import { encodeCompact } from '../../src/proof/compact'
import { proveExtrinsic } from '../../src/proof/extrinsic-proof'
import { hashHeader } from '../../src/proof/header'
import { EVENT_COUNT_KEY, EVENTS_KEY } from '../../src/proof/registry-storage'
import { orderedTrie, Trie } from '../../src/proof/trie-build'
import { bytes, vector } from './call-bytes'

export type Forged = {
  readonly number: number
  readonly parentHash: Hex
  readonly extrinsics: readonly Uint8Array[]
  readonly events: readonly Uint8Array[]
}

/** The evidence with its block and extrinsic replaced by invented ones that prove each other. */
export function forge(evidence: CertificateEvidence, forged: Forged): CertificateEvidence {
  const state = new Trie(
    [
      [fromHex(EVENTS_KEY), vector(forged.events)],
      [fromHex(EVENT_COUNT_KEY), Uint8Array.of(forged.events.length, 0, 0, 0)],
    ],
    'V1',
  )
  const header = {
    parentHash: forged.parentHash,
    number: forged.number,
    stateRoot: toHex(state.root()),
    extrinsicsRoot: toHex(orderedTrie([...forged.extrinsics], 'V1').root()),
    digestLogs: [],
  }
  const block: BlockProof = {
    blockHash: hashHeader(header),
    header,
    nodes: state.proof([fromHex(EVENTS_KEY), fromHex(EVENT_COUNT_KEY)]).map(toHex),
  }
  const extrinsic = proveExtrinsic(header, forged.extrinsics.map(toHex), 1)
  if (!extrinsic) throw new Error('no extrinsic 1')
  return { ...evidence, block, extrinsic }
}

export const PALLET = 40

/** `register_auto_id` of a leaf, a root without issuer. */
export function registerCall(
  { tbs, signatureAlgorithm, signature }: CertificateEvidence,
  issuerId: Hex | null,
): Uint8Array {
  const issuer = issuerId === null ? Uint8Array.of(0) : concatBytes(ONE, fromHex(issuerId))
  const request = [tbs, signatureAlgorithm, signature].map((part) => bytes(fromHex(part)))
  return concatBytes(Uint8Array.of(PALLET, 0, 0), issuer, ...request)
}

const ONE = Uint8Array.of(1)

export function eventRecord(extrinsicIndex: number, variant: number, autoId: Hex): Uint8Array {
  const head = Uint8Array.of(0, extrinsicIndex, 0, 0, 0, PALLET, variant)
  return concatBytes(head, fromHex(autoId), Uint8Array.of(0))
}

/** An unsigned extrinsic of format 4 around a call. */
export function bare(call: Uint8Array): Uint8Array {
  return concatBytes(encodeCompact(call.length + 1), Uint8Array.of(4), call)
}
