/** Which recorded certificates a reference names, and what the registry's record says of their revocation. */

import { DerReader, elementBytes, TAG } from '../pki/der'
import { decodePemCertificates } from '../pki/pem'
import { sha256Hex } from '../registry/certificate-content'
import { badArgument, fingerprint, hash32, serial } from './arguments'
import type { Moment } from './moment'
import type { CertificateRow, RevocationRow } from './rows'
import type { Session } from './session'
import type { CertificateRef, IssuerSerial } from './types/inputs'
import type { RevocationStatus } from './types/revocation'

/** What a reference stands for: recorded certificates, and the list its serial would be in. */
type Subject = {
  readonly certificates: readonly CertificateRow[]
  readonly listKey: { readonly issuerId: string; readonly serial: string } | null
}

export async function revocationStatus(
  of: CertificateRef,
  moment: Moment,
  session: Session,
  maxPemBytes: number,
): Promise<RevocationStatus> {
  const { certificates, listKey } = await findSubject(of, moment, session, maxPemBytes)
  const named = oneOfEach(certificates, moment)
  const [first, ...others] = named.slice(0, MAX_NAMED)
  let worst = await statusOf(first, listKey, moment, session)
  for (const row of others) {
    const status = await statusOf(row, null, moment, session)
    if (RANK[status.status] > RANK[worst.status]) worst = status
  }
  const isPartial = named.length > MAX_NAMED && worst.status === 'GOOD'
  return isPartial ? { ...worst, status: 'UNKNOWN' } : worst
}

const RANK = { GOOD: 0, UNKNOWN: 1, REVOKED: 2 } as const

/** Identities of one certificate that are looked at: a stranger pays for every further one he registers it under. */
export const MAX_NAMED = 20

/**
 * One certificate of each identity that a reference names: the very same may be registered again, and the one in force
 * counts, else the last one. Several identities may hold it, as long as their issuers share a key.
 * @param certificates newest first
 */
export function oneOfEach(
  certificates: readonly CertificateRow[],
  moment: Moment,
): readonly CertificateRow[] {
  const known = certificates.filter(({ blockFrom }) => blockFrom <= moment.height)
  const chosen = new Map<string, CertificateRow>()
  for (const row of known) {
    const before = chosen.get(row.autoId)
    if (before === undefined || (!isInForce(before, moment) && isInForce(row, moment))) {
      chosen.set(row.autoId, row)
    }
  }
  return [...chosen.values()]
}

async function statusOf(
  subject: CertificateRow | undefined,
  listKey: Subject['listKey'],
  moment: Moment,
  session: Session,
): Promise<RevocationStatus> {
  const key = subject === undefined ? listKey : listKeyOf(subject)
  const entry = key === null ? null : await session.load.revocation.load(key)
  const listed = entry !== null && entry.block <= moment.height ? entry : null
  const issuerGone = subject !== undefined && (await isIssuerGone(subject, moment, session))
  return { ...decide(subject, listed, issuerGone, moment), issuerGone }
}

/** Has the registration that signed it ended? Then nobody can revoke it any more, whoever holds the identifier now. */
async function isIssuerGone(row: CertificateRow, moment: Moment, session: Session) {
  if (row.issuerId === null) return false
  const { issuerCertificateId } = row
  const issuer = issuerCertificateId && (await session.load.certificate.load(issuerCertificateId))
  const registration = issuer && (await session.load.registration.load(issuer.registrationId))
  if (!registration) return true
  return registration.blockTo !== null && registration.blockTo <= moment.height
}

