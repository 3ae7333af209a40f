/** Several identities, one key: who vouches for it (composite identities). */

import type { Hex } from '../bytes'
import type { Evidence } from './evidence'
import { makeCheck } from './hop-checks'
import { unprovenOwner } from './ownership'
import type { Policy } from './policy'
import type { Check, Verdict } from './verdict'

export type Member = {
  readonly autoId: Hex
  /** The immediate issuer; null for a root. */
  readonly issuerId: Hex | null
  /** Everything above it, the immediate issuer first. */
  readonly above: readonly Hex[]
  /** Of itself and those above, the ones that another key may have taken over (`unprovenOwner`). */
  readonly unproven: readonly Hex[]
  readonly verdict: Verdict
}

/** @param policy what `verdict` was asked by: with the root's key named, all below it was signed for that owner */
export function memberOf(
  autoId: Hex,
  evidence: Evidence,
  verdict: Verdict,
  { trustAnchorKeys }: Pick<Policy, 'trustAnchorKeys'>,
): Member {
  const doubtful =
    trustAnchorKeys === null ? evidence.hops.filter((hop) => unprovenOwner(evidence, hop)) : []
  const [target, ...above] = evidence.hops
  return {
    autoId,
    issuerId: target?.issuerId ?? null,
    above: above.map((hop) => hop.autoId),
    unproven: doubtful.map((hop) => hop.autoId),
    verdict,
  }
}

/**
 * Issuers under which the key is valid, each counted once; a root vouches for itself. With `issuers` only those count,
 * wherever above they stand, and unless another key may have taken them over: the policy names identifiers, not keys.
 * Without, two issuers of one organisation count as two: name the issuers to rule that out.
 */
export function countIssuers(members: readonly Member[], issuers: readonly Hex[] | null): number {
  const valid = members.filter(({ verdict }) => verdict === 'VALID')
  if (issuers === null) {
    return new Set(valid.map(({ issuerId, autoId }) => issuerId ?? autoId)).size
  }
  const vouching = new Set(
    valid.flatMap((member) => vouchers(member).filter((id) => !member.unproven.includes(id))),
  )
  return new Set(issuers.filter((issuer) => vouching.has(issuer))).size
}

function vouchers({ issuerId, autoId, above }: Member): readonly Hex[] {
  return issuerId === null ? [autoId] : above
}

/** Whether a named issuer was left out because nobody knows whose it is. */
function isAnyDoubtful(members: readonly Member[], issuers: readonly Hex[] | null): boolean {
  return members.some(
    (member) =>
      member.verdict === 'VALID' &&
      vouchers(member).some((id) => issuers?.includes(id) && member.unproven.includes(id)),
  )
}

/**
 * The policy's k of n.
 * @param isPartial not every identity of the key was looked at: too few is then not known to be too few
 */
export function checkComposite(
  members: readonly Member[],
  policy: Policy,
  autoId: Hex | null,
  isPartial: boolean,
): Check {
  const count = countIssuers(members, policy.issuers)
  const of = policy.issuers === null ? 'issuers' : `of the ${policy.issuers.length} named issuers`
  const message = `Valid under ${count} ${of}; the policy asks for ${policy.minIssuers}.`
  if (count >= policy.minIssuers) return makeCheck('COMPOSITE', 'PASSED', autoId, message)
  return isPartial || isAnyDoubtful(members, policy.issuers)
    ? makeCheck('COMPOSITE', 'SKIPPED', autoId, message, { isUndetermined: true })
    : makeCheck('COMPOSITE', 'FAILED', autoId, message)
}
