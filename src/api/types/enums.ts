/** Enumerations of the API. Their names and values are fixed; values may be added. */

import { registerEnumType } from 'type-graphql'
import { ADVISORIES } from '../../registry/advisory'
import { VERDICT_FINDINGS } from '../../verify/finding-codes'

export const AutoIdKind = { ROOT: 'ROOT', LEAF: 'LEAF' } as const
export const AutoIdStatus = {
  ACTIVE: 'ACTIVE',
  NOT_YET_VALID: 'NOT_YET_VALID',
  EXPIRED: 'EXPIRED',
  REVOKED: 'REVOKED',
  DEACTIVATED: 'DEACTIVATED',
} as const
export const AutoIdOrder = {
  REGISTERED_AT_ASC: 'REGISTERED_AT_ASC',
  REGISTERED_AT_DESC: 'REGISTERED_AT_DESC',
  EXPIRES_AT_ASC: 'EXPIRES_AT_ASC',
  EXPIRES_AT_DESC: 'EXPIRES_AT_DESC',
  CHANGED_AT_ASC: 'CHANGED_AT_ASC',
  CHANGED_AT_DESC: 'CHANGED_AT_DESC',
} as const
export const CertificateOrder = {
  REGISTERED_AT_ASC: 'REGISTERED_AT_ASC',
  REGISTERED_AT_DESC: 'REGISTERED_AT_DESC',
  EXPIRES_AT_ASC: 'EXPIRES_AT_ASC',
  EXPIRES_AT_DESC: 'EXPIRES_AT_DESC',
} as const
export const TimelineOrder = { OLDEST_FIRST: 'OLDEST_FIRST', NEWEST_FIRST: 'NEWEST_FIRST' } as const
export const Continuity = {
  FIRST: 'FIRST',
  SAME_KEY: 'SAME_KEY',
  ISSUER_ATTESTED: 'ISSUER_ATTESTED',
  UNPROVEN: 'UNPROVEN',
} as const
export const SignatureOutcome = {
  GOOD: 'GOOD',
  BAD: 'BAD',
  UNSUPPORTED: 'UNSUPPORTED',
  UNAVAILABLE: 'UNAVAILABLE',
} as const
export const EventKind = {
  REGISTERED: 'REGISTERED',
  RENEWED: 'RENEWED',
  REVOKED: 'REVOKED',
  DEACTIVATED: 'DEACTIVATED',
} as const
export const EventSource = { CALL: 'CALL', STATE: 'STATE', GENESIS: 'GENESIS' } as const
export const RegistryCall = {
  REGISTER: 'REGISTER',
  RENEW: 'RENEW',
  REVOKE: 'REVOKE',
  DEACTIVATE: 'DEACTIVATE',
} as const
export const CallStatus = {
  FAILED: 'FAILED',
  REVERTED: 'REVERTED',
  NOT_EXECUTED: 'NOT_EXECUTED',
} as const
export const RevocationState = { GOOD: 'GOOD', REVOKED: 'REVOKED', UNKNOWN: 'UNKNOWN' } as const
export const RevocationReason = { REVOKED: 'REVOKED', SUPERSEDED: 'SUPERSEDED' } as const
export const Severity = { INFO: 'INFO', WARNING: 'WARNING', CRITICAL: 'CRITICAL' } as const
export const TimeBucket = { HOUR: 'HOUR', DAY: 'DAY', WEEK: 'WEEK', MONTH: 'MONTH' } as const
export const SearchKind = {
  AUTO_ID: 'AUTO_ID',
  CERTIFICATE: 'CERTIFICATE',
  PUBLIC_KEY: 'PUBLIC_KEY',
  BLOCK: 'BLOCK',
  EXTRINSIC: 'EXTRINSIC',
  ACCOUNT: 'ACCOUNT',
} as const

export type AutoIdKind = keyof typeof AutoIdKind
export type AutoIdStatus = keyof typeof AutoIdStatus
export type AutoIdOrder = keyof typeof AutoIdOrder
export type CertificateOrder = keyof typeof CertificateOrder
export type TimelineOrder = keyof typeof TimelineOrder
export type Continuity = keyof typeof Continuity
export type SignatureOutcome = keyof typeof SignatureOutcome
export type EventKind = keyof typeof EventKind
export type EventSource = keyof typeof EventSource
export type RegistryCall = keyof typeof RegistryCall
export type CallStatus = keyof typeof CallStatus
export type RevocationState = keyof typeof RevocationState
export type RevocationReason = keyof typeof RevocationReason
export type Severity = keyof typeof Severity
export type TimeBucket = keyof typeof TimeBucket
export type SearchKind = keyof typeof SearchKind

