/**
 * Signatures as the chain accepts them: x509-parser's choice of algorithm with ring's limits. The key's own algorithm
 * counts only for ECDSA; the algorithm that decides is the call's argument. Never use it to decide about trust.
 */
import { equalBytes, fromHex } from '../bytes'
import { DerError, DerReader, TAG } from '../pki/der'
import { integerBytes } from '../pki/der-values'
import { encodeBitString, encodeElement, encodeNull, encodeSequence } from '../pki/der-writer'
import {
  type SignatureInput,
  type SignatureOutcome,
  verifySignature,
  verifySignatureInBackground,
} from '../pki/signature'
import { readAlgorithmIdentifier, readBitString } from './pallet-certificate'
import {
  contentOf,
  cursorOver,
  enter,
  isAtEnd,
  type LaxCursor,
  type LaxElement,
  PalletParseError,
  readAny,
  readOptionalTagged,
  readTag,
} from './pallet-der'

/** Tells whether the pallet takes a signature; `verifyPalletSignature` unless a test or a cache stands in. */
export type CheckSignature = (input: SignatureInput) => SignatureOutcome

const SEQUENCE = 16

/** Contents of the OIDs x509-parser knows, and what ring runs for them. */
const RSA_ALGORITHMS: readonly { oid: string; name: string; minBits: number }[] = [
  { oid: '0x2a864886f70d010105', name: 'sha1', minBits: 1024 },
  // sha1WithRSASignature of OIW, an old name of the same.
  { oid: '0x2b0e03021d', name: 'sha1', minBits: 1024 },
  { oid: '0x2a864886f70d01010b', name: 'sha256', minBits: 2048 },
  { oid: '0x2a864886f70d01010c', name: 'sha384', minBits: 2048 },
  { oid: '0x2a864886f70d01010d', name: 'sha512', minBits: 2048 },
]
const RSA_OID: Readonly<Record<string, string>> = {
  sha1: '0x2a864886f70d010105',
  sha256: '0x2a864886f70d01010b',
  sha384: '0x2a864886f70d01010c',
  sha512: '0x2a864886f70d01010d',
}
const RSA_PSS = '0x2a864886f70d01010a'
const ECDSA_SHA256 = '0x2a8648ce3d040302'
const ECDSA_SHA384 = '0x2a8648ce3d040303'
const ED25519 = '0x2b6570'
const EC_PUBLIC_KEY = '0x2a8648ce3d0201'
const RSA_ENCRYPTION = '0x2a864886f70d010101'
const MGF1 = '0x2a864886f70d010108'

const CURVES: readonly { oid: string; pointLength: number }[] = [
  { oid: '0x2a8648ce3d030107', pointLength: 65 },
  { oid: '0x2b81040022', pointLength: 97 },
]

/** SHA-1 is missing on purpose: ring has no RSA-PSS with it. */
const PSS_HASHES: readonly { oid: string; saltLength: number }[] = [
  { oid: '0x608648016503040201', saltLength: 32 },
  { oid: '0x608648016503040202', saltLength: 48 },
  { oid: '0x608648016503040203', saltLength: 64 },
]

const MAX_RSA_BITS = 8192
/** ring's largest public exponent, 2^33 - 1. */
const MAX_EXPONENT = (1n << 33n) - 1n

/**
 * Would the pallet take this signature? Its answer to anything else is InvalidSignature.
 * @see sp-auto-id host_functions.rs `verify_signature` @72a5aa6, x509-parser 0.18 verify.rs, ring 0.17 rsa/verification.rs
 */
export function verifyPalletSignature(input: SignatureInput): SignatureOutcome {
  try {
    return verifySignature(asRingTakes(input))
  } catch (error) {
    return outcomeOf(error)
  }
}

/** As `verifyPalletSignature`, on a thread of its own. */
export async function verifyPalletSignatureInBackground(
  input: SignatureInput,
): Promise<SignatureOutcome> {
  try {
    return await verifySignatureInBackground(asRingTakes(input))
  } catch (error) {
    return outcomeOf(error)
  }
}

function outcomeOf(error: unknown): SignatureOutcome {
  if (error instanceof UnsupportedByRing) {
    return { ok: false, code: 'SIG_UNSUPPORTED_ALGORITHM', message: error.message }
  }
  if (error instanceof PalletParseError || error instanceof DerError) {
    return { ok: false, code: 'SIG_BAD_KEY', message: error.message }
  }
  throw error
}

class UnsupportedByRing extends Error {
  override readonly name = 'UnsupportedByRing'
}

/** ring looks at no point's order. */
function asRingTakes(input: SignatureInput): SignatureInput {
  return { takesForgeable: true, ...asStandardInput(input) }
}

/** The same question in the one encoding the standards have for it, once ring's own limits are kept. */
function asStandardInput(input: SignatureInput): SignatureInput {
  const algorithm = readAlgorithmIdentifier(cursorOver(input.signatureAlgorithm))
  const info = enter(readTag(cursorOver(input.spki), SEQUENCE, 'SubjectPublicKeyInfo'))
  const keyAlgorithm = readAlgorithmIdentifier(info)
  const key = readBitString(info)
  const { data, signature } = input

  const rsa = RSA_ALGORITHMS.find(({ oid }) => hasContent(algorithm.oid, oid))
  if (rsa !== undefined) {
    checkRsaKey(key, rsa.minBits)
    const signatureAlgorithm = encodeSequence(encodeOid(RSA_OID[rsa.name] ?? ''), encodeNull())
    return { spki: rsaSpki(key), signatureAlgorithm, data, signature }
  }
  if (hasContent(algorithm.oid, RSA_PSS)) {
    const hash = pssHash(algorithm.parameters)
    checkRsaKey(key, 2048)
    return { spki: rsaSpki(key), signatureAlgorithm: pssAlgorithm(hash), data, signature }
  }
  for (const oid of [ECDSA_SHA256, ECDSA_SHA384]) {
    if (!hasContent(algorithm.oid, oid)) continue
    const signatureAlgorithm = encodeSequence(encodeOid(oid))
    return { spki: ecSpki(keyAlgorithm.parameters, key), signatureAlgorithm, data, signature }
  }
  if (hasContent(algorithm.oid, ED25519)) {
    const spki = encodeSequence(ED25519_ALGORITHM, encodeBitString(key))
    return { spki, signatureAlgorithm: ED25519_ALGORITHM, data, signature }
  }
  throw new UnsupportedByRing('ring has no such signature algorithm')
}

