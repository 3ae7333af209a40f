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
 * BLAKE2b-256 of the SCALE header.
 *
 * @throws {RangeError} on fields that are not hex
 * @see sp-runtime `generic/header.rs`
 */
export function hashHeader(header: BlockHeader): Hex {
  const encoded = concatBytes(
    fromHex(header.parentHash),
    encodeCompact(header.number),
    fromHex(header.stateRoot),
    fromHex(header.extrinsicsRoot),
    encodeCompact(header.digestLogs.length),
    ...header.digestLogs.map(fromHex),
  )
  return toHex(blake2b256(encoded))
}
