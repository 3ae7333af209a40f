/** Time-stamp tokens (RFC 3161): evidence that bytes existed at a time, if a trusted authority signed it. */
import { equalBytes } from '../bytes'
import { hashAlgorithm } from '../pki/algorithm'
import {
  CertificateError,
  findExtension,
  type ParsedCertificate,
  readExtensionList,
} from '../pki/certificate'
import {
  contentBytes,
  contextTag,
  type DerElement,
  DerError,
  elementBytes,
  readerOf,
  readSingle,
  TAG,
} from '../pki/der'
import { oidValue, smallInteger } from '../pki/der-values'
import { encodeOid, encodeSequence } from '../pki/der-writer'
import { validatePath } from '../pki/path-validation'
import { digestOf, isSignedBy, parseSignedData, signerCertificate } from './cms'
import { namesSigner } from './signing-certificate'

const TST_INFO = '1.2.840.113549.1.9.16.1.4'
const EXTENDED_KEY_USAGE = '2.5.29.37'
const ONLY_TIME_STAMPING = encodeSequence(encodeOid('1.3.6.1.5.5.7.3.8'))

export type TimestampOutcome =
  /** Milliseconds since the epoch: it existed by then, the token's accuracy added to its time. */
  | { readonly ok: true; readonly timeMs: number; readonly authority: string }
  | { readonly ok: false; readonly message: string }

/**
 * Does the token prove that `stamped` existed at its time? The authority's path must end in one of `anchors` (DER
 * certificates), be valid at that time, and be meant for time-stamping alone; the token must
 * name its certificate (RFC 3161 §2.3 and §2.4.2, RFC 5816).
 * Not checked: revocation of the authority.
 */
export function verifyTimestamp(
  token: Uint8Array,
  stamped: Uint8Array,
  anchors: readonly Uint8Array[],
): TimestampOutcome {
  try {
    return judge(token, stamped, anchors)
  } catch (error) {
    if (!(error instanceof DerError || error instanceof CertificateError)) throw error
    return failure(error.message)
  }
}

function judge(
  token: Uint8Array,
  stamped: Uint8Array,
  anchors: readonly Uint8Array[],
): TimestampOutcome {
  const data = parseSignedData(token)
  if (data.contentType !== TST_INFO || data.content === null) return failure('no time-stamp token')
  const info = readTstInfo(data.content)
  if (!equalBytes(digestOf(info.hash, stamped), info.hashedMessage)) {
    return failure('the token is about other bytes')
  }
  if (!equalBytes(digestOf(data.digestAlgorithm, data.content), data.messageDigest)) {
    return failure('the token was changed')
  }
  const signer = signerCertificate(data)
  if (signer === null) return failure('the authority sent no certificate')
  if (!isSignedBy(data, signer.spki)) return failure('the signature does not verify')
  if (!namesSigner(data, signer)) {
    return failure('the token does not name the certificate it is signed with (RFC 5816)')
  }
  const path = validatePath({
    leaf: signer,
    intermediates: data.certificates,
    trustAnchors: anchors,
    at: new Date(info.timeMs),
    extendedKeyUsage: ['timeStamping'],
  })
  if (!path.valid) {
    return failure(`the authority is not trusted: ${path.failures[0]?.message ?? 'no path'}`)
  }
  if (!isForStamping(signer)) {
    return failure('the authority is not meant for time-stamping alone, critically (RFC 3161 §2.3)')
  }
  return {
    ok: true,
    timeMs: info.latestMs,
    authority: Buffer.from(signer.subject).toString('base64'),
  }
}

/** One extended key usage, critical, of the one purpose. */
function isForStamping(signer: ParsedCertificate): boolean {
  const usage = findExtension(signer, EXTENDED_KEY_USAGE)
  return usage?.critical === true && equalBytes(usage.value, ONLY_TIME_STAMPING)
}

function readTstInfo(der: Uint8Array) {
  const fields = readerOf(readSingle(der, TAG.sequence, 'TSTInfo'))
  fields.read(TAG.integer, 'version')
  oidValue(fields.read(TAG.oid, 'policy'))
  const imprint = fields.enter(TAG.sequence, 'messageImprint')
  const hash = hashAlgorithm(elementBytes(imprint.read(TAG.sequence, 'hashAlgorithm')))
  if (hash === undefined || hash === 'md5' || hash === 'sha1') {
    throw new DerError('DER_BAD_VALUE', 'weak or unknown digest in a time-stamp', 0)
  }
  const hashedMessage = contentBytes(imprint.read(TAG.octetString, 'hashedMessage'))
  fields.read(TAG.integer, 'serialNumber')
  const genTime = contentBytes(fields.read(TAG.generalizedTime, 'genTime'))
  const timeMs = generalizedTime(Buffer.from(genTime).toString('latin1'))
  const accuracyMs = readAccuracy(fields.readOptional(TAG.sequence))
  fields.readOptional(TAG.boolean)
  fields.readOptional(TAG.integer)
  fields.readOptional(contextTag(0))
  refuseCritical(fields.readOptional(contextTag(1)))
  fields.expectEnd('TSTInfo')
  return { hash, hashedMessage, timeMs, latestMs: timeMs + accuracyMs }
}

/** RFC 3161 allows fractions of a second, which RFC 5280 forbids. Rounded up: the time is an upper limit. */
function generalizedTime(text: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{0,8}[1-9])?Z$/.exec(text)
  const [, year, month, day, hour, minute, second, fraction] = match ?? []
  const wholeMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (match === null || Number.isNaN(wholeMs)) throw new DerError('DER_BAD_VALUE', 'no genTime', 0)
  return wholeMs + Math.ceil(Number(`0${fraction ?? ''}`) * 1000)
}

const MAX_ACCURACY_SECONDS = 1_000_000_000

/** Milliseconds; 0 when the token names none. */
function readAccuracy(element: DerElement | undefined): number {
  if (element === undefined) return 0
  const fields = readerOf(element)
  const seconds = fields.readOptional(TAG.integer)
  const [millis, micros] = [contextTag(0, false), contextTag(1, false)].map((tag) =>
    thousandths(fields.readOptional(tag)),
  )
  fields.expectEnd('accuracy')
  const whole = seconds === undefined ? 0 : smallInteger(seconds, MAX_ACCURACY_SECONDS, 'seconds')
  return whole * 1000 + (millis ?? 0) + Math.ceil((micros ?? 0) / 1000)
}

/** INTEGER (1..999). */
function thousandths(element: DerElement | undefined): number {
  if (element === undefined) return 0
  const value = smallInteger(element, 999, 'accuracy')
  if (value === 0) throw new DerError('DER_BAD_VALUE', 'accuracy out of range', element.start)
  return value
}

function refuseCritical(extensions: DerElement | undefined): void {
  if (extensions === undefined) return
  const critical = readExtensionList(readerOf(extensions)).find((one) => one.critical)
  if (critical === undefined) return
  const message = `critical extension ${critical.oid} of the token is not understood`
  throw new DerError('DER_BAD_VALUE', message, extensions.start)
}

function failure(message: string): TimestampOutcome {
  return { ok: false, message }
}
