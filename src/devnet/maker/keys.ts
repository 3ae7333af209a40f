/** A pool of Ed25519 keys made from seeds: deterministic, and quick to sign with. */

import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { concatBytes, fromHex } from '../../bytes'
import type { Random } from './random'

export type PooledKey = {
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  readonly sign: (data: Uint8Array) => Uint8Array
}

/** DER AlgorithmIdentifier of Ed25519, parameters absent (RFC 8410 §3). */
export const ED25519 = fromHex('0x300506032b6570')

/** PKCS#8 up to the 32-byte seed (RFC 8410 §7). */
const PKCS8_PREFIX = fromHex('0x302e020100300506032b657004220420')

export function makeKeys(random: Random, count: number): PooledKey[] {
  return Array.from({ length: count }, () => makeKey(random.bytes(32)))
}

function makeKey(seed: Uint8Array): PooledKey {
  const der = Buffer.from(concatBytes(PKCS8_PREFIX, seed))
  const privateKey: KeyObject = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return { spki, sign: (data) => sign(null, data, privateKey) }
}
