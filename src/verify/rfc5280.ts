/** The RFC5280 profile: do the rebuilt certificates form a valid path, whatever the registry accepted? */

import { equalBytes, latin1 } from '../bytes'
import type { PathCode } from '../pki/codes'
import { readIssuer } from '../pki/issuers'
import { type PathFailure, validatePath } from '../pki/path-validation'
import { checkEntry, clauseSource, UNDETERMINED } from './codes'
import type { Evidence } from './evidence'
import { makeCheck } from './hop-checks'
import type { Policy } from './policy'
import type { Check } from './verdict'

export type PathChecker = (evidence: Evidence) => readonly Check[]

/** Checks each path once: by the clock its answer changes only at a date of one of its certificates. */
export function pathChecker(policy: Policy): PathChecker {
  const known = new Map<string, readonly Check[]>()
  let first: { readonly evidence: Evidence; readonly checks: readonly Check[] } | undefined
  return (evidence) => {
    if (policy.profile !== 'RFC5280' || evidence.hops.length === 0) return []
    // Most verdicts ask once: looking up begins with the second question.
    if (first === undefined) {
      first = { evidence, checks: checkPath(evidence, policy) }
      return first.checks
    }
    if (known.size === 0) known.set(keyOf(first.evidence), first.checks)
    const key = keyOf(evidence)
    const checks = known.get(key) ?? checkPath(evidence, policy)
    known.set(key, checks)
    return checks
  }
}

/** By the bytes: somebody may have shown others than the recorded ones, under the same id. */
function keyOf({ hops, clockMs }: Evidence): string {
  return hops
    .map(({ certificate: { id, der, notBeforeMs, notAfterMs } }) => {
      const bytes = der === null ? '' : latin1(der)
      return `${id} ${clockMs >= notBeforeMs} ${clockMs > notAfterMs} ${bytes}`
    })
    .join()
}

function checkPath(evidence: Evidence, policy: Policy): Check[] {
  const { hops } = evidence
  const missing = hops.find((hop) => hop.certificate.der === null)
  const last = hops.at(-1)
  if (missing) {
    const { rebuildProblem, hasSignature } = missing.certificate
    const why = rebuildProblem ?? 'no whole certificate can be rebuilt'
    // Without a signature nothing is known; with one the certificate itself is at fault.
    return hasSignature
      ? [makeCheck('RFC5280_PATH', 'FAILED', missing.autoId, why)]
      : [makeCheck('RFC5280_PATH', 'SKIPPED', missing.autoId, why, { isUndetermined: true })]
  }
  const target = hops[0]
  if (!target || !last || !evidence.isComplete) {
    const message = 'There is no chain to a root to validate.'
    return [makeCheck('RFC5280_PATH', 'SKIPPED', null, message, { isUndetermined: true })]
  }
  return runValidation(evidence, policy)
}

function runValidation(evidence: Evidence, policy: Policy): Check[] {
  const ders = evidence.hops.flatMap(({ certificate }) =>
    certificate.der === null ? [] : [certificate.der],
  )
  const [leaf, ...above] = ders
  const anchor = ders.at(-1)
  if (!leaf || !anchor) return []
  const result = validatePath({
    leaf,
    intermediates: above.slice(0, -1).map(readIssuer),
    trustAnchors: [readIssuer(anchor)],
    anchor: { checkSerial: true },
    at: new Date(evidence.clockMs),
    keyUsage: policy.keyUsage,
    extendedKeyUsage: policy.extendedKeyUsage,
    policy: {
      ...(policy.initialPolicySet === null ? {} : { initialPolicySet: policy.initialPolicySet }),
      requireExplicitPolicy: policy.requireExplicitPolicy,
      inhibitPolicyMapping: policy.inhibitPolicyMapping,
      inhibitAnyPolicy: policy.inhibitAnyPolicy,
    },
    ...(policy.maxPathLength === null ? {} : { maxPathLength: policy.maxPathLength }),
  })
  const autoId = evidence.hops[0]?.autoId ?? null
  if (!result.valid) return failedPath(result.failures, evidence)
  // A path may also be found past a certificate of the chain: that one was not checked then.
  const isWhole = ders.every((der) => result.path.some((checked) => equalBytes(der, checked)))
  const message = isWhole
    ? `${result.path.length} certificates form a valid path.`
    : 'The path that is valid leaves out a certificate of the chain.'
  return [makeCheck('RFC5280_PATH', isWhole ? 'PASSED' : 'FAILED', autoId, message)]
}

/** The path as a whole, then each failure with the identity it is about. */
function failedPath(failures: readonly PathFailure[], evidence: Evidence): Check[] {
  const autoId = evidence.hops[0]?.autoId ?? null
  const [first] = failures
  const isUndetermined = isUnknown(failures)
  const details = failures.map((failure) => toCheck(failure, evidence, isUndetermined))
  const message = first ? `${first.code}: ${first.message}` : 'No valid path.'
  if (isUndetermined) {
    return [makeCheck('RFC5280_PATH', 'SKIPPED', autoId, message, { isUndetermined }), ...details]
  }
  const indication = details.find(({ outcome }) => outcome === 'FAILED')?.indication
  const whole = makeCheck(
    'RFC5280_PATH',
    'FAILED',
    autoId,
    message,
    indication ? { indication } : {},
  )
  return [whole, ...details]
}

/** Work over the limit, or an algorithm nobody here verifies: not known, hence not good. */
const UNKNOWN: ReadonlySet<PathCode> = new Set<PathCode>([
  'PATH_BUDGET_EXCEEDED',
  'SIG_UNSUPPORTED_ALGORITHM',
])

/** The anchor was given: that no path leads there only follows from what is not known. */
function isUnknown(failures: readonly PathFailure[]): boolean {
  return (
    failures.some(({ code }) => UNKNOWN.has(code)) &&
    failures.every(({ code }) => UNKNOWN.has(code) || code === 'PATH_NO_ANCHOR')
  )
}

function toCheck(failure: PathFailure, evidence: Evidence, isWholeUnknown: boolean): Check {
  const { code, certificate } = failure
  const autoId = evidence.hops[certificate]?.autoId ?? null
  const isUndetermined = isWholeUnknown || UNKNOWN.has(code)
  const message = `${failure.message} (${clauseSource(failure.clause)})`
  const { failed } = checkEntry(code)
  // TOTAL-FAILED is for the asked certificate itself.
  const indication = certificate > 0 && failed.startsWith('TOTAL-FAILED') ? UNDETERMINED : failed
  const outcome = isUndetermined ? 'SKIPPED' : 'FAILED'
  return makeCheck(code, outcome, autoId, message, { isUndetermined, indication })
}
