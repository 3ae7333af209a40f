/** The one file that touches cryptography. Every outcome is tagged, so it cannot be mistaken for a boolean. */
import { constants, createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { type PssParameters, type SignatureAlgorithm, signatureAlgorithm } from './algorithm'
import { importRsaKey, keepsTo, pssKeyParameters, verifyPss } from './pss'
import { forgeableBecause, type PublicKeyInfo, publicKeyInfo } from './public-key'

export type SignatureFailureCode =
  /** The signature is not one of this key over these bytes. */
  | 'SIG_BAD'
  /** An algorithm, parameter or hash we do not verify. */
  | 'SIG_UNSUPPORTED_ALGORITHM'
  /** The key cannot be read, or is not of the algorithm's kind. */
  | 'SIG_BAD_KEY'

export type SignatureOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: SignatureFailureCode; readonly message: string }

type FailedSignature = Extract<SignatureOutcome, { ok: false }>

export type SignatureInput = {
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  /** DER AlgorithmIdentifier. */
  readonly signatureAlgorithm: Uint8Array
  readonly data: Uint8Array
  readonly signature: Uint8Array
  /** Take keys under which anybody can sign, as ring does: to tell what a chain accepted, not whom to trust. */
  readonly takesForgeable?: boolean
}

/** Keys are costly to import (three to five times a verification), so the last ones are kept. */
const MAX_CACHED_KEYS = 1024
const MAX_CACHED_BYTES = 4096

/** Verifying costs the square of the size; the pallet takes RSA up to 8192 bits. */
const MAX_KEY_BITS = 8192

type ImportedKey = {
  /** An RSA-PSS key as a plain one. */
  readonly key: KeyObject
  readonly publicKey: PublicKeyInfo
  /** Parameters that the key demands of a signature, RSA-PSS only. */
  readonly fixed: PssParameters | null
  /** Why anybody can sign under it; null: not known to. */
  readonly forgeable: string | null
}

const importedKeys = new Map<string, ImportedKey>()

type Prepared = {
  readonly ok: true
  readonly algorithm: SignatureAlgorithm
  readonly key: KeyObject
}

/** Verifies RSA PKCS#1 v1.5, RSA-PSS, ECDSA (DER signatures), Ed25519 and DSA. Never throws. */
export function verifySignature(input: SignatureInput): SignatureOutcome {
  const prepared = prepare(input)
  if (!prepared.ok) return prepared
  const { algorithm, key } = prepared
  try {
    return asOutcome(
      hasOtherMask(algorithm)
        ? verifyOtherMask(algorithm, key, input)
        : verify(algorithm.hash, input.data, keyOptions(algorithm, key), input.signature),
    )
  } catch (error) {
    return uncheckable(error)
  }
}

/** As `verifySignature`, on a thread of its own. Never rejects. */
export function verifySignatureInBackground(input: SignatureInput): Promise<SignatureOutcome> {
  const prepared = prepare(input)
  if (!prepared.ok) return Promise.resolve(prepared)
  const { algorithm, key } = prepared
  if (hasOtherMask(algorithm)) return Promise.resolve(verifySignature(input))
  return new Promise((resolve) => {
    try {
      const options = keyOptions(algorithm, key)
      verify(algorithm.hash, input.data, options, input.signature, (error, isGood) =>
        resolve(error === null ? asOutcome(isGood) : uncheckable(error)),
      )
    } catch (error) {
      resolve(uncheckable(error))
    }
  })
}

function asOutcome(isGood: boolean): SignatureOutcome {
  return isGood ? { ok: true } : failure('SIG_BAD', 'signature does not verify')
}

function uncheckable(error: unknown): FailedSignature {
  return failure('SIG_BAD_KEY', `signature cannot be checked: ${String(error)}`)
}

