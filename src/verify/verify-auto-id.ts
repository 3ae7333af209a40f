/**
 * Evidence, a policy → verdict. Pure: both moments are in the evidence. Fails closed: what could not be checked is
 * INDETERMINATE, never VALID.
 */

import { checkChain, checkFinality, checkFindings, checkLater, rootOf } from './chain-checks'
import { checkEntry, type Indication, UNDETERMINED } from './codes'
import type { Evidence } from './evidence'
import { collectFindings } from './findings'
import { checkHop, makeCheck } from './hop-checks'
import { unprovenOwner } from './ownership'
import type { Policy } from './policy'
import { type PathChecker, pathChecker } from './rfc5280'
import type { Check, Finding, HopResult, Verdict, VerdictSpan, VerificationResult } from './verdict'
import { beginOf, endOf, type Judge } from './verdict-span'

/**
 * @param extra checks made by the caller from more evidence than one chain's, such as COMPOSITE
 * @param shown findings about shown bytes: the policy may reject them like any other
 */
export function verifyEvidence(
  evidence: Evidence,
  policy: Policy,
  extra: readonly Check[] = [],
  shown: readonly Finding[] = [],
): VerificationResult {
  const checkPath = pathChecker(policy)
  const chain = checkHops(evidence)
  const findings = collectFindings(evidence, policy, shown)
  const core = [...checkWhole(evidence, policy), ...checkPath(evidence)]
  const other = [
    ...(evidence.hops.length === 0 ? [] : [checkFinality(evidence, policy)]),
    ...checkLater(evidence, policy),
    ...checkFindings(findings, policy),
    ...extra,
  ]
  const coreChecks = [...chain.flatMap((hop) => hop.checks), ...core]
  const all = [...coreChecks, ...other]
  const verdict = verdictOf(all)
  const failures = failuresOf(all)
  const root = rootOf(evidence)
  const doubtful = evidence.hops
    .filter((hop) => unprovenOwner(evidence, hop) !== null)
    .map(({ autoId }) => autoId)
  return {
    verdict,
    indication: indicationOf(failures[0]),
    failures,
    span: once(() =>
      spanOf(evidence, verdict, {
        core: verdictOf(coreChecks),
        other: verdictOf(other),
        judge: (at) => judge(at, policy, checkPath),
      }),
    ),
    profile: policy.profile,
    chain,
    checks: [...core, ...other],
    trustAnchor: root?.autoId ?? null,
    isAnchorDoubtful: root !== undefined && doubtful.includes(root.autoId),
    doubtful,
    findings,
  }
}

function checkHops(evidence: Evidence): HopResult[] {
  return evidence.hops.map((hop, position): HopResult => {
    const issuer = evidence.hops[position + 1]
    const checks = checkHop(evidence, hop, issuer, position === 0)
    return { autoId: hop.autoId, certificateId: hop.certificate.id, checks }
  })
}

function checkWhole(evidence: Evidence, policy: Policy): Check[] {
  const known = checkKnown(evidence)
  return evidence.hops.length === 0 ? [known] : [known, ...checkChain(evidence, policy)]
}

/** What state and clock decide: the part of a verdict that can be asked about any moment of the past. */
function judge(evidence: Evidence, policy: Policy, checkPath: PathChecker): Verdict {
  const hops = checkHops(evidence).flatMap((hop) => hop.checks)
  const registry = [...hops, ...checkWhole(evidence, policy)]
  // Paths cost a hundred times the rest, and mend nothing.
  return verdictOf(registry) === 'INVALID'
    ? 'INVALID'
    : verdictOf([...registry, ...checkPath(evidence)])
}

/** Only where state and clock decide the verdict can its beginning and end be told. */
function spanOf(
  evidence: Evidence,
  verdict: Verdict,
  parts: { readonly core: Verdict; readonly other: Verdict; readonly judge: Judge },
): VerdictSpan {
  if (verdict === 'INDETERMINATE' || parts.core !== verdict) {
    return { sinceMs: null, turnedBy: null, untilMs: null }
  }
  const turnedBy = beginOf(evidence, verdict, parts.judge)
  const isClockAlone = parts.other === 'VALID'
  return {
    sinceMs: turnedBy?.timeMs ?? null,
    turnedBy,
    untilMs: isClockAlone ? endOf(evidence, verdict, parts.judge) : null,
  }
}

function once<T>(find: () => T): () => T {
  let found: { readonly value: T } | undefined
  return () => {
    found ??= { value: find() }
    return found.value
  }
}

function checkKnown(evidence: Evidence): Check {
  const [leaf] = evidence.hops
  return leaf
    ? makeCheck('KNOWN', 'PASSED', leaf.autoId, 'The registry had recorded it.')
    : makeCheck('KNOWN', 'SKIPPED', null, 'The registry had recorded no such certificate.', {
        isUndetermined: true,
      })
}

/** A failed check outweighs one that could not be done; either one keeps a verdict from being VALID. */
function verdictOf(checks: readonly Check[]): Verdict {
  if (checks.some(({ outcome }) => outcome === 'FAILED')) return 'INVALID'
  return checks.some(({ isUndetermined }) => isUndetermined) ? 'INDETERMINATE' : 'VALID'
}

function failuresOf(checks: readonly Check[]): Check[] {
  const failed = checks.filter(({ outcome }) => outcome === 'FAILED')
  return [...byStart(failed), ...checks.filter(({ isUndetermined }) => isUndetermined)]
}

/** The failure that began first decided the verdict; those without a known beginning come last. */
function byStart(failed: readonly Check[]): Check[] {
  const start = (check: Check) => check.sinceMs ?? Number.POSITIVE_INFINITY
  return [...failed].sort((a, b) => {
    const [x, y] = [start(a), start(b)]
    return x === y ? 0 : x - y
  })
}

function indicationOf(decisive: Check | undefined): Indication {
  if (decisive === undefined) return 'TOTAL-PASSED'
  const { failed } = checkEntry(decisive.code)
  const indication = decisive.indication ?? failed
  return decisive.isUndetermined && indication.startsWith('TOTAL-FAILED')
    ? UNDETERMINED
    : indication
}
