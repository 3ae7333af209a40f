/** Certificates, calls and a registry to run them on, for unit tests. Keys come from the recorded chain's own test keys. */
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Hex } from '../../src/bytes'
import {
  encodeElement,
  encodeExplicit,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeTime,
} from '../../src/pki/der-writer'
import { encodeCertificateAction } from '../../src/registry/action'
import { execute } from '../../src/registry/transition'
import type {
  BlockRecord,
  ExecutionNode,
  ObservedCall,
  RegistryCall,
} from '../../src/registry/types'
import { WorkingState } from '../../src/registry/working-state'

export const NOW = Date.UTC(2026, 8, 1)
export const DAY = 86_400_000

export type TestKey = { readonly privateKey: KeyObject; readonly spki: Uint8Array }

type RecordedKey = { label: string; type: string; spki: Hex; pkcs8Pem: string }
const recordedKeys = JSON.parse(
  readFileSync('test/fixtures/dev/keys.json', 'utf8'),
) as RecordedKey[]

function keysOf(type: string): TestKey[] {
  return recordedKeys
    .filter((key) => key.type === type)
    .map(({ pkcs8Pem }) => {
      const privateKey = createPrivateKey(pkcs8Pem)
      const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
      return { privateKey, spki: new Uint8Array(spki) }
    })
}

const [A, B, C] = keysOf('Ed25519')
const [RSA_2048] = keysOf('RSA-2048')
const [RSA_1024] = keysOf('RSA-1024')
const [P256] = keysOf('EC-P256')
if (!(A && B && C && RSA_2048 && RSA_1024 && P256)) throw new Error('keys missing')
export const KEYS = { a: A, b: B, c: C, rsa2048: RSA_2048, rsa1024: RSA_1024, p256: P256 }

export const ED25519 = encodeSequence(encodeOid('1.3.101.112'))

export type TbsParts = {
  version?: Uint8Array
  /** Contents of the INTEGER. */
  serial?: Uint8Array
  algorithm?: Uint8Array
  issuer?: Uint8Array
  notBefore?: Uint8Array
  notAfter?: Uint8Array
  subject?: Uint8Array
  spki?: Uint8Array
  extensions?: readonly Uint8Array[]
  /** Raw elements after the SubjectPublicKeyInfo. */
  tail?: Uint8Array
}

const V3 = encodeExplicit(0, encodeElement(0x02, Uint8Array.of(2)))

export function name(commonName: string | Uint8Array, tag = 0x0c): Uint8Array {
  const bytes = typeof commonName === 'string' ? Buffer.from(commonName, 'utf8') : commonName
  const attribute = encodeSequence(encodeOid('2.5.4.3'), encodeElement(tag, bytes))
  return encodeSequence(encodeElement(0x31, attribute))
}

export function extension(oid: string, value: Uint8Array): Uint8Array {
  return encodeSequence(encodeOid(oid), encodeOctetString(value))
}

export function makeTbs(parts: TbsParts = {}): Uint8Array {
  const extensions = parts.extensions
  return encodeSequence(
    parts.version ?? V3,
    encodeElement(0x02, parts.serial ?? Uint8Array.of(1)),
    parts.algorithm ?? ED25519,
    parts.issuer ?? name('somebody'),
    encodeSequence(
      parts.notBefore ?? encodeTime(NOW - DAY),
      parts.notAfter ?? encodeTime(NOW + DAY),
    ),
    parts.subject ?? name('somebody'),
    parts.spki ?? KEYS.a.spki,
    parts.tail ?? new Uint8Array(),
    extensions === undefined ? new Uint8Array() : encodeExplicit(3, encodeSequence(...extensions)),
  )
}

export function signEd25519(key: TestKey, data: Uint8Array): Uint8Array {
  return new Uint8Array(sign(null, data, key.privateKey))
}

type IssueOptions = TbsParts & {
  issuerId?: Hex | null
  key?: TestKey
  signer?: TestKey
  commonName?: string | Uint8Array
}

