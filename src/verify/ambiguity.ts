/**
 * A reference that names certificates of several identities. Issuers that share a key can register the very same bytes,
 * and anybody can become such an issuer: a certificate asks for no proof that its holder has the key in it.
 */

import type { Hex } from '../bytes'
import { makeFinding } from './findings'
import { makeCheck } from './hop-checks'
import type { Check, Finding, Verdict, VerificationResult } from './verdict'

export type Named = { readonly autoId: Hex; readonly certificateId: string }

export type Ambiguity = {
  readonly checks: readonly Check[]
  readonly findings: readonly Finding[]
}

/** What must be said of `asked` when it is one of several. */
export function ambiguity(asked: Named, named: readonly Named[], maxNamed: number): Ambiguity {
  const others = named.filter(({ autoId }) => autoId !== asked.autoId)
  const findings = others
    .slice(0, maxNamed)
    .map(({ autoId, certificateId }) =>
      makeFinding('REFERENCE_AMBIGUOUS', autoId, certificateId, {}),
    )
  if (named.length <= maxNamed) return { checks: [], findings }
  const message = `${named.length} identities have such a certificate, and ${maxNamed} were looked at: ask by autoId.`
  const check = makeCheck('KNOWN', 'SKIPPED', asked.autoId, message, { isUndetermined: true })
  return { checks: [check], findings }
}

const RANK: Readonly<Record<Verdict, number>> = { INVALID: 0, INDETERMINATE: 1, VALID: 2 }

/** The worst of them; with trust anchors, of those that lead to one: under others anybody may have put it. */
export function decisiveOf(
  results: readonly [VerificationResult, ...VerificationResult[]],
): VerificationResult {
  const anchored = results.filter(isAnchored)
  const counting = anchored.length > 0 ? anchored : results
  return counting.reduce(
    (worst, result) => (RANK[result.verdict] < RANK[worst.verdict] ? result : worst),
    counting[0] ?? results[0],
  )
}

function isAnchored({ checks }: VerificationResult): boolean {
  return !checks.some(({ code, outcome }) => code === 'TRUST_ANCHOR' && outcome === 'FAILED')
}
