/** SubjectPublicKeyInfo described: kind, size, fingerprint, JWK (RFC 3279, 5480, 8410, 7517). */
import { createHash, createPublicKey, type JsonWebKey } from 'node:crypto'
import { latin1 } from '../bytes'
import type { KeyAlgorithm } from './algorithm'
import { type DerElement, DerError, DerReader, elementBytes, TAG } from './der'
import { integerBytes, octetBits, oidValue } from './der-values'
import { encodeSequence } from './der-writer'

export type PublicKeyInfo = {
  readonly algorithm: KeyAlgorithm
  /** Dotted OID of the key's algorithm; empty when unreadable. */
  readonly oid: string
  /** Size of the modulus, prime or curve order. */
  readonly bits: number | null
  /** RSA public exponent. */
  readonly exponent: bigint | null
}

const CURVES: Readonly<Record<string, { algorithm: KeyAlgorithm; bits: number; point: number }>> = {
  '1.2.840.10045.3.1.7': { algorithm: 'EC-P256', bits: 256, point: 65 },
  '1.3.132.0.34': { algorithm: 'EC-P384', bits: 384, point: 97 },
  '1.3.132.0.35': { algorithm: 'EC-P521', bits: 521, point: 133 },
}

const MAX_CACHED = 2048
/** An RSA key of 16384 bits takes 2,100; DSA keys bring their parameters. */
const MAX_CACHED_BYTES = 4096
const described = new Map<string, PublicKeyInfo>()

/** What kind of key a DER SubjectPublicKeyInfo is; `unknown` for what we do not know or cannot read. Never throws. */
export function publicKeyInfo(spki: Uint8Array): PublicKeyInfo {
  const cacheKey = latin1(spki)
  const cached = described.get(cacheKey)
  if (cached !== undefined) return cached
  let info: PublicKeyInfo
  try {
    info = readSpki(spki)
  } catch (error) {
    if (!(error instanceof DerError)) throw error
    info = { algorithm: 'unknown', oid: '', bits: null, exponent: null }
  }
  if (described.size >= MAX_CACHED) described.clear()
  if (spki.length <= MAX_CACHED_BYTES) described.set(cacheKey, info)
  return info
}

function readSpki(spki: Uint8Array): PublicKeyInfo {
  const outer = new DerReader(spki)
  const fields = outer.enter(TAG.sequence, 'SubjectPublicKeyInfo')
  outer.expectEnd('SubjectPublicKeyInfo')
  const algorithm = fields.enter(TAG.sequence, 'AlgorithmIdentifier')
  const oid = oidValue(algorithm.read(TAG.oid, 'algorithm'))
  const parameters = algorithm.isAtEnd ? undefined : algorithm.readAny()
  algorithm.expectEnd('AlgorithmIdentifier')
  const key = octetBits(fields.read(TAG.bitString, 'subjectPublicKey'), 'subjectPublicKey')
  fields.expectEnd('SubjectPublicKeyInfo')
  return describe(oid, parameters, key)
}

function describe(oid: string, parameters: DerElement | undefined, key: Uint8Array): PublicKeyInfo {
  const unknown: PublicKeyInfo = { algorithm: 'unknown', oid, bits: null, exponent: null }
  switch (oid) {
    case '1.2.840.113549.1.1.1':
      return rsaKey('RSA', oid, key)
    case '1.2.840.113549.1.1.10':
      return rsaKey('RSA-PSS', oid, key)
    case '1.2.840.10045.2.1': {
      // Only namedCurve (RFC 5480 §2.1.1): explicit parameters let an attacker choose the generator.
      const curve = parameters?.tag === TAG.oid ? CURVES[oidValue(parameters)] : undefined
      if (curve === undefined || key[0] !== 4 || key.length !== curve.point) return unknown
      return { algorithm: curve.algorithm, oid, bits: curve.bits, exponent: null }
    }
    case '1.3.101.112':
      if (parameters !== undefined || key.length !== 32) return unknown
      return { algorithm: 'Ed25519', oid, bits: 256, exponent: null }
    case '1.2.840.10040.4.1':
      return { algorithm: 'DSA', oid, bits: dsaBits(parameters), exponent: null }
    default:
      return unknown
  }
}

