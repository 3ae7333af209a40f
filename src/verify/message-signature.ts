/**
 * Signatures over messages, or over digests made elsewhere, under the key of an identity. Names of algorithms are those
 * of JOSE (RFC 7518, 8037) and of X.509 (RFC 8017, 5758, 8410); ECDSA comes as DER or as r ‖ s.
 */

import { createHash, createPublicKey, verify } from 'node:crypto'
import { p256, p384, p521 } from '@noble/curves/nist'
import { concatBytes, equalBytes } from '../bytes'
import { importRsaKey, keepsTo, pssKeyParameters, recoverEncoded, verifyPss } from '../pki/pss'
import { forgeableBecause, publicKeyInfo } from '../pki/public-key'
import type { SignatureOutcome } from '../pki/signature'

type Scheme = 'rsa-pkcs1' | 'rsa-pss' | 'ecdsa' | 'ed25519'
type Hash = 'sha1' | 'sha256' | 'sha384' | 'sha512'
type Algorithm = {
  readonly name: string
  readonly scheme: Scheme
  readonly hash: Hash | null
  /** RSA-PSS: mask by the same hash, salt as long as the digest (RFC 7518 §3.5); X.509 leaves both to the signer. */
  readonly isFixed: boolean
}

const ALGORITHMS: Readonly<Record<string, Algorithm>> = Object.fromEntries(
  (
    [
      ['RS256', 'rsa-pkcs1', 'sha256', 'sha256WithRSAEncryption'],
      ['RS384', 'rsa-pkcs1', 'sha384', 'sha384WithRSAEncryption'],
      ['RS512', 'rsa-pkcs1', 'sha512', 'sha512WithRSAEncryption'],
      ['PS256', 'rsa-pss', 'sha256', 'rsassaPss-sha256'],
      ['PS384', 'rsa-pss', 'sha384', 'rsassaPss-sha384'],
      ['PS512', 'rsa-pss', 'sha512', 'rsassaPss-sha512'],
      ['ES256', 'ecdsa', 'sha256', 'ecdsa-with-SHA256'],
      ['ES384', 'ecdsa', 'sha384', 'ecdsa-with-SHA384'],
      ['ES512', 'ecdsa', 'sha512', 'ecdsa-with-SHA512'],
      ['EdDSA', 'ed25519', null, 'Ed25519'],
    ] as const
  ).flatMap(([name, scheme, hash, alias]) => [
    [name.toLowerCase(), { name, scheme, hash, isFixed: true }],
    [alias.toLowerCase(), { name, scheme, hash, isFixed: false }],
  ]),
)

/** Names for people and messages. */
export const MESSAGE_ALGORITHMS: readonly string[] = [
  ...new Set(Object.values(ALGORITHMS).map(({ name }) => name)),
]

export type MessageSignature = {
  readonly spki: Uint8Array
  /** The message; or its digest, when `isDigest`. */
  readonly data: Uint8Array
  readonly signature: Uint8Array
  /** Null: the usual one of the key's kind (RS256, ES256/384/512 by curve, EdDSA). */
  readonly algorithm: string | null
  readonly isDigest: boolean
}

export type MessageSignatureOutcome = {
  readonly outcome: SignatureOutcome
  /** Name of the algorithm that was used; null when there is none. */
  readonly algorithm: string | null
}

