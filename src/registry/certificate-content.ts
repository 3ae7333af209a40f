/** A certificate as the chain carried it, whole again: rebuilt byte for byte, read laxly as the pallet does and strictly. */
import { hash } from 'node:crypto'
import { type Hex, oncePerArray } from '../bytes'
import { signatureAlgorithm } from '../pki/algorithm'
import { assembleCertificate, CertificateError } from '../pki/certificate'
import { DerError } from '../pki/der'
import { renderName } from '../pki/names'
import { type PathCertificate, readPathCertificate } from '../pki/path-certificate'
import { publicKeyInfo } from '../pki/public-key'
import type { CertificateContent } from './block-changes'
import { autoIdUri, describeExtensions, dottedOid } from './extension-text'
import {
  decodePalletCertificate,
  type PalletCertificate,
  readAlgorithmIdentifier,
} from './pallet-certificate'
import { cursorOver } from './pallet-der'
import { storableText } from './storable-text'

/** The submitted parts; algorithm and signature are unknown for what was read from the chain's state. */
export type SubmittedCertificate = {
  readonly tbs: Uint8Array
  readonly signatureAlgorithm: Uint8Array | null
  readonly signature: Uint8Array | null
}

/** Everything that follows from the submitted bytes. */
export type CertificateReading = {
  readonly content: CertificateContent
  readonly lax: PalletCertificate
  /** Undefined when strict readers refuse its encoding. */
  readonly strict: PathCertificate | undefined
}

export type CertificateReadingResult =
  | { readonly ok: true; readonly reading: CertificateReading }
  | { readonly ok: false; readonly reason: string }

const NO_SIGNATURE = 'the chain keeps no signatures in its state, and no call shows this one'

/** Fails only where the pallet would answer InvalidCertificate, too. */
export function readCertificate(submitted: SubmittedCertificate): CertificateReadingResult {
  const decoded = decodePalletCertificate(submitted.tbs)
  if (!decoded.ok) return decoded
  const lax = decoded.certificate
  const { details } = lax
  const rebuilt = rebuild(submitted, lax)
  // Without a signature the rest can still be read strictly: an empty one stands in.
  const strict = readStrictly(
    rebuilt.der ?? assembleCertificate(bareTbs(submitted.tbs, lax), EMPTY, details.innerAlgorithm),
  )
  const key = publicKeyInfo(lax.subjectPublicKeyInfo)
  // Written out: spreads with properties after them cost a quarter of the reading.
  const content: CertificateContent = {
    tbs: submitted.tbs,
    signatureAlgorithm: submitted.signatureAlgorithm,
    signature: submitted.signature,
    der: rebuilt.der,
    rebuildProblem: rebuilt.rebuildProblem,
    serial: lax.serial,
    fingerprint: rebuilt.der === null ? null : sha256Hex(rebuilt.der),
    tbsFingerprint: sha256Hex(submitted.tbs),
    subject: renderName(details.subject),
    issuerName: renderName(details.issuer),
    commonName: commonNameText(lax.subjectCommonName, details.commonNameTag),
    commonNameBytes: lax.subjectCommonName,
    notBefore: lax.notBefore,
    notAfter: lax.notAfter,
    publicKey: lax.subjectPublicKeyInfo,
    publicKeySha256: keySha256Hex(lax.subjectPublicKeyInfo),
    publicKeyAlgorithm: key.algorithm,
    publicKeyBits: key.bits,
    signatureAlgorithmName: algorithmName(details.innerAlgorithm),
    extensions: describeExtensions(details.extensions),
    parseProblem: strict.problem === null ? null : storableText(strict.problem),
    sanAutoId: autoIdUri(details.extensions),
  }
  return { ok: true, reading: { content, lax, strict: strict.certificate } }
}

/** The strict reading of a TBS alone, for issuers; undefined when strict readers refuse it. */
export function strictReadingOf(tbs: Uint8Array): PathCertificate | undefined {
  const decoded = decodePalletCertificate(tbs)
  if (!decoded.ok) return undefined
  const { certificate } = decoded
  const { innerAlgorithm } = certificate.details
  return readStrictly(assembleCertificate(bareTbs(tbs, certificate), EMPTY, innerAlgorithm))
    .certificate
}

export function sha256Hex(bytes: Uint8Array): Hex {
  return `0x${hash('sha256', bytes, 'hex')}`
}

/** SHA-256 of a SubjectPublicKeyInfo: an issuer's is asked for at everything issued below it. */
export const keySha256Hex = oncePerArray(sha256Hex)

/** Tag numbers of string types. */
const BMP_STRING = 30
const UNIVERSAL_STRING = 28
const T61_STRING = 20

/** Text of a CN for display: what is no text of its type becomes replacement characters, NUL goes. */
export function commonNameText(bytes: Uint8Array, tag: number): string {
  return decodeText(bytes, tag).replaceAll('\0', '')
}

/** As `commonNameText`, NUL kept. */
export function decodeText(value: Uint8Array, tag: number): string {
  const bytes = Buffer.from(value)
  if (tag === T61_STRING) return bytes.toString('latin1')
  if (tag === BMP_STRING && bytes.length % 2 === 0) {
    return replaceLoneSurrogates(Buffer.from(bytes).swap16().toString('utf16le'))
  }
  if (tag === UNIVERSAL_STRING && bytes.length % 4 === 0) return universalText(bytes)
  return bytes.toString('utf8')
}

function universalText(bytes: Buffer): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 4) {
    const code = bytes.readUInt32BE(at)
    const isScalar = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
    text += isScalar ? String.fromCodePoint(code) : '\ufffd'
  }
  return text
}

function replaceLoneSurrogates(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8')
}

const EMPTY = new Uint8Array()

function bareTbs(argument: Uint8Array, lax: PalletCertificate): Uint8Array {
  return argument.subarray(0, lax.tbsLength)
}

/** RFC 5280 §4.1.1.2 wants the outer algorithm to be the inner one, so the inner one it is. */
function rebuild(
  submitted: SubmittedCertificate,
  lax: PalletCertificate,
): { der: Uint8Array | null; rebuildProblem: string | null } {
  if (submitted.signature === null) return { der: null, rebuildProblem: NO_SIGNATURE }
  const trailing = submitted.tbs.length - lax.tbsLength
  if (trailing > 0) {
    const rebuildProblem = `${trailing} bytes follow the TBSCertificate and are signed with it`
    return { der: null, rebuildProblem }
  }
  const { innerAlgorithm } = lax.details
  const der = assembleCertificate(submitted.tbs, submitted.signature, innerAlgorithm)
  return { der, rebuildProblem: null }
}

function readStrictly(der: Uint8Array): {
  certificate: PathCertificate | undefined
  problem: string | null
} {
  try {
    const certificate = readPathCertificate(der)
    const first = certificate.problems.find(({ code }) => code !== 'SIG_UNSUPPORTED_ALGORITHM')
    return { certificate, problem: first === undefined ? null : `${first.code}: ${first.message}` }
  } catch (error) {
    if (error instanceof DerError || error instanceof CertificateError) {
      return { certificate: undefined, problem: `${error.code}: ${error.message}` }
    }
    throw error
  }
}

function algorithmName(innerAlgorithm: Uint8Array): string {
  const known = signatureAlgorithm(innerAlgorithm)
  return known?.name ?? dottedOid(readAlgorithmIdentifier(cursorOver(innerAlgorithm)).oid)
}
