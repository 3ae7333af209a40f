/** Extrinsics and events of the dev chain's runtimes, in SCALE. Indexes are those of chains/dev/metadata. */

import { concatBytes, fromHex, type Hex } from '../../bytes'
import { encodeCompact } from '../../proof/compact'

export const AUTO_ID_PALLET = 40
const SYSTEM_PALLET = 0

export type MadeCall =
  | {
      readonly kind: 'REGISTER' | 'RENEW'
      /** The identifier; of a registration the computed one (not part of the call). */
      readonly autoId: Hex
      readonly issuerId: Hex | null
      readonly certificate: Uint8Array
      readonly signatureAlgorithm: Uint8Array
      readonly signature: Uint8Array
    }
  | {
      readonly kind: 'REVOKE' | 'DEACTIVATE'
      readonly autoId: Hex
      readonly signatureAlgorithm: Uint8Array
      readonly signature: Uint8Array
    }

const CALL_INDEX = { REGISTER: 0, REVOKE: 1, DEACTIVATE: 2, RENEW: 3 } as const
const EVENT_INDEX = { REGISTERED: 0, REVOKED: 1, DEACTIVATED: 2, RENEWED: 3 } as const
const EVENT_OF = {
  REGISTER: EVENT_INDEX.REGISTERED,
  REVOKE: EVENT_INDEX.REVOKED,
  DEACTIVATE: EVENT_INDEX.DEACTIVATED,
  RENEW: EVENT_INDEX.RENEWED,
} as const

function bytesOf(value: Uint8Array): Uint8Array {
  return concatBytes(encodeCompact(value.length), value)
}

export function encodeCall(call: MadeCall, pallet = AUTO_ID_PALLET): Uint8Array {
  const head = Uint8Array.of(pallet, CALL_INDEX[call.kind])
  const signed = concatBytes(bytesOf(call.signatureAlgorithm), bytesOf(call.signature))
  switch (call.kind) {
    case 'REGISTER':
      return concatBytes(head, encodeRegistration(call.issuerId, bytesOf(call.certificate), signed))
    case 'RENEW': {
      const issuer =
        call.issuerId === null
          ? Uint8Array.of(0)
          : concatBytes(Uint8Array.of(1), fromHex(call.issuerId))
      const request = concatBytes(Uint8Array.of(0), issuer, bytesOf(call.certificate), signed)
      return concatBytes(head, fromHex(call.autoId), request)
    }
    default:
      return concatBytes(head, fromHex(call.autoId), signed)
  }
}

/** `RegisterAutoId::X509(Root{..} | Leaf{issuer_id, ..})`. */
function encodeRegistration(
  issuerId: Hex | null,
  certificate: Uint8Array,
  signed: Uint8Array,
): Uint8Array {
  return issuerId === null
    ? concatBytes(Uint8Array.of(0, 0), certificate, signed)
    : concatBytes(Uint8Array.of(0, 1), fromHex(issuerId), certificate, signed)
}

/** A signed extrinsic of format version 4: immortal, no tip, a signature the indexer has no business checking. */
export function encodeSigned(signer: Hex, nonce: number, call: Uint8Array): Uint8Array {
  const ed25519 = new Uint8Array(65)
  const extra = concatBytes(Uint8Array.of(0), encodeCompact(nonce), Uint8Array.of(0))
  const address = concatBytes(Uint8Array.of(0), fromHex(signer))
  return bytesOf(concatBytes(Uint8Array.of(0x84), address, ed25519, extra, call))
}

/** The two inherents every block starts with, as bare extrinsics of format version 5. */
export function encodeInherents(timestampMs: number): Uint8Array[] {
  const moment = new Uint8Array(8)
  new DataView(moment.buffer).setBigUint64(0, BigInt(timestampMs), true)
  const used = moment.subarray(0, 6)
  const compactMoment = concatBytes(Uint8Array.of(((6 - 4) << 2) | 3), used)
  return [
    bytesOf(concatBytes(fromHex('0x050100'), compactMoment)),
    bytesOf(concatBytes(fromHex('0x055b00'), encodeCompact(100))),
  ]
}

function record(extrinsicIndex: number, event: Uint8Array): Uint8Array {
  const phase = new Uint8Array(5)
  new DataView(phase.buffer).setUint32(1, extrinsicIndex, true)
  return concatBytes(phase, event, Uint8Array.of(0))
}

/** System.ExtrinsicSuccess of an inherent: weight (1, 1), class Mandatory, pays Yes. */
export function inherentSuccess(extrinsicIndex: number): Uint8Array {
  return record(extrinsicIndex, Uint8Array.of(SYSTEM_PALLET, 0, 4, 4, 2, 0))
}

/** All events of a signed extrinsic with one applied call: fee withdrawn, the call's own event, fee paid, success. */
export function appliedEvents(
  extrinsicIndex: number,
  signer: Hex,
  fee: bigint,
  call: MadeCall,
  pallet = AUTO_ID_PALLET,
): Uint8Array[] {
  const who = fromHex(signer)
  const amount = u128(fee)
  return [
    record(extrinsicIndex, concatBytes(Uint8Array.of(20, 8), who, amount)),
    record(
      extrinsicIndex,
      concatBytes(Uint8Array.of(pallet, EVENT_OF[call.kind]), fromHex(call.autoId)),
    ),
    record(extrinsicIndex, concatBytes(Uint8Array.of(21, 0), who, amount, u128(0n))),
    record(extrinsicIndex, Uint8Array.of(SYSTEM_PALLET, 0, 4, 4, 0, 0)),
  ]
}

function u128(value: bigint): Uint8Array {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, value & 0xffffffffffffffffn, true)
  view.setBigUint64(8, value >> 64n, true)
  return bytes
}
