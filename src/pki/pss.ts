/**
 * RSASSA-PSS as RFC 4055 has it: the mask may be made by another hash than the message's, of which node:crypto knows
 * nothing, and a key may fix its parameters.
 */
import { constants, createHash, createPublicKey, type KeyObject, publicDecrypt } from 'node:crypto'
import { concatBytes, equalBytes } from '../bytes'
import { type PssParameters, readPssParameters } from './algorithm'
import { DerReader, elementBytes, TAG } from './der'
import { oidValue } from './der-values'
import { encodeNull, encodeOid, encodeSequence } from './der-writer'

const RSA_ENCRYPTION = '1.2.840.113549.1.1.1'

const RSASSA_PSS = '1.2.840.113549.1.1.10'

/** What an RSA key fixes of a signature's parameters; null: nothing. @throws {DerError | RangeError} */
export function pssKeyParameters(spki: Uint8Array): PssParameters | null {
  const algorithm = new DerReader(spki)
    .enter(TAG.sequence, 'SubjectPublicKeyInfo')
    .enter(TAG.sequence, 'AlgorithmIdentifier')
  const oid = oidValue(algorithm.read(TAG.oid, 'algorithm'))
  if (oid !== RSASSA_PSS || algorithm.isAtEnd) return null
  const fixed = readPssParameters(algorithm)
  if (fixed === undefined) throw new RangeError('parameters of the key not supported')
  return fixed
}

/** An RSA key of either kind as a plain one. @throws {DerError}, or when node:crypto cannot read it */
export function importRsaKey(spki: Uint8Array): KeyObject {
  const fields = new DerReader(spki).enter(TAG.sequence, 'SubjectPublicKeyInfo')
  fields.read(TAG.sequence, 'AlgorithmIdentifier')
  const bits = elementBytes(fields.read(TAG.bitString, 'subjectPublicKey'))
  const plain = encodeSequence(encodeSequence(encodeOid(RSA_ENCRYPTION), encodeNull()), bits)
  return createPublicKey({ key: Buffer.from(plain), format: 'der', type: 'spki' })
}

/** Are these the key's own hashes, and the salt no shorter than its least (RFC 4055 §3.3)? A salt of null is any. */
export function keepsTo(
  fixed: PssParameters,
  { hash, maskHash, saltLength }: Omit<PssParameters, 'saltLength'> & { saltLength: number | null },
): boolean {
  const isSaltEnough = saltLength === null || saltLength >= fixed.saltLength
  return hash === fixed.hash && maskHash === fixed.maskHash && isSaltEnough
}

/** What the encoded message must have. */
export type PssForm = {
  /** Digest of the message, and its hash. */
  readonly digest: Uint8Array
  readonly hash: string
  /** Hashes the mask may be made by. */
  readonly maskHashes: readonly string[]
  readonly isSaltGood: (octets: number) => boolean
}

/** @param key a plain RSA one. @see RFC 8017 §8.1.2 */
export function verifyPss(key: KeyObject, signature: Uint8Array, form: PssForm): boolean {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  const encoded = recoverEncoded(key, signature)
  if (encoded === null) return false
  return form.maskHashes.some((maskHash) => isPssEncoding(encoded, bits, maskHash, form))
}

/**
 * The signature to the power of the public exponent (RSAVP1). Null when it is not as long as the modulus, or not below
 * it: such a signature is no signature of this key. @see RFC 8017 §8.1.2, §8.2.2
 */
export function recoverEncoded(key: KeyObject, signature: Uint8Array): Uint8Array | null {
  const octets = Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8)
  if (signature.length !== octets) return null
  try {
    return publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, Buffer.from(signature))
  } catch {
    return null
  }
}

/** EMSA-PSS-VERIFY, the salt found by the octet 01 before it. @see RFC 8017 §9.1.2 */
function isPssEncoding(encoded: Uint8Array, bits: number, maskHash: string, form: PssForm) {
  const size = form.digest.length
  const emLength = Math.ceil((bits - 1) / 8)
  const em = encoded.subarray(encoded.length - emLength)
  if (emLength < size + 2 || em.at(-1) !== 0xbc) return false
  if (encoded.subarray(0, encoded.length - emLength).some((byte) => byte !== 0)) return false
  const masked = em.subarray(0, emLength - size - 1)
  const h = em.subarray(emLength - size - 1, emLength - 1)
  const mask = mgf1(maskHash, h, masked.length)
  const db = masked.map((byte, i) => byte ^ (mask[i] ?? 0))
  const unused = 8 * emLength - (bits - 1)
  if (((masked[0] ?? 0) & ~(0xff >>> unused) & 0xff) !== 0) return false
  db[0] = (db[0] ?? 0) & (0xff >>> unused)
  const zeros = db.findIndex((byte) => byte !== 0)
  if (zeros < 0 || db[zeros] !== 1) return false
  const salt = db.subarray(zeros + 1)
  if (!form.isSaltGood(salt.length)) return false
  const expected = createHash(form.hash)
    .update(new Uint8Array(8))
    .update(form.digest)
    .update(salt)
    .digest()
  return equalBytes(h, expected)
}

function mgf1(hash: string, seed: Uint8Array, length: number): Uint8Array {
  const blocks: Uint8Array[] = []
  for (let made = 0, counter = 0; made < length; counter++) {
    const index = Uint8Array.of(0, 0, counter >>> 8, counter & 255)
    const block = createHash(hash).update(seed).update(index).digest()
    blocks.push(block)
    made += block.length
  }
  return concatBytes(...blocks).subarray(0, length)
}
