/** Time-stamp tokens (RFC 3161) made to order: any time, any certificate of the authority, any naming of it. */
import { createHash } from 'node:crypto'
import {
  encodeExplicit,
  encodeGeneralizedTime,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
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
import {
  attribute,
  contentType,
  issuedAs,
  messageDigest,
  SHA256,
  sha256,
  signedData,
  signerInfo,
} from './cms'

const TST_INFO = '1.2.840.113549.1.9.16.1.4'
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

const essCertIds = (...fields: Uint8Array[]) =>
  encodeSequence(encodeSequence(encodeSequence(...fields)))
const naming = (oid: string, ...fields: Uint8Array[]) => attribute(oid, essCertIds(...fields))

/** The signingCertificate attribute (RFC 2634 §5.4), by SHA-1. */
export const namedBySha1 = ({ der }: Made): Uint8Array =>
  naming('1.2.840.113549.1.9.16.2.12', encodeOctetString(digest('sha1', der)))

/** signingCertificateV2 (RFC 5035 §3); `fields` follow the digest. SHA-256 is the default and not written. */
export const namedBySha256 = ({ der }: Made, ...fields: Uint8Array[]): Uint8Array =>
  naming('1.2.840.113549.1.9.16.2.47', encodeOctetString(digest('sha256', der)), ...fields)

/** signingCertificateV2 with a value for each of them. */
export const namedAtOnce = (...named: Made[]): Uint8Array =>
  attribute(
    '1.2.840.113549.1.9.16.2.47',
    ...named.map(({ der }) => essCertIds(encodeOctetString(sha256(der)))),
  )

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
    encodeSequence(SHA256, encodeOctetString(sha256(stamped))),
    encodeInteger(1n),
    options.genTime ?? encodeGeneralizedTime(timeMs),
    ...(options.fields ?? []),
  )
  const { naming: named = [namedBySha256(authority)] } = options
  const signer = signerInfo({
    signer: authority,
    signerId: issuedAs(nameOf(STAMP_ROOT.subject), serial),
    signed: [contentType(TST_INFO), messageDigest(info), ...named],
  })
  return signedData({
    certificates: [authority],
    signers: [signer],
    contentType: TST_INFO,
    content: info,
  })
}
