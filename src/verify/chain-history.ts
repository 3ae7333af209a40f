/** The chain of an identity as it stood after any block of its recorded history. */

import type { Hex } from '../bytes'
import {
  type ChainHistory,
  type EventPoint,
  type EvidenceSubject,
  type HistoryCertificate,
  type HistoryRegistration,
  type HistoryRevocation,
  type Hop,
  type LaterEvent,
  MAX_HOPS,
} from './evidence'

/** The certificate in force after a block, else the last one before; undefined when there was none yet. */
export function certificateAt(
  history: ChainHistory,
  autoId: Hex,
  height: number,
): HistoryCertificate | undefined {
  return history.certificates.findLast(
    (certificate) => certificate.autoId === autoId && certificate.from.height <= height,
  )
}

/** Leaf first, up to a root, to an issuer that is not recorded, or to `MAX_HOPS`. */
export function hopsAt(
  history: ChainHistory,
  subject: EvidenceSubject,
  height: number,
  knownHeight: number,
): Hop[] {
  const hops: Hop[] = []
  let certificate = targetOf(history, subject, height)
  while (certificate !== undefined && hops.length < MAX_HOPS) {
    hops.push(makeHop(history, certificate, height, knownHeight))
    const { issuerId } = certificate
    certificate = issuerId === null ? undefined : certificateAt(history, issuerId, height)
  }
  return hops
}

function targetOf(
  history: ChainHistory,
  subject: EvidenceSubject,
  height: number,
): HistoryCertificate | undefined {
  if (!('certificateId' in subject)) return certificateAt(history, subject.autoId, height)
  return history.certificates.find(
    ({ id, autoId, from }) =>
      id === subject.certificateId && autoId === subject.autoId && from.height <= height,
  )
}

function makeHop(
  history: ChainHistory,
  certificate: HistoryCertificate,
  height: number,
  knownHeight: number,
): Hop {
  const { autoId, issuerId, commonName, registrationId, from, to, ...rest } = certificate
  const registration = history.registrations.find(({ id }) => id === registrationId)
  if (registration === undefined) throw new Error(`registration ${registrationId} was not read`)
  const inForce = certificateAt(history, autoId, height)
  const listed = history.revocations.find(
    (entry) => entry.issuerId === (issuerId ?? autoId) && entry.serial === certificate.serial,
  )
  return {
    autoId,
    commonName,
    issuerId,
    isActive: isAt(inForce?.to, height) === null && inForce?.registrationId === registrationId,
    certificate: { ...rest, issuedAt: from, endedAt: isAt(to, height) },
    registration: { ...registration, to: isAt(registration.to, height) },
    revocation: listed !== undefined && listed.height <= height ? listed : null,
    later: laterOf(history, certificate, registration, listed, {
      after: height,
      upTo: knownHeight,
    }),
  }
}

/** An end counts only when it had come by the asked block. */
function isAt(end: EventPoint | null | undefined, height: number): EventPoint | null {
  return end != null && end.height <= height ? end : null
}

const LATER_KINDS = {
  REVOKED: 'REVOKED',
  LISTED: 'REVOKED',
  RENEWED: 'SUPERSEDED',
  DEACTIVATED: 'DEACTIVATED',
  LEFT_ISSUER: 'LEFT_ISSUER',
} as const

/** What became of the identity, not only of this certificate: a later one of it may be the revoked one. */
function laterOf(
  history: ChainHistory,
  { autoId, issuerId }: HistoryCertificate,
  registration: HistoryRegistration,
  listed: HistoryRevocation | undefined,
  range: { readonly after: number; readonly upTo: number },
): LaterEvent[] {
  const isLater = (at: number) => at > range.after && at <= range.upTo
  const later = history.events
    .filter((event) => event.autoId === autoId && isLater(event.height))
    // A leaf is judged by its issuer's list, not by its own.
    .filter(({ kind }) => kind !== 'LISTED' || issuerId === null)
    .map(({ kind, publicKeySha256, eventId, timeMs, height }): LaterEvent => {
      const isSameKey = publicKeySha256 === registration.publicKeySha256
      const again = isSameKey ? 'RE_REGISTERED' : 'TAKEN_OVER'
      return {
        kind: kind === 'REGISTERED' ? again : LATER_KINDS[kind],
        height,
        event: { eventId, height, timeMs },
      }
    })
  const isByOther =
    listed !== undefined &&
    isLater(listed.height) &&
    !later.some(({ event }) => event?.eventId === listed.event?.eventId)
  // Another identity shares the serial: whatever became of that one, this one was not renewed.
  if (isByOther) later.push({ kind: 'REVOKED', height: listed.height, event: listed.event })
  return later.sort((a, b) => a.height - b.height)
}
