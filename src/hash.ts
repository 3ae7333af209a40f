/** The hash of Substrate and of the registry. Core: no I/O. */

import { blake2b } from '@noble/hashes/blake2'
import { oncePerArray } from './bytes'

/** BLAKE2b with 32 bytes of output and no key, Substrate's `blake2_256`: headers, trie nodes, extrinsics, Auto IDs. */
export function blake2b256(data: Uint8Array): Uint8Array {
  return blake2b(data, { dkLen: 32 })
}

/** As `blake2b256`, once for an array: an extrinsic is hashed for its block's root, and again as what it is called by. */
export const blake2b256Once = oncePerArray(blake2b256)