function rsaKey(algorithm: KeyAlgorithm, oid: string, key: Uint8Array): PublicKeyInfo {
  const outer = new DerReader(key)
  const fields = outer.enter(TAG.sequence, 'RSAPublicKey')
  outer.expectEnd('RSAPublicKey')
  const modulus = unsigned(fields.read(TAG.integer, 'modulus'))
  const exponent = unsigned(fields.read(TAG.integer, 'publicExponent'))
  fields.expectEnd('RSAPublicKey')
  return { algorithm, oid, bits: bitLength(modulus), exponent: toBigInt(exponent) }
}

function dsaBits(parameters: DerElement | undefined): number | null {
  if (parameters?.tag !== TAG.sequence) return null
  const prime = new DerReader(parameters.bytes, parameters.contentStart, parameters.end)
  return bitLength(unsigned(prime.read(TAG.integer, 'p')))
}

function unsigned(element: DerElement): Uint8Array {
  const bytes = integerBytes(element)
  if ((bytes[0] as number) >= 0x80) {
    throw new DerError('DER_BAD_VALUE', 'negative number in a key', element.start)
  }
  return bytes[0] === 0 ? bytes.subarray(1) : bytes
}

function bitLength(bytes: Uint8Array): number {
  return bytes.length === 0 ? 0 : bytes.length * 8 - Math.clz32(bytes[0] as number) + 24
}

function toBigInt(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}

/**
 * The y of Ed25519 points of low order, the sign bit aside; y = p and p + 1 stand for 0 and 1. Under such a key one
 * signature is good for one message in eight, or for all.
 */
const LOW_ORDER: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])

/** Why anybody can sign under the key, whoever holds it; null: nothing known says so. */
export function forgeableBecause(spki: Uint8Array): string | null {
  const { algorithm, exponent } = publicKeyInfo(spki)
  // To the power of one, a signature is the encoded message; an even exponent has no inverse.
  if (exponent !== null && (exponent < 3n || exponent % 2n === 0n)) {
    return 'RSA with an exponent that is even or below 3'
  }
  if (algorithm !== 'Ed25519') return null
  const y = Buffer.from(spki.subarray(-32))
  y[31] = (y[31] ?? 0) & 0x7f
  return LOW_ORDER.has(y.toString('hex')) ? 'Ed25519 with a point of low order' : null
}

/** SHA-256 of the DER SubjectPublicKeyInfo, lower-case hex without prefix. */
export function spkiSha256(spki: Uint8Array): string {
  return createHash('sha256').update(spki).digest('hex')
}

/** JWK (RFC 7517) of the key; null when it has none or cannot be read. */
export function publicKeyJwk(spki: Uint8Array): JsonWebKey | null {
  if (publicKeyInfo(spki).algorithm === 'unknown') return null
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
    return key.export({ format: 'jwk' })
  } catch {
    // DSA and restricted PSS keys have no JWK.
    return null
  }
}

const DSA_KEY = '1.2.840.10040.4.1'

/**
 * The key with the parameters it leaves to the key above (RFC 5280 §6.1.4 (f), RFC 3279 §2.3.2: DSA only).
 * Keys that bring their own, or have nothing to take over, come back as they are.
 */
export function inheritKeyParameters(spki: Uint8Array, above: Uint8Array | undefined): Uint8Array {
  if (above === undefined) return spki
  const key = publicKeyInfo(spki)
  if (key.oid !== DSA_KEY || key.bits !== null) return spki
  if (publicKeyInfo(above).oid !== DSA_KEY) return spki
  const fields = new DerReader(spki).enter(TAG.sequence, 'SubjectPublicKeyInfo')
  fields.read(TAG.sequence, 'AlgorithmIdentifier')
  const bits = elementBytes(fields.read(TAG.bitString, 'subjectPublicKey'))
  const aboveFields = new DerReader(above).enter(TAG.sequence, 'SubjectPublicKeyInfo')
  return encodeSequence(elementBytes(aboveFields.read(TAG.sequence, 'AlgorithmIdentifier')), bits)
}
