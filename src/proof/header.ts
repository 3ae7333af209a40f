/** Block headers: the anchor of every proof. */

import { concatBytes, fromHex, type Hex, toHex } from '../bytes'
import { blake2b256 } from '../hash'
import { encodeCompact } from './compact'

/** As `chain_getHeader` returns it; `number` already a number. */
export type BlockHeader = {
  readonly parentHash: Hex
  readonly number: number
  readonly stateRoot: Hex
  readonly extrinsicsRoot: Hex
  /** Each log SCALE-encoded, hex. */
  readonly digestLogs: readonly Hex[]
}

/**
 * BLAKE2b-256 of the SCALE header. Nothing stands between its fields: with hashes of other lengths the bytes of a true
 * header could be cut elsewhere, and be that of another height.
 *
 * @throws {RangeError} on fields that are not hex, or hashes that are not 32 bytes
 * @see sp-runtime `generic/header.rs`
 */
export function hashHeader(header: BlockHeader): Hex {
  const encoded = concatBytes(
    hash32(header.parentHash),
    encodeCompact(header.number),
    hash32(header.stateRoot),
    hash32(header.extrinsicsRoot),
    encodeCompact(header.digestLogs.length),
    ...header.digestLogs.map(fromHex),
  )
  return toHex(blake2b256(encoded))
}

function hash32(hex: Hex): Uint8Array {
  const bytes = fromHex(hex)
  if (bytes.length !== 32) throw new RangeError(`a hash of ${bytes.length} bytes in a header`)
  return bytes
}
