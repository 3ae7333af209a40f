/** Is an identity good at a moment, by the registry's own record, all the way up? Pure. */

import type { Hex } from '../bytes'
import { AppError, assertNever } from '../errors'
import type { BlockPoint, PathLink, RegistryPath } from './readers'

export type IdentityStatus = 'ACTIVE' | 'NOT_YET_VALID' | 'EXPIRED' | 'REVOKED' | 'DEACTIVATED'

/** The identity's own status, its issuers left aside. */
export function statusOf(link: PathLink, atMs: number): IdentityStatus {
  if (!link.isActive) return 'DEACTIVATED'
  if (link.revocation !== null) return 'REVOKED'
  if (atMs < link.notBeforeMs) return 'NOT_YET_VALID'
  if (atMs > link.notAfterMs) return 'EXPIRED'
  return 'ACTIVE'
}

/** Why an identity is not good; `autoId` is the one at fault, itself or an issuer. */
export type Fault = {
  readonly autoId: Hex
  readonly code:
    | Exclude<IdentityStatus, 'ACTIVE'>
    /** The id's former holder issued this; another registration stands there now. */
    | 'ISSUER_REPLACED'
    | 'ISSUER_MISSING'
    | 'SIGNATURE_NOT_VERIFIED'
  readonly since: BlockPoint | null
}

export type Standing =
  | { readonly isGood: true; readonly validUntilMs: number }
  | { readonly isGood: false; readonly fault: Fault }

/**
 * Good only when every identity of the path is active, valid at `atMs`, signed by the registration of its issuer
 * that stands, with a signature this index verified, up to a root.
 * Not checked: RFC 5280's rules (basicConstraints, key usage, names); GraphQL `verify` does.
 */
export function standingOf(path: RegistryPath, atMs: number): Standing {
  for (const [index, link] of path.links.entries()) {
    const fault = faultOf(link, path.links[index + 1], atMs)
    if (fault !== null) return { isGood: false, fault }
  }
  const last = path.links[path.links.length - 1]
  if (last === undefined || !path.isComplete) {
    const autoId = last?.issuerId ?? last?.autoId ?? '0x'
    return { isGood: false, fault: { autoId, code: 'ISSUER_MISSING', since: null } }
  }
  return { isGood: true, validUntilMs: Math.min(...path.links.map((link) => link.notAfterMs)) }
}

function faultOf(link: PathLink, issuer: PathLink | undefined, atMs: number): Fault | null {
  const status = statusOf(link, atMs)
  if (status !== 'ACTIVE')
    return { autoId: link.autoId, code: status, since: sinceOf(link, status) }
  if (link.certificate.signatureOutcome !== 'GOOD') {
    return { autoId: link.autoId, code: 'SIGNATURE_NOT_VERIFIED', since: null }
  }
  if (link.issuerId === null || issuer === undefined) return null
  if (!issuer.isActive || link.issuerRegistrationId === issuer.registrationId) return null
  return { autoId: issuer.autoId, code: 'ISSUER_REPLACED', since: null }
}

function sinceOf(link: PathLink, status: Exclude<IdentityStatus, 'ACTIVE'>): BlockPoint | null {
  switch (status) {
    case 'DEACTIVATED':
      return link.deactivatedAt
    case 'REVOKED':
      return link.revocation?.at ?? null
    case 'EXPIRED':
    case 'NOT_YET_VALID':
      return null
    default:
      return assertNever(status)
  }
}

/** The identity itself: the first link. */
export function subjectOf(path: RegistryPath): PathLink {
  const [link] = path.links
  if (link === undefined) throw new AppError('NOT_FOUND', 'empty path')
  return link
}
