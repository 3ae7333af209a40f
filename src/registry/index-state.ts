/** What is known from the chain's own state only: entries of the genesis, and events that no call explains. */
import { equalBytes, type Hex } from '../bytes'
import type { BlockBuilder } from './block-builder'
import { eventKindOf } from './event-kind'
import { issuerOf, operationOf } from './index-call'
import { recordOperation } from './index-operation'
import type { Evidence, Issuance, Registration } from './operation'
import type {
  AutoIdEntry,
  EventKind,
  StateChange,
  StateRead,
  StoredEntry,
  UnexplainedEvent,
} from './types'
import { readStoredCertificate, unseenCertificate } from './unread-certificate'
import { UNSEEN_SERIAL } from './working-set'

const NOTHING = new Uint8Array()

const FROM_STATE = {
  observed: null,
  signatureOutcome: 'UNAVAILABLE',
  signatureProblem: null,
  signedPayload: null,
  nonce: null,
} as const

/** Every entry of the genesis state as if registered there, issuers before those they issued. */
export function applyGenesis(builder: BlockBuilder): void {
  const { stateRead } = builder.block
  if (stateRead === null) return
  for (const [eventIndex, stored] of issuersFirst(stateRead.entries).entries()) {
    const operation: Registration = {
      ...operationBase(builder, stored.autoId, stored.issuerId, eventIndex),
      kind: 'REGISTERED',
      changes: entryChanges(builder, stored),
      reading: readStoredCertificate(stored),
      call: null,
    }
    recordOperation(builder, operation, { ...FROM_STATE, source: 'GENESIS', eventIndex })
  }
  addListed(builder, stateRead)
}

/**
 * An event without a call: revocation and deactivation follow from the state before. A certificate is the one that stands
 * in the state after the block; where none does any more, or a later event of the block brought it, it was never seen.
 * @throws {AppError} INCONSISTENT_NODE when the event cannot follow from the state before
 */
export function applyUnexplained(builder: BlockBuilder, event: UnexplainedEvent): void {
  const { autoId, eventIndex, extrinsicIndex, extrinsicHash, kind } = event
  const evidence: Evidence = {
    ...FROM_STATE,
    source: 'STATE',
    eventIndex,
    extrinsicIndex,
    extrinsicHash,
  }
  const unsigned = { autoId, signatureAlgorithm: NOTHING, signature: NOTHING }
  const operation =
    kind === 'REGISTERED' || kind === 'RENEWED'
      ? unexplainedIssuance(builder, event, kind)
      : operationOf(
          builder,
          {
            call: { kind: kind === 'REVOKED' ? 'REVOKE' : 'DEACTIVATE', ...unsigned },
            isObserved: false,
          },
          autoId,
          eventIndex,
        )
  recordOperation(builder, operation, evidence)
}

function unexplainedIssuance(
  builder: BlockBuilder,
  event: UnexplainedEvent,
  kind: 'REGISTERED' | 'RENEWED',
): Issuance {
  const { autoId, eventIndex } = event
  const entry = builder.session.state.entry(autoId)
  const { stored, subjectPublicKeyInfo } = seenInState(builder, event)
  const unseen = entry ?? { ...NO_ENTRY, subjectPublicKeyInfo }
  const shown = stored ?? { ...unseen, autoId, issuedSerials: [] }
  // Null is an issuer, too: a root's, also of one that was renewed from under an issuer.
  const base = operationBase(builder, autoId, shown.issuerId, eventIndex)
  const reading = stored === undefined ? unseenCertificate(shown) : readStoredCertificate(stored)
  if (kind === 'REGISTERED') {
    if (entry !== undefined) throw builder.refusal(autoId, 'registered while it holds an entry')
    return { ...base, kind, reading, call: null, changes: registeredChanges(builder, shown) }
  }
  if (entry === undefined) throw builder.refusal(autoId, 'renewed without an entry')
  const changes = renewedChanges(builder, entry, shown)
  return { ...base, kind, entry, reading, call: null, changes }
}

/** An entry nobody saw: valid at no time, so it cannot be mistaken for a good one. */
const NO_ENTRY: AutoIdEntry = {
  issuerId: null,
  serial: UNSEEN_SERIAL,
  subjectCommonName: NOTHING,
  subjectPublicKeyInfo: NOTHING,
  notBefore: 0,
  notAfter: 0,
  nonce: 0n,
}

type Seen = {
  /** The entry after the block, if it is this event that made it what it is. */
  readonly stored: StoredEntry | undefined
  /** Its key, which no renewal changes; empty where the registration has ended. */
  readonly subjectPublicKeyInfo: Uint8Array
}

function seenInState({ block }: BlockBuilder, event: UnexplainedEvent): Seen {
  const later = new Set<EventKind>()
  const add = (kind: EventKind, autoId: Hex, eventIndex: number) => {
    if (autoId === event.autoId && eventIndex > event.eventIndex) later.add(kind)
  }
  for (const { kind, autoId, eventIndex } of block.unexplained) add(kind, autoId, eventIndex)
  for (const node of block.nodes) {
    if (node.type !== 'CALL' || node.call.outcome.status !== 'APPLIED') continue
    const { autoId, eventIndex } = node.call.outcome
    add(eventKindOf(node.call.call), autoId, eventIndex)
  }
  const entry = block.stateRead?.entries.find(({ autoId }) => autoId === event.autoId)
  return {
    stored: [...later].every((kind) => kind === 'REVOKED') ? entry : undefined,
    subjectPublicKeyInfo:
      entry === undefined || later.has('DEACTIVATED') ? NOTHING : entry.subjectPublicKeyInfo,
  }
}