/** Never throws. */
export function verifyMessageSignature(input: MessageSignature): MessageSignatureOutcome {
  const kind = publicKeyInfo(input.spki).algorithm
  const algorithm = chooseAlgorithm(input, kind)
  if (algorithm === null) {
    const asked = input.algorithm === null ? `a key of kind ${kind}` : `"${input.algorithm}"`
    return unsupported(
      `no algorithm for ${asked}; known are ${MESSAGE_ALGORITHMS.join(', ')}`,
      null,
    )
  }
  if (!fits(algorithm.scheme, kind)) {
    const message = `${algorithm.name} needs another kind of key than ${kind}`
    return { outcome: { ok: false, code: 'SIG_BAD_KEY', message }, algorithm: algorithm.name }
  }
  const forgeable = forgeableBecause(input.spki)
  if (forgeable !== null) {
    const message = `anybody can sign under this key: ${forgeable}`
    return { outcome: { ok: false, code: 'SIG_BAD_KEY', message }, algorithm: algorithm.name }
  }
  if (input.isDigest && algorithm.hash === null) {
    return unsupported('Ed25519 signs messages, not digests', algorithm.name)
  }
  try {
    const isGood = input.isDigest
      ? verifyDigest(input, algorithm, kind)
      : verifyMessage(input, algorithm)
    const outcome: SignatureOutcome = isGood
      ? { ok: true }
      : { ok: false, code: 'SIG_BAD', message: 'the signature does not verify' }
    return { outcome, algorithm: algorithm.name }
  } catch (error) {
    const message = `the signature cannot be checked: ${(error as Error).message}`
    return { outcome: { ok: false, code: 'SIG_BAD_KEY', message }, algorithm: algorithm.name }
  }
}

function unsupported(message: string, algorithm: string | null): MessageSignatureOutcome {
  return { outcome: { ok: false, code: 'SIG_UNSUPPORTED_ALGORITHM', message }, algorithm }
}

function chooseAlgorithm({ algorithm, spki }: MessageSignature, kind: string): Algorithm | null {
  if (algorithm !== null) return ALGORITHMS[algorithm.toLowerCase()] ?? null
  if (kind === 'RSA-PSS') return ALGORITHMS[`rsassapss-${fixedHash(spki)}`] ?? null
  const usual: Readonly<Record<string, string>> = {
    RSA: 'rs256',
    'EC-P256': 'es256',
    'EC-P384': 'es384',
    'EC-P521': 'es512',
    Ed25519: 'eddsa',
  }
  return ALGORITHMS[usual[kind] ?? ''] ?? null
}

/** Parameters that cannot be read are told when the key is used. */
function fixedHash(spki: Uint8Array): string {
  try {
    return pssKeyParameters(spki)?.hash ?? 'sha256'
  } catch {
    return 'sha256'
  }
}

function fits(scheme: Scheme, kind: string): boolean {
  if (scheme === 'rsa-pkcs1') return kind === 'RSA'
  if (scheme === 'rsa-pss') return kind === 'RSA' || kind === 'RSA-PSS'
  if (scheme === 'ecdsa') return kind.startsWith('EC-')
  return kind === 'Ed25519'
}

function verifyMessage(input: MessageSignature, algorithm: Algorithm): boolean {
  if (algorithm.scheme === 'rsa-pss') {
    const digest = createHash(algorithm.hash ?? 'sha256')
      .update(input.data)
      .digest()
    return verifyPssDigest(input, digest, algorithm)
  }
  const key = importKey(input.spki)
  if (algorithm.scheme === 'ecdsa') {
    return ecdsaForms(input.signature).some((form) => {
      const dsaEncoding = form === 'der' ? 'der' : 'ieee-p1363'
      return verify(algorithm.hash, input.data, { key, dsaEncoding }, input.signature)
    })
  }
  return verify(algorithm.hash, input.data, key, input.signature)
}

function importKey(spki: Uint8Array) {
  return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
}

/**
 * Forms the signature may have, the likelier first: r ‖ s begins with any octets, those of a DER SEQUENCE of just
 * its length among them.
 */
function ecdsaForms(signature: Uint8Array): readonly ('der' | 'compact')[] {
  return isDerSequence(signature) ? ['der', 'compact'] : ['compact']
}

/** A DER SEQUENCE fills its own length exactly. */
function isDerSequence(signature: Uint8Array): boolean {
  const [tag, length = 0, long = 0] = signature
  if (tag !== 0x30) return false
  return length < 0x80
    ? signature.length === length + 2
    : length === 0x81 && signature.length === long + 3
}

