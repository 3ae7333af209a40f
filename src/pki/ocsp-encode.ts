/** OCSP responses (RFC 6960 §4.2): what we say of a certificate, as the bytes that are signed. */
import { createHash } from 'node:crypto'
import { contextTag, TAG } from './der'
import {
  encodeBitString,
  encodeElement,
  encodeExplicit,
  encodeGeneralizedTime,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from './der-writer'
import { encodeNonceExtension, OCSP_OID, subjectPublicKeyBits } from './ocsp-request'

/** RFC 5280 §5.3.1. Others exist; the registry's history never shows them. */
export const CRL_REASON = { superseded: 4, cessationOfOperation: 5 } as const
export type CrlReason = keyof typeof CRL_REASON

export type CertStatus =
  | { readonly status: 'GOOD' }
  /** Without a reason where the chain gives none; absent is how `unspecified` is said (RFC 5280 §5.3.1). */
  | { readonly status: 'REVOKED'; readonly revokedAtMs: number; readonly reason: CrlReason | null }
  | { readonly status: 'UNKNOWN' }

export type SingleResponse = {
  /** DER CertID, as asked. */
  readonly certId: Uint8Array
  readonly certStatus: CertStatus
  /** Milliseconds since the epoch. */
  readonly thisUpdateMs: number
  readonly nextUpdateMs: number
}

/** Whoever signs: a key, its certificate, and the DER AlgorithmIdentifier of its signatures. */
export type Signer = {
  /** DER. */
  readonly certificate: Uint8Array
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  readonly signatureAlgorithm: Uint8Array
  sign(tbs: Uint8Array): Uint8Array
  /** For bytes that come in pieces. */
  startSignature(): { update(piece: Uint8Array): void; finish(): Uint8Array }
}

export type OcspErrorStatus = 'malformedRequest' | 'internalError' | 'tryLater' | 'unauthorized'

const RESPONSE_STATUS = {
  malformedRequest: 1,
  internalError: 2,
  tryLater: 3,
  unauthorized: 6,
} as const

/** An unsigned error response (§2.3). */
export function encodeOcspError(status: OcspErrorStatus): Uint8Array {
  return encodeSequence(encodeInteger(BigInt(RESPONSE_STATUS[status]), TAG.enumerated))
}

/** A signed `successful` BasicOCSPResponse that carries the signer's certificate. */
export function encodeOcspResponse(
  responses: readonly SingleResponse[],
  producedAtMs: number,
  nonce: Uint8Array | null,
  signer: Signer,
): Uint8Array {
  const tbs = encodeResponseData(responses, producedAtMs, nonce, signer.spki)
  const basic = encodeSequence(
    tbs,
    signer.signatureAlgorithm,
    encodeBitString(signer.sign(tbs)),
    encodeExplicit(0, encodeSequence(signer.certificate)),
  )
  const responseBytes = encodeSequence(encodeOid(OCSP_OID.basicResponse), encodeOctetString(basic))
  return encodeSequence(encodeInteger(0n, TAG.enumerated), encodeExplicit(0, responseBytes))
}

function encodeResponseData(
  responses: readonly SingleResponse[],
  producedAtMs: number,
  nonce: Uint8Array | null,
  spki: Uint8Array,
): Uint8Array {
  const parts = [
    encodeExplicit(2, encodeOctetString(keyIdentifier(spki))),
    encodeGeneralizedTime(producedAtMs),
    encodeSequence(...responses.map(encodeSingle)),
  ]
  if (nonce !== null) parts.push(encodeExplicit(1, encodeSequence(encodeNonceExtension(nonce))))
  return encodeSequence(...parts)
}

function encodeSingle(response: SingleResponse): Uint8Array {
  return encodeSequence(
    response.certId,
    encodeStatus(response.certStatus),
    encodeGeneralizedTime(response.thisUpdateMs),
    encodeExplicit(0, encodeGeneralizedTime(response.nextUpdateMs)),
  )
}

function encodeStatus(status: CertStatus): Uint8Array {
  switch (status.status) {
    case 'GOOD':
      return encodeElement(contextTag(0, false))
    case 'UNKNOWN':
      return encodeElement(contextTag(2, false))
    case 'REVOKED':
      return encodeElement(
        contextTag(1),
        encodeGeneralizedTime(status.revokedAtMs),
        ...(status.reason === null ? [] : [encodeExplicit(0, encodeReason(status.reason))]),
      )
  }
}

/** CRLReason ::= ENUMERATED. */
export function encodeReason(reason: CrlReason): Uint8Array {
  return encodeInteger(BigInt(CRL_REASON[reason]), TAG.enumerated)
}

/** SHA-1 of the key's bits: ResponderID byKey, and key identifiers by RFC 5280 §4.2.1.2 (1). */
export function keyIdentifier(spki: Uint8Array): Uint8Array {
  return createHash('sha1').update(subjectPublicKeyBits(spki)).digest()
}
