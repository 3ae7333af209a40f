/**
 * CRLs (RFC 5280 §5) in pieces, so that a list of any size can be written as a stream: entries first, then the
 * head that needs their length, then the signature over both.
 */
import { contextTag, TAG } from './der'
import {
  encodeBitString,
  encodeBoolean,
  encodeElement,
  encodeExplicit,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeTime,
} from './der-writer'
import { type CrlReason, encodeReason, keyIdentifier, type Signer } from './ocsp-encode'

export type CrlEntry = {
  /** Unsigned serial number, as the registry counts them. */
  readonly serial: bigint
  readonly revokedAtMs: number
  readonly reason: CrlReason | null
  /**
   * DER Name of the certificate's issuer when it is not the one of the entry before; null to inherit
   * (RFC 5280 §5.3.3).
   */
  readonly certificateIssuer: Uint8Array | null
}

export type CrlHead = {
  /** DER Name of whoever signs the list, or (direct form) of the certificates' issuer. */
  readonly issuer: Uint8Array
  readonly thisUpdateMs: number
  readonly nextUpdateMs: number
  readonly crlNumber: bigint
  /**
   * A list about certificates of somebody else than `issuer` says so in its issuingDistributionPoint (§5.2.5); the
   * DER Name here tells this list from others of the same signer. Null: a direct list.
   */
  readonly indirectName: Uint8Array | null
}

const OID = {
  crlNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
  issuingDistributionPoint: '2.5.29.28',
  certificateIssuer: '2.5.29.29',
  authorityKeyIdentifier: '2.5.29.35',
} as const

/** One entry of revokedCertificates (RFC 5280 §5.1.2.6, §5.3). */
export function encodeCrlEntry(entry: CrlEntry): Uint8Array {
  const extensions: Uint8Array[] = []
  if (entry.reason !== null) {
    extensions.push(encodeExtension(OID.reasonCode, false, encodeReason(entry.reason)))
  }
  if (entry.certificateIssuer !== null) {
    const names = encodeSequence(encodeExplicit(4, entry.certificateIssuer))
    extensions.push(encodeExtension(OID.certificateIssuer, true, names))
  }
  return encodeSequence(
    encodeInteger(entry.serial),
    encodeTime(entry.revokedAtMs),
    ...(extensions.length === 0 ? [] : [encodeSequence(...extensions)]),
  )
}

/** The bytes before and after the entries of one list; `signature` closes it. */
export type CrlFrame = {
  /** Starts the TBSCertList: what is signed is `tbsStart`, the entries, `tbsEnd`. */
  readonly tbsStart: Uint8Array
  readonly tbsEnd: Uint8Array
  /** The outermost SEQUENCE's header and the rest after `tbsEnd`, once the signature is known. */
  close(signature: Uint8Array): { readonly head: Uint8Array; readonly tail: Uint8Array }
}

/** @param entriesLength octets of all encoded entries together. */
export function crlFrame(head: CrlHead, entriesLength: number, signer: Signer): CrlFrame {
  const before = [
    encodeInteger(1n),
    signer.signatureAlgorithm,
    head.issuer,
    encodeTime(head.thisUpdateMs),
    encodeTime(head.nextUpdateMs),
  ]
  // revokedCertificates MUST be absent when there are none (§5.1.2.6).
  const listHeader = entriesLength === 0 ? [] : [headerOf(TAG.sequence, entriesLength)]
  const tbsEnd = encodeExplicit(0, encodeSequence(...crlExtensions(head, signer)))
  const start = Buffer.concat([...before, ...listHeader])
  const tbsLength = start.length + entriesLength + tbsEnd.length
  const tbsStart = Buffer.concat([headerOf(TAG.sequence, tbsLength), start])
  return {
    tbsStart,
    tbsEnd,
    close: (signature) => {
      const tail = Buffer.concat([signer.signatureAlgorithm, encodeBitString(signature)])
      const whole = tbsStart.length + entriesLength + tbsEnd.length + tail.length
      return { head: headerOf(TAG.sequence, whole), tail }
    },
  }
}

function crlExtensions(head: CrlHead, signer: Signer): Uint8Array[] {
  const keyId = encodeElement(contextTag(0, false), keyIdentifier(signer.spki))
  const extensions = [
    encodeExtension(OID.authorityKeyIdentifier, false, encodeSequence(keyId)),
    encodeExtension(OID.crlNumber, false, encodeInteger(head.crlNumber)),
  ]
  if (head.indirectName !== null) {
    const fullName = encodeExplicit(0, encodeExplicit(4, head.indirectName))
    const indirectCrl = encodeElement(contextTag(4, false), Uint8Array.of(0xff))
    const point = encodeSequence(encodeExplicit(0, fullName), indirectCrl)
    extensions.push(encodeExtension(OID.issuingDistributionPoint, true, point))
  }
  return extensions
}

/** Identifier and length octets of an element whose contents follow elsewhere. */
function headerOf(tag: number, length: number): Uint8Array {
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return length < 0x80
    ? Uint8Array.of(tag, length)
    : Uint8Array.of(tag, 0x80 | octets.length, ...octets)
}

/** Extension ::= SEQUENCE { extnID, critical, extnValue }. */
export function encodeExtension(oid: string, critical: boolean, value: Uint8Array): Uint8Array {
  const flag = critical ? [encodeBoolean(true)] : []
  return encodeSequence(encodeOid(oid), ...flag, encodeOctetString(value))
}
