/** An applied call becomes an operation: what it is about is read from the state before it takes effect. */
import type { Hex } from '../bytes'
import { encodeCertificateAction } from './action'
import type { BlockBuilder } from './block-builder'
import type { SignatureOutcomeName } from './block-changes'
import { type CertificateReading, readCertificate } from './certificate-content'
import { recordOperation } from './index-operation'
import type { Evidence, Issuer, Operation } from './operation'
import type { CheckSignature } from './pallet-signature'
import { effects } from './transition'
import type { AutoIdEntry, CallOutcome, ObservedCall, RegistryCall } from './types'

type Applied = Extract<CallOutcome, { status: 'APPLIED' }>

export function applyCall(
  builder: BlockBuilder,
  observed: ObservedCall,
  outcome: Applied,
  checkSignature: CheckSignature,
): void {
  const { call } = observed
  const { eventIndex, autoId } = outcome
  const operation = operationOf(builder, { call, isObserved: true }, autoId, eventIndex)
  const signed = signedPart(operation)
  const { signatureAlgorithm, signature } = call
  const checked =
    signed.spki === undefined
      ? undefined
      : checkSignature({ spki: signed.spki, signatureAlgorithm, signature, data: signed.payload })
  const evidence: Evidence = {
    source: 'CALL',
    eventIndex,
    observed,
    signatureOutcome: outcomeName(checked),
    signatureProblem: checked === undefined || checked.ok ? null : checked.message,
    signedPayload: signed.payload,
    nonce: signed.nonce,
  }
  recordOperation(builder, operation, evidence)
  builder.session.recordUse(autoId, signature, operation.eventId)
}

/**
 * The operation a call means at this state. `isObserved` is false for a call made up from an event and the chain's state,
 * which carries no signature.
 * @throws {AppError} INCONSISTENT_NODE when it cannot have been applied to this state
 */
export function operationOf(
  builder: BlockBuilder,
  { call, isObserved }: { readonly call: RegistryCall; readonly isObserved: boolean },
  autoId: Hex,
  eventIndex: number,
): Operation {
  const { session, block } = builder
  const effect = effects(session.state, call, autoId)
  if (!effect.ok) throw builder.refusal(autoId, effect.reason)
  const entry = session.state.entry(autoId)
  const issuerId =
    call.kind === 'REGISTER' || call.kind === 'RENEW' ? call.issuerId : (entry?.issuerId ?? null)
  // Spread last, below: in V8 properties added after a spread cost some 2 µs each.
  const base = {
    eventId: builder.eventId(eventIndex),
    autoId,
    nowMs: block.timestamp ?? 0,
    issuerId,
    issuer: issuerId === null ? undefined : issuerOf(builder, issuerId),
    identity: session.identity(autoId),
    changes: effect.changes,
  }
  if (call.kind === 'REGISTER') {
    const reading = readingOf(builder, call, isObserved, autoId)
    return { kind: 'REGISTERED', reading, call: isObserved ? call : null, ...base }
  }
  if (entry === undefined) throw builder.refusal(autoId, 'no entry')
  switch (call.kind) {
    case 'RENEW': {
      const reading = readingOf(builder, call, isObserved, autoId)
      return { kind: 'RENEWED', entry, reading, call: isObserved ? call : null, ...base }
    }
    case 'REVOKE':
      return { kind: 'REVOKED', entry, call: isObserved ? call : null, ...base }
    case 'DEACTIVATE':
      return { kind: 'DEACTIVATED', entry, call: isObserved ? call : null, ...base }
  }
}

export function issuerOf(builder: BlockBuilder, issuerId: Hex): Issuer | undefined {
  const entry = builder.session.state.entry(issuerId)
  const identity = builder.session.identity(issuerId)
  return entry === undefined ? undefined : { autoId: issuerId, entry, identity }
}

function readingOf(
  builder: BlockBuilder,
  call: Extract<RegistryCall, { kind: 'REGISTER' | 'RENEW' }>,
  isObserved: boolean,
  autoId: Hex,
): CertificateReading {
  const result = readCertificate({
    tbs: call.certificate,
    signatureAlgorithm: isObserved ? call.signatureAlgorithm : null,
    signature: isObserved ? call.signature : null,
  })
  if (!result.ok) throw builder.refusal(autoId, `certificate: ${result.reason}`)
  return result.reading
}

/** Whose key signed what. */
function signedPart(operation: Operation): {
  spki: Uint8Array | undefined
  payload: Uint8Array
  nonce: bigint | null
} {
  const issuerKey = operation.issuer?.entry.subjectPublicKeyInfo
  switch (operation.kind) {
    case 'REGISTERED':
    case 'RENEWED': {
      const own = operation.reading.content.publicKey
      const spki = operation.issuerId === null ? own : issuerKey
      return { spki, payload: operation.reading.content.tbs, nonce: null }
    }
    case 'REVOKED': {
      const signer: AutoIdEntry | undefined =
        operation.issuerId === null ? operation.entry : operation.issuer?.entry
      const nonce = signer?.nonce ?? 0n
      const payload = encodeCertificateAction(operation.autoId, nonce, 'REVOKE')
      return { spki: signer?.subjectPublicKeyInfo, payload, nonce }
    }
    case 'DEACTIVATED': {
      const { nonce, subjectPublicKeyInfo } = operation.entry
      const payload = encodeCertificateAction(operation.autoId, nonce, 'DEACTIVATE')
      return { spki: subjectPublicKeyInfo, payload, nonce }
    }
  }
}

function outcomeName(checked: ReturnType<CheckSignature> | undefined): SignatureOutcomeName {
  if (checked === undefined) return 'UNAVAILABLE'
  if (checked.ok) return 'GOOD'
  return checked.code === 'SIG_BAD' ? 'BAD' : 'UNSUPPORTED'
}
