/** AlgorithmIdentifier: OIDs and parameters to the signature schemes we verify (RFC 3279, 4055, 5758, 8410). */
import { latin1 } from '../bytes'
import { contextTag, DerError, DerReader, readerOf, TAG } from './der'
import { oidValue, smallInteger } from './der-values'

export type KeyAlgorithm =
  | 'RSA'
  | 'RSA-PSS'
  | 'EC-P256'
  | 'EC-P384'
  | 'EC-P521'
  | 'Ed25519'
  | 'DSA'
  | 'unknown'

export type HashName = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'

export type SignatureAlgorithm = {
  /** As people write it: `sha256WithRSAEncryption`, `Ed25519`. */
  readonly name: string
  readonly oid: string
  readonly scheme: 'rsa-pkcs1' | 'rsa-pss' | 'ecdsa' | 'ed25519' | 'dsa'
  /** Digest; null when the scheme brings its own. */
  readonly hash: HashName | null
  /** Keys that can make such a signature. */
  readonly keyAlgorithms: readonly KeyAlgorithm[]
  /** Octets, RSA-PSS only. */
  readonly saltLength?: number
  /** RSA-PSS only: the hash that makes the mask. */
  readonly maskHash?: HashName
}

const RSA_KEYS: readonly KeyAlgorithm[] = ['RSA']
const PSS_KEYS: readonly KeyAlgorithm[] = ['RSA', 'RSA-PSS']
const EC_KEYS: readonly KeyAlgorithm[] = ['EC-P256', 'EC-P384', 'EC-P521']

type Entry = Omit<SignatureAlgorithm, 'oid'> & { readonly parameters: 'null' | 'absent' }

function rsa(name: string, hash: HashName): Entry {
  return { name, scheme: 'rsa-pkcs1', hash, keyAlgorithms: RSA_KEYS, parameters: 'null' }
}

function ecdsa(name: string, hash: HashName): Entry {
  return { name, scheme: 'ecdsa', hash, keyAlgorithms: EC_KEYS, parameters: 'absent' }
}

function dsa(name: string, hash: HashName): Entry {
  return { name, scheme: 'dsa', hash, keyAlgorithms: ['DSA'], parameters: 'absent' }
}

const ALGORITHMS: Readonly<Record<string, Entry>> = {
  '1.2.840.113549.1.1.4': rsa('md5WithRSAEncryption', 'md5'),
  '1.2.840.113549.1.1.5': rsa('sha1WithRSAEncryption', 'sha1'),
  '1.2.840.113549.1.1.14': rsa('sha224WithRSAEncryption', 'sha224'),
  '1.2.840.113549.1.1.11': rsa('sha256WithRSAEncryption', 'sha256'),
  '1.2.840.113549.1.1.12': rsa('sha384WithRSAEncryption', 'sha384'),
  '1.2.840.113549.1.1.13': rsa('sha512WithRSAEncryption', 'sha512'),
  '1.2.840.10045.4.1': ecdsa('ecdsa-with-SHA1', 'sha1'),
  '1.2.840.10045.4.3.1': ecdsa('ecdsa-with-SHA224', 'sha224'),
  '1.2.840.10045.4.3.2': ecdsa('ecdsa-with-SHA256', 'sha256'),
  '1.2.840.10045.4.3.3': ecdsa('ecdsa-with-SHA384', 'sha384'),
  '1.2.840.10045.4.3.4': ecdsa('ecdsa-with-SHA512', 'sha512'),
  '1.2.840.10040.4.3': dsa('dsa-with-sha1', 'sha1'),
  '2.16.840.1.101.3.4.3.1': dsa('dsa-with-sha224', 'sha224'),
  '2.16.840.1.101.3.4.3.2': dsa('dsa-with-sha256', 'sha256'),
  '1.3.101.112': {
    name: 'Ed25519',
    scheme: 'ed25519',
    hash: null,
    keyAlgorithms: ['Ed25519'],
    parameters: 'absent',
  },
}

const HASHES: Readonly<Record<string, HashName>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

const RSASSA_PSS = '1.2.840.113549.1.1.10'
const MGF1 = '1.2.840.113549.1.1.8'

const MAX_CACHED = 256
const known = new Map<string, SignatureAlgorithm>()

