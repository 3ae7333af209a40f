/** An operation becomes rows and advisories, and takes effect. */
import { advisoriesOf } from './advisories'
import type { BlockBuilder } from './block-builder'
import type { CertificateRecord, EventRecord, RegistrationRecord } from './block-changes'
import { type ContinuityFinding, continuityOf } from './continuity'
import { IssuerCertificate } from './issuer-certificate'
import type { LoadedIdentity } from './loaded-context'
import type { Evidence, Issuance, Operation, Registration, Renewal } from './operation'

type Ids = { readonly registrationId: string; readonly certificateId: string }

export function recordOperation(
  builder: BlockBuilder,
  operation: Operation,
  evidence: Evidence,
): void {
  const continuity = operation.kind === 'REGISTERED' ? continuityOf(operation) : null
  const advisories = advisoriesOf(operation, builder.session, continuity, evidence)
  const ids = recordRows(builder, operation, evidence, continuity)
  builder.events.push(eventRecord(builder, operation, evidence, ids))
  recordRevocations(builder, operation)
  builder.apply(operation.changes)
  for (const advisory of advisories) {
    builder.addAdvisory(advisory, operation.eventId, ids.certificateId)
  }
}

/** Registration and certificate rows; the ids the event is about. */
function recordRows(
  builder: BlockBuilder,
  operation: Operation,
  evidence: Evidence,
  continuity: ContinuityFinding | null,
): Ids {
  if (operation.kind === 'REGISTERED' && continuity !== null) {
    return recordRegistration(builder, operation, evidence, continuity)
  }
  const identity = operation.identity
  if (identity === undefined) throw builder.refusal(operation.autoId, 'no registration known')
  const ids = { registrationId: identity.registration.id, certificateId: identity.certificate.id }
  if (operation.kind === 'RENEWED') return recordRenewal(builder, operation, evidence, identity)
  if (operation.kind === 'DEACTIVATED') {
    builder.closeCertificate(ids.certificateId, operation.eventId)
    builder.closeRegistration(ids.registrationId, operation.eventId)
  }
  return ids
}

function recordRegistration(
  builder: BlockBuilder,
  operation: Registration,
  evidence: Evidence,
  { continuity, proof }: ContinuityFinding,
): Ids {
  const { autoId, eventId, identity, reading } = operation
  const { content, lax } = reading
  const ordinal = (identity?.registration.ordinal ?? 0) + 1
  const registration: RegistrationRecord = {
    id: `${autoId}-${ordinal}`,
    autoId,
    ordinal,
    blockFrom: builder.block.height,
    eventFrom: eventId,
    blockTo: null,
    eventTo: null,
    publicKey: content.publicKey,
    publicKeySha256: content.publicKeySha256,
    publicKeyAlgorithm: content.publicKeyAlgorithm,
    publicKeyBits: content.publicKeyBits,
    continuity,
    continuityProof: proof,
  }
  builder.addRegistration(registration)
  const certificate = certificateRecord(builder, operation, evidence, registration.id)
  builder.addCertificate(certificate)
  const lastUnproven = identity?.registration.lastUnprovenOrdinal ?? 0
  builder.session.setIdentity({
    autoId,
    active: false,
    entry: {
      issuerId: operation.issuerId,
      serial: content.serial,
      subjectCommonName: lax.subjectCommonName,
      subjectPublicKeyInfo: content.publicKey,
      notBefore: content.notBefore,
      notAfter: content.notAfter,
      nonce: 0n,
    },
    commonName: content.commonName,
    publicKeySha256: content.publicKeySha256,
    firstEventId: identity?.firstEventId ?? eventId,
    registration: {
      id: registration.id,
      ordinal,
      publicKey: content.publicKey,
      lastUnprovenOrdinal: continuity === 'UNPROVEN' ? ordinal : lastUnproven,
    },
    certificate: loadedCertificate(operation, certificate),
    activeChildren: identity?.activeChildren ?? 0,
    listedSerials: identity?.listedSerials ?? 0,
  })
  return { registrationId: registration.id, certificateId: certificate.id }
}

function recordRenewal(
  builder: BlockBuilder,
  operation: Renewal,
  evidence: Evidence,
  identity: LoadedIdentity,
): Ids {
  builder.closeCertificate(identity.certificate.id, operation.eventId)
  const registrationId = identity.registration.id
  const certificate = certificateRecord(builder, operation, evidence, registrationId)
  builder.addCertificate(certificate)
  builder.session.setIdentity({
    ...identity,
    commonName: operation.reading.content.commonName,
    certificate: loadedCertificate(operation, certificate),
  })
  return { registrationId, certificateId: certificate.id }
}

function certificateRecord(
  builder: BlockBuilder,
  operation: Issuance,
  evidence: Evidence,
  registrationId: string,
): CertificateRecord {
  return {
    id: operation.eventId,
    autoId: operation.autoId,
    registrationId,
    issuerId: operation.issuerId,
    issuerCertificateId: operation.issuer?.identity?.certificate.id ?? null,
    signatureOutcome: evidence.signatureOutcome,
    blockFrom: builder.block.height,
    blockTo: null,
    eventTo: null,
    // Last: in V8 properties added after a spread cost some 2 µs each.
    ...operation.reading.content,
  }
}

function loadedCertificate(
  operation: Issuance,
  certificate: CertificateRecord,
): LoadedIdentity['certificate'] {
  const issuer = operation.issuer?.identity
  return {
    id: certificate.id,
    asIssuer: new IssuerCertificate(certificate.tbs),
    issuerCertificateId: certificate.issuerCertificateId,
    issuerRegistrationOrdinal: issuer?.registration.ordinal ?? null,
    issuerPublicKeySha256: issuer?.publicKeySha256 ?? null,
  }
}

function eventRecord(
  builder: BlockBuilder,
  operation: Operation,
  evidence: Evidence,
  ids: Ids,
): EventRecord {
  const { observed } = evidence
  const isIssuance = operation.kind === 'REGISTERED' || operation.kind === 'RENEWED'
  return {
    id: operation.eventId,
    kind: operation.kind,
    source: evidence.source,
    block: builder.block.height,
    eventIndex: evidence.eventIndex,
    extrinsicIndex: observed?.extrinsicIndex ?? evidence.extrinsicIndex ?? null,
    extrinsicHash: observed?.extrinsicHash ?? evidence.extrinsicHash ?? null,
    callPath: observed?.callPath ?? '',
    wrappers: observed?.wrappers ?? [],
    signer: observed?.signer ?? null,
    fee: observed?.fee ?? null,
    autoId: operation.autoId,
    registrationId: ids.registrationId,
    certificateId: ids.certificateId,
    issuerId: operation.issuerId,
    serial: isIssuance ? operation.reading.content.serial : operation.entry.serial,
    signedPayload: evidence.signedPayload,
    signatureAlgorithm: observed?.call.signatureAlgorithm ?? null,
    signature: observed?.call.signature ?? null,
    nonce: evidence.nonce,
  }
}

/** Serials that enter a list, with the certificate the operation was about: the one that is superseded or revoked. */
function recordRevocations(builder: BlockBuilder, operation: Operation): void {
  for (const change of operation.changes) {
    if (change.type !== 'SERIAL_REVOKED') continue
    const { issuerId, serial, reason } = change
    const element = { issuerId, serial, reason, eventId: operation.eventId }
    builder.addRevocation(element, operation.identity?.certificate.id ?? null)
  }
}
