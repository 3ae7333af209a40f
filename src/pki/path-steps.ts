/** Basic path validation, one function a step of RFC 5280 §6.1: initialise, process, prepare for next, wrap up. */
import { type Budget, spend } from './budget'
import { checkCertificate } from './certificate-checks'
import type { PathCode } from './codes'
import { isPaddedInteger } from './der-values'
import { OID } from './extensions'
import { checkNameConstraints } from './name-constraints'
import type { PathCertificate, Role } from './path-certificate'
import {
  applyCounters,
  applyMappingsOf,
  countDown,
  processPolicies,
  wrapUpPolicies,
} from './path-policies'
import {
  type CheckSignature,
  fail,
  type InheritParameters,
  type PathFailure,
  type State,
  type ValidationRules,
} from './path-state'
import { namesPeer } from './peer-name'
import { createPolicyGraph, isNullGraph } from './policy-tree'

/** Every failure of one candidate path, target first, anchor last; empty when it is valid. */
export function checkPath(
  path: readonly PathCertificate[],
  rules: ValidationRules,
  budget: Budget,
  checkSignature: CheckSignature,
  inherit: InheritParameters,
): PathFailure[] {
  const anchorIndex = path.length - 1
  const anchor = path[anchorIndex]
  if (anchor === undefined) return []
  const state = initialise(path, anchor, rules, budget, inherit)
  applyAnchor(state, anchor, anchorIndex)
  for (let index = Math.max(anchorIndex - 1, 0); index >= 0; index--) {
    const certificate = path[index] as PathCertificate
    // A self-signed target that is its own anchor is checked under its own key.
    const issuer = path[Math.min(index + 1, anchorIndex)] as PathCertificate
    processCertificate(state, certificate, issuer, index, checkSignature)
    if (index > 0) {
      prepareForNext(state, certificate, index)
      const { parsed, publicKey } = certificate
      const isInheriting = publicKey.algorithm === 'DSA'
      state.workingSpki = isInheriting ? inherit(parsed.spki, state.workingSpki) : parsed.spki
    }
  }
  wrapUp(state, path[0] as PathCertificate)
  return state.failures
}

/** §6.1.2. n counts the certificates below the anchor. */
function initialise(
  path: readonly PathCertificate[],
  anchor: PathCertificate,
  rules: ValidationRules,
  budget: Budget,
  inherit: InheritParameters,
): State {
  const unlimited = Math.max(path.length - 1, 1) + 1
  return {
    rules,
    budget,
    failures: [],
    graph: createPolicyGraph(),
    explicitPolicy: rules.policy.requireExplicitPolicy ? 0 : unlimited,
    inhibitAnyPolicy: rules.policy.inhibitAnyPolicy ? 0 : unlimited,
    policyMapping: rules.policy.inhibitPolicyMapping ? 0 : unlimited,
    maxPathLength: rules.maxPathLength ?? unlimited,
    constraints: [],
    workingSpki: inherit(anchor.parsed.spki, undefined),
  }
}

/** The anchor's own dates and constraints, when asked for (RFC 5937 §3.2). */
function applyAnchor(state: State, anchor: PathCertificate, index: number): void {
  const { checkValidity, checkConstraints } = state.rules.anchor
  checkOwnRules(state, anchor, index === 0 ? 'target' : 'anchor', index)
  // A target that is its own anchor is processed as the target.
  if (index === 0) return
  if (checkValidity) checkDates(state, anchor, index)
  if (!checkConstraints) return
  checkPurposes(state, anchor, index)
  if (anchor.policies !== undefined) processPolicies(state, anchor, false)
  checkIssuerRights(state, anchor, index)
  applyMappingsOf(state, anchor, index)
  applyCounters(state, anchor)
  if (anchor.nameConstraints !== undefined) state.constraints.push(anchor.nameConstraints)
  narrowPathLength(state, anchor)
}

/** §6.1.3. */
function processCertificate(
  state: State,
  certificate: PathCertificate,
  issuer: PathCertificate,
  index: number,
  checkSignature: CheckSignature,
): void {
  if (certificate !== issuer) {
    checkOwnRules(state, certificate, index === 0 ? 'target' : 'intermediate', index)
  }
  const outcome = checkSignature(certificate, issuer, state.workingSpki)
  if (!outcome.ok) fail(state, outcome.code, index, outcome.message)
  checkDates(state, certificate, index)
  if (certificate.issuer.key !== issuer.subject.key) {
    fail(state, 'PATH_NAME_MISMATCH', index, 'issuer name is not the name of the certificate above')
  }
  if (index === 0 || !certificate.isSelfIssued) {
    for (const constraints of state.constraints) {
      for (const problem of checkNameConstraints(certificate, constraints, state.budget)) {
        fail(state, problem.code, index, problem.message)
      }
    }
  }
  processPolicies(state, certificate, index > 0 && certificate.isSelfIssued)
  if (state.explicitPolicy === 0 && isNullGraph(state.graph)) {
    fail(state, 'PATH_POLICY', index, 'an explicit policy is required and none is left')
  }
  checkPurposes(state, certificate, index)
}