/** The scheme a DER AlgorithmIdentifier names; undefined when unknown or its parameters are not allowed. */
export function signatureAlgorithm(der: Uint8Array): SignatureAlgorithm | undefined {
  const cacheKey = latin1(der)
  const cached = known.get(cacheKey)
  if (cached !== undefined) return cached
  try {
    const algorithm = readSignatureAlgorithm(der)
    if (algorithm !== undefined && known.size < MAX_CACHED && der.length < 128)
      known.set(cacheKey, algorithm)
    return algorithm
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}

function readSignatureAlgorithm(der: Uint8Array): SignatureAlgorithm | undefined {
  const fields = new DerReader(der).enter(TAG.sequence, 'AlgorithmIdentifier')
  const oid = oidValue(fields.read(TAG.oid, 'algorithm'))
  if (oid === RSASSA_PSS) return readPss(fields)
  const entry = ALGORITHMS[oid]
  if (entry === undefined) return undefined
  const { parameters, ...algorithm } = entry
  // RFC 4055 §5 has parsers take RSA without NULL, too; every other algorithm forbids parameters.
  if (parameters === 'null') readNull(fields)
  fields.expectEnd('AlgorithmIdentifier')
  return { ...algorithm, oid }
}

function readNull(fields: DerReader): void {
  const element = fields.readOptional(TAG.null)
  if (element !== undefined && element.end !== element.contentStart) {
    throw new DerError('DER_BAD_VALUE', 'NULL with contents', element.start)
  }
}

/** RSASSA-PSS-params (RFC 4055 §3.1). */
export type PssParameters = {
  readonly hash: HashName
  /** Of MGF1. */
  readonly maskHash: HashName
  /** Octets; of a key's parameters the least. */
  readonly saltLength: number
}

/** A salt fills what hash and modulus leave: 974 octets at most under RSA of 8192 bits. */
const MAX_SALT = 1024

function readPss(algorithm: DerReader): SignatureAlgorithm | undefined {
  const parameters = readPssParameters(algorithm)
  if (parameters === undefined) return undefined
  const name = `RSASSA-PSS-${parameters.hash}`
  return { name, oid: RSASSA_PSS, scheme: 'rsa-pss', keyAlgorithms: PSS_KEYS, ...parameters }
}

/** Undefined when hash, mask or trailer is none that is known. @throws {DerError} */
export function readPssParameters(algorithm: DerReader): PssParameters | undefined {
  const fields = algorithm.enter(TAG.sequence, 'RSASSA-PSS-params')
  algorithm.expectEnd('AlgorithmIdentifier')
  const hash = readHash(fields.readOptional(contextTag(0)))
  const mask = fields.readOptional(contextTag(1))
  const maskHash = mask === undefined ? 'sha1' : readMaskHash(readerOf(mask))
  const salt = fields.readOptional(contextTag(2))
  const saltLength =
    salt === undefined
      ? 20
      : smallInteger(readerOf(salt).read(TAG.integer, 'saltLength'), MAX_SALT, 'saltLength')
  const trailer = fields.readOptional(contextTag(3))
  const trailerField =
    trailer === undefined
      ? 1
      : smallInteger(readerOf(trailer).read(TAG.integer, 'trailerField'), 255, 'trailerField')
  fields.expectEnd('RSASSA-PSS-params')
  if (hash === undefined || maskHash === undefined || trailerField !== 1) return undefined
  return { hash, maskHash, saltLength }
}

function readHash(explicit: ReturnType<DerReader['readOptional']>): HashName | undefined {
  if (explicit === undefined) return 'sha1'
  return readHashIdentifier(readerOf(explicit))
}

function readHashIdentifier(outer: DerReader): HashName | undefined {
  const fields = outer.enter(TAG.sequence, 'hashAlgorithm')
  outer.expectEnd('hashAlgorithm')
  const hash = HASHES[oidValue(fields.read(TAG.oid, 'hashAlgorithm'))]
  readNull(fields)
  fields.expectEnd('hashAlgorithm')
  return hash
}

function readMaskHash(outer: DerReader): HashName | undefined {
  const fields = outer.enter(TAG.sequence, 'maskGenAlgorithm')
  outer.expectEnd('maskGenAlgorithm')
  if (oidValue(fields.read(TAG.oid, 'maskGenAlgorithm')) !== MGF1) return undefined
  return readHashIdentifier(fields)
}

/** Digest named by an AlgorithmIdentifier (OCSP CertID). @throws {DerError} */
export function hashAlgorithm(der: Uint8Array): HashName | undefined {
  return readHashIdentifier(new DerReader(der))
}

/** Dotted OID of a DER AlgorithmIdentifier. @throws {DerError} */
export function algorithmOid(der: Uint8Array): string {
  return oidValue(
    new DerReader(der).enter(TAG.sequence, 'AlgorithmIdentifier').read(TAG.oid, 'algorithm'),
  )
}
