/** The registry's own rules for one hop: registered, in force, within validity, not revoked, signed, by a key that stayed. */

import { type CheckCode, type Indication, ISSUER_INDICATIONS } from './codes'
import type { EventPoint, Evidence, EvidenceCertificate, Hop } from './evidence'
import type { Check, Outcome } from './verdict'

type Details = {
  readonly event?: EventPoint | null
  readonly sinceMs?: number | null
  readonly isUndetermined?: boolean
  readonly indication?: Indication
}

export function makeCheck(
  code: CheckCode,
  outcome: Outcome,
  autoId: string | null,
  message: string,
  details: Details = {},
): Check {
  return {
    code,
    outcome,
    autoId,
    message,
    isUndetermined: details.isUndetermined ?? false,
    event: details.event ?? null,
    indication: details.indication ?? null,
    sinceMs: details.sinceMs ?? details.event?.timeMs ?? null,
  }
}

/**
 * @param issuer the next hop; undefined for the last one
 * @param isTarget the asked certificate itself, which may be another than the one in force
 */
export function checkHop(
  evidence: Evidence,
  hop: Hop,
  issuer: Hop | undefined,
  isTarget: boolean,
): Check[] {
  const checks = [checkRegistered(hop)]
  if (isTarget) checks.push(checkInForce(hop))
  checks.push(checkValidity(hop, evidence.clockMs), checkNotRevoked(hop), checkSignature(hop))
  if (hop.issuerId !== null) checks.push(checkIssuerKey(hop, issuer))
  return isTarget ? checks : checks.map(asIssuerCheck)
}

function asIssuerCheck(check: Check): Check {
  if (check.outcome !== 'FAILED') return check
  const indications: Partial<Record<CheckCode, Indication>> = ISSUER_INDICATIONS
  return { ...check, indication: indications[check.code] ?? check.indication }
}

function checkRegistered(hop: Hop): Check {
  const { registration } = hop
  if (hop.isActive && registration.to === null) {
    return makeCheck('REGISTERED', 'PASSED', hop.autoId, 'The registry holds an entry.', {
      event: registration.from,
    })
  }
  const end = registration.to
  const where = end === null ? '' : ` in block ${end.height}`
  return makeCheck('REGISTERED', 'FAILED', hop.autoId, `It was deactivated${where}.`, {
    event: end,
  })
}

function checkInForce(hop: Hop): Check {
  const { endedAt, issuedAt } = hop.certificate
  if (endedAt === null) {
    return makeCheck('IN_FORCE', 'PASSED', hop.autoId, 'It is the certificate in force.', {
      event: issuedAt,
    })
  }
  const message = `It has not been in force since block ${endedAt.height}.`
  return makeCheck('IN_FORCE', 'FAILED', hop.autoId, message, { event: endedAt })
}

function checkValidity(hop: Hop, clockMs: number): Check {
  const { notBeforeMs, notAfterMs } = hop.certificate
  if (clockMs < notBeforeMs) {
    const message = `Valid from ${iso(notBeforeMs)} on.`
    return makeCheck('WITHIN_VALIDITY', 'FAILED', hop.autoId, message, {
      indication: 'TOTAL-FAILED/NOT_YET_VALID',
    })
  }
  if (clockMs > notAfterMs) {
    const message = `It expired at ${iso(notAfterMs)}.`
    return makeCheck('WITHIN_VALIDITY', 'FAILED', hop.autoId, message, { sinceMs: notAfterMs })
  }
  const message = `Valid from ${iso(notBeforeMs)} to ${iso(notAfterMs)}.`
  return makeCheck('WITHIN_VALIDITY', 'PASSED', hop.autoId, message, {
    sinceMs: notBeforeMs,
  })
}

function checkNotRevoked(hop: Hop): Check {
  const { revocation } = hop
  const { serial } = hop.certificate
  const whose = hop.issuerId === null ? 'its own' : "its issuer's"
  if (revocation === null) {
    const message = `Serial ${serial} does not stand in ${whose} revocation list.`
    return makeCheck('NOT_REVOKED', 'PASSED', hop.autoId, message)
  }
  const how = revocation.reason === 'SUPERSEDED' ? 'by a renewal' : 'by a revocation'
  const message = `Serial ${serial} has stood in ${whose} revocation list since block ${revocation.height}, ${how}.`
  return makeCheck('NOT_REVOKED', 'FAILED', hop.autoId, message, { event: revocation.event })
}

function checkSignature(hop: Hop): Check {
  const { certificate } = hop
  switch (certificate.signatureOutcome) {
    case 'GOOD':
      return makeCheck('SIGNATURE', 'PASSED', hop.autoId, signedBy(hop), {
        event: certificate.issuedAt,
      })
    case 'BAD':
      return makeCheck('SIGNATURE', 'FAILED', hop.autoId, 'The signature does not verify.', {
        event: certificate.issuedAt,
      })
    default:
      return makeCheck('SIGNATURE', 'SKIPPED', hop.autoId, uncheckedSignature(certificate), {
        isUndetermined: true,
        event: certificate.issuedAt,
      })
  }
}

function signedBy(hop: Hop): string {
  const signer = hop.issuerId === null ? 'with its own key' : 'with the key its issuer had then'
  return `Signed ${signer} (${hop.certificate.signatureAlgorithmName}).`
}

function uncheckedSignature(certificate: EvidenceCertificate): string {
  if (!certificate.hasSignature)
    return 'No signature is known: it stood in the chain without a call.'
  return certificate.signatureOutcome === 'UNSUPPORTED'
    ? `The signature cannot be checked here (${certificate.signatureAlgorithmName}).`
    : 'The signature could not be checked: no issuer key was known.'
}

/** The issuer may have left and come back: with the same key nothing changed, with another it never signed this. */
function checkIssuerKey(hop: Hop, issuer: Hop | undefined): Check {
  const code = 'ISSUER_KEY_UNCHANGED'
  const signer = hop.certificate.signerKeySha256
  if (issuer === undefined) {
    return makeCheck(code, 'SKIPPED', hop.autoId, 'Its issuer is not in the registry.', {
      isUndetermined: true,
    })
  }
  if (signer === null) {
    return makeCheck(code, 'SKIPPED', hop.autoId, 'It is not known which key signed it.', {
      isUndetermined: true,
    })
  }
  if (signer === issuer.registration.publicKeySha256) {
    return makeCheck(code, 'PASSED', hop.autoId, 'Its issuer still holds the key that signed it.')
  }
  const from = issuer.registration.from
  const message = `Its issuer was registered with another key in block ${from.height}; that key never signed this.`
  return makeCheck(code, 'FAILED', hop.autoId, message, { event: from })
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