function checkOwnRules(
  state: State,
  certificate: PathCertificate,
  role: Role,
  index: number,
): void {
  // Anchors are trusted out of band: with constraints off only their name and key count (§6.1.1 (d)).
  const { strictness, atMs, anchor } = state.rules
  const isBare = role === 'anchor' && !anchor.checkConstraints
  // Nobody looks an anchor up by it, and some of the oldest roots in use have zero. Padded, it is no DER.
  const isSerialAside =
    role === 'anchor' && !anchor.checkSerial && !isPaddedInteger(certificate.parsed.serialBytes)
  for (const problem of checkCertificate(certificate, role, strictness, atMs)) {
    // Nobody verifies an anchor's own signature.
    if (role === 'anchor' && problem.code === 'SIG_UNSUPPORTED_ALGORITHM') continue
    if (isSerialAside && problem.code === 'CERT_BAD_SERIAL') continue
    if (!isBare || ANCHOR_KEY_CODES.has(problem.code)) {
      fail(state, problem.code, index, problem.message)
    }
  }
}

const ANCHOR_KEY_CODES: ReadonlySet<PathCode> = new Set([
  'KEY_UNSUPPORTED',
  'KEY_TOO_WEAK',
  'CERT_BAD_NAME',
])

function checkDates(state: State, { parsed }: PathCertificate, index: number): void {
  // §4.1.2.5 knows whole seconds only, so the moment counts as the second it lies in.
  const second = Math.floor(state.rules.atMs / 1000) * 1000
  if (!(second >= parsed.notBefore.ms)) {
    fail(state, 'PATH_NOT_YET_VALID', index, `valid from ${isoTime(parsed.notBefore.ms)}`)
  } else if (!(second <= parsed.notAfter.ms)) {
    fail(state, 'PATH_EXPIRED', index, `valid until ${isoTime(parsed.notAfter.ms)}`)
  }
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}

/** Purposes asked for must be allowed by every certificate that restricts its purposes. */
function checkPurposes(state: State, certificate: PathCertificate, index: number): void {
  const allowed = certificate.extKeyUsage
  if (allowed === undefined || allowed.includes(OID.anyExtendedKeyUsage)) return
  for (const purpose of state.rules.extendedKeyUsage) {
    if (!allowed.includes(purpose)) {
      fail(state, 'PATH_EXTENDED_KEY_USAGE', index, `extended key usage does not allow ${purpose}`)
    }
  }
}

/** §6.1.4. */
function prepareForNext(state: State, certificate: PathCertificate, index: number): void {
  if (!spend(state.budget, 'steps')) {
    fail(state, 'PATH_BUDGET_EXCEEDED', index, 'no work left for this path')
  }
  applyMappingsOf(state, certificate, index)
  if (certificate.nameConstraints !== undefined) state.constraints.push(certificate.nameConstraints)
  if (!certificate.isSelfIssued) countDown(state)
  applyCounters(state, certificate)
  checkIssuerRights(state, certificate, index)
  if (!certificate.isSelfIssued) {
    if (state.maxPathLength <= 0) {
      fail(state, 'PATH_LENGTH_EXCEEDED', index, 'more CA certificates than the path length allows')
    }
    state.maxPathLength -= 1
  }
  narrowPathLength(state, certificate)
}

/** §6.1.4 (k), (n). */
function checkIssuerRights(state: State, certificate: PathCertificate, index: number): void {
  if (certificate.basicConstraints?.cA !== true) {
    fail(state, 'PATH_NOT_CA', index, 'basicConstraints does not make the issuer a CA')
  }
  if (certificate.keyUsage !== undefined && !certificate.keyUsage.has('keyCertSign')) {
    fail(state, 'PATH_NO_CERT_SIGN', index, 'keyUsage without keyCertSign')
  }
}

/** §6.1.4 (m). */
function narrowPathLength(state: State, certificate: PathCertificate): void {
  const length = certificate.basicConstraints?.pathLenConstraint ?? null
  if (length !== null) state.maxPathLength = Math.min(state.maxPathLength, length)
}

/** §6.1.5, and what the caller asked of the target. */
function wrapUp(state: State, target: PathCertificate): void {
  wrapUpPolicies(state, target)
  for (const usage of state.rules.keyUsage) {
    if (target.keyUsage !== undefined && !(target.keyUsage as ReadonlySet<string>).has(usage)) {
      fail(state, 'PATH_KEY_USAGE', 0, `keyUsage without ${usage}`)
    }
  }
  const { peerNames } = state.rules
  if (peerNames.length > 0 && !peerNames.every((peer) => namesPeer(target.subjectAltName, peer))) {
    fail(state, 'PATH_PEER_NAME', 0, 'the certificate does not name the peer')
  }
}
