/** Certificates that somebody shows: held against what the registry recorded, never taken for it. */

import { equalBytes } from '../bytes'
import { CertificateError, type ParsedCertificate, parseCertificate } from '../pki/certificate'
import { DerError } from '../pki/der'
import { verifySignature } from '../pki/signature'
import type { Evidence, Hop } from './evidence'
import { makeFinding } from './findings'
import { makeCheck } from './hop-checks'
import type { Check, Finding } from './verdict'

export type Presented = {
  readonly evidence: Evidence
  readonly checks: readonly Check[]
  readonly findings: readonly Finding[]
}

/**
 * Evidence about the shown bytes themselves, matched to a recorded certificate by its TBS. The registry vouches for the
 * signed part only: a shown signature counts when it verifies, and RFC 5280 is asked about the shown bytes.
 * @param chain DER of the shown certificates, the target first
 */
export function applyPresented(evidence: Evidence, chain: readonly Uint8Array[]): Presented {
  const [target] = evidence.hops
  const [der] = chain
  if (target === undefined || der === undefined) return { evidence, checks: [], findings: [] }
  const findings = chainFindings(evidence.hops, chain)
  const recorded = target.certificate.der
  if (recorded !== null && equalBytes(der, recorded)) return { evidence, checks: [], findings }
  return {
    evidence: withShown(evidence, target, der),
    checks: [checkShownSignature(der, target, evidence.hops[1])],
    findings: [
      makeFinding('MATCHED_BY_TBS', target.autoId, target.certificate.id, {}),
      ...findings,
    ],
  }
}

/** The shown bytes in place of the recorded ones, in the past too: since when these bytes have been good or bad. */
function withShown(evidence: Evidence, target: Hop, der: Uint8Array): Evidence {
  const hop: Hop = { ...target, certificate: { ...target.certificate, der } }
  const hops = [hop, ...evidence.hops.slice(1)]
  if (evidence.past === undefined) return { ...evidence, hops }
  const { subject, history } = evidence.past
  const certificates = history.certificates.map((recorded) =>
    recorded.id === target.certificate.id ? { ...recorded, der } : recorded,
  )
  return { ...evidence, hops, past: { subject, history: { ...history, certificates } } }
}

/** Shown issuers that are not the recorded ones are not looked at: say so. */
function chainFindings(hops: readonly Hop[], chain: readonly Uint8Array[]): Finding[] {
  const strangers = chain.slice(1).filter((der) => {
    return !hops.some(({ certificate }) => certificate.der && equalBytes(certificate.der, der))
  })
  if (strangers.length === 0) return []
  const facts = { certificates: strangers.length }
  return [makeFinding('PRESENTED_CHAIN_DIFFERS', hops[0]?.autoId ?? null, null, facts)]
}

function checkShownSignature(der: Uint8Array, target: Hop, issuer: Hop | undefined): Check {
  const code = 'PRESENTED_SIGNATURE'
  const shown = readShown(der)
  if (shown === null) {
    return makeCheck(code, 'FAILED', target.autoId, 'The shown bytes are no certificate.', {
      indication: 'TOTAL-FAILED/FORMAT_FAILURE',
    })
  }
  const signer = target.issuerId === null ? target : issuer
  if (signer === undefined) {
    const message = 'The shown signature cannot be checked: its issuer is not in the registry.'
    return makeCheck(code, 'SKIPPED', target.autoId, message, { isUndetermined: true })
  }
  const outcome = verifySignature({
    spki: signer.certificate.spki,
    signatureAlgorithm: shown.outerAlgorithm,
    data: shown.tbs,
    signature: shown.signature,
  })
  if (outcome.ok) {
    const message = 'The shown signature is another one than the recorded, and good.'
    return makeCheck(code, 'PASSED', target.autoId, message)
  }
  return outcome.code === 'SIG_UNSUPPORTED_ALGORITHM'
    ? makeCheck(code, 'SKIPPED', target.autoId, outcome.message, { isUndetermined: true })
    : makeCheck(
        code,
        'FAILED',
        target.autoId,
        `The shown signature is not good: ${outcome.message}.`,
      )
}

/** A key the registry knows, and whose it is. */
export type KnownKey = { readonly autoId: string; readonly spki: Uint8Array }

/**
 * What the registry can say of a certificate that it never recorded: who holds its key, and whether one of its
 * identities signed it past the registry.
 * @param holders identities with the certificate's own key
 * @param issuers identities that may have signed it
 */
export function foreignFindings(
  der: Uint8Array,
  holders: readonly KnownKey[],
  issuers: readonly KnownKey[],
): Finding[] {
  const shown = readShown(der)
  if (shown === null) return []
  const held = holders.map(({ autoId }) =>
    makeFinding('FOREIGN_CERTIFICATE_KNOWN_KEY', autoId, null, {}),
  )
  const signers = issuers.filter(({ spki }) => {
    const { tbs: data, outerAlgorithm: signatureAlgorithm, signature } = shown
    return verifySignature({ spki, signatureAlgorithm, data, signature }).ok
  })
  const signed = signers.map(({ autoId }) =>
    makeFinding('ISSUED_OUTSIDE_REGISTRY', autoId, null, {}),
  )
  return [...signed, ...held]
}

function readShown(der: Uint8Array): ParsedCertificate | null {
  try {
    return parseCertificate(der)
  } catch (error) {
    if (error instanceof DerError || error instanceof CertificateError) return null
    throw error
  }
}
