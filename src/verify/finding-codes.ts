/** What verdicts find, beside what was recorded when the chain accepted an operation. Codes are for ever. */

import { ADVISORIES, type AdvisoryCode, type Severity } from '../registry/advisory'

export type FindingEntry = {
  readonly severity: Severity
  readonly message: string
  readonly advice: string
}

/** Findings a verdict makes itself, beside those recorded when the chain accepted an operation. */
export const VERDICT_FINDINGS = {
  REVOKED_LATER: {
    severity: 'CRITICAL',
    message: 'It was revoked after the asked moment.',
    advice: 'Good then, not now: decide whether what you check was made before.',
  },
  SUPERSEDED_LATER: {
    severity: 'INFO',
    message: 'It was replaced by a renewal after the asked moment.',
    advice: 'Nothing: renewal is not distrust.',
  },
  DEACTIVATED_LATER: {
    severity: 'WARNING',
    message: 'Its holder deactivated it after the asked moment.',
    advice: 'Good then, not now.',
  },
  TAKEN_OVER_LATER: {
    severity: 'CRITICAL',
    message: 'After the asked moment the identifier was registered with another key.',
    advice: 'Signatures made later under this identifier are another owner’s.',
  },
  RE_REGISTERED_LATER: {
    severity: 'INFO',
    message: 'It was deactivated and registered again with the same key after the asked moment.',
    advice: 'Nothing: the same key came back.',
  },
  LEFT_ISSUER_LATER: {
    severity: 'CRITICAL',
    message: 'After the asked moment it renewed itself into a root, out of its issuer’s reach.',
    advice: 'Its issuer vouches for it no longer, and could not revoke it since.',
  },
  LATER_EVENTS_CUT: {
    severity: 'WARNING',
    message: 'More revocations, deactivations or registrations followed than are read.',
    advice: 'What follows is not complete: ask about a later moment.',
  },
  LATER_RENEWALS_CUT: {
    severity: 'INFO',
    message: 'More renewals followed than are read.',
    advice: 'Nothing: whatever else followed was read all the same.',
  },
  FINDINGS_REPEAT: {
    severity: 'INFO',
    message:
      'Findings of one kind repeat more often than is read: the newest of each kind are here.',
    advice: 'None is missing by its code; ask the identity for all of them.',
  },
  ACTIONS_NAME_NO_CHAIN: {
    severity: 'INFO',
    message: 'It was revoked or deactivated by a signed action, which names no chain.',
    advice: 'The same signature may count on any other chain that runs this pallet.',
  },
  NOT_FINAL: {
    severity: 'INFO',
    message: 'The block of this state is not final and may still be reorganised away.',
    advice: 'Ask with requireFinal when that matters.',
  },
  TRUST_IS_THE_CALLERS: {
    severity: 'INFO',
    message: 'No trust anchors were given: whether to trust this root is yours to decide.',
    advice: 'Give trustAnchors.',
  },
  NOT_REBUILDABLE: {
    severity: 'WARNING',
    message: 'No whole certificate can be rebuilt from what stands on chain.',
    advice: 'It can never be checked by RFC 5280.',
  },
  FOREIGN_CERTIFICATE_KNOWN_KEY: {
    severity: 'WARNING',
    message:
      'The registry does not know this certificate, but an identity in it holds the same key.',
    advice: 'Ask about that identity instead; nothing vouches for this certificate.',
  },
  MATCHED_BY_TBS: {
    severity: 'INFO',
    message: 'The given bytes differ from the rebuilt certificate outside the signed part.',
    advice: 'Its signature was checked anew: see PRESENTED_SIGNATURE.',
  },
  REFERENCE_AMBIGUOUS: {
    severity: 'WARNING',
    message: 'The certificate asked for is registered under this identity, too.',
    advice: 'The verdict is the worst of them: ask by autoId, or name trust anchors.',
  },
  PRESENTED_CHAIN_DIFFERS: {
    severity: 'INFO',
    message: 'Shown with certificates that are not those of its issuers in the registry.',
    advice: 'They were not looked at: the issuers on chain were.',
  },
  ISSUED_OUTSIDE_REGISTRY: {
    severity: 'CRITICAL',
    message: 'An identity signed this certificate, but it was never registered.',
    advice: 'It cannot be revoked in the registry: reject it, and ask the issuer.',
  },
  KEY_SHARED: {
    severity: 'INFO',
    message: 'Several identities hold this key: a joint (composite) identity.',
    advice: 'See compositeIdentity.',
  },
} as const satisfies Readonly<Record<string, FindingEntry>>

export type VerdictFindingCode = keyof typeof VERDICT_FINDINGS
export type FindingCode = AdvisoryCode | VerdictFindingCode

export function findingEntry(code: FindingCode): FindingEntry {
  return code in VERDICT_FINDINGS
    ? VERDICT_FINDINGS[code as VerdictFindingCode]
    : ADVISORIES[code as AdvisoryCode]
}
