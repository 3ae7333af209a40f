/** Findings: what was recorded when the chain accepted an operation, and what the evidence itself shows. */

import type { AdvisoryCode, AdvisoryFacts, Severity } from '../registry/advisory'
import type { EventPoint, Evidence, EvidenceAdvisory, Hop, LaterEvent } from './evidence'
import { type FindingCode, findingEntry, type VerdictFindingCode } from './finding-codes'
import type { LaterRevocation, Policy } from './policy'
import type { Finding } from './verdict'

const LATER_CODES: Record<LaterEvent['kind'], VerdictFindingCode> = {
  REVOKED: 'REVOKED_LATER',
  SUPERSEDED: 'SUPERSEDED_LATER',
  DEACTIVATED: 'DEACTIVATED_LATER',
  TAKEN_OVER: 'TAKEN_OVER_LATER',
  RE_REGISTERED: 'RE_REGISTERED_LATER',
  LEFT_ISSUER: 'LEFT_ISSUER_LATER',
}

const RANK: Record<Severity, number> = { CRITICAL: 0, WARNING: 1, INFO: 2 }

/**
 * The most severe first, then along the chain from the leaf.
 * @param shown what the caller found about bytes that somebody showed
 */
export function collectFindings(
  evidence: Evidence,
  policy: Policy,
  shown: readonly Finding[] = [],
): Finding[] {
  const position = new Map(evidence.hops.map((hop, index) => [hop.autoId, index]))
  const inForce = new Set(evidence.hops.map((hop) => hop.certificate.id))
  const findings = [
    ...evidence.advisories
      .filter((advisory) => concerns(advisory, inForce))
      .map((advisory) =>
        makeFinding(
          advisory.code,
          advisory.autoId,
          advisory.eventId,
          advisory.facts,
          advisory.severity,
        ),
      ),
    ...evidence.hops.flatMap((hop) => hopFindings(hop, policy.laterRevocation)),
    ...evidence.hops.flatMap((hop) => actionFindings(evidence, hop)),
    ...wholeFindings(evidence, policy),
    ...shown,
  ]
  const place = (finding: Finding) => position.get(finding.autoId ?? '') ?? evidence.hops.length
  return findings.sort(
    (a, b) =>
      RANK[a.severity] - RANK[b.severity] || place(a) - place(b) || (a.code < b.code ? -1 : 1),
  )
}

/** About the bytes of one certificate: of no concern once another one is in force. All others are about the identity. */
const ABOUT_CERTIFICATE: ReadonlySet<AdvisoryCode> = new Set<AdvisoryCode>([
  'ISSUER_NOT_CA',
  'ISSUER_MAY_NOT_SIGN',
  'PATH_LENGTH_EXCEEDED',
  'NAME_CONSTRAINT_VIOLATED',
  'ISSUER_NAME_MISMATCH',
  'UNKNOWN_CRITICAL_EXTENSION',
  'WEAK_DIGEST',
  'SERIAL_EQUALS_ISSUERS',
  'OUTLIVES_ISSUER',
  'TRAILING_BYTES',
  'STRICT_PARSER_REFUSES',
  'NOT_VERSION_3',
  'DUPLICATE_EXTENSION',
  'SERIAL_NEGATIVE',
  'SERIAL_NOT_MINIMAL',
  'SERIAL_ZERO',
  'SERIAL_TOO_LONG',
  'OUTER_ALGORITHM_DIFFERS',
  'OUTER_PARAMETERS_DIFFER',
  'SAN_AUTO_ID_DIFFERS',
  'SIGNATURE_NOT_CONFIRMED',
  'NO_SIGNATURE_KNOWN',
])

function concerns(advisory: EvidenceAdvisory, inForce: ReadonlySet<string>): boolean {
  const { code, certificateId } = advisory
  return !ABOUT_CERTIFICATE.has(code) || certificateId === null || inForce.has(certificateId)
}

