/**
 * Certification path building and validation (RFC 5280 §6). Pure: the moment, the anchors and everything known
 * about revocation are arguments. Not checked here: registry state, transparency, who controls the key now.
 */
import { type Budget, createBudget, MAX_INPUT_CERTIFICATES, spend } from './budget'
import { CertificateError } from './certificate'
import { PATH_CODES, type PathCode } from './codes'
import { readCrls } from './crl-check'
import { DerError } from './der'
import { type CertificatePool, indexPool, type Search, searchPaths } from './path-building'
import {
  type PathCertificate,
  preparePathCertificate,
  readPathCertificate,
} from './path-certificate'
import { type CertificateInput, type PathInput, rulesOf } from './path-input'
import type { CheckSignature, PathFailure, ValidationRules } from './path-state'
import { checkPath } from './path-steps'
import { inheritKeyParameters } from './public-key'
import { checkPathRevocation } from './revocation'
import { type SignatureOutcome, verifySignature } from './signature'

export type { CertificateInput, PathInput } from './path-input'
export type { PathFailure } from './path-state'

export type PathValidation = {
  readonly valid: boolean
  /** DER, target first, anchor last; of the most telling candidate when none is valid. */
  readonly path: readonly Uint8Array[]
  /** Empty exactly when valid; the most telling first. */
  readonly failures: readonly PathFailure[]
}

/** Builds and validates a path. Never throws on hostile bytes: they are failures with a code. */
export function validatePath(input: PathInput): PathValidation {
  const target = readInput(input.leaf)
  const der = input.leaf instanceof Uint8Array ? input.leaf : input.leaf.der
  if (target instanceof Error) return rejected([der], 'CERT_MALFORMED', target.message)
  const supplied = [
    input.intermediates,
    input.trustAnchors,
    input.crls,
    input.extraCerts,
    input.ocspResponses,
  ]
  if (supplied.some((list) => (list?.length ?? 0) > MAX_INPUT_CERTIFICATES)) {
    return rejected([der], 'PATH_BUDGET_EXCEEDED', 'too many certificates or CRLs supplied')
  }
  const anchors = readAll(input.trustAnchors)
  const intermediates = readAll(input.intermediates)
  const pool = { anchors: anchors.good, intermediates: intermediates.good }
  const unread = anchors.unreadable + intermediates.unreadable
  return buildAndCheck(input, target, pool, unread)
}

/** The best candidate so far: fewer failures win, the first of equals stays. */
type Candidate = { path: readonly PathCertificate[]; failures: readonly PathFailure[] }

function buildAndCheck(
  input: PathInput,
  target: PathCertificate,
  pool: CertificatePool,
  unread: number,
): PathValidation {
  const budget = createBudget()
  const rules = rulesOf(input)
  const checkSignature = rememberedSignatures(budget)
  const checkRevocation = revocationChecker(input, pool, rules, budget, checkSignature)
  let best: Candidate | undefined
  const search: Search = {
    pool,
    atMs: rules.atMs,
    budget,
    checkSignature,
    accept: (path) => {
      let failures = checkPath(path, rules, budget, checkSignature, inheritKeyParameters)
      if (failures.length === 0) failures = checkRevocation(path)
      if (best === undefined || failures.length < best.failures.length) best = { path, failures }
      return failures.length === 0
    },
    deadEnd: [],
    isForged: false,
    isOverBudget: false,
    issuersByName: indexPool(pool),
  }
  searchPaths(search, target)
  // Assigned in the callback, which the compiler cannot see.
  const found = best as Candidate | undefined
  if (found === undefined) return withoutPath(search, target, unread)
  if (found.failures.length === 0) {
    return { valid: true, path: derOf(found.path), failures: [] }
  }
  return { valid: false, path: derOf(found.path), failures: ranked(found.failures) }
}

function readInput(input: CertificateInput): PathCertificate | Error {
  if (!(input instanceof Uint8Array)) return preparePathCertificate(input)
  try {
    return readPathCertificate(input)
  } catch (error) {
    if (error instanceof DerError || error instanceof CertificateError) return error
    throw error
  }
}

function readAll(inputs: readonly CertificateInput[]): {
  good: PathCertificate[]
  unreadable: number
} {
  const good: PathCertificate[] = []
  for (const input of inputs) {
    const certificate = readInput(input)
    if (!(certificate instanceof Error)) good.push(certificate)
  }
  return { good, unreadable: inputs.length - good.length }
}

/** Verifies each pair once and counts it; out of budget is never good. */
function rememberedSignatures(budget: Budget): CheckSignature {
  const outcomes = new Map<PathCertificate, Map<Uint8Array, SignatureOutcome>>()
  return (child, _issuer, issuerSpki) => {
    let known = outcomes.get(child)
    if (known === undefined) {
      known = new Map()
      outcomes.set(child, known)
    }
    const remembered = known.get(issuerSpki)
    if (remembered !== undefined) return remembered
    if (!spend(budget, 'signatures')) {
      return { ok: false, code: 'SIG_BAD_KEY', message: 'no signature checks left for this path' }
    }
    const outcome = verifySignature({
      spki: issuerSpki,
      signatureAlgorithm: child.parsed.innerAlgorithm,
      data: child.parsed.tbs,
      signature: child.parsed.signature,
    })
    known.set(issuerSpki, outcome)
    return outcome
  }
}

function revocationChecker(
  input: PathInput,
  pool: CertificatePool,
  rules: ValidationRules,
  budget: Budget,
  checkSignature: CheckSignature,
): (path: readonly PathCertificate[]) => PathFailure[] {
  const scope = input.revocation ?? 'none'
  if (scope === 'none') return () => []
  const extra = readAll(input.extraCerts ?? []).good
  const context = {
    scope,
    crls: readCrls(input.crls ?? []),
    pool: { anchors: pool.anchors, intermediates: [...pool.intermediates, ...extra] },
    rules,
    budget,
    checkSignature,
    maxAgeSeconds: input.crlMaxAgeSeconds,
    ocspResponses: input.ocspResponses ?? [],
  }
  return (path) => checkPathRevocation(path, context)
}

function derOf(path: readonly PathCertificate[]): Uint8Array[] {
  return path.map(({ parsed }) => parsed.der)
}

function ranked(failures: readonly PathFailure[]): PathFailure[] {
  return [...failures].sort((a, b) => PATH_CODES[b.code].rank - PATH_CODES[a.code].rank)
}

function withoutPath(search: Search, target: PathCertificate, unread: number): PathValidation {
  const path = search.deadEnd.length > 0 ? search.deadEnd : [target]
  const last = path.length - 1
  const failures: PathFailure[] = target.problems.map((problem) =>
    failure(problem.code, 0, problem.message),
  )
  if (search.isOverBudget) {
    failures.push(failure('PATH_BUDGET_EXCEEDED', last, 'path building took too much work'))
  }
  if (search.isForged) {
    failures.push(failure('SIG_BAD', last, 'no issuer of the right name has signed it'))
  }
  const note = unread > 0 ? `; ${unread} supplied certificates could not be read` : ''
  failures.push(failure('PATH_NO_ANCHOR', last, `no path leads to a trust anchor${note}`))
  return { valid: false, path: derOf(path), failures: ranked(failures) }
}

function failure(code: PathCode, certificate: number, message: string): PathFailure {
  return { code, certificate, clause: PATH_CODES[code].clause, message }
}

function rejected(path: readonly Uint8Array[], code: PathCode, message: string): PathValidation {
  return { valid: false, path, failures: [failure(code, 0, message)] }
}
