/** Time-stamp tokens (RFC 3161) made to order: any time, any certificate of the authority, any naming of it. */
import { createHash, sign } from 'node:crypto'
import { contentBytes, readSingle, TAG } from '../../src/pki/der'
import {
  encodeElement,
  encodeExplicit,
  encodeGeneralizedTime,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSetOf,
} from '../../src/pki/der-writer'
import {
  basicConstraints,
  keyUsage,
  type Made,
  makeCertificate,
  makeExtension,
  makeRoot,
  nameOf,
} from './certificates'

const SHA256 = encodeSequence(encodeOid('2.16.840.1.101.3.4.2.1'), encodeNull())
const ED25519 = encodeSequence(encodeOid('1.3.101.112'))
const TST_INFO = encodeOid('1.2.840.113549.1.9.16.1.4')
export const TIME_STAMPING = '1.3.6.1.5.5.7.3.8'
export const STAMP_ROOT = makeRoot()

const digest = (hash: string, bytes: Uint8Array) =>
  new Uint8Array(createHash(hash).update(bytes).digest())

export const extendedUsage = (purposes: readonly string[], isCritical = true): Uint8Array =>
  makeExtension('2.5.29.37', encodeSequence(...purposes.map(encodeOid)), isCritical)

/** A certificate under `STAMP_ROOT`, meant for time-stamping and nothing else unless told otherwise. */
export function makeAuthority(usage = extendedUsage([TIME_STAMPING]), serial = 7n): Made {
  const extensions = [basicConstraints(false), keyUsage(0), usage]
  return makeCertificate({ subject: 'Stamps', issuer: STAMP_ROOT, serial, extensions })
}

const attribute = (oid: string, ...values: Uint8Array[]) =>
  encodeSequence(encodeOid(oid), encodeSetOf(...values))
const naming = (oid: string, ...fields: Uint8Array[]) =>
  attribute(oid, encodeSequence(encodeSequence(encodeSequence(...fields))))

/** The signingCertificate attribute (RFC 2634 §5.4), by SHA-1. */
export const namedBySha1 = ({ der }: Made): Uint8Array =>
  naming('1.2.840.113549.1.9.16.2.12', encodeOctetString(digest('sha1', der)))

/** signingCertificateV2 (RFC 5035 §3); `fields` follow the digest. SHA-256 is the default and not written. */
export const namedBySha256 = ({ der }: Made, ...fields: Uint8Array[]): Uint8Array =>
  naming('1.2.840.113549.1.9.16.2.47', encodeOctetString(digest('sha256', der)), ...fields)

/** signingCertificateV2 by a digest that is written out. */
export const namedBy = ({ der }: Made, hash: string, oid: string): Uint8Array =>
  naming(
    '1.2.840.113549.1.9.16.2.47',
    encodeSequence(encodeOid(oid)),
    encodeOctetString(digest(hash, der)),
  )

export const issuerSerial = (issuer: string, serial: bigint): Uint8Array =>
  encodeSequence(encodeSequence(encodeExplicit(4, nameOf(issuer))), encodeInteger(serial))

export function makeTimestamp(options: {
  readonly stamped: Uint8Array
  readonly timeMs: number
  readonly authority?: Made
  readonly serial?: bigint
  /** DER of genTime; `timeMs` in whole seconds by default. */
  readonly genTime?: Uint8Array
  /** What follows genTime in TSTInfo. */
  readonly fields?: readonly Uint8Array[]
  /** Attributes that name the authority's certificate; its SHA-256 by default. */
  readonly naming?: readonly Uint8Array[]
}): Uint8Array {
  const { stamped, timeMs, authority = makeAuthority(), serial = 7n } = options
  const info = encodeSequence(
    encodeInteger(1n),
    encodeOid('1.2.3.4.1'),
    encodeSequence(SHA256, encodeOctetString(digest('sha256', stamped))),
    encodeInteger(1n),
    options.genTime ?? encodeGeneralizedTime(timeMs),
    ...(options.fields ?? []),
  )
  const signedAttributes = encodeSetOf(
    attribute('1.2.840.113549.1.9.3', TST_INFO),
    attribute('1.2.840.113549.1.9.4', encodeOctetString(digest('sha256', info))),
    ...(options.naming ?? [namedBySha256(authority)]),
  )
  const signerInfo = encodeSequence(
    encodeInteger(1n),
    encodeSequence(nameOf(STAMP_ROOT.subject), encodeInteger(serial)),
    SHA256,
    encodeElement(0xa0, contentBytes(readSingle(signedAttributes, TAG.set, 'signedAttrs'))),
    ED25519,
    encodeOctetString(new Uint8Array(sign(null, signedAttributes, authority.key))),
  )
  const signedData = encodeSequence(
    encodeInteger(3n),
    encodeSetOf(SHA256),
    encodeSequence(TST_INFO, encodeExplicit(0, encodeOctetString(info))),
    encodeExplicit(0, authority.der),
    encodeSetOf(signerInfo),
  )
  return encodeSequence(encodeOid('1.2.840.113549.1.7.2'), encodeExplicit(0, signedData))
}
