/** What the registry's record of a certificate means as an OCSP status. Pure. */

import { serialToHex } from '../bytes'
import { parseTbs } from '../pki/certificate'
import type { CertStatus } from '../pki/ocsp-encode'
import { type CertId, certIdNamesIssuer, unsignedSerial } from '../pki/ocsp-request'
import type { IssuedCertificate } from './readers'

export type Decision = {
  readonly certStatus: CertStatus
  /** Newest block the decision rests on; -1 when nothing is known. */
  readonly newestBlock: number
}

const UNKNOWN: Decision = { certStatus: { status: 'UNKNOWN' }, newestBlock: -1 }

/** The serial as the index has it. */
export function serialOf(certId: CertId): string {
  return serialToHex(unsignedSerial(certId))
}

/**
 * About that certificate by its issuer, nothing else: its issuers have statuses of their own.
 * GOOD: it is the one in force of its identity, its issuer's list does not have it, and the issuer that signed it is
 * still in the registry. UNKNOWN: never recorded, or its issuer left the registry, so that nobody could revoke it
 * any more. When several certificates carry the same CertID (the same TBS registered under two identifiers), the
 * worst status is given.
 */
export function decide(certId: CertId, candidates: readonly IssuedCertificate[]): Decision {
  const named = candidates.filter((candidate) => isNamed(certId, candidate))
  const statuses = latestOfEach(named).map(statusOf)
  return statuses.sort((a, b) => rank(b) - rank(a))[0] ?? UNKNOWN
}

function isNamed(certId: CertId, candidate: IssuedCertificate): boolean {
  if (candidate.issuerSpki === null) return false
  try {
    const tbs = parseTbs(candidate.tbs)
    if (tbs.serialNumber !== certId.serialNumber) return false
    return certIdNamesIssuer(certId, tbs.issuer, candidate.issuerSpki)
  } catch {
    // A TBS that strict DER refuses is a certificate no client can name.
    return false
  }
}

/** The very same TBS may be registered again after a deactivation: only its last registration counts. */
function latestOfEach(certificates: readonly IssuedCertificate[]): IssuedCertificate[] {
  const latest = new Map<string, IssuedCertificate>()
  for (const certificate of certificates) {
    const key = `${certificate.autoId} ${certificate.tbsFingerprint}`
    const known = latest.get(key)
    if (known === undefined || known.id < certificate.id) latest.set(key, certificate)
  }
  return [...latest.values()]
}

function statusOf(certificate: IssuedCertificate): Decision {
  const { revocation, deactivatedAt, endedAt, registeredAt } = certificate
  if (revocation !== null) {
    const reason = revocation.reason === 'SUPERSEDED' ? 'superseded' : null
    return revoked(revocation.at, reason)
  }
  if (deactivatedAt !== null) return revoked(deactivatedAt, 'cessationOfOperation')
  if (endedAt !== null) return revoked(endedAt, 'superseded')
  if (certificate.isIssuerGone) return { ...UNKNOWN, newestBlock: registeredAt.height }
  return { certStatus: { status: 'GOOD' }, newestBlock: registeredAt.height }
}

function revoked(
  at: { height: number; timeMs: number },
  reason: 'superseded' | 'cessationOfOperation' | null,
): Decision {
  const certStatus: CertStatus = { status: 'REVOKED', revokedAtMs: at.timeMs, reason }
  return { certStatus, newestBlock: at.height }
}

function rank({ certStatus }: Decision): number {
  return { GOOD: 0, UNKNOWN: 1, REVOKED: 2 }[certStatus.status]
}
