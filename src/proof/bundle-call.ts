/**
 * The call and the event of a certificate, in the bytes of an extrinsic and of event vectors. Searched for in their whole
 * SCALE form, not decoded: no metadata stands in a bundle. What else is in those bytes is not looked at, so data of
 * another call of the same extrinsic could look like the call; its event could not be had without a real one.
 */

import { concatBytes, fromHex, type Hex } from '../bytes'
import { findAll } from './byte-search'
import { encodeCompact } from './compact'

/** What the pallet was asked to store. */
export type CallContent = {
  readonly autoId: Hex
  /** Null: a root. */
  readonly issuerId: Hex | null
  readonly tbs: Hex
  readonly signatureAlgorithm: Hex
  readonly signature: Hex
}

/** A place that reads as the call; `event` is the index of the event such a call leaves. */
export type FoundCall = { readonly pallet: number; readonly event: number }

const X509 = Uint8Array.of(0)

/**
 * Every place where the bytes are `register_auto_id` or `renew_auto_id` with exactly this content.
 *
 * @throws {RangeError} on fields that are not hex
 * @see pallet-auto-id lib.rs @72a5aa6, order of calls and events: both 0 for registering, 3 for renewing
 */
export function findCalls(extrinsic: Uint8Array, content: CallContent): FoundCall[] {
  const { autoId, issuerId, tbs, signatureAlgorithm, signature } = content
  const issuer = issuerId === null ? Uint8Array.of(0) : concatBytes(ONE, fromHex(issuerId))
  const request = concatBytes(issuer, ...[tbs, signatureAlgorithm, signature].map(vector))
  const register = concatBytes(Uint8Array.of(0), X509, request)
  const renew = concatBytes(Uint8Array.of(3), fromHex(autoId), X509, request)
  return [
    ...palletsBefore(extrinsic, register).map((pallet) => ({ pallet, event: 0 })),
    ...palletsBefore(extrinsic, renew).map((pallet) => ({ pallet, event: 3 })),
  ]
}

const ONE = Uint8Array.of(1)

function vector(hex: Hex): Uint8Array {
  const bytes = fromHex(hex)
  return concatBytes(encodeCompact(bytes.length), bytes)
}

function palletsBefore(extrinsic: Uint8Array, call: Uint8Array): number[] {
  const pallets = new Set<number>()
  for (const at of findAll(extrinsic, call)) {
    if (at > 0) pallets.add(extrinsic[at - 1] as number)
  }
  return [...pallets]
}

/** True when a vector holds the event that one of the calls leaves for the identifier, in that extrinsic. */
export function holdsEventOf(
  vectors: readonly Uint8Array[],
  extrinsicIndex: number,
  calls: readonly FoundCall[],
  autoId: Hex,
): boolean {
  return calls.some(({ pallet, event }) => {
    const record = concatBytes(
      phaseOf(extrinsicIndex),
      Uint8Array.of(pallet, event),
      fromHex(autoId),
      NO_TOPICS,
    )
    return vectors.some((vector) => Buffer.from(vector).indexOf(record) >= 0)
  })
}

const NO_TOPICS = Uint8Array.of(0)

/** `Phase::ApplyExtrinsic`. @throws {RangeError} past a u32 */
function phaseOf(extrinsicIndex: number): Uint8Array {
  const bytes = Buffer.alloc(5)
  bytes.writeUInt32LE(extrinsicIndex, 1)
  return bytes
}
