/** The AutoId pallet as this index knows it: its calls and events read by name, its shape checked against the metadata. */

import { type Hex, toHex } from '../bytes'
import type { CertificateRequest, EventKind, RegistryCall } from '../registry/types'
import { type CallNode, decodeArgument } from './call-tree'
import { argument, type ChainEvent } from './events'
import type { PalletVariants, Runtime } from './runtime'
import { ScaleEnum, ScaleError, type ScaleValue } from './scale'
import { describeFields, describeType } from './type-shape'

export const AUTO_ID_PALLET = 'AutoId'

const EVENT_KINDS: ReadonlyMap<string, EventKind> = new Map([
  ['AutoId.NewAutoIdRegistered', 'REGISTERED'],
  ['AutoId.AutoIdRenewed', 'RENEWED'],
  ['AutoId.CertificateRevoked', 'REVOKED'],
  ['AutoId.AutoIdDeactivated', 'DEACTIVATED'],
])

const SIGNED_ACTION = '{auto_id_identifier:[32],signature:{signature_algorithm:bytes,value:bytes}}'
const REQUEST = 'certificate:bytes,signature_algorithm:bytes,signature:bytes'
const CALL_SHAPES: Readonly<Record<string, string>> = {
  register_auto_id: `{req:<X509(<Root{${REQUEST}}|Leaf{issuer_id:[32],${REQUEST}}>)>}`,
  revoke_certificate: SIGNED_ACTION,
  deactivate_auto_id: SIGNED_ACTION,
  renew_auto_id: `{auto_id_identifier:[32],req:<X509({issuer_id:[32]?,${REQUEST}})>}`,
}
const EVENT_SHAPES: Readonly<Record<string, string>> = {
  NewAutoIdRegistered: '[32]',
  CertificateRevoked: '[32]',
  AutoIdDeactivated: '[32]',
  AutoIdRenewed: '[32]',
}
const STORAGE_SHAPES: Readonly<Record<string, string>> = {
  AutoIds:
    '{certificate:<X509({issuer_id:[32]?,serial:u256,subject_common_name:bytes,subject_public_key_info:bytes,' +
    'validity:{not_before:u64,not_after:u64},raw:bytes,issued_serials:[u256],nonce:u256})>}',
  CertificateRevocationList: '[u256]',
}

/** What is wrong with a runtime's AutoId pallet; null when it is the known one. */
export function checkAutoIdPallet(runtime: Runtime): string | null {
  if (!runtime.hasPallet(AUTO_ID_PALLET)) return 'it has no AutoId pallet'
  return (
    checkVariants(runtime, runtime.calls, CALL_SHAPES, 'call') ??
    checkVariants(runtime, runtime.events, EVENT_SHAPES, 'event') ??
    checkStorage(runtime)
  )
}

/** Calls may have been added (their events are then read from state); an unknown event may not. */
function checkVariants(
  runtime: Runtime,
  pallets: readonly (PalletVariants | undefined)[],
  shapes: Readonly<Record<string, string>>,
  what: 'call' | 'event',
): string | null {
  const pallet = pallets.find((each) => each?.pallet === AUTO_ID_PALLET)
  const actual = new Map<string, string>()
  for (const variant of pallet?.variants ?? []) {
    if (variant) actual.set(variant.name, describeFields(runtime, variant.fields))
  }
  for (const [name, shape] of Object.entries(shapes)) {
    if (actual.get(name) !== shape) return `its AutoId pallet's ${what} ${name} is not as known`
  }
  const unknown = [...actual.keys()].find((name) => shapes[name] === undefined)
  return what === 'event' && unknown !== undefined
    ? `its AutoId pallet has an unknown event ${unknown}`
    : null
}

function checkStorage(runtime: Runtime): string | null {
  for (const [item, shape] of Object.entries(STORAGE_SHAPES)) {
    const type = runtime.storageValueType(AUTO_ID_PALLET, item)
    const actual = type === undefined ? '' : describeType(runtime, type)
    // U256 is a newtype over four u64 limbs, little-endian.
    if (actual.replaceAll('[u64;4]', 'u256') !== shape) {
      return `its AutoId pallet's storage ${item} is not as known`
    }
  }
  return null
}

export function isRegistryCall(node: CallNode): boolean {
  return node.pallet === AUTO_ID_PALLET && CALL_SHAPES[node.name] !== undefined
}

export function holdsRegistryCall(node: CallNode): boolean {
  return isRegistryCall(node) || node.children.some(holdsRegistryCall)
}

/** @throws {ScaleError} when the node is no AutoId call of the known shape */
export function readRegistryCall(node: CallNode, runtime: Runtime): RegistryCall {
  switch (node.name) {
    case 'register_auto_id': {
      const req = decodeArgument(node, 'req', runtime)
      const inner = req instanceof ScaleEnum ? req.value : null
      const fields = inner instanceof ScaleEnum ? inner.value : null
      return { kind: 'REGISTER', ...readRequest(fields) }
    }
    case 'renew_auto_id': {
      const req = decodeArgument(node, 'req', runtime)
      const autoId = identifier(decodeArgument(node, 'auto_id_identifier', runtime))
      return { kind: 'RENEW', autoId, ...readRequest(req instanceof ScaleEnum ? req.value : null) }
    }
    case 'revoke_certificate':
    case 'deactivate_auto_id': {
      const signature = decodeArgument(node, 'signature', runtime)
      return {
        kind: node.name === 'revoke_certificate' ? 'REVOKE' : 'DEACTIVATE',
        autoId: identifier(decodeArgument(node, 'auto_id_identifier', runtime)),
        signatureAlgorithm: bytesOf(argument(signature, 'signature_algorithm')),
        signature: bytesOf(argument(signature, 'value')),
      }
    }
    default:
      throw new ScaleError(`AutoId.${node.name} is not a known call`)
  }
}

function readRequest(fields: ScaleValue): CertificateRequest {
  const issuerId = argument(fields, 'issuer_id')
  return {
    issuerId: issuerId === undefined || issuerId === null ? null : identifier(issuerId),
    certificate: bytesOf(argument(fields, 'certificate')),
    signatureAlgorithm: bytesOf(argument(fields, 'signature_algorithm')),
    signature: bytesOf(argument(fields, 'signature')),
  }
}

export type RegistryEvent = { readonly kind: EventKind; readonly autoId: Hex }

/** Null for every other event. */
export function readRegistryEvent(event: ChainEvent): RegistryEvent | null {
  const kind = EVENT_KINDS.get(event.name)
  return kind === undefined ? null : { kind, autoId: identifier(event.args) }
}

function identifier(value: ScaleValue): Hex {
  return toHex(bytesOf(value))
}

function bytesOf(value: ScaleValue | undefined): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new ScaleError('bytes expected')
  return value
}