/** Codes of findings: what the chain let pass and a relying party should know. */
export const FindingCode: Record<string, string> = Object.fromEntries(
  Object.keys({ ...ADVISORIES, ...VERDICT_FINDINGS }).map((code) => [code, code]),
)

const findingDescriptions = Object.fromEntries(
  Object.entries({ ...ADVISORIES, ...VERDICT_FINDINGS }).map(([code, { message, advice }]) => [
    code,
    { description: `${message} ${advice}` },
  ]),
)

registerEnumType(AutoIdKind, { name: 'AutoIdKind' })
registerEnumType(AutoIdStatus, {
  name: 'AutoIdStatus',
  description:
    "An identity's own status; that of its issuers is left aside (`verify` asks them, too).",
  valuesConfig: {
    ACTIVE: { description: 'In the registry, within its validity, not revoked.' },
    REVOKED: { description: "The serial in force stands in its issuer's (a root's own) list." },
    DEACTIVATED: { description: 'The registry holds no entry any more.' },
  },
})
registerEnumType(AutoIdOrder, {
  name: 'AutoIdOrder',
  valuesConfig: {
    CHANGED_AT_DESC: { description: 'The last changed entry first.' },
    REGISTERED_AT_ASC: { description: 'By the very first registration of the identifier.' },
  },
})
registerEnumType(CertificateOrder, { name: 'CertificateOrder' })
registerEnumType(TimelineOrder, {
  name: 'TimelineOrder',
  description: 'Order in the chain: by block, then by position within it.',
})
registerEnumType(Continuity, {
  name: 'Continuity',
  description: 'What links a registration with the one before it under the same identifier.',
  valuesConfig: {
    FIRST: { description: 'Nothing was registered there before.' },
    SAME_KEY: { description: 'The same key registered it again.' },
    ISSUER_ATTESTED: { description: 'Another key, which the same issuer signed.' },
    UNPROVEN: { description: 'Another key, and nothing links the two owners.' },
  },
})
registerEnumType(SignatureOutcome, {
  name: 'SignatureOutcome',
  description: "Outcome of checking a certificate's signature with its issuer's key at ingestion.",
  valuesConfig: {
    UNSUPPORTED: { description: 'The algorithm or the key is not one we can verify with.' },
    UNAVAILABLE: { description: 'There is no signature, or no issuer key to check it with.' },
  },
})
registerEnumType(EventKind, { name: 'EventKind' })
registerEnumType(EventSource, {
  name: 'EventSource',
  valuesConfig: {
    CALL: { description: 'Joined with the call that caused it.' },
    STATE: { description: "No decodable call explains it; read from the chain's state." },
    GENESIS: { description: 'Stood in the genesis state.' },
  },
})
registerEnumType(RegistryCall, { name: 'RegistryCall' })
registerEnumType(CallStatus, {
  name: 'CallStatus',
  valuesConfig: {
    FAILED: { description: 'It ran and returned an error.' },
    REVERTED: { description: 'It succeeded, but a call around it failed: no effect, no event.' },
    NOT_EXECUTED: { description: 'It never ran.' },
  },
})
registerEnumType(RevocationState, {
  name: 'RevocationState',
  valuesConfig: {
    GOOD: {
      description:
        'In force at that moment, not listed, and the issuer that signed it still stands. Says nothing else of its issuers.',
    },
    REVOKED: { description: 'Listed, replaced, or its identity was deactivated.' },
    UNKNOWN: {
      description:
        'The registry had recorded no such certificate by then, or the issuer that signed it is gone (`issuerGone`). As OCSP says it.',
    },
  },
})
registerEnumType(RevocationReason, { name: 'RevocationReason' })
registerEnumType(Severity, { name: 'Severity' })
registerEnumType(TimeBucket, { name: 'TimeBucket', description: 'UTC; weeks begin on Monday.' })
registerEnumType(SearchKind, { name: 'SearchKind' })
registerEnumType(FindingCode, {
  name: 'FindingCode',
  description: 'For ever: a new meaning is a new code.',
  valuesConfig: findingDescriptions,
})
