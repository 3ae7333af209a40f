/** Pre-flight: whose verdict by the registry's rules a call would turn, up and down the tree of issuers. */

import { type Hex, serialToHex } from '../bytes'
import { sha256Hex } from '../registry/certificate-content'
import type { AutoIdEntry, RegistryView, StateChange } from '../registry/types'

/** What the registry profile asks of one identity that has an entry. */
export type FamilyMember = {
  readonly autoId: Hex
  readonly issuerId: Hex | null
  readonly serial: Hex
  readonly notBeforeMs: number
  readonly notAfterMs: number
  readonly publicKeySha256: Hex
  /** Of the key that signed its certificate; null for a root, or when it is not known. */
  readonly signerKeySha256: Hex | null
  readonly isSignatureGood: boolean
  /** Its serial stands in the list that judges it. */
  readonly isRevoked: boolean
}

/** Everybody above and below the identities that a call changes. */
export type Family = {
  readonly members: readonly FamilyMember[]
  /** There are more below than were read. */
  readonly isPartial: boolean
}

export type Flip = {
  readonly autoId: Hex
  readonly isValidBefore: boolean
  readonly isValidAfter: boolean
}

type Members = ReadonlyMap<Hex, FamilyMember>

/** Whose families must be read: all that the changes name, new issuers among them. */
export function namedBy(changes: readonly StateChange[]): Hex[] {
  const ids = changes.flatMap((change): Hex[] => {
    if (change.type === 'SERIAL_REVOKED') return [change.issuerId]
    const issuerId = change.type === 'ENTRY_SET' ? change.entry.issuerId : null
    return issuerId === null ? [change.autoId] : [change.autoId, issuerId]
  })
  return [...new Set(ids)]
}

/**
 * Every identity that would turn from valid to not valid, or back, the changed one included.
 * @param view the registry before the call, of which the ids in `changes` are known
 */
export function flipsOf(
  family: Family,
  view: RegistryView,
  changes: readonly StateChange[],
  nowMs: number,
): Flip[] {
  const before: Members = new Map(family.members.map((member) => [member.autoId, member]))
  const after = applyChanges(before, view, changes)
  const wasValid = judge(before, nowMs)
  const isValid = judge(after, nowMs)
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((autoId): Flip[] => {
    const flip = { autoId, isValidBefore: wasValid(autoId), isValidAfter: isValid(autoId) }
    return flip.isValidBefore === flip.isValidAfter ? [] : [flip]
  })
}

function applyChanges(
  before: Members,
  view: RegistryView,
  changes: readonly StateChange[],
): Members {
  const after = new Map(before)
  const listed = new Set<string>()
  for (const change of changes) {
    if (change.type === 'SERIAL_REVOKED') {
      listed.add(`${change.issuerId}/${serialToHex(change.serial)}`)
    }
  }
  for (const change of changes) {
    if (change.type === 'ENTRY_REMOVED') after.delete(change.autoId)
    if (change.type === 'ENTRY_SET') {
      after.set(change.autoId, memberOf(change.autoId, change.entry, before, view))
    }
  }
  for (const [autoId, member] of after) {
    if (listed.has(`${member.issuerId ?? autoId}/${member.serial}`)) {
      after.set(autoId, { ...member, isRevoked: true })
    }
  }
  return after
}

/** The pallet has just checked its signature with the issuer's key of this moment. A nonce alone changes nothing. */
function memberOf(
  autoId: Hex,
  entry: AutoIdEntry,
  before: Members,
  view: RegistryView,
): FamilyMember {
  const { issuerId, notBefore, notAfter } = entry
  const serial = serialToHex(entry.serial)
  const present = before.get(autoId)
  const isSame = present?.serial === serial && present.notBeforeMs === notBefore
  if (isSame && present.issuerId === issuerId && present.notAfterMs === notAfter) return present
  return {
    autoId,
    issuerId,
    serial,
    notBeforeMs: notBefore,
    notAfterMs: notAfter,
    publicKeySha256: sha256Hex(entry.subjectPublicKeyInfo),
    signerKeySha256: issuerId === null ? null : (before.get(issuerId)?.publicKeySha256 ?? null),
    isSignatureGood: true,
    isRevoked: view.isRevoked(issuerId ?? autoId, entry.serial),
  }
}

/** Chains of issuers have any depth: walked up in a loop, each identity judged once. */
function judge(members: Members, nowMs: number): (autoId: Hex) => boolean {
  const known = new Map<Hex, boolean>()
  return (autoId) => {
    const line: Hex[] = []
    let isValid: boolean | undefined
    let id = autoId
    while (isValid === undefined) {
      line.push(id)
      const member = members.get(id)
      const isGood = member !== undefined && isGoodItself(member, members, nowMs)
      // Longer than there are members it could only be a circle.
      if (!isGood || line.length > members.size) isValid = false
      else if (member.issuerId === null) isValid = true
      else {
        id = member.issuerId
        isValid = known.get(id)
      }
    }
    // All before the last are good themselves, so the answer above is theirs.
    for (const each of line) known.set(each, isValid)
    return isValid
  }
}

function isGoodItself(member: FamilyMember, members: Members, nowMs: number): boolean {
  const { issuerId, notBeforeMs, notAfterMs } = member
  if (!member.isSignatureGood || member.isRevoked) return false
  if (nowMs < notBeforeMs || nowMs > notAfterMs) return false
  const issuer = issuerId === null ? undefined : members.get(issuerId)
  return issuerId === null || member.signerKeySha256 === issuer?.publicKeySha256
}