type Shown = AutoIdEntry & { readonly autoId: Hex; readonly issuedSerials: readonly bigint[] }

function registeredChanges(builder: BlockBuilder, shown: Shown): StateChange[] {
  const { issuerId, serial } = shown
  const changes = entryChanges(builder, shown)
  if (issuerId !== null) changes.push({ type: 'SERIAL_ISSUED', autoId: issuerId, serial })
  return changes
}

function renewedChanges(builder: BlockBuilder, entry: AutoIdEntry, shown: Shown): StateChange[] {
  const { autoId, issuerId } = shown
  const changes = entryChanges(builder, shown)
  if (issuerId !== null) {
    changes.push({ type: 'SERIAL_ISSUED', autoId: issuerId, serial: shown.serial })
  }
  const list = issuerId ?? autoId
  if (!builder.session.state.isRevoked(list, entry.serial)) {
    const { serial } = entry
    changes.push({ type: 'SERIAL_REVOKED', issuerId: list, serial, reason: 'SUPERSEDED' })
  }
  return changes
}

function operationBase(
  builder: BlockBuilder,
  autoId: Hex,
  issuerId: Hex | null,
  eventIndex: number,
) {
  return {
    eventId: builder.eventId(eventIndex),
    autoId,
    nowMs: builder.block.timestamp ?? 0,
    issuerId,
    issuer: issuerId === null ? undefined : issuerOf(builder, issuerId),
    identity: builder.session.identity(autoId),
  }
}

/** The state that was read is what holds after the block, whatever was made of its events. */
export function settleStateRead(builder: BlockBuilder): void {
  const { stateRead } = builder.block
  if (stateRead === null) return
  const { state } = builder.session
  for (const stored of stateRead.entries) {
    if (builder.session.identity(stored.autoId) === undefined) {
      throw builder.refusal(stored.autoId, 'an entry that no event brought')
    }
    const held = state.entry(stored.autoId)
    const isHeld = held !== undefined && isSameEntry(held, stored)
    builder.apply(isHeld ? issuedChanges(builder, stored) : entryChanges(builder, stored))
  }
  for (const autoId of stateRead.removed) {
    if (state.entry(autoId) === undefined) continue
    throw builder.refusal(autoId, 'an entry went without an event')
  }
  addListed(builder, stateRead)
}

/** What makes the state's entry the one that was read. */
function entryChanges(builder: BlockBuilder, stored: Shown): StateChange[] {
  const set = { type: 'ENTRY_SET', autoId: stored.autoId, entry: entryOf(stored) } as const
  return [set, ...issuedChanges(builder, stored)]
}

function issuedChanges(builder: BlockBuilder, { autoId, issuedSerials }: Shown): StateChange[] {
  const { state } = builder.session
  return issuedSerials
    .filter((serial) => !state.isIssued(autoId, serial))
    .map((serial) => ({ type: 'SERIAL_ISSUED', autoId, serial }))
}

/** Listed serials whose event is not known count as revoked: the safe reading of the two. */
function addListed(builder: BlockBuilder, stateRead: StateRead): void {
  for (const { issuerId, serials } of stateRead.revocationLists) {
    for (const serial of serials) {
      builder.addRevocation({ issuerId, serial, reason: 'REVOKED', eventId: null }, null)
      builder.apply([{ type: 'SERIAL_REVOKED', issuerId, serial, reason: 'REVOKED' }])
    }
  }
}

function entryOf(stored: AutoIdEntry): AutoIdEntry {
  const { issuerId, serial, subjectCommonName, subjectPublicKeyInfo, notBefore, notAfter, nonce } =
    stored
  return { issuerId, serial, subjectCommonName, subjectPublicKeyInfo, notBefore, notAfter, nonce }
}

function isSameEntry(a: AutoIdEntry, b: AutoIdEntry): boolean {
  return (
    a.issuerId === b.issuerId &&
    a.serial === b.serial &&
    a.nonce === b.nonce &&
    a.notBefore === b.notBefore &&
    a.notAfter === b.notAfter &&
    equalBytes(a.subjectCommonName, b.subjectCommonName) &&
    equalBytes(a.subjectPublicKeyInfo, b.subjectPublicKeyInfo)
  )
}

/** By identifier within a level; entries whose issuer is not there count as roots, cycles come last. */
function issuersFirst(entries: readonly StoredEntry[]): StoredEntry[] {
  const sorted = [...entries].sort((a, b) => (a.autoId < b.autoId ? -1 : 1))
  const present = new Set<Hex>(sorted.map(({ autoId }) => autoId))
  const children = new Map<Hex | null, StoredEntry[]>()
  for (const entry of sorted) {
    const parent = entry.issuerId !== null && present.has(entry.issuerId) ? entry.issuerId : null
    const siblings = children.get(parent)
    if (siblings === undefined) children.set(parent, [entry])
    else siblings.push(entry)
  }
  const ordered: StoredEntry[] = [...(children.get(null) ?? [])]
  for (let index = 0; index < ordered.length; index++) {
    const entry = ordered[index]
    if (entry !== undefined) ordered.push(...(children.get(entry.autoId) ?? []))
  }
  const placed = new Set(ordered)
  return [...ordered, ...sorted.filter((entry) => !placed.has(entry))]
}
