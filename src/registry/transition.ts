/**
 * What a call does to the registry, clause by clause as `pallet-auto-id` has it: `execute` with the pallet's checks in the
 * pallet's order (the order decides which error comes back), `effects` without them, for calls the chain has applied.
 */
import { equalBytes, type Hex } from '../bytes'
import { encodeCertificateAction } from './action'
import { deriveIdentifier } from './identifier'
import { decodePalletCertificate, type PalletCertificate } from './pallet-certificate'
import { type CheckSignature, verifyPalletSignature } from './pallet-signature'
import type {
  AutoIdEntry,
  CertificateRequest,
  ExecutionResult,
  RegistryCall,
  RegistryError,
  RegistryView,
  SignedAction,
  StateChange,
} from './types'

type RenewCall = Extract<RegistryCall, { kind: 'RENEW' }>

const MAX_U256 = (1n << 256n) - 1n

/**
 * What the pallet would answer to a call at this state and time.
 * @param nowMs `Timestamp.now` of the executing block, milliseconds since the epoch
 * @see pallet-auto-id lib.rs @72a5aa6 (unchanged since e90bda3)
 */
export function execute(
  view: RegistryView,
  call: RegistryCall,
  nowMs: number,
  checkSignature: CheckSignature = verifyPalletSignature,
): ExecutionResult {
  switch (call.kind) {
    case 'REGISTER':
      return call.issuerId === null
        ? registerRoot(view, call, nowMs, checkSignature)
        : registerLeaf(view, call, call.issuerId, nowMs, checkSignature)
    case 'RENEW':
      return renew(view, call, nowMs, checkSignature)
    case 'REVOKE':
      return revoke(view, call, checkSignature)
    case 'DEACTIVATE':
      return deactivate(view, call, checkSignature)
  }
}

export type Effects =
  | { readonly ok: true; readonly changes: readonly StateChange[] }
  /** The call cannot have been applied to this state: index and chain disagree. */
  | { readonly ok: false; readonly reason: string }

/**
 * What a call that the chain applied changed. Nothing is checked: the chain is right.
 * @param autoId the identifier its event carries
 */
export function effects(view: RegistryView, call: RegistryCall, autoId: Hex): Effects {
  switch (call.kind) {
    case 'REGISTER':
    case 'RENEW': {
      const decoded = decodePalletCertificate(call.certificate)
      if (!decoded.ok) return { ok: false, reason: `certificate: ${decoded.reason}` }
      if (call.kind === 'RENEW') return renewalEffects(view, call, decoded.certificate)
      return view.entry(autoId) === undefined
        ? { ok: true, changes: registrationChanges(autoId, call.issuerId, decoded.certificate) }
        : { ok: false, reason: 'registration of an identifier that holds an entry' }
    }
    case 'REVOKE':
      return revocationEffects(view, call)
    case 'DEACTIVATE':
      return view.entry(autoId) === undefined
        ? { ok: false, reason: 'deactivation of an identifier without entry' }
        : { ok: true, changes: [{ type: 'ENTRY_REMOVED', autoId }] }
  }
}

/** @see `do_register_auto_id`, arm `Root` */
function registerRoot(
  view: RegistryView,
  call: CertificateRequest,
  nowMs: number,
  checkSignature: CheckSignature,
): ExecutionResult {
  const decoded = decodePalletCertificate(call.certificate)
  if (!decoded.ok) return failure('InvalidCertificate')
  const { certificate } = decoded
  if (!isSignedBy(certificate.subjectPublicKeyInfo, call, checkSignature)) {
    return failure('InvalidSignature')
  }
  if (!isValidAt(certificate, nowMs)) return failure('ExpiredCertificate')
  return insertNew(view, null, certificate)
}

/** @see `do_register_auto_id`, arm `Leaf` */
function registerLeaf(
  view: RegistryView,
  call: CertificateRequest,
  issuerId: Hex,
  nowMs: number,
  checkSignature: CheckSignature,
): ExecutionResult {
  const issuer = view.entry(issuerId)
  if (issuer === undefined) return failure('UnknownIssuer')
  if (!isValidAt(issuer, nowMs)) return failure('ExpiredCertificate')
  const decoded = decodePalletCertificate(call.certificate)
  if (!decoded.ok) return failure('InvalidCertificate')
  const { certificate } = decoded
  if (!isSignedBy(issuer.subjectPublicKeyInfo, call, checkSignature)) {
    return failure('InvalidSignature')
  }
  if (!isValidAt(certificate, nowMs)) return failure('ExpiredCertificate')
  if (isEitherRevoked(view, issuerId, issuer.serial, certificate.serial)) {
    return failure('CertificateRevoked')
  }
  if (view.isIssued(issuerId, certificate.serial)) return failure('CertificateSerialAlreadyIssued')
  return insertNew(view, issuerId, certificate)
}

