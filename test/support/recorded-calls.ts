/**
 * The recorded chain's AutoId calls as trees, decoded here by metadata alone and without the events, so that the core can
 * be judged by the recorded outcomes without the chain edge.
 */
import { readFileSync } from 'node:fs'
import { Runtime } from '@subsquid/substrate-runtime'
import { fromHex, type Hex } from '../../src/bytes'
import type { ObservedCall, RegistryCall, RolledBackNode } from '../../src/registry/types'
import type { RecordedBlock } from './recorded'
import type { ExpectedBlock, ExpectedError } from './recorded-chain'

/** `Pallet.Name`, or the kind of an error of no pallet. */
export function errorText(error: ExpectedError): string | null {
  if (error === null) return null
  return error.kind === 'Module' ? `${error.pallet}.${error.name}` : error.kind
}

const runtimes = new Map<number, Runtime>()

function recordedRuntime(specVersion: number): Runtime {
  const known = runtimes.get(specVersion)
  if (known !== undefined) return known
  const version = JSON.parse(readFileSync(`chains/dev/runtime/${specVersion}.json`, 'utf8'))
  const metadata = readFileSync(`chains/dev/metadata/${specVersion}.hex`, 'utf8').trim()
  const runtime = new Runtime(version, metadata)
  runtimes.set(specVersion, runtime)
  return runtime
}

type Decoded = { __kind: string; value: Record<string, unknown> & { __kind: string } }

/** Every extrinsic's call tree; undefined for extrinsics without an AutoId call. */
export function callTrees(
  block: RecordedBlock,
  expected: ExpectedBlock,
): (RolledBackNode | undefined)[] {
  const runtime = recordedRuntime(block.specVersion)
  return expected.extrinsics.map((extrinsic) => {
    if (extrinsic.autoIdCalls.length === 0) return undefined
    const bytes = fromHex(block.extrinsics[extrinsic.index] ?? '0x')
    const call = decodeCall(runtime, bytes) as Decoded
    const origin = extrinsic.call === 'Sudo.sudo' ? 'ROOT' : 'SIGNED'
    return toNode(call, { index: extrinsic.index, path: [], wrappers: [], origin, filtered: false })
  })
}

function decodeCall(runtime: Runtime, bytes: Uint8Array): unknown {
  const lengthBytes = 2 ** ((bytes[0] ?? 0) & 3)
  const version = bytes[lengthBytes]
  if (version === 0x05) return runtime.decodeCall(bytes.subarray(lengthBytes + 1))
  return runtime.decodeExtrinsic(bytes).call
}

type Place = {
  index: number
  path: number[]
  wrappers: string[]
  origin: 'SIGNED' | 'ROOT'
  /** Inside a batch_all, where another batch_all is filtered. */
  filtered: boolean
}

const SIGNED_KINDS = new Set(['Signed'])

function toNode(call: Decoded, place: Place): RolledBackNode {
  const name = `${call.__kind}.${call.value.__kind}`
  const { value } = call
  const below = (inner: unknown, index: number, changes: Partial<Place> = {}) =>
    toNode(inner as Decoded, {
      ...place,
      path: [...place.path, index],
      wrappers: [...place.wrappers, name],
      ...changes,
    })
  const sequence = (mode: 'BATCH' | 'BATCH_ALL' | 'FORCE_BATCH', changes: Partial<Place> = {}) =>
    ({
      type: 'SEQUENCE',
      mode,
      items: (value['calls'] as unknown[]).map((item, index) => below(item, index, changes)),
    }) as const
  switch (name) {
    case 'Utility.batch':
      return sequence('BATCH')
    case 'Utility.force_batch':
      return sequence('FORCE_BATCH')
    case 'Utility.batch_all': {
      const node = sequence('BATCH_ALL', place.origin === 'SIGNED' ? { filtered: true } : {})
      if (!place.filtered) return node
      return { type: 'BLOCKED', error: 'System.CallFiltered', inner: node.items }
    }
    case 'Utility.if_else':
      return {
        type: 'IF_ELSE',
        main: below(value['main'], 0),
        fallback: below(value['fallback'], 1),
      }
    case 'Utility.as_derivative':
    case 'Utility.with_weight':
      return { type: 'WRAPPER', swallowsError: false, inner: below(value['call'], 0) }
    case 'Sudo.sudo':
      return { type: 'WRAPPER', swallowsError: true, inner: below(value['call'], 0) }
    case 'Utility.dispatch_as':
    case 'Utility.dispatch_as_fallible': {
      const origin = value['asOrigin'] as { value: { __kind: string } }
      const isSigned = SIGNED_KINDS.has(origin.value.__kind)
      const inner = below(value['call'], 0, {
        origin: isSigned ? 'SIGNED' : 'ROOT',
        filtered: false,
      })
      if (place.origin !== 'ROOT') return { type: 'BLOCKED', error: 'BadOrigin', inner: [inner] }
      return { type: 'WRAPPER', swallowsError: name === 'Utility.dispatch_as', inner }
    }
    default:
      return call.__kind === 'AutoId' ? autoIdNode(call, place) : { type: 'OTHER', result: 'ANY' }
  }
}

function autoIdNode(call: Decoded, place: Place): RolledBackNode {
  const observed: ObservedCall = {
    call: toRegistryCall(call.value),
    outcome: { status: 'NOT_EXECUTED', derived: false },
    extrinsicIndex: place.index,
    extrinsicHash: '0x',
    callPath: place.path.join('.'),
    wrappers: place.wrappers,
    signer: null,
    fee: null,
  }
  return { type: 'CALL', call: observed, originIsSigned: place.origin === 'SIGNED' }
}

const bytesOf = (value: unknown) => fromHex(value as string)

function toRegistryCall(value: Record<string, unknown> & { __kind: string }): RegistryCall {
  type Fields = Record<string, unknown> & { __kind: string; value?: Fields }
  const fields = value as Fields
  const certificate = (x509: Record<string, unknown>) => ({
    issuerId: (x509['issuerId'] as Hex | undefined) ?? null,
    certificate: bytesOf(x509['certificate']),
    signatureAlgorithm: bytesOf(x509['signatureAlgorithm']),
    signature: bytesOf(x509['signature']),
  })
  const autoId = fields['autoIdIdentifier'] as Hex
  const request = (fields['req'] as Fields | undefined)?.value ?? {}
  const signature = (fields['signature'] ?? {}) as Record<string, unknown>
  switch (fields.__kind) {
    case 'register_auto_id':
      return { kind: 'REGISTER', ...certificate(request) }
    case 'renew_auto_id':
      return { kind: 'RENEW', autoId, ...certificate(request) }
    default:
      return {
        kind: fields.__kind === 'revoke_certificate' ? 'REVOKE' : 'DEACTIVATE',
        autoId,
        signatureAlgorithm: bytesOf(signature['signatureAlgorithm']),
        signature: bytesOf(signature['value']),
      }
  }
}
