/** Random call trees over the registry's calls and every wrapper of the runtime, and their bytes. */

import { concatBytes, fromHex, type Hex } from '../../src/bytes'
import { makeTbs } from '../../src/devnet/maker/certificate'
import { ED25519, makeKeys, type PooledKey } from '../../src/devnet/maker/keys'
import type { Random } from '../../src/devnet/maker/random'
import { encodeCertificateAction } from '../../src/registry/action'
import type { AutoIdEntry, RegistryCall } from '../../src/registry/types'
import { bytes, type CallBytes, SIGNER } from './call-bytes'

export type OriginName = 'SIGNED' | 'ROOT' | 'NONE'

export type CallTree =
  | { readonly type: 'REGISTRY'; readonly call: RegistryCall }
  /** Calls of other pallets: a signed account may remark but has nothing to send; root may set heap pages. */
  | { readonly type: 'REMARK' | 'TRANSFER' | 'HEAP_PAGES' }
  | {
      readonly type: 'batch' | 'batch_all' | 'force_batch'
      readonly items: readonly CallTree[]
    }
  | { readonly type: 'if_else'; readonly items: readonly [CallTree, CallTree] }
  | { readonly type: 'as_derivative' | 'with_weight' | 'sudo'; readonly items: readonly [CallTree] }
  | {
      readonly type: 'dispatch_as' | 'dispatch_as_fallible'
      readonly origin: OriginName
      readonly items: readonly [CallTree]
    }

export function childrenOf(tree: CallTree): readonly CallTree[] {
  return 'items' in tree ? tree.items : []
}

export function nameOf({ type }: CallTree): string {
  return type === 'sudo' ? 'Sudo.sudo' : `Utility.${type}`
}

const DAY = 86_400_000

/** Few names, keys and serials, so that calls meet: taken names, listed serials, replayed nonces, other keys. */
export class TreeMaker {
  private readonly keys: readonly PooledKey[]

  constructor(
    private readonly random: Random,
    private readonly label: string,
    private readonly entries: () => ReadonlyMap<Hex, AutoIdEntry>,
  ) {
    this.keys = makeKeys(random, 3)
  }

  /** @param origin under which it will run: most wrappers are those it may call */
  tree(nowMs: number, depth: number, origin: OriginName): CallTree {
    const { random } = this
    if (depth === 0 || random.chance(0.3)) return this.leaf(nowMs)
    const below = (within = origin) => this.tree(nowMs, depth - 1, within)
    const type = random.pick(random.chance(0.9) ? WRAPPERS_OF[origin] : WRAPPERS)
    switch (type) {
      case 'batch':
      case 'batch_all':
      case 'force_batch':
        return { type, items: Array.from({ length: random.below(5) }, () => below()) }
      case 'if_else':
        return { type, items: [below(), below()] }
      case 'as_derivative':
        return { type, items: [below()] }
      case 'with_weight':
      case 'sudo':
        return { type, items: [below('ROOT')] }
      default: {
        const as = random.pick(['SIGNED', 'SIGNED', 'SIGNED', 'ROOT', 'NONE'] as const)
        return { type, origin: as, items: [below(as)] }
      }
    }
  }

  private leaf(nowMs: number): CallTree {
    if (this.random.chance(0.15)) {
      return { type: this.random.pick(['REMARK', 'TRANSFER', 'HEAP_PAGES'] as const) }
    }
    return { type: 'REGISTRY', call: this.registryCall(nowMs) }
  }

  private registryCall(nowMs: number): RegistryCall {
    const { random } = this
    const known = [...this.entries().keys()]
    const kind = random.pick([
      'REGISTER',
      'REGISTER',
      'REGISTER',
      'RENEW',
      'REVOKE',
      'DEACTIVATE',
    ] as const)
    if (kind === 'REGISTER' || known.length === 0) return this.registration(nowMs, known)
    const autoId = random.pick(known)
    const entry = this.entries().get(autoId)
    if (entry === undefined) return this.registration(nowMs, known)
    if (kind === 'RENEW') return this.renewal(autoId, entry, nowMs)
    const signer =
      kind === 'REVOKE' ? (this.entries().get(entry.issuerId ?? autoId) ?? entry) : entry
    // Also one and two ahead: valid only after as many revocations in the same tree.
    const nonce = signer.nonce + BigInt(random.below(3))
    const signature = this.keyOf(signer).sign(encodeCertificateAction(autoId, nonce, kind))
    return { kind, autoId, signatureAlgorithm: ED25519, signature }
  }

  private registration(nowMs: number, known: readonly Hex[]): RegistryCall {
    const { random } = this
    const issuerId = known.length > 0 && random.chance(0.6) ? random.pick(known) : null
    const key = random.pick(this.keys)
    const issuer = issuerId === null ? undefined : this.entries().get(issuerId)
    const name = `${this.label}-${random.below(12)}`
    const signer = issuer === undefined ? key : this.keyOf(issuer)
    return { kind: 'REGISTER', issuerId, ...this.certificate(name, key, signer, nowMs) }
  }

