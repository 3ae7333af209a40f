/**
 * What verdicts check, and which indication of ETSI EN 319 102-1 it comes to.
 * One table for the verifier, the API's enums and docs/codes.md. Codes are for ever: a new meaning is a new code.
 */

import { PATH_CODES } from '../pki/codes'

export type CheckEntry = {
  readonly meaning: string
  /** Section of the standard, or the pallet's own rule. */
  readonly source: string
  readonly advice: string
  /** Indication and sub-indication when the check fails. */
  readonly failed: Indication
}

/** `INDICATION` or `INDICATION/SUB_INDICATION` of ETSI EN 319 102-1 §5.1.3. */
export type Indication = string

const chainFailure = 'INDETERMINATE/CHAIN_CONSTRAINTS_FAILURE'

export const REGISTRY_CHECKS = {
  KNOWN: {
    meaning: 'The registry had recorded this certificate or identity by the asked moment.',
    source: 'pallet-auto-id register_auto_id',
    advice: 'Ask about a later moment, or treat the certificate as foreign.',
    failed: 'INDETERMINATE/NO_SIGNING_CERTIFICATE_FOUND',
  },
  REGISTERED: {
    meaning: 'The registry holds an entry for the identity.',
    source: 'pallet-auto-id AutoIds',
    advice: 'The identity was deactivated, or its issuer is gone: do not rely on it.',
    failed: 'TOTAL-FAILED/REVOKED',
  },
  IN_FORCE: {
    meaning: 'The certificate is the one in force, not one that a renewal has replaced.',
    source: 'pallet-auto-id renew_auto_id',
    advice: 'Ask the holder for the certificate in force.',
    failed: 'TOTAL-FAILED/REVOKED',
  },
  WITHIN_VALIDITY: {
    meaning: 'The clock stands within notBefore and notAfter, both inclusive.',
    source: 'RFC 5280 §4.1.2.5; pallet-auto-id validity',
    advice: 'Have the certificate renewed, or ask about a moment within its validity.',
    failed: 'TOTAL-FAILED/EXPIRED',
  },
  NOT_REVOKED: {
    meaning: "The serial does not stand in the issuer's revocation list (a root's: its own).",
    source: 'pallet-auto-id CertificateRevocationList',
    advice: 'Do not rely on it.',
    failed: 'TOTAL-FAILED/REVOKED',
  },
  SIGNATURE: {
    meaning: 'The certificate is signed with the key its issuer had when it was registered.',
    source: 'RFC 5280 §6.1.3 (a)(1)',
    advice: 'When it could not be checked, nothing is known: do not take it for good.',
    failed: 'TOTAL-FAILED/SIG_CRYPTO_FAILURE',
  },
  ISSUER_KEY_UNCHANGED: {
    meaning: 'The issuer still holds the key that signed this certificate.',
    source: 'docs/registry-quirks.md 3',
    advice: 'The issuer was taken over or recovered with another key: have it issue again.',
    failed: chainFailure,
  },
  CHAIN_COMPLETE: {
    meaning: 'The issuers lead up to a root.',
    source: 'RFC 5280 §6.1',
    advice: 'An issuer is gone or the chain is longer than is looked at: nothing anchors it.',
    failed: 'INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND',
  },
  TRUST_ANCHOR: {
    meaning: "The root is one of the policy's trust anchors.",
    source: 'RFC 5280 §6.1.1 (d)',
    advice:
      'Without trust anchors the root is named, and trust in it is yours to decide. A root that was registered again with another key must be named by its key, too.',
    failed: 'INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND',
  },
  FINALITY: {
    meaning: 'The block of the state that was asked about is final.',
    source: 'api.md policy requireFinal',
    advice: 'Ask again later: about a day after the block.',
    failed: 'INDETERMINATE/TRY_LATER',
  },
  LATER_REVOCATION: {
    meaning:
      'Nothing known since has revoked, deactivated or taken over a part of the chain, or made a root of it.',
    source: 'api.md policy laterRevocation',
    advice: 'See the finding: which identity, at which block.',
    failed: 'INDETERMINATE/REVOKED_NO_POE',
  },
  KEY_STRENGTH: {
    meaning: 'Keys and digests are as strong as the policy asks.',
    source: 'ETSI EN 319 102-1 §5.2.8',
    advice: 'Have it issued with a stronger key or digest.',
    failed: 'INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE',
  },
  PATH_LENGTH: {
    meaning: 'No more issuers stand between target and root than the policy allows.',
    source: 'api.md policy maxPathLength',
    advice: 'Raise the limit if such a chain is meant.',
    failed: chainFailure,
  },
  FINDINGS: {
    meaning: 'No finding is one that the policy rejects.',
    source: 'api.md policy rejectSeverity, rejectFindings',
    advice: 'See the finding.',
    failed: 'INDETERMINATE/SIG_CONSTRAINTS_FAILURE',
  },
  PRESENTED_SIGNATURE: {
    meaning:
      'The signature in the bytes that were shown is good, where it is not the recorded one.',
    source: 'RFC 5280 §6.1.3 (a)(1)',
    advice: 'Somebody changed the certificate outside its signed part: do not take it.',
    failed: 'TOTAL-FAILED/SIG_CRYPTO_FAILURE',
  },
  COMPOSITE: {
    meaning: 'The key is valid under as many issuers as the policy asks.',
    source: 'api.md policy minIssuers',
    advice: 'See compositeIdentity: which of the identities of this key are valid.',
    failed: chainFailure,
  },
  RFC5280_PATH: {
    meaning: 'The rebuilt certificates form a valid certification path.',
    source: 'RFC 5280 §6.1',
    advice: 'The registry accepts it, RFC 5280 does not: see the codes of the path.',
    failed: chainFailure,
  },
} as const satisfies Readonly<Record<string, CheckEntry>>