function hopFindings(hop: Hop, laterRevocation: LaterRevocation): Finding[] {
  const later = hop.later.map(({ kind, event, height }) => {
    const code = LATER_CODES[kind]
    // IGNORE lowers, it never hides: the verdict is not changed, and nobody is left unaware.
    const severity = laterRevocation === 'IGNORE' ? 'INFO' : findingEntry(code).severity
    return makeFinding(code, hop.autoId, event?.eventId ?? null, { block: height }, severity)
  })
  if (hop.certificate.der !== null) return later
  const reason = hop.certificate.rebuildProblem ?? 'unknown'
  return [...later, makeFinding('NOT_REBUILDABLE', hop.autoId, hop.certificate.id, { reason })]
}

/** A signature that names no chain may be replayed on another one (docs/registry-quirks.md 10): the newest action shows it. */
function actionFindings(evidence: Evidence, { autoId }: Hop): Finding[] {
  const actions = signedActions(evidence, autoId).sort((a, b) => (a.eventId < b.eventId ? -1 : 1))
  const newest = actions.at(-1)
  if (newest === undefined) return []
  const facts = { block: newest.height }
  return [makeFinding('ACTIONS_NAME_NO_CHAIN', autoId, newest.eventId, facts)]
}

/**
 * Revocations and deactivations of an identity up to the asked moment: later ones are findings of their own. Serials that
 * a renewal listed, and entries of the genesis state, had no signed action.
 */
function signedActions({ past, state }: Evidence, autoId: string): EventPoint[] {
  if (past === undefined) return []
  const { certificates, registrations, revocations } = past.history
  const isOwn = (revocation: (typeof revocations)[number]) =>
    certificates.some(
      (own) =>
        own.autoId === autoId &&
        own.serial === revocation.serial &&
        (own.issuerId ?? autoId) === revocation.issuerId,
    )
  const revoked = revocations.filter((each) => each.reason === 'REVOKED' && isOwn(each))
  const deactivated = registrations.filter((own) => own.autoId === autoId)
  const actions = [...revoked.map(({ event }) => event), ...deactivated.map(({ to }) => to)]
  return actions.filter((event) => event !== null).filter(({ height }) => height <= state.height)
}

function wholeFindings(evidence: Evidence, policy: Policy): Finding[] {
  const findings: Finding[] = []
  const leaf = evidence.hops[0]
  const root = evidence.isComplete ? evidence.hops.at(-1) : undefined
  if (!evidence.state.isFinal) {
    findings.push(makeFinding('NOT_FINAL', null, null, { block: evidence.state.height }))
  }
  if (evidence.isCutLater === true) {
    findings.push(makeFinding('LATER_EVENTS_CUT', leaf?.autoId ?? null, null, {}))
  }
  if (evidence.areRenewalsCut === true) {
    findings.push(makeFinding('LATER_RENEWALS_CUT', leaf?.autoId ?? null, null, {}))
  }
  if (evidence.isCutAdvisories === true) {
    findings.push(makeFinding('FINDINGS_REPEAT', leaf?.autoId ?? null, null, {}))
  }
  if (policy.trustAnchors === null && root) {
    findings.push(makeFinding('TRUST_IS_THE_CALLERS', root.autoId, null, {}))
  }
  if (leaf && evidence.sharedKeyWith.length > 1) {
    const facts = {
      identities: evidence.sharedKeyWith.length,
      isPartial: evidence.isSharedByMore ?? false,
    }
    findings.push(makeFinding('KEY_SHARED', leaf.autoId, null, facts))
  }
  return findings
}

export function makeFinding(
  code: FindingCode,
  autoId: string | null,
  eventId: string | null,
  facts: AdvisoryFacts,
  severity: Severity = findingEntry(code).severity,
): Finding {
  const { message, advice } = findingEntry(code)
  const block = typeof facts['block'] === 'number' ? ` (block ${facts['block']})` : ''
  return { code, severity, autoId, eventId, facts, message: `${message}${block} ${advice}` }
}