  private renewal(autoId: Hex, entry: AutoIdEntry, nowMs: number): RegistryCall {
    const { issuerId } = entry
    const issuer = issuerId === null ? entry : (this.entries().get(issuerId) ?? entry)
    const name = new TextDecoder().decode(entry.subjectCommonName)
    const key = this.random.chance(0.9) ? this.keyOf(entry) : this.random.pick(this.keys)
    const certificate = this.certificate(name, key, this.keyOf(issuer), nowMs)
    return { kind: 'RENEW', autoId, issuerId, ...certificate }
  }

  private certificate(name: string, key: PooledKey, signer: PooledKey, nowMs: number) {
    const isLate = this.random.chance(0.05)
    const certificate = makeTbs({
      serial: BigInt(1 + this.random.below(60)),
      issuerCommonName: this.label,
      subjectCommonName: name,
      notBefore: nowMs - DAY,
      notAfter: isLate ? nowMs - DAY / 2 : nowMs + 3650 * DAY,
      spki: key.spki,
      isCa: true,
    })
    return { certificate, signatureAlgorithm: ED25519, signature: signer.sign(certificate) }
  }

  private keyOf({ subjectPublicKeyInfo }: AutoIdEntry): PooledKey {
    const key = this.keys.find(({ spki }) => Buffer.from(spki).equals(subjectPublicKeyInfo))
    if (key === undefined) throw new Error('a key of another pool')
    return key
  }
}

const WRAPPERS = [
  'batch',
  'batch_all',
  'force_batch',
  'if_else',
  'as_derivative',
  'with_weight',
  'dispatch_as',
  'dispatch_as_fallible',
  'sudo',
] as const
const ANYBODYS = ['batch', 'batch_all', 'force_batch', 'if_else'] as const
const WRAPPERS_OF: Readonly<Record<OriginName, readonly (typeof WRAPPERS)[number][]>> = {
  SIGNED: [...ANYBODYS, 'as_derivative'],
  ROOT: [...ANYBODYS, 'with_weight', 'dispatch_as', 'dispatch_as', 'dispatch_as_fallible'],
  NONE: ['sudo'],
}

const NOTHING = Uint8Array.of(0, 0)
const ORIGINS = {
  ROOT: Uint8Array.of(0, 0),
  SIGNED: concatBytes(Uint8Array.of(0, 1), fromHex(SIGNER)),
  NONE: Uint8Array.of(0, 2),
}

export function encodeTree(tree: CallTree, make: CallBytes): Uint8Array {
  const [first, second] = childrenOf(tree).map((child) => encodeTree(child, make))
  const inner = first ?? new Uint8Array()
  switch (tree.type) {
    case 'REGISTRY':
      return encodeRegistryCall(tree.call, make)
    case 'REMARK':
      return make.remark('x')
    case 'TRANSFER':
      return make.call('Balances.transfer_all', Uint8Array.of(0), fromHex(SIGNER), Uint8Array.of(0))
    case 'HEAP_PAGES':
      return make.call('System.set_heap_pages', new Uint8Array(8))
    case 'if_else':
      return make.call('Utility.if_else', inner, second ?? new Uint8Array())
    case 'as_derivative':
      return make.call('Utility.as_derivative', NOTHING, inner)
    case 'with_weight':
      return make.call('Utility.with_weight', inner, NOTHING)
    case 'sudo':
      return make.call('Sudo.sudo', inner)
    case 'dispatch_as':
    case 'dispatch_as_fallible':
      return make.call(`Utility.${tree.type}`, ORIGINS[tree.origin], inner)
    default:
      return make.batch(
        tree.type,
        tree.items.map((item) => encodeTree(item, make)),
      )
  }
}

function encodeRegistryCall(call: RegistryCall, make: CallBytes): Uint8Array {
  const signed = concatBytes(bytes(call.signatureAlgorithm), bytes(call.signature))
  const id = (hex: Hex | null) => (hex === null ? new Uint8Array() : fromHex(hex))
  const variant = Uint8Array.of('issuerId' in call && call.issuerId !== null ? 1 : 0)
  switch (call.kind) {
    case 'REGISTER': {
      const certificate = bytes(call.certificate)
      const parts = [Uint8Array.of(0), variant, id(call.issuerId), certificate, signed]
      return make.call('AutoId.register_auto_id', ...parts)
    }
    case 'RENEW': {
      const certificate = bytes(call.certificate)
      const parts = [fromHex(call.autoId), Uint8Array.of(0), variant, id(call.issuerId)]
      return make.call('AutoId.renew_auto_id', ...parts, certificate, signed)
    }
    case 'REVOKE':
      return make.call('AutoId.revoke_certificate', fromHex(call.autoId), signed)
    case 'DEACTIVATE':
      return make.call('AutoId.deactivate_auto_id', fromHex(call.autoId), signed)
  }
}
