/** From a reference to a verdict: which registered certificate is meant, its evidence, the policy's answer. */

import { parseCertificate } from '../pki/certificate'
import { decodePemCertificates } from '../pki/pem'
import { sha256Hex } from '../registry/certificate-content'
import { type Ambiguity, ambiguity, decisiveOf, type Named } from '../verify/ambiguity'
import type { Evidence, EvidenceSubject } from '../verify/evidence'
import { applyPresented, foreignFindings, type KnownKey } from '../verify/presented'
import type { Finding, VerificationResult } from '../verify/verdict'
import { verifyEvidence } from '../verify/verify-auto-id'
import { badArgument, hash32 } from './arguments'
import { compositeChecks } from './composite'
import type { Moment } from './moment'
import { type Question, readFor, toPoint } from './question'
import { findSubject, MAX_NAMED, oneOfEach } from './revocation-question'
import type { CertificateRef } from './types/inputs'

/** Certificates of a shown chain that are looked up. */
const MAX_SHOWN_ISSUERS = 10

/** @throws {AppError} BAD_USER_INPUT on a reference that cannot be read; an unknown certificate is an answer. */
export async function verifySubject(
  subject: CertificateRef,
  question: Question,
): Promise<VerificationResult> {
  if (subject.autoId != null) {
    return verifyOne({ autoId: hash32(subject.autoId, 'subject.autoId') }, question)
  }
  const { session, moment, maxPemBytes } = question
  const { certificates } = await findSubject(subject, moment, session, maxPemBytes, 'subject')
  const named = oneOfEach(certificates, moment).map(({ autoId, id }) => ({
    autoId,
    certificateId: id,
  }))
  const [first, ...others] = named.slice(0, MAX_NAMED)
  if (first === undefined) return verifyForeign(subject, question)
  const shown = subject.pem == null ? [] : decodePemCertificates(subject.pem)
  const ask = (one: Named) => verifyOne(one, question, shown, ambiguity(one, named, MAX_NAMED))
  const results: [VerificationResult, ...VerificationResult[]] = [await ask(first)]
  for (const other of others) results.push(await ask(other))
  return decisiveOf(results)
}

/**
 * @param shown DER of the certificates the question came with, the target first
 * @param named what is to be said of others that the reference names as well
 */
export async function verifyOne(
  subject: EvidenceSubject,
  question: Question,
  shown: readonly Uint8Array[] = [],
  named: Ambiguity = { checks: [], findings: [] },
): Promise<VerificationResult> {
  const recorded = await readFor(subject, question)
  const { evidence, checks, findings } = applyPresented(recorded, shown)
  const extra = [...checks, ...named.checks, ...(await compositeChecks(evidence, question))]
  return verifyEvidence(evidence, question.policy, extra, [...findings, ...named.findings])
}

/** A certificate that the registry never saw, or not by then: an honest INDETERMINATE, with what is known of its key. */
async function verifyForeign(
  subject: CertificateRef,
  question: Question,
): Promise<VerificationResult> {
  const { moment, knownAt, policy } = question
  const nothing: Evidence = {
    state: toPoint(moment.block),
    clockMs: moment.clockMs,
    knownAt: toPoint(knownAt.block),
    hops: [],
    isComplete: false,
    isTruncated: false,
    advisories: [],
    sharedKeyWith: [],
  }
  return verifyEvidence(nothing, policy, [], await findingsOnForeign(subject, question))
}

async function findingsOnForeign({ pem }: CertificateRef, question: Question): Promise<Finding[]> {
  const [der, ...above] = pem == null ? [] : decodePemCertificates(pem)
  if (der === undefined) return []
  const issuers = await knownCertificates(above.slice(0, MAX_SHOWN_ISSUERS - 1), question)
  return foreignFindings(der, await keyHolders(der, question), issuers)
}

/** Identities that hold the key of a certificate at the asked moment. */
async function keyHolders(der: Uint8Array, { session, moment }: Question): Promise<KnownKey[]> {
  const spki = keyOf(der)
  if (spki === null) return []
  const [page] = await session.read.identities.page(
    [null],
    {
      height: moment.height,
      isHead: moment.isHead,
      clock: new Date(moment.clockMs),
      publicKeySha256: sha256Hex(spki),
    },
    { order: 'REGISTERED_AT_ASC', limit: 5, backward: false, cursor: null },
  )
  return (page?.rows ?? []).map(({ row }) => ({ autoId: row.autoId, spki }))
}

/** Those of the certificates that the registry had recorded by then. */
async function knownCertificates(
  ders: readonly Uint8Array[],
  { session, moment }: Question,
): Promise<KnownKey[]> {
  if (ders.length === 0) return []
  const rows = await session.read.certificates.byFingerprints(ders.map(sha256Hex), moment.height)
  return rows.map(({ autoId, publicKey }) => ({ autoId, spki: publicKey }))
}

function keyOf(der: Uint8Array): Uint8Array | null {
  try {
    return parseCertificate(der).spki
  } catch {
    return null
  }
}

/** @throws {AppError} BAD_USER_INPUT when what is known lies before what is asked about */
export function assertOrder(moment: Moment, knownAt: Moment): void {
  if (knownAt.height < moment.height) {
    throw badArgument('knownAt', 'it must not lie before `at`')
  }
}