function insertNew(
  view: RegistryView,
  issuerId: Hex | null,
  certificate: PalletCertificate,
): ExecutionResult {
  const autoId = deriveIdentifier(issuerId, certificate.subjectCommonName)
  if (view.entry(autoId) !== undefined) return failure('AutoIdIdentifierAlreadyExists')
  return { ok: true, autoId, changes: registrationChanges(autoId, issuerId, certificate) }
}

function registrationChanges(
  autoId: Hex,
  issuerId: Hex | null,
  certificate: PalletCertificate,
): StateChange[] {
  const { serial } = certificate
  const changes: StateChange[] = [
    { type: 'ENTRY_SET', autoId, entry: entryOf(issuerId, certificate, 0n) },
    { type: 'SERIAL_ISSUED', autoId, serial },
  ]
  if (issuerId !== null) changes.unshift({ type: 'SERIAL_ISSUED', autoId: issuerId, serial })
  return changes
}

/**
 * The key is compared last but one, the identifier last; issuer and issuer's list come before the signature.
 * @see `do_renew_auto_id_certificate`
 */
function renew(
  view: RegistryView,
  call: RenewCall,
  nowMs: number,
  checkSignature: CheckSignature,
): ExecutionResult {
  const entry = view.entry(call.autoId)
  if (entry === undefined) return failure('UnknownAutoId')
  const decoded = decodePalletCertificate(call.certificate)
  if (!decoded.ok) return failure('InvalidCertificate')
  const { certificate } = decoded
  const issuer = renewingIssuer(view, call, entry, certificate, nowMs)
  if (!issuer.ok) return issuer
  if (!isSignedBy(issuer.spki, call, checkSignature)) return failure('InvalidSignature')
  if (!isValidAt(certificate, nowMs)) return failure('ExpiredCertificate')
  if (!equalBytes(entry.subjectPublicKeyInfo, certificate.subjectPublicKeyInfo)) {
    return failure('PublicKeyMismatch')
  }
  if (deriveIdentifier(call.issuerId, certificate.subjectCommonName) !== call.autoId) {
    return failure('AutoIdIdentifierMismatch')
  }
  const changes = renewalChanges(view, call, entry, certificate)
  return { ok: true, autoId: call.autoId, changes }
}

/** The key that must have signed the renewal: a root's current one, a leaf's issuer's. */
function renewingIssuer(
  view: RegistryView,
  call: RenewCall,
  entry: AutoIdEntry,
  certificate: PalletCertificate,
  nowMs: number,
): { ok: true; spki: Uint8Array } | { ok: false; error: RegistryError } {
  if (call.issuerId === null) return { ok: true, spki: entry.subjectPublicKeyInfo }
  const issuer = view.entry(call.issuerId)
  if (issuer === undefined) return failure('UnknownIssuer')
  if (!isValidAt(issuer, nowMs)) return failure('ExpiredCertificate')
  if (isEitherRevoked(view, call.issuerId, issuer.serial, certificate.serial)) {
    return failure('CertificateRevoked')
  }
  if (view.isIssued(call.issuerId, certificate.serial)) {
    return failure('CertificateSerialAlreadyIssued')
  }
  return { ok: true, spki: issuer.subjectPublicKeyInfo }
}

function renewalEffects(
  view: RegistryView,
  call: RenewCall,
  certificate: PalletCertificate,
): Effects {
  const entry = view.entry(call.autoId)
  if (entry === undefined) return { ok: false, reason: 'renewal of an identifier without entry' }
  return { ok: true, changes: renewalChanges(view, call, entry, certificate) }
}

/**
 * The old serial enters the list of the issuer NAMED in the call (a root's own list). The new one enters that issuer's
 * issued_serials, but never the identity's own; nonce and own issued_serials stay.
 */
function renewalChanges(
  view: RegistryView,
  call: RenewCall,
  entry: AutoIdEntry,
  certificate: PalletCertificate,
): StateChange[] {
  const { issuerId } = call
  const changes: StateChange[] = []
  if (issuerId !== null) {
    changes.push({ type: 'SERIAL_ISSUED', autoId: issuerId, serial: certificate.serial })
  }
  const list = issuerId ?? call.autoId
  if (!view.isRevoked(list, entry.serial)) {
    const { serial } = entry
    changes.push({ type: 'SERIAL_REVOKED', issuerId: list, serial, reason: 'SUPERSEDED' })
  }
  const renewed = entryOf(issuerId, certificate, entry.nonce)
  changes.push({ type: 'ENTRY_SET', autoId: call.autoId, entry: renewed })
  return changes
}

