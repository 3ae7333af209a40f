/** TBSCertificates as the Auto SDK makes them, with the extensions RFC 5280 wants. */

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
} from '../../pki/der-writer'
import { ED25519 } from './keys'

const UTF8_STRING = 0x0c

export type TbsInput = {
  readonly serial: bigint
  readonly issuerCommonName: string
  readonly subjectCommonName: string
  readonly notBefore: number
  readonly notAfter: number
  readonly spki: Uint8Array
  readonly isCa: boolean
}

export function makeTbs(input: TbsInput): Uint8Array {
  return encodeSequence(
    encodeExplicit(0, encodeInteger(2n)),
    encodeInteger(input.serial),
    ED25519,
    encodeCommonName(input.issuerCommonName),
    encodeSequence(encodeTime(input.notBefore), encodeTime(input.notAfter)),
    encodeCommonName(input.subjectCommonName),
    input.spki,
    encodeExplicit(3, encodeSequence(basicConstraints(input.isCa), keyUsage(input.isCa))),
  )
}

function encodeCommonName(commonName: string): Uint8Array {
  const value = encodeElement(UTF8_STRING, new TextEncoder().encode(commonName))
  return encodeSequence(encodeSetOf(encodeSequence(encodeOid('2.5.4.3'), value)))
}

function basicConstraints(isCa: boolean): Uint8Array {
  const value = isCa ? encodeSequence(encodeBoolean(true)) : encodeSequence()
  return criticalExtension('2.5.29.19', value)
}

/** keyCertSign and cRLSign for issuers, digitalSignature for the others. */
function keyUsage(isCa: boolean): Uint8Array {
  return criticalExtension('2.5.29.15', encodeNamedBits(isCa ? [5, 6] : [0]))
}

function criticalExtension(oid: string, value: Uint8Array): Uint8Array {
  return encodeSequence(encodeOid(oid), encodeBoolean(true), encodeOctetString(value))
}
