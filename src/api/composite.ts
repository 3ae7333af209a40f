/** Identities that share a key: who holds it, and which of them a policy's k of n is about. */

import {
  checkComposite,
  type Holder,
  type Judged,
  judgeHolders,
  type Member,
  memberOf,
} from '../verify/composite'
import { type Evidence, MAX_HOPS } from '../verify/evidence'
import type { Check } from '../verify/verdict'
import { verifyEvidence } from '../verify/verify-auto-id'
import type { KeysetValue } from './list-reader'
import { type Question, readFor } from './question'
import type { IdentityRow } from './rows'

/** Holders read at a time, and how often: rows are cheap beside verdicts, but a stranger may add any number. */
const PAGE = 1_000
const MAX_PAGES = 10

/** The policy's k of n: how many issuers vouch for this key with a verdict of their own. */
export async function compositeChecks(evidence: Evidence, question: Question): Promise<Check[]> {
  const { policy } = question
  const [target] = evidence.hops
  if (target === undefined || (policy.minIssuers <= 1 && policy.issuers === null)) return []
  const { holders, hasMore } = await readHolders(target.certificate.publicKeySha256, question)
  const own = holders.filter(({ autoId }) => autoId === target.autoId)
  const others = holders.filter(({ autoId }) => autoId !== target.autoId)
  const { members, isPartial } = await judgeMembers([...own, ...others], question)
  return [checkComposite(members, policy, target.autoId, isPartial || hasMore)]
}

function judgeMembers(holders: readonly Holder[], question: Question): Promise<Judged> {
  return judgeHolders(holders, question.policy, (autoId) => verifyMember(autoId, question))
}

/** By the policy, its k of n aside. */
export async function verifyMember(autoId: string, question: Question): Promise<Member> {
  const policy = { ...question.policy, minIssuers: 1, issuers: null }
  const evidence = await readFor({ autoId }, question)
  const { verdict } = verifyEvidence(evidence, policy)
  return memberOf(autoId, evidence, verdict, policy)
}

/** Those that may be valid: whoever is revoked, expired or gone by himself vouches for nothing. */
async function readHolders(publicKeySha256: string, question: Question) {
  const { session, moment, policy } = question
  const { height, isHead } = moment
  const clock = new Date(moment.clockMs)
  const filter = { height, isHead, clock, publicKeySha256, status: 'ACTIVE' }
  const holders: Holder[] = []
  let cursor: readonly KeysetValue[] | null = null
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const [page] = await session.read.identities.page([null], filter, {
      order: 'REGISTERED_AT_ASC',
      limit: PAGE,
      backward: false,
      cursor,
    })
    const rows = page?.rows.map(({ row }) => row) ?? []
    const above = policy.issuers === null ? () => [] : await linesAbove(rows, question)
    holders.push(...rows.map((row) => ({ ...pick(row), above: above(row) })))
    cursor = page?.rows.at(-1)?.keys ?? null
    if (page?.hasMore !== true) return { holders, hasMore: false }
  }
  return { holders, hasMore: true }
}

function pick({ autoId, issuerId }: IdentityRow) {
  return { autoId, issuerId }
}

/** The issuers above each, level by level: one statement for all of a level. */
async function linesAbove(
  rows: readonly IdentityRow[],
  { session, moment }: Question,
): Promise<(row: IdentityRow) => readonly string[]> {
  const issuerOf = new Map<string, string | null>()
  let level = rows.map(({ issuerId }) => issuerId)
  for (let depth = 0; depth < MAX_HOPS; depth++) {
    const ids = [...new Set(level)].filter((id) => id !== null && !issuerOf.has(id)) as string[]
    if (ids.length === 0) break
    const found = await Promise.all(ids.map((id) => session.load.identity(moment).load(id)))
    level = found.map((row) => row?.issuerId ?? null)
    for (const [index, id] of ids.entries()) issuerOf.set(id, level[index] ?? null)
  }
  return ({ issuerId }) => {
    const line: string[] = []
    for (let id = issuerId; id !== null && line.length < MAX_HOPS; id = issuerOf.get(id) ?? null) {
      line.push(id)
    }
    return line
  }
}