function decide(
  subject: CertificateRow | undefined,
  listed: RevocationRow | null,
  issuerGone: boolean,
  moment: Moment,
): Omit<RevocationStatus, 'issuerGone'> {
  const certificateId = subject?.id ?? null
  if (listed !== null) {
    const { reason, block, eventId } = listed
    return { status: 'REVOKED', reason, revokedBlock: block, eventId, certificateId, moment }
  }
  const none = { reason: null, revokedBlock: null, eventId: null, certificateId, moment }
  if (subject === undefined) return { status: 'UNKNOWN', ...none }
  // As OCSP says it: what nobody can revoke any more is not good.
  if (isInForce(subject, moment)) return { status: issuerGone ? 'UNKNOWN' : 'GOOD', ...none }
  // Deactivation enters no list: the end of the registration is the evidence.
  return { ...none, status: 'REVOKED', revokedBlock: subject.blockTo, eventId: subject.eventTo }
}

export function isInForce(row: CertificateRow, moment: Moment): boolean {
  return row.blockTo === null || row.blockTo > moment.height
}

function listKeyOf(row: CertificateRow) {
  return { issuerId: row.issuerId ?? row.autoId, serial: row.serial }
}

/** `argument` is what the client calls the reference. @throws {AppError} BAD_USER_INPUT when it cannot be read. */
export async function findSubject(
  of: CertificateRef,
  moment: Moment,
  session: Session,
  maxPemBytes: number,
  argument = 'of',
): Promise<Subject> {
  const { certificates } = session.read
  if (of.autoId != null) {
    return inForceOf(hash32(of.autoId, `${argument}.autoId`), moment, session)
  }
  if (of.fingerprint != null) {
    const wanted = fingerprint(of.fingerprint, `${argument}.fingerprint`)
    return {
      certificates: await certificates.byFingerprints([wanted], moment.height),
      listKey: null,
    }
  }
  if (of.pem != null) {
    const wanted = pemFingerprints(of.pem, `${argument}.pem`, maxPemBytes)
    return { certificates: await certificates.byFingerprints(wanted, moment.height), listKey: null }
  }
  if (of.issuerSerial != null)
    return byIssuerSerial(of.issuerSerial, moment, session, `${argument}.issuerSerial`)
  throw badArgument(
    argument,
    'exactly one of autoId, fingerprint, pem and issuerSerial must be given',
  )
}

async function inForceOf(autoId: string, moment: Moment, session: Session): Promise<Subject> {
  const identity = await session.load.identity(moment).load(autoId)
  const row = identity && (await session.load.certificate.load(identity.certificateId))
  return { certificates: row === null ? [] : [row], listKey: null }
}

async function byIssuerSerial(
  given: IssuerSerial,
  moment: Moment,
  session: Session,
  argument: string,
): Promise<Subject> {
  const { issuer, issuerId: id } = given
  if ((issuer == null) === (id == null)) {
    throw badArgument(argument, 'exactly one of issuer and issuerId must be given')
  }
  const issuerId = hash32(issuer ?? id ?? '', `${argument}.issuerId`)
  const wanted = serial(given.serial, `${argument}.serial`)
  const certificates = await session.read.certificates.byIssuerSerial(
    issuerId,
    wanted,
    moment.height,
  )
  return { certificates, listKey: { issuerId, serial: wanted } }
}

/**
 * SHA-256 of the first certificate and of its TBS: the registry may know it under another outer algorithm.
 * @throws {AppError} BAD_USER_INPUT when there is no readable certificate.
 */
export function pemFingerprints(pem: string, argument: string, maxBytes: number): string[] {
  if (pem.length > maxBytes) throw badArgument(argument, `longer than ${maxBytes} characters`)
  try {
    const [der] = decodePemCertificates(pem)
    if (der === undefined) throw new RangeError('no CERTIFICATE block')
    const tbs = new DerReader(der)
      .enter(TAG.sequence, 'Certificate')
      .read(TAG.sequence, 'TBSCertificate')
    return [sha256Hex(der), sha256Hex(elementBytes(tbs))]
  } catch (error) {
    const said = error instanceof Error ? error.message : 'unreadable'
    throw badArgument(argument, `not a PEM certificate: ${said}`)
  }
}
