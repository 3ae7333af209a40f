/** The self-signed certificate of a responder key made here. */
import { randomBytes } from 'node:crypto'
import { encodeExtension } from '../pki/crl-encode'
import { contextTag, TAG } from '../pki/der'
import {
  encodeBitString,
  encodeElement,
  encodeExplicit,
  encodeInteger,
  encodeNamedBits,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  encodeTime,
} from '../pki/der-writer'
import { keyIdentifier } from '../pki/ocsp-encode'
import { OCSP_OID } from '../pki/ocsp-request'

/** Five years: long enough to be pinned, short enough that a lost key is not trusted for ever. */
export const RESPONDER_LIFETIME_MS = 5 * 365 * 86_400_000
/** Clocks of relying parties may be behind ours. */
const BACKDATE_MS = 3_600_000

const COMMON_NAME = '2.5.4.3'
const ORGANIZATION = '2.5.4.10'

/** DER Name of one attribute an RDN. */
export function encodeName(
  attributes: readonly (readonly [oid: string, value: string])[],
): Uint8Array {
  const rdns = attributes.map(([oid, value]) => {
    const text = encodeElement(TAG.utf8String, Buffer.from(value, 'utf8'))
    return encodeSetOf(encodeSequence(encodeOid(oid), text))
  })
  return encodeSequence(...rdns)
}

/** DER Name `O=…, CN=…`. */
export function organisationName(organisation: string, commonName: string): Uint8Array {
  return encodeName([
    [ORGANIZATION, organisation],
    [COMMON_NAME, commonName],
  ])
}

/**
 * An end-entity certificate for signing OCSP responses and CRLs, nothing else: no CA, no keyCertSign.
 * @param spki DER SubjectPublicKeyInfo of the key `sign` signs with, by `algorithm` (DER AlgorithmIdentifier).
 */
export function buildResponderCertificate(
  spki: Uint8Array,
  nowMs: number,
  algorithm: Uint8Array,
  sign: (tbs: Uint8Array) => Uint8Array,
): Uint8Array {
  const keyId = keyIdentifier(spki)
  const mark = Buffer.from(keyId).toString('hex').slice(0, 8)
  const name = organisationName('auto-registry', `Auto ID OCSP and CRL responder ${mark}`)
  const serial = randomBytes(16)
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40
  const tbs = encodeSequence(
    encodeExplicit(0, encodeInteger(2n)),
    encodeElement(TAG.integer, serial),
    algorithm,
    name,
    encodeSequence(encodeTime(nowMs - BACKDATE_MS), encodeTime(nowMs + RESPONDER_LIFETIME_MS)),
    name,
    spki,
    encodeExplicit(3, encodeSequence(...extensions(keyId))),
  )
  return encodeSequence(tbs, algorithm, encodeBitString(sign(tbs)))
}

function extensions(keyId: Uint8Array): Uint8Array[] {
  const keyUsage = encodeNamedBits([0, 6]) // digitalSignature, cRLSign
  return [
    encodeExtension('2.5.29.19', true, encodeSequence()),
    encodeExtension('2.5.29.15', true, keyUsage),
    encodeExtension('2.5.29.37', false, encodeSequence(encodeOid(OCSP_OID.ocspSigning))),
    encodeExtension('2.5.29.14', false, encodeOctetString(keyId)),
    encodeExtension('2.5.29.35', false, encodeSequence(encodeElement(contextTag(0, false), keyId))),
    // id-pkix-ocsp-nocheck: nobody above this certificate could revoke it (RFC 6960 §4.2.2.2.1).
    encodeExtension('1.3.6.1.5.5.7.48.1.5', false, Uint8Array.of(TAG.null, 0)),
  ]
}
