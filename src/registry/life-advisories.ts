/** Advisories about an Auto ID's own history: returns, takeovers, replays, lists (quirks 2, 3, 5 to 9, 11 to 13). */
import { type Hex, serialToHex } from '../bytes'
import type { AdvisoryFacts } from './advisory'
import type { Found } from './certificate-advisories'
import type { ContinuityFinding } from './continuity'
import type { IndexSession } from './index-session'
import type { Deactivation, Operation, Registration, Renewal, Revocation } from './operation'
import { isValidAt } from './transition'
import { embeddedIssuer, MAX_TOLD } from './working-set'

export function registrationAdvisories(
  operation: Registration,
  session: IndexSession,
  { continuity }: ContinuityFinding,
): readonly Found[] {
  const { identity, reading, issuerId, autoId } = operation
  const { serial } = reading.content
  const found: Found[] = []
  if (session.state.isRevoked(issuerId ?? autoId, serial)) {
    found.push(['REGISTERED_REVOKED', { serial: serialToHex(serial) }])
  }
  const embedded = embeddedIssuer(issuerId, reading.content.commonNameBytes)
  if (embedded !== null && session.identity(embedded) !== undefined) {
    found.push(['LEAF_IDENTIFIER_TAKEN', { issuerId: embedded }])
  }
  if (identity !== undefined) {
    const registrationBefore = identity.registration.ordinal
    const children = identity.activeChildren
    if (continuity === 'SAME_KEY') {
      found.push(['NONCE_RESTARTED', { registrationBefore }])
    } else {
      const isAttested = continuity === 'ISSUER_ATTESTED'
      const code = isAttested ? 'KEY_REPLACED_ATTESTED' : 'KEY_REPLACED_UNPROVEN'
      found.push([code, { registrationBefore }])
      if (children > 0) found.push(['CHILDREN_UNDER_OTHER_KEY', told('children', children)])
    }
  }
  const listedSerials = identity?.listedSerials ?? 0
  if (listedSerials > 0) found.push(['INHERITED_REVOCATION_LIST', told('serials', listedSerials)])
  return [...found, ...replayAdvisories(operation, session, 'REGISTRATION_REPLAYED')]
}

export function renewalAdvisories(operation: Renewal, session: IndexSession): readonly Found[] {
  const { entry, reading, issuerId, autoId, nowMs } = operation
  const found: Found[] = []
  const listBefore = entry.issuerId ?? autoId
  if (session.state.isRevoked(listBefore, entry.serial)) {
    const reason = session.revocationReason(listBefore, entry.serial) ?? null
    found.push(['REVOKED_IDENTITY_RENEWED', { serial: serialToHex(entry.serial), reason }])
  }
  if (entry.issuerId !== null && issuerId === null) {
    found.push(['LEAF_BECAME_ROOT', { formerIssuerId: entry.issuerId }])
  }
  if (entry.issuerId === null && issuerId !== null) found.push(['ROOT_BECAME_LEAF', { issuerId }])
  const { serial } = reading.content
  const isListed = session.state.isRevoked(issuerId ?? autoId, serial)
  if (isListed || serial === entry.serial) {
    const facts = { serial: serialToHex(serial), isUnchanged: serial === entry.serial }
    found.push(['RENEWED_TO_REVOKED_SERIAL', facts])
  }
  if (!session.state.isIssued(autoId, serial)) {
    found.push(['RENEWAL_SERIAL_UNRESERVED', { serial: serialToHex(serial) }])
  }
  if (!isValidAt(entry, nowMs)) found.push(['RENEWED_AFTER_EXPIRY', { notAfter: entry.notAfter }])
  return [...found, ...replayAdvisories(operation, session, 'REGISTRATION_REPLAYED')]
}

export function revocationAdvisories(
  operation: Revocation,
  session: IndexSession,
): readonly Found[] {
  const { issuer, issuerId, identity, nowMs } = operation
  const found: Found[] = []
  if (issuerId === null) {
    found.push(['SELF_REVOCATION_BLOCKS', told('children', identity?.activeChildren ?? 0)])
  } else if (issuer !== undefined && !isValidAt(issuer.entry, nowMs)) {
    found.push(['EXPIRED_ISSUER_ACTED', { issuerId, issuerNotAfter: issuer.entry.notAfter }])
  }
  return [...found, ...replayAdvisories(operation, session, 'ACTION_REPLAYED')]
}

export function deactivationAdvisories(
  operation: Deactivation,
  session: IndexSession,
): readonly Found[] {
  const children = operation.identity?.activeChildren ?? 0
  const found: Found[] = children > 0 ? [['CHILDREN_ORPHANED', told('children', children)]] : []
  return [...found, ...replayAdvisories(operation, session, 'ACTION_REPLAYED')]
}

/** An issuer whose own current serial enters its list by an operation on another identifier. */
export function hitIssuers(
  operation: Operation,
  session: IndexSession,
): readonly { readonly autoId: Hex; readonly found: Found }[] {
  const hits: { autoId: Hex; found: Found }[] = []
  for (const change of operation.changes) {
    if (change.type !== 'SERIAL_REVOKED' || change.issuerId === operation.autoId) continue
    const owner = session.state.entry(change.issuerId)
    // A leaf's own revocation stands in its issuer's list: but the pallet asks the own list before it lets it issue.
    if (owner?.serial !== change.serial) continue
    const facts = { by: operation.autoId, serial: serialToHex(change.serial) }
    hits.push({ autoId: change.issuerId, found: ['REVOCATION_HITS_ISSUER', facts] })
  }
  return hits
}

/** Of more than are counted a part is told, and said to be one. */
function told(what: 'children' | 'serials', count: number): AdvisoryFacts {
  return count > MAX_TOLD ? { [what]: MAX_TOLD, isPartial: true } : { [what]: count }
}

function replayAdvisories(
  { call, autoId }: Operation,
  session: IndexSession,
  code: 'ACTION_REPLAYED' | 'REGISTRATION_REPLAYED',
): readonly Found[] {
  const earlier = call === null ? undefined : session.earlierUse(autoId, call.signature)
  return earlier === undefined ? [] : [[code, { earlierEventId: earlier }]]
}
