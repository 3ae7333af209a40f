/** Advisories about the issuer and those above it at the moment it acts (quirks 1, 3, 4, 6, 9, 12). */
import { equalBytes, serialToHex } from '../bytes'
import { type Budget, createBudget } from '../pki/budget'
import { DerError } from '../pki/der'
import type { NameConstraints } from '../pki/extensions'
import { checkNameConstraints } from '../pki/name-constraints'
import { equalNames } from '../pki/names'
import type { PathCertificate } from '../pki/path-certificate'
import type { Found } from './certificate-advisories'
import { keySha256Hex } from './certificate-content'
import type { Ancestor, IndexSession } from './index-session'
import type { StrictIssuer } from './issuer-certificate'
import type { Issuance, Operation } from './operation'
import { isValidAt } from './transition'

/** Of whatever an issuer did: its standing, and that of everything above it. */
export function issuerStandingAdvisories(
  operation: Operation,
  chain: readonly Ancestor[],
  session: IndexSession,
): readonly Found[] {
  if (operation.issuerId === null || operation.kind === 'DEACTIVATED') return []
  return [
    ...revokedAncestors(chain, session),
    ...brokenChain(chain, operation),
    ...changedIssuerKey(operation),
  ]
}

/** Of a certificate against the certificates above it: what RFC 5280 asks and the pallet does not. */
export function issuanceAdvisories(
  operation: Issuance,
  chain: readonly Ancestor[],
): readonly Found[] {
  const { reading, issuer, issuerId } = operation
  if (issuerId === null || issuer === undefined) {
    const { subject, issuer: issuerName } = reading.lax.details
    return isSameName(issuerName, subject) ? [] : [['ISSUER_NAME_MISMATCH', { isRoot: true }]]
  }
  const found: Found[] = [...issuerCertificateAdvisories(operation, chain)]
  if (reading.content.notAfter > issuer.entry.notAfter) {
    const facts = { notAfter: reading.content.notAfter, issuerNotAfter: issuer.entry.notAfter }
    found.push(['OUTLIVES_ISSUER', facts])
  }
  if (reading.content.serial === issuer.entry.serial) {
    const facts = { issuerId, serial: serialToHex(issuer.entry.serial) }
    found.push(['SERIAL_EQUALS_ISSUERS', facts])
  }
  return found
}

function revokedAncestors(chain: readonly Ancestor[], session: IndexSession): Found[] {
  const found: Found[] = []
  for (const [hops, { autoId, entry }] of chain.entries()) {
    if (entry === undefined) break
    const listOwner = entry.issuerId ?? autoId
    if (!session.isKnown(listOwner)) break
    if (!session.state.isRevoked(listOwner, entry.serial)) continue
    const reason = session.revocationReason(listOwner, entry.serial) ?? null
    const serial = serialToHex(entry.serial)
    found.push(['ISSUER_REVOKED', { ancestor: autoId, listOwner, serial, hops, reason }])
  }
  return found
}

/** The nearest break above the issuer: the pallet looks no further than the issuer itself. */
function brokenChain(chain: readonly Ancestor[], operation: Operation): Found[] {
  for (const [hops, link] of chain.entries()) {
    const broken = breakAt(link, chain[hops - 1], hops, operation.nowMs)
    if (broken !== null) {
      return [['ISSUER_CHAIN_BROKEN', { ancestor: link.autoId, hops, why: broken }]]
    }
  }
  return []
}

function breakAt(
  link: Ancestor,
  below: Ancestor | undefined,
  hops: number,
  nowMs: number,
): string | null {
  if (link.entry === undefined) return 'DEACTIVATED'
  // The issuer's own validity is the pallet's check, or EXPIRED_ISSUER_ACTED.
  if (hops > 0 && !isValidAt(link.entry, nowMs)) return 'NOT_VALID'
  const signedBy = below?.identity?.certificate.issuerPublicKeySha256 ?? null
  const isOtherKey = signedBy !== null && signedBy !== keySha256Hex(link.entry.subjectPublicKeyInfo)
  return isOtherKey ? 'KEY_CHANGED' : null
}

/** Whether the issuer's key is still the one that signed the certificate this operation is about. */
function changedIssuerKey(operation: Operation): Found[] {
  const { issuer, identity, issuerId } = operation
  if (issuer === undefined || identity === undefined) return []
  const before = identity.certificate.issuerPublicKeySha256
  const now = keySha256Hex(issuer.entry.subjectPublicKeyInfo)
  if (before === null || before === now || identity.entry.issuerId !== issuerId) return []
  return [['ISSUER_KEY_CHANGED', { issuerId, keyBefore: before, keyNow: now }]]
}

function issuerCertificateAdvisories(
  { reading, issuerId }: Issuance,
  chain: readonly Ancestor[],
): Found[] {
  const found: Found[] = []
  const issuer = chain[0]?.identity?.certificate.asIssuer.reading()
  if (issuer?.strict?.isCa !== true) {
    found.push(['ISSUER_NOT_CA', { issuerId, why: absence(issuer?.strict) }])
  }
  if (issuer?.strict?.maySign === false) found.push(['ISSUER_MAY_NOT_SIGN', { issuerId }])
  const subject = issuer?.subject
  if (subject === undefined || !isSameName(reading.lax.details.issuer, subject)) {
    found.push(['ISSUER_NAME_MISMATCH', { isRoot: false }])
  }
  return [...found, ...constraintAdvisories(reading.strict, chain)]
}

function absence(issuer: StrictIssuer | undefined): string {
  if (issuer === undefined) return 'UNREADABLE'
  return issuer.isCa === undefined ? 'NO_BASIC_CONSTRAINTS' : 'CA_FALSE'
}

/** pathLenConstraint (§6.1.4 (l), (m)) and name constraints (§6.1.3 (b), (c)) of every certificate above. */
function constraintAdvisories(
  certificate: PathCertificate | undefined,
  chain: readonly Ancestor[],
): Found[] {
  const found: Found[] = []
  const budget = createBudget()
  let intermediates = 0
  for (const { autoId, identity } of chain) {
    const above = identity?.certificate.asIssuer.reading().strict
    if (above === undefined) break
    const limit = above.pathLenConstraint
    if (limit !== null && intermediates > limit) {
      found.push(['PATH_LENGTH_EXCEEDED', { ancestor: autoId, limit, intermediates }])
    }
    const { nameConstraints } = above
    if (certificate !== undefined && nameConstraints !== undefined) {
      const problem = constraintProblem(certificate, nameConstraints, budget)
      if (problem !== null) {
        found.push(['NAME_CONSTRAINT_VIOLATED', { ancestor: autoId, problem }])
      }
    }
    if (!above.isSelfIssued) intermediates += 1
  }
  return found
}

/** Names that cannot be read cannot be shown to keep to the constraints. */
function constraintProblem(
  certificate: PathCertificate,
  constraints: NameConstraints,
  budget: Budget,
): string | null {
  try {
    return checkNameConstraints(certificate, constraints, budget)[0]?.message ?? null
  } catch (error) {
    if (error instanceof DerError) return `the names cannot be read: ${error.message}`
    throw error
  }
}

/** RFC 5280 §7.1; names that no strict reader takes are equal only byte for byte. */
function isSameName(a: Uint8Array, b: Uint8Array): boolean {
  if (equalBytes(a, b)) return true
  try {
    return equalNames(a, b)
  } catch (error) {
    if (error instanceof DerError) return false
    throw error
  }
}
