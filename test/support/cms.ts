/** CMS SignedData (RFC 5652) made to order, signed with Ed25519: any attributes, any number of signers. */
import { createHash, sign } from 'node:crypto'
import { contentBytes, readSingle, TAG } from '../../src/pki/der'
import {
  encodeElement,
  encodeExplicit,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSetOf,
} from '../../src/pki/der-writer'
import type { Made } from './certificates'

export const SHA256 = encodeSequence(encodeOid('2.16.840.1.101.3.4.2.1'), encodeNull())
export const ED25519 = encodeSequence(encodeOid('1.3.101.112'))
export const ID_DATA = '1.2.840.113549.1.7.1'

export const sha256 = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update(bytes).digest())

export const attribute = (oid: string, ...values: Uint8Array[]): Uint8Array =>
  encodeSequence(encodeOid(oid), encodeSetOf(...values))
export const contentType = (oid = ID_DATA): Uint8Array =>
  attribute('1.2.840.113549.1.9.3', encodeOid(oid))
export const messageDigest = (...contents: Uint8Array[]): Uint8Array =>
  attribute('1.2.840.113549.1.9.4', ...contents.map((one) => encodeOctetString(sha256(one))))

/** SignerIdentifier by issuer and serial. */
export const issuedAs = (issuer: Uint8Array, serial: bigint): Uint8Array =>
  encodeSequence(issuer, encodeInteger(serial))

const implicitSet = (tag: number, set: Uint8Array) =>
  encodeElement(tag, contentBytes(readSingle(set, TAG.set, 'attributes')))

export type SignerOptions = {
  readonly signer: Made
  readonly signerId: Uint8Array
  readonly signed: readonly Uint8Array[]
  readonly unsigned?: readonly Uint8Array[]
  readonly signatureAlgorithm?: Uint8Array
  readonly digestAlgorithm?: Uint8Array
}

export function signerInfo(options: SignerOptions): Uint8Array {
  const signed = encodeSetOf(...options.signed)
  const { unsigned = [] } = options
  return encodeSequence(
    encodeInteger(1n),
    options.signerId,
    options.digestAlgorithm ?? SHA256,
    implicitSet(0xa0, signed),
    options.signatureAlgorithm ?? ED25519,
    encodeOctetString(new Uint8Array(sign(null, signed, options.signer.key))),
    ...(unsigned.length === 0 ? [] : [implicitSet(0xa1, encodeSetOf(...unsigned))]),
  )
}

export function signedData(options: {
  readonly certificates: readonly Made[]
  readonly signers: readonly Uint8Array[]
  readonly contentType?: string
  /** Encapsulated; detached without it. */
  readonly content?: Uint8Array
  /** What follows signerInfos, the SignedData and its wrapping. */
  readonly after?: { data?: Uint8Array; content?: Uint8Array; whole?: Uint8Array }
}): Uint8Array {
  const { contentType = ID_DATA, content, after = {} } = options
  const more = (bytes: Uint8Array | undefined) => (bytes === undefined ? [] : [bytes])
  const data = encodeSequence(
    encodeInteger(1n),
    encodeSetOf(SHA256),
    encodeSequence(
      encodeOid(contentType),
      ...more(content && encodeExplicit(0, encodeOctetString(content))),
    ),
    encodeElement(0xa0, Buffer.concat(options.certificates.map(({ der }) => der))),
    encodeSetOf(...options.signers),
    ...more(after.data),
  )
  const explicit = encodeElement(0xa0, Buffer.concat([data, ...more(after.content)]))
  return encodeSequence(encodeOid('1.2.840.113549.1.7.2'), explicit, ...more(after.whole))
}
