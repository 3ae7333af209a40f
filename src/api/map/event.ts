/** Events, failed calls and remarks as the API shows them. */

import { algorithmOid, signatureAlgorithm } from '../../pki/algorithm'
import type { FeedMessage } from '../event-log'
import type { Moment } from '../moment'
import type { EventRow, FailedCallRow } from '../rows'
import type { EvidenceSignature, FailedCall, RegistryEvent } from '../types/event'
import { toBase64 } from './certificate'

export function toEvent(row: EventRow, moment: Moment): RegistryEvent {
  return {
    id: row.id,
    kind: row.kind,
    source: row.source,
    eventIndex: row.eventIndex,
    extrinsicHash: row.extrinsicHash ?? '',
    extrinsicIndex: row.extrinsicIndex ?? -1,
    callPath: row.callPath,
    wrappers: row.wrappers,
    signer: row.signer,
    serial: row.serial,
    issuerId: row.issuerId,
    get signature() {
      return signatureOf({ ...row, payload: row.signedPayload, signedBy: signedBy(row) })
    },
    fee: row.fee,
    removed: false,
    row,
    moment,
  }
}

/** Of a subscription; a removed one shows what it was. */
export function toAnnouncedEvent({ isRemoval, entry }: FeedMessage, moment: Moment): RegistryEvent {
  const event = toEvent(entry.event, moment)
  event.removed = isRemoval
  return isRemoval ? Object.assign(event, { announced: entry }) : event
}

/** A deactivation is signed by the identity's own key, everything else by the issuer's: a root's own. */
function signedBy(row: EventRow): string | null {
  if (row.signature === null) return null
  return row.kind === 'DEACTIVATED' ? row.autoId : (row.issuerId ?? row.autoId)
}

export function toFailedCall(row: FailedCallRow, moment: Moment): FailedCall {
  return {
    id: row.id,
    call: row.call,
    status: row.status,
    error: row.error,
    extrinsicHash: row.extrinsicHash,
    extrinsicIndex: row.extrinsicIndex,
    callPath: row.callPath,
    wrappers: row.wrappers,
    signer: row.signer,
    fee: row.fee,
    autoIdId: row.autoId,
    issuerId: row.issuerId,
    serial: row.serial,
    get tbs() {
      return row.tbs === null ? null : toBase64(row.tbs)
    },
    // Nobody accepted it, so whose key made it is not known.
    get signature() {
      return signatureOf({ ...row, payload: row.tbs, nonce: null, signedBy: null })
    },
    derived: row.derived,
    row,
    moment,
  }
}

type SignatureParts = {
  readonly signatureAlgorithm: Uint8Array | null
  readonly signature: Uint8Array | null
  readonly payload: Uint8Array | null
  readonly nonce: string | null
  readonly signedBy: string | null
}

function signatureOf(parts: SignatureParts): EvidenceSignature {
  const { signatureAlgorithm: algorithm, signature, payload } = parts
  return {
    algorithm: algorithm === null ? null : algorithmName(algorithm),
    algorithmDer: algorithm === null ? null : toBase64(algorithm),
    value: signature === null ? null : toBase64(signature),
    payload: payload === null ? null : toBase64(payload),
    nonce: parts.nonce,
    signedBy: parts.signedBy,
  }
}

/** What was submitted need not be an AlgorithmIdentifier at all. */
function algorithmName(der: Uint8Array): string {
  try {
    return signatureAlgorithm(der)?.name ?? algorithmOid(der)
  } catch {
    return 'unreadable'
  }
}
