/** From a target to trust anchors: candidate paths in promising order (RFC 4158), under a budget. */
import { equalBytes } from '../bytes'
import { type Budget, MAX_INTERMEDIATES, spend } from './budget'
import type { PathCertificate } from './path-certificate'
import type { CheckSignature } from './path-state'

/** Certificates a path may be built from. Intermediates are not trusted. */
export type CertificatePool = {
  readonly intermediates: readonly PathCertificate[]
  readonly anchors: readonly PathCertificate[]
}

export type Search = {
  readonly pool: CertificatePool
  readonly atMs: number
  readonly budget: Budget
  readonly checkSignature: CheckSignature
  /** Called with each path that reaches an anchor; true ends the search. */
  readonly accept: (path: readonly PathCertificate[]) => boolean
  /** The longest path that led nowhere, for the report. */
  deadEnd: readonly PathCertificate[]
  /** Whether the last issuer of `deadEnd` has the right name but did not sign. */
  isForged: boolean
  isOverBudget: boolean
  readonly issuersByName: ReadonlyMap<string, Candidates>
}

type Candidates = { readonly anchors: PathCertificate[]; readonly intermediates: PathCertificate[] }

/** Finds issuers by name once for all. */
export function indexPool(pool: CertificatePool): ReadonlyMap<string, Candidates> {
  const index = new Map<string, Candidates>()
  const at = (key: string): Candidates => {
    const known = index.get(key)
    if (known !== undefined) return known
    const fresh: Candidates = { anchors: [], intermediates: [] }
    index.set(key, fresh)
    return fresh
  }
  for (const anchor of pool.anchors) at(anchor.subject.key).anchors.push(anchor)
  for (const certificate of pool.intermediates) {
    at(certificate.subject.key).intermediates.push(certificate)
  }
  return index
}

/** Depth first from `target`; true when `accept` took a path. */
export function searchPaths(search: Search, target: PathCertificate): boolean {
  const self = search.pool.anchors.find((anchor) =>
    equalBytes(anchor.parsed.der, target.parsed.der),
  )
  if (self !== undefined && target.isSelfIssued && offer(search, [target])) return true
  return extend(search, [target])
}

function extend(search: Search, path: readonly PathCertificate[]): boolean {
  const last = path[path.length - 1] as PathCertificate
  const candidates = search.issuersByName.get(last.issuer.key)
  if (candidates === undefined || !mayContinue(search)) return noteDeadEnd(search, path)
  for (const anchor of byPromise(last, candidates.anchors, search.atMs)) {
    // An anchor ends the path, so one re-issued for the same name and key makes no circle.
    if (!equalBytes(anchor.parsed.der, last.parsed.der) && isSignedBy(search, last, anchor, path)) {
      if (offer(search, [...path, anchor])) return true
    }
    if (search.isOverBudget) return false
  }
  if (path.length > MAX_INTERMEDIATES) return noteDeadEnd(search, path)
  for (const issuer of byPromise(last, candidates.intermediates, search.atMs)) {
    if (path.some((member) => isSame(member, issuer))) continue
    if (isSignedBy(search, last, issuer, path) && extend(search, [...path, issuer])) return true
    if (search.isOverBudget) return false
  }
  return noteDeadEnd(search, path)
}

function offer(search: Search, path: readonly PathCertificate[]): boolean {
  if (!spend(search.budget, 'paths')) {
    search.isOverBudget = true
    return false
  }
  return search.accept(path)
}

function mayContinue(search: Search): boolean {
  if (spend(search.budget, 'steps')) return true
  search.isOverBudget = true
  return false
}

/** Two certificates for one name and key add nothing to each other, and would make cycles endless. */
function isSame(a: PathCertificate, b: PathCertificate): boolean {
  return a.subject.key === b.subject.key && equalBytes(a.parsed.spki, b.parsed.spki)
}

function isSignedBy(
  search: Search,
  child: PathCertificate,
  issuer: PathCertificate,
  path: readonly PathCertificate[],
): boolean {
  // Parameters a key inherits are known only once the path is whole.
  if (issuer.publicKey.algorithm === 'DSA' && issuer.publicKey.bits === null) return true
  const outcome = search.checkSignature(child, issuer, issuer.parsed.spki)
  if (outcome.ok) return true
  if (search.budget.signatures <= 0) search.isOverBudget = true
  if (path.length >= search.deadEnd.length && outcome.code === 'SIG_BAD') {
    search.deadEnd = path
    search.isForged = true
  }
  return false
}

function noteDeadEnd(search: Search, path: readonly PathCertificate[]): false {
  if (path.length > search.deadEnd.length) {
    search.deadEnd = path
    search.isForged = false
  }
  return false
}

/** Issuers whose key identifier fits and who are within their dates come first (RFC 4158 §3.5). */
function byPromise(
  child: PathCertificate,
  issuers: readonly PathCertificate[],
  atMs: number,
): readonly PathCertificate[] {
  if (issuers.length < 2) return issuers
  const wanted = child.authorityKeyIdentifier?.keyIdentifier
  const score = (issuer: PathCertificate): number => {
    const { notBefore, notAfter } = issuer.parsed
    const isCurrent = notBefore.ms <= atMs && atMs <= notAfter.ms + 999
    const own = issuer.subjectKeyIdentifier
    const isMismatch = wanted != null && own !== undefined && !equalBytes(wanted, own)
    const isMatch = wanted != null && own !== undefined && !isMismatch
    return (isMatch ? 0 : isMismatch ? 4 : 2) + (isCurrent ? 0 : 1)
  }
  return issuers
    .map((issuer) => ({ issuer, score: score(issuer) }))
    .sort((a, b) => a.score - b.score)
    .map(({ issuer }) => issuer)
}