const DIGEST_LENGTH: Readonly<Record<Hash, number>> = {
  sha1: 20,
  sha256: 32,
  sha384: 48,
  sha512: 64,
}

function verifyDigest(input: MessageSignature, algorithm: Algorithm, kind: string): boolean {
  const hash = algorithm.hash ?? 'sha256'
  if (input.data.length !== DIGEST_LENGTH[hash]) {
    throw new RangeError(
      `a ${hash} digest has ${DIGEST_LENGTH[hash]} octets, not ${input.data.length}`,
    )
  }
  if (algorithm.scheme === 'ecdsa') return verifyEcdsaDigest(input, kind)
  if (algorithm.scheme === 'rsa-pss') return verifyPssDigest(input, input.data, algorithm)
  const encoded = recoverEncoded(importKey(input.spki), input.signature)
  return encoded !== null && equalBytes(encoded, pkcs1Encoding(hash, input.data, encoded.length))
}

const MASK_HASHES: readonly Hash[] = ['sha256', 'sha1', 'sha384', 'sha512']

/** What the key fixes holds, whatever the name of the algorithm leaves open. */
function verifyPssDigest(
  { spki, signature }: MessageSignature,
  digest: Uint8Array,
  algorithm: Algorithm,
): boolean {
  const hash = algorithm.hash ?? 'sha256'
  const fixed = pssKeyParameters(spki)
  const maskHash = algorithm.isFixed || fixed === null ? hash : fixed.maskHash
  const saltLength = algorithm.isFixed ? digest.length : null
  if (fixed !== null && !keepsTo(fixed, { hash, maskHash, saltLength })) {
    throw new RangeError('the key is for other RSASSA-PSS parameters')
  }
  const isAnyMask = !algorithm.isFixed && fixed === null
  return verifyPss(importRsaKey(spki), signature, {
    digest,
    hash,
    maskHashes: isAnyMask ? MASK_HASHES : [maskHash],
    isSaltGood: (octets) =>
      saltLength === null ? octets >= (fixed?.saltLength ?? 0) : octets === saltLength,
  })
}

function verifyEcdsaDigest(input: MessageSignature, kind: string): boolean {
  const curve = kind === 'EC-P256' ? p256 : kind === 'EC-P384' ? p384 : p521
  const jwk = importKey(input.spki).export({ format: 'jwk' })
  const size = curve.CURVE.Fp.BYTES
  const coordinate = (text: string | undefined) =>
    new Uint8Array(
      Buffer.from(
        Buffer.from(text ?? '', 'base64url')
          .toString('hex')
          .padStart(size * 2, '0'),
        'hex',
      ),
    )
  const point = concatBytes(Uint8Array.of(4), coordinate(jwk.x), coordinate(jwk.y))
  const [first, other] = ecdsaForms(input.signature).map((form) => () => {
    const signature =
      form === 'der'
        ? curve.Signature.fromDER(input.signature)
        : curve.Signature.fromCompact(input.signature)
    return curve.verify(signature.toCompactRawBytes(), input.data, point, {
      prehash: false,
      lowS: false,
    })
  })
  return first !== undefined && (other === undefined ? first() : isEither(first, other))
}

/** What is no signature in its first form may still be one in the other. */
function isEither(first: () => boolean, other: () => boolean): boolean {
  try {
    if (first()) return true
  } catch {
    // Not of the form it looked like.
  }
  return other()
}

const DIGEST_INFO: Readonly<Record<Hash, string>> = {
  sha1: '3021300906052b0e03021a05000414',
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
}

/** EMSA-PKCS1-v1_5. @see RFC 8017 §9.2 */
function pkcs1Encoding(hash: Hash, digest: Uint8Array, length: number): Uint8Array {
  const info = concatBytes(Buffer.from(DIGEST_INFO[hash], 'hex'), digest)
  const padding = new Uint8Array(Math.max(8, length - info.length - 3)).fill(0xff)
  return concatBytes(Uint8Array.of(0, 1), padding, Uint8Array.of(0), info)
}
