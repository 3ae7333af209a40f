/** Which certificate a signer says it signs with: ESSCertID (RFC 2634 §5.4) and ESSCertIDv2 (RFC 5035 §3, RFC 5816). */
import { equalBytes } from '../bytes'
import { type HashName, hashAlgorithm } from '../pki/algorithm'
import type { ParsedCertificate } from '../pki/certificate'
import {
  contentBytes,
  contextTag,
  DerError,
  elementBytes,
  readerOf,
  readSingle,
  TAG,
} from '../pki/der'
import { integerBytes } from '../pki/der-values'
import { digestOf, oneValue, type SignedData } from './cms'

const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12'
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47'

/**
 * Do the signed attributes name this certificate? Without it another certificate of the same key, with another path or
 * purpose, could be put in its place. Each attribute that is there must name it, and one must be.
 * @throws {DerError} on an attribute that is none.
 */
export function namesSigner(data: SignedData, signer: ParsedCertificate): boolean {
  const first = oneValue(data.signedAttributes, SIGNING_CERTIFICATE)
  const second = oneValue(data.signedAttributes, SIGNING_CERTIFICATE_V2)
  if (first === undefined && second === undefined) return false
  return (
    (first === undefined || isNamed(first, signer, false)) &&
    (second === undefined || isNamed(second, signer, true))
  )
}

/** The first of its certificates is the signer's; others are those of the path. */
function isNamed(attribute: Uint8Array, signer: ParsedCertificate, isV2: boolean): boolean {
  const fields = readerOf(readSingle(attribute, TAG.sequence, 'signingCertificate'))
  const certId = fields.enter(TAG.sequence, 'certs').enter(TAG.sequence, 'ESSCertID')
  const named = isV2 ? certId.readOptional(TAG.sequence) : undefined
  const hash = isV2 ? chosenHash(named && elementBytes(named)) : 'sha1'
  const certHash = contentBytes(certId.read(TAG.octetString, 'certHash'))
  if (!equalBytes(digestOf(hash, signer.der), certHash)) return false
  const issuerSerial = certId.readOptional(TAG.sequence)
  certId.expectEnd('ESSCertID')
  return issuerSerial === undefined || isIssuedAs(signer, elementBytes(issuerSerial))
}

function chosenHash(algorithm: Uint8Array | undefined): HashName {
  if (algorithm === undefined) return 'sha256'
  const hash = hashAlgorithm(algorithm)
  if (hash === undefined || hash === 'md5' || hash === 'sha1') {
    throw new DerError('DER_BAD_VALUE', 'weak or unknown digest of the signing certificate', 0)
  }
  return hash
}

function isIssuedAs(signer: ParsedCertificate, issuerSerial: Uint8Array): boolean {
  const fields = readerOf(readSingle(issuerSerial, TAG.sequence, 'issuerSerial'))
  const names = fields.enter(TAG.sequence, 'issuer')
  // For a certificate it is one directoryName (RFC 5035 §5).
  const issuer = names.read(contextTag(4), 'directoryName')
  names.expectEnd('issuer: one name')
  const serialBytes = integerBytes(fields.read(TAG.integer, 'serialNumber'))
  return (
    equalBytes(contentBytes(issuer), signer.issuer) && equalBytes(serialBytes, signer.serialBytes)
  )
}
