/** Several identities, one key: who vouches for it (composite identities). */

import type { Hex } from '../bytes'
import type { Evidence } from './evidence'
import { makeCheck } from './hop-checks'
import { unprovenOwner } from './ownership'
import type { Policy } from './policy'
import type { Check, Verdict } from './verdict'

/** An identity that holds the key. */
export type Holder = {
  readonly autoId: Hex
  /** The immediate issuer; null for a root. */
  readonly issuerId: Hex | null
  /** Everything above it, the immediate issuer first. */
  readonly above: readonly Hex[]
}

/** A holder that was judged. */
export type Member = Holder & {
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
  return new Set(members.flatMap((member) => counted(member, issuers))).size
}

/** The issuers a member adds to the count. */
function counted(member: Member, issuers: readonly Hex[] | null): readonly Hex[] {
  if (member.verdict !== 'VALID') return []
  const ids = vouchers(member, issuers)
  return issuers === null ? ids : ids.filter((id) => !member.unproven.includes(id))
}

/** Those that would count if the identity were valid, and they themselves beyond doubt. */
function vouchers(
  { issuerId, autoId, above }: Holder,
  issuers: readonly Hex[] | null,
): readonly Hex[] {
  if (issuers === null) return [issuerId ?? autoId]
  return (issuerId === null ? [autoId] : above).filter((id) => issuers.includes(id))
}

/** Whether a named issuer was left out because nobody knows whose it is. */
function isAnyDoubtful(members: readonly Member[], issuers: readonly Hex[] | null): boolean {
  return members.some(
    (member) =>
      member.verdict === 'VALID' &&
      issuers !== null &&
      vouchers(member, issuers).some((id) => member.unproven.includes(id)),
  )
}

export type Judged = {
  readonly members: readonly Member[]
  /** Some that might have counted were not judged. */
  readonly isPartial: boolean
}

/**
 * Judges holders of a key, at most `policy.maxMembers`, until enough issuers vouch for it. Left out are those that can
 * add no issuer to the count; and one of each issuer goes first, so that many under one hide nobody else.
 */
export async function judgeHolders(
  holders: readonly Holder[],
  { minIssuers, issuers, maxMembers }: Pick<Policy, 'minIssuers' | 'issuers' | 'maxMembers'>,
  judge: (autoId: Hex) => Promise<Member>,
): Promise<Judged> {
  const members: Member[] = []
  const vouched = new Set<Hex>()
  for (const holder of oneOfEachIssuerFirst(holders)) {
    if (vouched.size >= minIssuers) break
    if (vouchers(holder, issuers).every((id) => vouched.has(id))) continue
    if (members.length >= maxMembers) return { members, isPartial: true }
    const member = await judge(holder.autoId)
    members.push(member)
    for (const id of counted(member, issuers)) vouched.add(id)
  }
  return { members, isPartial: false }
}

function oneOfEachIssuerFirst(holders: readonly Holder[]): readonly Holder[] {
  const seen = new Map<Hex | null, number>()
  const turns = holders.map((holder) => {
    const turn = holder.issuerId === null ? 0 : (seen.get(holder.issuerId) ?? 0)
    seen.set(holder.issuerId, turn + 1)
    return { holder, turn }
  })
  return turns.sort((a, b) => a.turn - b.turn).map(({ holder }) => holder)
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
  const found = `Valid under ${count} ${of}; the policy asks for ${policy.minIssuers}.`
  if (count >= policy.minIssuers) return makeCheck('COMPOSITE', 'PASSED', autoId, found)
  const message = isPartial ? `${found} Not every holder of the key was looked at.` : found
  return isPartial || isAnyDoubtful(members, policy.issuers)
    ? makeCheck('COMPOSITE', 'SKIPPED', autoId, message, { isUndetermined: true })
    : makeCheck('COMPOSITE', 'FAILED', autoId, message)
}
