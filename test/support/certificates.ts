/** Certificates and CRLs made to order, with keys that are the same in every run. */
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { assembleCertificate } from '../../src/pki/certificate'
import {
  encodeBoolean,
  encodeElement,
  encodeExplicit,
  encodeInteger,
  encodeNamedBits,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  encodeTime,
} from '../../src/pki/der-writer'

export const AT = new Date('2026-06-01T12:00:00Z')

const ED25519 = encodeSequence(encodeOid('1.3.101.112'))

/** Ed25519 key of a seed text. */
export function seededKey(seed: string): KeyObject {
  const bytes = Buffer.alloc(32)
  bytes.write(seed)
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), bytes])
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}

export function spkiOf(key: KeyObject): Uint8Array {
  return new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }))
}

/** Ed25519, a point of order two: one signature in two messages is good for both of them. */
export function lowOrderSpki(): Uint8Array {
  return Uint8Array.from(Buffer.from(`302a300506032b6570032100ec${'ff'.repeat(30)}7f`, 'hex'))
}

/** DER Name of one commonName; the empty text makes the empty name. */
export function nameOf(commonName: string): Uint8Array {
  if (commonName === '') return encodeSequence()
  const value = encodeElement(0x0c, Buffer.from(commonName, 'utf8'))
  return encodeSequence(encodeSetOf(encodeSequence(encodeOid('2.5.4.3'), value)))
}

export function makeExtension(oid: string, value: Uint8Array, isCritical = false): Uint8Array {
  const critical = isCritical ? [encodeBoolean(true)] : []
  return encodeSequence(encodeOid(oid), ...critical, encodeOctetString(value))
}

export function basicConstraints(cA: boolean, pathLength?: number): Uint8Array {
  const fields = [
    ...(cA ? [encodeBoolean(true)] : []),
    ...(pathLength === undefined ? [] : [encodeInteger(BigInt(pathLength))]),
  ]
  return makeExtension('2.5.29.19', encodeSequence(...fields), true)
}

export function keyUsage(...bits: number[]): Uint8Array {
  return makeExtension('2.5.29.15', encodeNamedBits(bits), true)
}

export function extKeyUsage(...oids: string[]): Uint8Array {
  return makeExtension('2.5.29.37', encodeSequence(...oids.map(encodeOid)))
}

/** [tag] IMPLICIT IA5String: 1 rfc822Name, 2 dNSName, 6 URI. */
export function textName(tag: number, text: string): Uint8Array {
  return encodeElement(0x80 | tag, Buffer.from(text, 'latin1'))
}

export function subjectAltName(...names: Uint8Array[]): Uint8Array {
  return makeExtension('2.5.29.17', encodeSequence(...names))
}

export function nameConstraints(permitted: Uint8Array[], excluded: Uint8Array[] = []): Uint8Array {
  const subtrees = (tag: number, names: Uint8Array[]) =>
    names.length === 0 ? [] : [encodeElement(tag, ...names.map((name) => encodeSequence(name)))]
  const value = encodeSequence(...subtrees(0xa0, permitted), ...subtrees(0xa1, excluded))
  return makeExtension('2.5.29.30', value, true)
}

export function certificatePolicies(...oids: string[]): Uint8Array {
  return makeExtension(
    '2.5.29.32',
    encodeSequence(...oids.map((oid) => encodeSequence(encodeOid(oid)))),
  )
}

export type Made = {
  readonly der: Uint8Array
  readonly key: KeyObject
  readonly subject: string
}

export type SigningAlgorithm = {
  /** DER AlgorithmIdentifier. */
  readonly identifier: Uint8Array
  readonly hash: string | null
}

const BY_ED25519: SigningAlgorithm = { identifier: ED25519, hash: null }

export type MakeOptions = {
  readonly subject: string
  /** Self-signed when absent. */
  readonly issuer?: Made
  readonly extensions?: readonly Uint8Array[]
  readonly serial?: bigint
  /** Contents octets, for serial numbers that are no DER. */
  readonly serialBytes?: Uint8Array
  readonly notBefore?: number
  readonly notAfter?: number
  /** Seed of the key; the subject when absent. */
  readonly seed?: string
  /** Instead of a seeded one. */
  readonly key?: KeyObject
  /** Stands in the certificate, whatever the key is. */
  readonly spki?: Uint8Array
  /** Of the signer's key; Ed25519 when absent. */
  readonly algorithm?: SigningAlgorithm
  /** Signs instead of the issuer's key. */
  readonly signer?: KeyObject
  readonly isV1?: boolean
}

export function makeCertificate(options: MakeOptions): Made {
  const key = options.key ?? seededKey(options.seed ?? options.subject)
  const { identifier, hash } = options.algorithm ?? BY_ED25519
  const extensions = options.extensions ?? []
  const tbs = encodeSequence(
    ...(options.isV1 ? [] : [encodeExplicit(0, encodeInteger(2n))]),
    options.serialBytes === undefined
      ? encodeInteger(options.serial ?? 1n)
      : encodeElement(0x02, options.serialBytes),
    identifier,
    nameOf(options.issuer?.subject ?? options.subject),
    encodeSequence(
      encodeTime(options.notBefore ?? Date.UTC(2026, 0, 1)),
      encodeTime(options.notAfter ?? Date.UTC(2027, 0, 1)),
    ),
    nameOf(options.subject),
    options.spki ?? spkiOf(key),
    ...(extensions.length === 0 ? [] : [encodeExplicit(3, encodeSequence(...extensions))]),
  )
  const signer = options.signer ?? options.issuer?.key ?? key
  const der = assembleCertificate(tbs, new Uint8Array(sign(hash, tbs, signer)))
  return { der, key, subject: options.subject }
}

export function makeRoot(extensions: readonly Uint8Array[] = []): Made {
  return makeCertificate({
    subject: 'Root',
    extensions: [basicConstraints(true), keyUsage(5, 6), ...extensions],
  })
}

export function makeIssuer(
  subject: string,
  issuer: Made,
  extensions: readonly Uint8Array[] = [basicConstraints(true), keyUsage(5, 6)],
): Made {
  return makeCertificate({ subject, issuer, extensions, serial: 2n })
}

export type CrlOptions = {
  readonly issuer: Made
  readonly revoked?: readonly bigint[]
  readonly thisUpdate?: number
  readonly nextUpdate?: number
  readonly extensions?: readonly Uint8Array[]
  readonly signer?: KeyObject
  /** Of every entry. */
  readonly entryExtensions?: readonly Uint8Array[]
}

export function makeCrl(options: CrlOptions): Uint8Array {
  const entries = (options.revoked ?? []).map((serial) =>
    encodeSequence(
      encodeInteger(serial),
      encodeTime(Date.UTC(2026, 4, 1)),
      ...(options.entryExtensions === undefined
        ? []
        : [encodeSequence(...options.entryExtensions)]),
    ),
  )
  const tbs = encodeSequence(
    encodeInteger(1n),
    ED25519,
    nameOf(options.issuer.subject),
    encodeTime(options.thisUpdate ?? Date.UTC(2026, 4, 31)),
    encodeTime(options.nextUpdate ?? Date.UTC(2026, 5, 7)),
    ...(entries.length === 0 ? [] : [encodeSequence(...entries)]),
    encodeExplicit(
      0,
      encodeSequence(makeExtension('2.5.29.20', encodeInteger(7n)), ...(options.extensions ?? [])),
    ),
  )
  const signature = new Uint8Array(sign(null, tbs, options.signer ?? options.issuer.key))
  return assembleCertificate(tbs, signature, ED25519)
}
