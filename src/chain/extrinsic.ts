/** An extrinsic's preamble: who signed it, and where its call begins. */

import { type Hex, toHex } from '../bytes'
import { type CallNode, readCallTree } from './call-tree'
import type { Runtime } from './runtime'
import { ScaleEnum, ScaleError, ScaleReader, type ScaleValue } from './scale'

/**
 * SIGNED: format 4 with an account's signature. BARE: format 4 or 5, inherents and unsigned ones.
 * GENERAL: format 5 with extensions that may or may not authorize an origin.
 */
export type Preamble = 'SIGNED' | 'BARE' | 'GENERAL'

export type DecodedExtrinsic = {
  readonly preamble: Preamble
  /** Account id of the signer; null when there is none. */
  readonly signer: Hex | null
  readonly call: CallNode
}

const SIGNED_V4 = 0x84
const BARE_V4 = 0x04
const BARE_V5 = 0x05
const GENERAL_V5 = 0x45

/**
 * @param bytes with their SCALE length prefix, as a block carries them
 * @throws {ScaleError} on anything this runtime would not have decoded so; {@link RangeError} never leaves
 */
export function decodeExtrinsic(bytes: Uint8Array, runtime: Runtime): DecodedExtrinsic {
  const reader = new ScaleReader(bytes)
  const length = reader.compactLength()
  if (length !== reader.remaining) {
    throw new ScaleError(`a length of ${length} over ${reader.remaining} bytes`)
  }
  const { preamble, signer } = readPreamble(reader, runtime)
  return { preamble, signer, call: readCallTree(reader, runtime) }
}

function readPreamble(
  reader: ScaleReader,
  runtime: Runtime,
): { preamble: Preamble; signer: Hex | null } {
  const version = reader.u8()
  switch (version) {
    case BARE_V4:
    case BARE_V5:
      return { preamble: 'BARE', signer: null }
    case SIGNED_V4: {
      const address = runtime.decoder.decode(runtime.addressType, reader)
      runtime.decoder.skip(runtime.signatureType, reader)
      skipExtensions(reader, runtime)
      return { preamble: 'SIGNED', signer: accountId(address) }
    }
    case GENERAL_V5:
      // The extensions' version; the metadata describes the only one there is today.
      reader.u8()
      skipExtensions(reader, runtime)
      return { preamble: 'GENERAL', signer: null }
    default:
      throw new ScaleError(`no extrinsic format 0x${version.toString(16)}`)
  }
}

function skipExtensions(reader: ScaleReader, runtime: Runtime): void {
  for (const type of runtime.extensionTypes) runtime.decoder.skip(type, reader)
}

/** Account id of `MultiAddress::Id` or of a plain account id; other address kinds name no account by themselves. */
function accountId(address: ScaleValue): Hex | null {
  const value = address instanceof ScaleEnum && address.variant === 'Id' ? address.value : address
  return value instanceof Uint8Array && value.length === 32 ? toHex(value) : null
}