/** Sizes count in whole octets, as ring rounds them up. */
function checkRsaKey(key: Uint8Array, minBits: number): void {
  const outer = new DerReader(key)
  const fields = outer.enter(TAG.sequence, 'RSAPublicKey')
  outer.expectEnd('RSAPublicKey')
  const modulus = integerBytes(fields.read(TAG.integer, 'modulus'))
  const exponent = integerBytes(fields.read(TAG.integer, 'publicExponent'))
  fields.expectEnd('RSAPublicKey')
  const octets = modulus[0] === 0 ? modulus.length - 1 : modulus.length
  const isOdd = ((modulus[modulus.length - 1] ?? 0) & 1) === 1
  if ((modulus[0] ?? 0) >= 0x80 || !isOdd) throw new UnsupportedByRing('modulus no RSA modulus')
  if (octets * 8 < minBits || octets * 8 > MAX_RSA_BITS) {
    throw new UnsupportedByRing(`RSA key of ${octets * 8} bits where ring wants ${minBits} to 8192`)
  }
  if (exponent.length > 5 || (exponent[0] ?? 0) >= 0x80) {
    throw new UnsupportedByRing('public exponent out of range')
  }
  const value = exponent.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n)
  if (value < 3n || value > MAX_EXPONENT || (value & 1n) === 0n) {
    throw new UnsupportedByRing('public exponent out of range')
  }
}

function rsaSpki(key: Uint8Array): Uint8Array {
  const algorithm = encodeSequence(encodeOid(RSA_ENCRYPTION), encodeNull())
  return encodeSequence(algorithm, encodeBitString(key))
}

function ecSpki(parameters: LaxElement | undefined, key: Uint8Array): Uint8Array {
  const curve =
    parameters === undefined
      ? undefined
      : CURVES.find(({ oid }) => hasContent(contentOf(parameters), oid))
  if (curve === undefined) throw new UnsupportedByRing('neither P-256 nor P-384')
  // ring takes uncompressed points only; OpenSSL would take others.
  if (key[0] !== 4 || key.length !== curve.pointLength) {
    throw new UnsupportedByRing('no uncompressed point of the curve')
  }
  const algorithm = encodeSequence(encodeOid(EC_PUBLIC_KEY), encodeOid(curve.oid))
  return encodeSequence(algorithm, encodeBitString(key))
}

/**
 * Only the hash is read from the parameters: mask and salt length are the hash's whatever they say.
 * @see x509-parser verify.rs `get_rsa_pss_verification_algo`
 */
function pssHash(parameters: LaxElement | undefined): { oid: string; saltLength: number } {
  if (parameters?.tag !== SEQUENCE) throw new UnsupportedByRing('RSA-PSS without parameters')
  const fields = enter(parameters)
  const hash = readOptionalTagged(fields, 0)
  const oid = hash === undefined ? undefined : readAlgorithmIdentifier(enter(hash)).oid
  const mask = readOptionalTagged(fields, 1)
  if (mask !== undefined) readAlgorithmIdentifier(enter(mask))
  readTaggedInteger(fields, 2)
  readTaggedInteger(fields, 3)
  const known = PSS_HASHES.find((entry) => oid !== undefined && hasContent(oid, entry.oid))
  if (known === undefined) throw new UnsupportedByRing('RSA-PSS hash not supported by ring')
  return known
}

function readTaggedInteger(fields: LaxCursor, tag: number): void {
  const tagged = isAtEnd(fields) ? undefined : readOptionalTagged(fields, tag)
  if (tagged === undefined) return
  const value = readAny(enter(tagged))
  const content = contentOf(value)
  if (value.tag !== TAG.integer || content.length === 0 || content.length > 5) {
    throw new PalletParseError('no u32')
  }
}

function pssAlgorithm(hash: { oid: string; saltLength: number }): Uint8Array {
  const hashAlgorithm = encodeSequence(encodeOid(hash.oid), encodeNull())
  const parameters = encodeSequence(
    encodeElement(0xa0, hashAlgorithm),
    encodeElement(0xa1, encodeSequence(encodeOid(MGF1), hashAlgorithm)),
    encodeElement(0xa2, encodeElement(TAG.integer, Uint8Array.of(hash.saltLength))),
  )
  return encodeSequence(encodeOid(RSA_PSS), parameters)
}

function encodeOid(content: string): Uint8Array {
  return encodeElement(TAG.oid, bytesOf(content))
}

function hasContent(bytes: Uint8Array, hex: string): boolean {
  return equalBytes(bytes, bytesOf(hex))
}

/** Of the OIDs above, which each signature is compared with one after the other. */
const oidBytes = new Map<string, Uint8Array>()

function bytesOf(hex: string): Uint8Array {
  const known = oidBytes.get(hex)
  if (known !== undefined) return known
  const bytes = fromHex(hex)
  oidBytes.set(hex, bytes)
  return bytes
}

/** Of most signatures on the chain: encoded once. */
const ED25519_ALGORITHM = encodeSequence(encodeOid(ED25519))