/** TOTAL-FAILED is for the asked certificate itself: what failed above it leaves the chain without proof. */
export const ISSUER_INDICATIONS: Readonly<Partial<Record<RegistryCheckCode, Indication>>> = {
  REGISTERED: 'INDETERMINATE/REVOKED_CA_NO_POE',
  NOT_REVOKED: 'INDETERMINATE/REVOKED_CA_NO_POE',
  WITHIN_VALIDITY: 'INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE',
  SIGNATURE: 'INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE',
}

/** What could not be checked proves nothing bad. */
export const UNDETERMINED: Indication = 'INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE'

export type RegistryCheckCode = keyof typeof REGISTRY_CHECKS
/** Codes of path validation are checks of the RFC5280 profile under their own names. */
export type CheckCode = RegistryCheckCode | keyof typeof PATH_CODES

export function checkEntry(code: CheckCode): CheckEntry {
  if (isRegistryCheck(code)) return REGISTRY_CHECKS[code]
  const { meaning, clause, advice } = PATH_CODES[code]
  return { meaning, source: clauseSource(clause), advice, failed: pathIndication(code) }
}

/** A bare number is a section of RFC 5280; anything else names its document itself. */
export function clauseSource(clause: string): string {
  return /^\d/.test(clause) ? `RFC 5280 §${clause}` : clause
}

function isRegistryCheck(code: CheckCode): code is RegistryCheckCode {
  return code in REGISTRY_CHECKS
}

function pathIndication(code: keyof typeof PATH_CODES): Indication {
  if (code.startsWith('CERT_')) return 'TOTAL-FAILED/FORMAT_FAILURE'
  if (code === 'SIG_BAD' || code === 'SIG_BAD_KEY') return 'TOTAL-FAILED/SIG_CRYPTO_FAILURE'
  if (code.startsWith('KEY_') || code.startsWith('SIG_')) {
    return 'INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE'
  }
  if (code === 'PATH_EXPIRED') return 'TOTAL-FAILED/EXPIRED'
  if (code === 'PATH_NOT_YET_VALID') return 'TOTAL-FAILED/NOT_YET_VALID'
  return chainFailure
}