function prepare(input: SignatureInput): Prepared | FailedSignature {
  const algorithm = signatureAlgorithm(input.signatureAlgorithm)
  if (algorithm === undefined) {
    return failure(
      'SIG_UNSUPPORTED_ALGORITHM',
      'signature algorithm or its parameters not supported',
    )
  }
  const imported = importKey(input.spki)
  if (imported === undefined) return failure('SIG_BAD_KEY', 'public key cannot be read')
  if (!algorithm.keyAlgorithms.includes(imported.publicKey.algorithm)) {
    return failure(
      'SIG_BAD_KEY',
      `${algorithm.name} signature under an ${imported.publicKey.algorithm} key`,
    )
  }
  const { fixed, forgeable } = imported
  if (forgeable !== null && input.takesForgeable !== true) {
    return failure('SIG_BAD_KEY', `anybody can sign under this key: ${forgeable}`)
  }
  if (fixed !== null && !(isPss(algorithm) && keepsTo(fixed, algorithm))) {
    return failure('SIG_BAD_KEY', 'the key is for other RSASSA-PSS parameters than the signature')
  }
  return { ok: true, algorithm, key: imported.key }
}

type PssAlgorithm = SignatureAlgorithm & PssParameters

function isPss(algorithm: SignatureAlgorithm): algorithm is PssAlgorithm {
  return algorithm.scheme === 'rsa-pss'
}

function hasOtherMask(algorithm: SignatureAlgorithm): algorithm is PssAlgorithm {
  return isPss(algorithm) && algorithm.maskHash !== algorithm.hash
}

function verifyOtherMask(
  { hash, maskHash, saltLength }: PssAlgorithm,
  key: KeyObject,
  { data, signature }: SignatureInput,
): boolean {
  const digest = createHash(hash).update(data).digest()
  const isSaltGood = (octets: number) => octets === saltLength
  return verifyPss(key, signature, { digest, hash, maskHashes: [maskHash], isSaltGood })
}

function keyOptions(algorithm: SignatureAlgorithm, key: KeyObject) {
  if (algorithm.scheme === 'rsa-pss') {
    const saltLength = algorithm.saltLength ?? constants.RSA_PSS_SALTLEN_DIGEST
    return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }
  }
  return key
}

/** The key with its description, from a bounded cache. Undefined when it cannot be read. */
function importKey(spki: Uint8Array): ImportedKey | undefined {
  const cacheKey = Buffer.from(spki.buffer, spki.byteOffset, spki.length).toString('latin1')
  const cached = importedKeys.get(cacheKey)
  if (cached !== undefined) return cached
  const imported = importFresh(spki)
  if (imported === undefined) return undefined
  if (spki.length > MAX_CACHED_BYTES) return imported
  if (importedKeys.size >= MAX_CACHED_KEYS) {
    // Maps keep insertion order, so the first key is the oldest.
    const oldest = importedKeys.keys().next()
    if (!oldest.done) importedKeys.delete(oldest.value)
  }
  importedKeys.set(cacheKey, imported)
  return imported
}

function importFresh(spki: Uint8Array): ImportedKey | undefined {
  const publicKey = publicKeyInfo(spki)
  // Curves and kinds we do not know by name never reach OpenSSL (explicit parameters, CVE-2020-0601).
  if (publicKey.algorithm === 'unknown' || (publicKey.bits ?? 0) > MAX_KEY_BITS) return undefined
  try {
    const forgeable = forgeableBecause(spki)
    return publicKey.algorithm === 'RSA-PSS'
      ? { key: importRsaKey(spki), publicKey, fixed: pssKeyParameters(spki), forgeable }
      : { key: keyObject(spki, publicKey), publicKey, fixed: null, forgeable }
  } catch {
    return undefined
  }
}

const ED25519_OCTETS = 32

/** From its bare octets an Ed25519 key is imported at a tenth of the cost: OpenSSL tries decoder after decoder on DER. */
function keyObject(spki: Uint8Array, { algorithm }: PublicKeyInfo): KeyObject {
  if (algorithm !== 'Ed25519') {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  }
  const x = Buffer.from(spki.subarray(-ED25519_OCTETS)).toString('base64url')
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
}

function failure(code: SignatureFailureCode, message: string): FailedSignature {
  return { ok: false, code, message }
}
