/** The rows a verdict needs, read in the caller's snapshot: a chain of identities and what was recorded of it. */

import { hopsAt } from '../../verify/chain-history'
import {
  type ChainHistory,
  type EventPoint,
  type Evidence,
  type EvidenceMoment,
  type EvidenceSubject,
  type HistoryCertificate,
  type HistoryRegistration,
  type HistoryRevocation,
  type Hop,
  MAX_HOPS,
} from '../../verify/evidence'
import { readAdvisories } from './evidence-advisories'
import { type Registered, readLater } from './evidence-later'
import { CERTIFICATES, type CertificateRow, MAX_CERTIFICATES } from './evidence-rows'
import { type Db, readPrepared } from './sql'

export async function readEvidence(
  db: Db,
  moment: EvidenceMoment,
  subject: EvidenceSubject,
): Promise<Evidence> {
  const history = await readHistory(db, moment, subject)
  const hops = hopsAt(history, subject, moment.state.height, moment.knownAt.height)
  const last = hops.at(-1)
  return {
    ...moment,
    hops,
    isComplete: last !== undefined && last.issuerId === null,
    isTruncated: hops.length >= MAX_HOPS && last?.issuerId !== null,
    isCutLater: history.isCutLater,
    areRenewalsCut: history.areRenewalsCut,
    ...(await readAdvisories(db, moment, hops)),
    ...(await readSharedKey(db, moment.state.height, hops[0])),
    past: { subject, history },
  }
}

async function readHistory(
  db: Db,
  moment: EvidenceMoment,
  subject: EvidenceSubject,
): Promise<ChainHistory> {
  const { state, knownAt } = moment
  const certificateId = 'certificateId' in subject ? subject.certificateId : null
  const asked = [subject.autoId, state.height, certificateId, knownAt.height]
  const rows = await readPrepared<CertificateRow>(db, 'evidence_certificates', CERTIFICATES, asked)
  const certificates = rows.map(toCertificate)
  const autoIds = [...new Set(rows.map(({ autoId }) => autoId))]
  const later = await readLater(db, registered(rows), moment)
  return {
    certificates,
    registrations: oneOfEach(rows, ({ registrationId }) => registrationId).map(toRegistration),
    revocations: oneOfEach(
      rows.filter(({ listedBlock }) => listedBlock !== null),
      ({ issuerId, autoId, serial }) => `${issuerId ?? autoId}/${serial}`,
    ).flatMap(toRevocation),
    ...later,
    completeFrom: completeFrom(autoIds, certificates, certificateId),
  }
}

function oneOfEach<T>(rows: readonly T[], keyOf: (row: T) => string): T[] {
  return [...new Map(rows.map((row) => [keyOf(row), row])).values()]
}

/** The identities that were read, each with its last registration. */
function registered(rows: readonly CertificateRow[]): Registered[] {
  const ordinals = new Map<string, number>()
  for (const { autoId, ordinal } of rows) {
    ordinals.set(autoId, Math.max(ordinal, ordinals.get(autoId) ?? 0))
  }
  return [...ordinals].map(([autoId, ordinal]) => ({ autoId, ordinal }))
}

/** A full page may have left older certificates out: the state before its first one is not known. */
function completeFrom(
  autoIds: readonly string[],
  certificates: readonly HistoryCertificate[],
  askedId: string | null,
): number {
  const paged = certificates.filter(({ id }) => id !== askedId)
  const starts = autoIds.map((id) => {
    const own = of(paged, id)
    return own.length >= MAX_CERTIFICATES - 1 ? (own[0]?.from.height ?? 0) : 0
  })
  return Math.max(0, ...starts)
}

function of<T extends { readonly autoId: string }>(rows: readonly T[], autoId: string): T[] {
  return rows.filter((row) => row.autoId === autoId)
}

function toCertificate(row: CertificateRow): HistoryCertificate {
  return {
    id: row.id,
    autoId: row.autoId,
    registrationId: row.registrationId,
    commonName: row.commonName,
    issuerId: row.issuerId,
    serial: row.serial,
    der: row.der,
    rebuildProblem: row.rebuildProblem,
    hasSignature: row.hasSignature,
    notBeforeMs: row.notBefore.getTime(),
    notAfterMs: row.notAfter.getTime(),
    spki: row.publicKey,
    publicKeySha256: row.publicKeySha256,
    publicKeyAlgorithm: row.publicKeyAlgorithm,
    publicKeyBits: row.publicKeyBits,
    signatureAlgorithmName: row.signatureAlgorithmName,
    signatureOutcome: row.signatureOutcome,
    parseProblem: row.parseProblem,
    signerRegistrationId: row.signerRegistrationId,
    signerKeySha256: row.signerKeySha256,
    from: point(row.id, row.blockFrom, row.fromTime),
    to: endPoint(row.eventTo, row.blockTo, row.toTime),
  }
}

function toRegistration(row: CertificateRow): HistoryRegistration {
  return {
    id: row.registrationId,
    autoId: row.autoId,
    ordinal: row.ordinal,
    publicKeySha256: row.registrationKeySha256,
    continuity: row.continuity,
    continuityProof: row.continuityProof,
    from: point(row.registeredEvent, row.registeredBlock, row.registeredTime),
    to: endPoint(row.deactivatedEvent, row.deactivatedBlock, row.deactivatedTime),
  }
}

function toRevocation(row: CertificateRow): HistoryRevocation[] {
  const { listedReason, listedBlock, listedTime, listedEvent } = row
  if (listedReason === null || listedBlock === null || listedTime === null) return []
  return [
    {
      issuerId: row.issuerId ?? row.autoId,
      serial: row.serial,
      reason: listedReason,
      event: endPoint(listedEvent, listedBlock, listedTime),
      height: listedBlock,
      timeMs: listedTime.getTime(),
    },
  ]
}

function point(eventId: string, height: number, time: Date): EventPoint {
  return { eventId, height, timeMs: time.getTime() }
}

function endPoint(
  eventId: string | null,
  block: number | null,
  time: Date | null,
): EventPoint | null {
  return eventId === null || block === null || time === null ? null : point(eventId, block, time)
}

/** Identities of one key that are read. */
const MAX_SHARED = 100

async function readSharedKey(
  db: Db,
  height: number,
  leaf: Hop | undefined,
): Promise<Pick<Evidence, 'sharedKeyWith' | 'isSharedByMore'>> {
  if (leaf === undefined) return { sharedKeyWith: [], isSharedByMore: false }
  const text = `select auto_id from auto_id_version
    where public_key_sha256 = $2 and active and block_from <= $1 and (block_to is null or block_to > $1)
    order by auto_id limit ${MAX_SHARED + 1}`
  const key = leaf.certificate.publicKeySha256
  const rows = await readPrepared<{ autoId: string }>(db, 'evidence_shared_key', text, [
    height,
    key,
  ])
  return {
    sharedKeyWith: rows.slice(0, MAX_SHARED).map((row) => row.autoId),
    isSharedByMore: rows.length > MAX_SHARED,
  }
}
