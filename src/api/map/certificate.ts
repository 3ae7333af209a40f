/** Certificates, keys and findings as the API shows them. */

import { encodePem } from '../../pki/pem'
import { publicKeyJwk } from '../../pki/public-key'
import { renderCertificateText } from '../../pki/text'
import { ADVISORIES, type AdvisoryCode } from '../../registry/advisory'
import type { Moment } from '../moment'
import type { AdvisoryRow, CertificateRow, RevocationRow } from '../rows'
import type { Certificate, Revocation } from '../types/certificate'
import type { Finding } from '../types/finding'
import type { PublicKey } from '../types/key'

export function toCertificate(row: CertificateRow, moment: Moment): Certificate {
  return {
    fingerprint: row.fingerprint,
    tbsFingerprint: row.tbsFingerprint,
    serial: row.serial,
    subject: row.subject,
    issuerName: row.issuerName,
    notBefore: row.notBefore,
    notAfter: row.notAfter,
    signatureAlgorithm: row.signatureAlgorithmName,
    signatureOutcome: row.signatureOutcome,
    extensions: row.extensions ?? [],
    rebuildProblem: row.rebuildProblem,
    parseProblem: row.parseProblem,
    sanAutoId: row.sanAutoId,
    row,
    moment,
  }
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}

export function toPem(der: Uint8Array): string {
  return encodePem('CERTIFICATE', der)
}

type KeyColumns = Pick<
  CertificateRow,
  'publicKey' | 'publicKeySha256' | 'publicKeyAlgorithm' | 'publicKeyBits'
>

export function toPublicKey(row: KeyColumns): PublicKey {
  return {
    algorithm: row.publicKeyAlgorithm,
    bits: row.publicKeyBits,
    spki: toBase64(row.publicKey),
    sha256: row.publicKeySha256,
    get jwk() {
      return publicKeyJwk(row.publicKey)
    },
  }
}

/** In words, as certificate viewers show it; without a DER the fields the registry read. */
export function certificateText(row: CertificateRow): string {
  if (row.der === null) return fieldsText(row)
  try {
    return renderCertificateText(row.der)
  } catch {
    return fieldsText(row)
  }
}

function fieldsText(row: CertificateRow): string {
  return [
    'Certificate (fields as the registry read them)',
    `    Serial Number: ${row.serial}`,
    `    Signature Algorithm: ${row.signatureAlgorithmName}`,
    `    Issuer: ${row.issuerName}`,
    `    Not Before: ${row.notBefore.toISOString()}`,
    `    Not After : ${row.notAfter.toISOString()}`,
    `    Subject: ${row.subject}`,
    `    Public Key: ${row.publicKeyAlgorithm} ${row.publicKeyBits ?? ''}`.trimEnd(),
    `    Problem: ${row.rebuildProblem ?? row.parseProblem ?? 'a strict parser refuses it'}`,
    '',
  ].join('\n')
}

export function toRevocation(row: RevocationRow): Revocation {
  const { reason, serial, block, eventId } = row
  return { reason, serial, block, eventId }
}

export function toFinding(row: AdvisoryRow): Finding {
  const entry = ADVISORIES[row.code as AdvisoryCode]
  return {
    code: row.code,
    severity: row.severity,
    message: `${entry.message} ${entry.advice}`,
    facts: row.facts,
    autoIdId: row.autoId,
    eventId: row.eventId,
  }
}
