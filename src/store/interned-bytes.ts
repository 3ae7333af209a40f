/** One array for equal bytes, however often they are loaded. */

import { Lru } from '../lru'

const MAX_KEPT = 4096
/** A TBSCertificate may be as long as a block: those are not kept. */
const MAX_LENGTH = 4096

const kept = new Lru<string, Uint8Array>(MAX_KEPT)

/**
 * Issuers are loaded again for every part of a batch, and what the core has read from their certificates hangs on the
 * array: the same bytes in the same array are read once. Nobody may change it.
 */
export function interned(bytes: Buffer): Uint8Array {
  if (bytes.length > MAX_LENGTH) return new Uint8Array(bytes)
  const key = bytes.toString('latin1')
  const known = kept.get(key)
  if (known !== undefined) return known
  const fresh = new Uint8Array(bytes)
  kept.set(key, fresh)
  return fresh
}