/**
 * Validity is not looked at: an expired issuer may revoke. The list is looked at before the signature.
 * @see `do_revoke_certificate`
 */
function revoke(
  view: RegistryView,
  call: SignedAction,
  checkSignature: CheckSignature,
): ExecutionResult {
  const entry = view.entry(call.autoId)
  if (entry === undefined) return failure('UnknownAutoId')
  const issuer = entry.issuerId === null ? entry : view.entry(entry.issuerId)
  if (issuer === undefined) return failure('UnknownIssuer')
  const issuerId = entry.issuerId ?? call.autoId
  if (isEitherRevoked(view, issuerId, entry.serial, issuer.serial)) {
    return failure('CertificateAlreadyRevoked')
  }
  const action = encodeCertificateAction(call.autoId, issuer.nonce, 'REVOKE')
  if (!isActionSignedBy(issuer.subjectPublicKeyInfo, action, call, checkSignature)) {
    return failure('InvalidSignature')
  }
  if (issuer.nonce === MAX_U256) return failure('NonceOverflow')
  return { ok: true, autoId: call.autoId, changes: revocationChanges(issuerId, issuer, entry) }
}

function revocationEffects(view: RegistryView, call: SignedAction): Effects {
  const entry = view.entry(call.autoId)
  if (entry === undefined) return { ok: false, reason: 'revocation of an identifier without entry' }
  const issuer = entry.issuerId === null ? entry : view.entry(entry.issuerId)
  if (issuer === undefined) return { ok: false, reason: 'revocation without an issuer' }
  return { ok: true, changes: revocationChanges(entry.issuerId ?? call.autoId, issuer, entry) }
}

function revocationChanges(issuerId: Hex, issuer: AutoIdEntry, entry: AutoIdEntry): StateChange[] {
  return [
    { type: 'SERIAL_REVOKED', issuerId, serial: entry.serial, reason: 'REVOKED' },
    { type: 'ENTRY_SET', autoId: issuerId, entry: { ...issuer, nonce: issuer.nonce + 1n } },
  ]
}

/** The serial enters no list, the nonce does not grow, children and the own list stay. @see `do_deactivate_auto_id` */
function deactivate(
  view: RegistryView,
  call: SignedAction,
  checkSignature: CheckSignature,
): ExecutionResult {
  const { autoId } = call
  const entry = view.entry(autoId)
  if (entry === undefined) return failure('UnknownIssuer')
  const action = encodeCertificateAction(autoId, entry.nonce, 'DEACTIVATE')
  if (!isActionSignedBy(entry.subjectPublicKeyInfo, action, call, checkSignature)) {
    return failure('InvalidSignature')
  }
  return { ok: true, autoId, changes: [{ type: 'ENTRY_REMOVED', autoId }] }
}

/** Both ends inclusive. @see sp-auto-id lib.rs `Validity::is_valid_at` */
export function isValidAt(
  validity: { readonly notBefore: number; readonly notAfter: number },
  nowMs: number,
): boolean {
  return nowMs >= validity.notBefore && nowMs <= validity.notAfter
}

function isEitherRevoked(view: RegistryView, issuerId: Hex, a: bigint, b: bigint): boolean {
  return view.isRevoked(issuerId, a) || view.isRevoked(issuerId, b)
}

/** The whole argument is signed, with whatever follows the TBS in it. */
function isSignedBy(spki: Uint8Array, call: CertificateRequest, check: CheckSignature): boolean {
  const { signatureAlgorithm, signature, certificate } = call
  return check({ spki, signatureAlgorithm, signature, data: certificate }).ok
}

function isActionSignedBy(
  spki: Uint8Array,
  data: Uint8Array,
  call: SignedAction,
  check: CheckSignature,
): boolean {
  const { signatureAlgorithm, signature } = call
  return check({ spki, signatureAlgorithm, signature, data }).ok
}

function entryOf(issuerId: Hex | null, certificate: PalletCertificate, nonce: bigint): AutoIdEntry {
  const { serial, subjectCommonName, subjectPublicKeyInfo, notBefore, notAfter } = certificate
  return { issuerId, serial, subjectCommonName, subjectPublicKeyInfo, notBefore, notAfter, nonce }
}

function failure(error: RegistryError): { ok: false; error: RegistryError } {
  return { ok: false, error }
}