function certified(options: IssueOptions) {
  const { issuerId = null, key = KEYS.a, signer = key, commonName = 'somebody', ...parts } = options
  const certificate = makeTbs({ spki: key.spki, subject: name(commonName), ...parts })
  return {
    issuerId,
    certificate,
    signatureAlgorithm: ED25519,
    signature: signEd25519(signer, certificate),
  }
}

export function registerCall(options: IssueOptions = {}): RegistryCall {
  return { kind: 'REGISTER', ...certified(options) }
}

export function renewCall(autoId: Hex, options: IssueOptions = {}): RegistryCall {
  return { kind: 'RENEW', autoId, ...certified(options) }
}

export function actionCall(
  kind: 'REVOKE' | 'DEACTIVATE',
  autoId: Hex,
  signer: TestKey,
  nonce: bigint,
): RegistryCall {
  const signature = signEd25519(signer, encodeCertificateAction(autoId, nonce, kind))
  return { kind, autoId, signatureAlgorithm: ED25519, signature }
}

/** Runs a call that must be accepted and returns the identifier. */
export function applyTo(state: WorkingState, call: RegistryCall, now = NOW): Hex {
  const result = execute(state, call, now)
  if (!result.ok) throw new Error(`refused: ${result.error}`)
  state.apply(result.changes)
  return result.autoId
}

/** Serial contents: two octets, positive. */
export function serial(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff)
}

/** A root `root` (key a, serial 1) and a leaf `leaf` under it (key b, serial 2). */
export function rootAndLeaf(): { state: WorkingState; root: Hex; leaf: Hex } {
  const state = new WorkingState()
  const root = applyTo(state, registerCall({ commonName: 'root' }))
  const leaf = applyTo(state, leafCall(root))
  return { state, root, leaf }
}

export function leafCall(root: Hex, options: IssueOptions = {}): RegistryCall {
  return registerCall({
    issuerId: root,
    key: KEYS.b,
    signer: KEYS.a,
    commonName: 'leaf',
    serial: serial(2),
    ...options,
  })
}

export function observed(
  call: RegistryCall,
  outcome: ObservedCall['outcome'],
  extrinsicIndex = 2,
): ObservedCall {
  return {
    call,
    outcome,
    extrinsicIndex,
    extrinsicHash: `0x${'ee'.repeat(32)}`,
    callPath: '',
    wrappers: [],
    signer: `0x${'01'.repeat(32)}`,
    fee: 1n,
  }
}

export function blockOf(height: number, parts: Partial<BlockRecord> = {}): BlockRecord {
  const hash = `0x${height.toString(16).padStart(64, '0')}`
  return {
    height,
    hash,
    parentHash: hash,
    stateRoot: hash,
    extrinsicsRoot: hash,
    timestamp: NOW + height * 6000,
    specVersion: 1,
    eventCount: 0,
    extrinsicCount: 0,
    nodes: [],
    remarks: [],
    unexplained: [],
    quarantined: [],
    stateRead: null,
    ...parts,
  }
}

/** A call that was carried out, as its own event says. */
export function applied(call: RegistryCall, autoId: Hex, eventIndex: number): ExecutionNode {
  return { type: 'CALL', call: observed(call, { status: 'APPLIED', eventIndex, autoId }) }
}

/** Blocks from height 1 on, each with these calls and the identifiers their events name. */
export function blocksOf(...nodes: (readonly [RegistryCall, Hex])[][]): BlockRecord[] {
  return nodes.map((calls, at) =>
    blockOf(at + 1, { nodes: calls.map(([call, id], index) => applied(call, id, index)) }),
  )
}

/** A signature over data by any recorded key, with the given digest. */
export function signWith(key: TestKey, digest: string | null, data: Uint8Array): Uint8Array {
  return new Uint8Array(sign(digest, data, key.privateKey))
}
