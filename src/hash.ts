/** The hash of Substrate and of the registry. Core: no I/O. */

import { blake2b } from '@noble/hashes/blake2'

/** BLAKE2b with 32 bytes of output and no key, Substrate's `blake2_256`: headers, trie nodes, extrinsics, Auto IDs. */
export function blake2b256(data: Uint8Array): Uint8Array {
  return blake2b(data, { dkLen: 32 })
}
