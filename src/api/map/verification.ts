/** Verdicts as the API shows them, and the policy as clients give it. */

import { KEY_USAGES } from '../../pki/extensions'
import { PURPOSES } from '../../pki/path-input'
import { DEFAULT_POLICY, type Policy } from '../../verify/policy'
import type {
  Check as CheckResult,
  Finding as FindingResult,
  VerificationResult as Result,
  TurningPoint as TurningPointResult,
} from '../../verify/verdict'
import { badArgument, fingerprint, hash32, text } from '../arguments'
import type { Moment } from '../moment'
import type { Finding } from '../types/finding'
import type { Check, PolicyInput, TurningPoint, VerificationResult } from '../types/verification'

const MAX_LIST = 100

/** @throws {AppError} BAD_USER_INPUT naming the field */
export function toPolicy(input: PolicyInput | null | undefined): Policy {
  if (input == null) return DEFAULT_POLICY
  const d = DEFAULT_POLICY
  if ((input.profile ?? d.profile) === 'REGISTRY') refuseUnasked(input)
  return {
    profile: input.profile ?? d.profile,
    trustAnchors: list(input.trustAnchors, 'policy.trustAnchors', hash32),
    trustAnchorKeys: list(input.trustAnchorKeys, 'policy.trustAnchorKeys', fingerprint),
    requireFinal: input.requireFinal ?? d.requireFinal,
    laterRevocation: input.laterRevocation ?? d.laterRevocation,
    rejectSeverity: input.rejectSeverity ?? d.rejectSeverity,
    rejectFindings: list(input.rejectFindings, 'policy.rejectFindings', text) ?? [],
    minRsaBits: atLeast(0, input.minRsaBits ?? d.minRsaBits, 'policy.minRsaBits'),
    allowSha1: input.allowSha1 ?? d.allowSha1,
    maxPathLength:
      input.maxPathLength == null ? null : atLeast(0, input.maxPathLength, 'policy.maxPathLength'),
    minEcBits: atLeast(0, input.minEcBits ?? d.minEcBits, 'policy.minEcBits'),
    issuers: list(input.issuers, 'policy.issuers', hash32),
    minIssuers: atLeast(1, input.minIssuers ?? d.minIssuers, 'policy.minIssuers'),
    maxMembers: atLeast(1, input.maxMembers ?? d.maxMembers, 'policy.maxMembers'),
    keyUsage: list(input.keyUsage, 'policy.keyUsage', usage) ?? [],
    extendedKeyUsage: list(input.extendedKeyUsage, 'policy.extendedKeyUsage', purpose) ?? [],
    initialPolicySet: list(input.initialPolicySet, 'policy.initialPolicySet', text),
    requireExplicitPolicy: input.requireExplicitPolicy ?? false,
    inhibitPolicyMapping: input.inhibitPolicyMapping ?? false,
    inhibitAnyPolicy: input.inhibitAnyPolicy ?? false,
  }
}

const RFC5280_ONLY = [
  'keyUsage',
  'extendedKeyUsage',
  'initialPolicySet',
  'requireExplicitPolicy',
  'inhibitPolicyMapping',
  'inhibitAnyPolicy',
] as const

/** The registry's rules know none of these: to pass over what somebody asks for would make it look checked. */
function refuseUnasked(input: PolicyInput): void {
  for (const field of RFC5280_ONLY) {
    const value = input[field] ?? false
    const isAsked = Array.isArray(value) ? value.length > 0 : value
    if (isAsked) throw badArgument(`policy.${field}`, 'only the profile RFC5280 asks for it')
  }
}

/** A certificate without the extension allows every usage, one that does not exist among them. */
function usage(value: string, argument: string): string {
  if ((KEY_USAGES as readonly string[]).includes(value)) return value
  throw badArgument(argument, `expected one of ${KEY_USAGES.join(', ')}`)
}

function purpose(value: string, argument: string): string {
  if (Object.hasOwn(PURPOSES, value) || isOid(value)) return value
  throw badArgument(argument, `expected an OID or one of ${Object.keys(PURPOSES).join(', ')}`)
}

function isOid(value: string): boolean {
  return value.length <= 200 && /^[0-2](\.(0|[1-9]\d*))+$/.test(value)
}

function list(
  values: string[] | null | undefined,
  argument: string,
  check: (value: string, argument: string) => string,
): string[] | null {
  if (values == null) return null
  if (values.length > MAX_LIST) throw badArgument(argument, `more than ${MAX_LIST} entries`)
  return values.map((value) => check(value, argument))
}

function atLeast(least: number, value: number, argument: string): number {
  if (value < least) throw badArgument(argument, `expected ${least} or more`)
  return value
}

export function toVerification(
  result: Result,
  moment: Moment,
  knownAtHeight: number,
): VerificationResult {
  return {
    verdict: result.verdict,
    indication: result.indication,
    profile: result.profile,
    at: new Date(moment.clockMs),
    span: result.span,
    chain: result.chain.map((hop) => ({
      checks: hop.checks.map((check) => toCheck(check, moment)),
      hop,
      moment,
    })),
    checks: result.checks.map((check) => toCheck(check, moment)),
    failures: result.failures.map((check) => toCheck(check, moment)),
    findings: result.findings.map(toVerdictFinding),
    trustAnchorId: result.trustAnchor,
    moment,
    knownAtHeight,
  }
}

function toCheck(check: CheckResult, moment: Moment): Check {
  return {
    code: check.code,
    outcome: check.outcome,
    undetermined: check.isUndetermined,
    message: check.message,
    since: date(check.sinceMs),
    autoIdId: check.autoId,
    eventId: check.event?.eventId ?? null,
    moment,
  }
}

function toVerdictFinding(finding: FindingResult): Finding {
  const { code, severity, message, facts, autoId, eventId } = finding
  return { code, severity, message, facts, autoIdId: autoId, eventId }
}

export function toTurningPoint(point: TurningPointResult, moment: Moment): TurningPoint {
  const { timeMs, autoId, height, event } = point
  return {
    time: new Date(timeMs),
    autoIdId: autoId,
    height,
    eventId: event?.eventId ?? null,
    moment,
  }
}

/** Certificates may be valid to the year 9999; JavaScript's dates reach further. */
export function date(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms)
}
