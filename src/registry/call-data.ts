/**
 * An AutoId call from its bytes, without metadata: pallet index, call index, arguments. For pre-flight only: blocks are
 * decoded by the metadata of their runtime. The layout is that of `pallet-auto-id` @72a5aa6; other calls do not fit it.
 */
import { type Hex, toHex } from '../bytes'
import type { CertificateRequest, RegistryCall, SignedAction } from './types'

/** The bytes are no call of the AutoId pallet. */
export class CallDataError extends Error {
  override readonly name = 'CallDataError'
}

/** Order of the calls in the pallet. */
const CALLS = ['REGISTER', 'REVOKE', 'DEACTIVATE', 'RENEW'] as const

/**
 * The pallet's index differs between runtimes and is not looked at.
 * @throws {CallDataError} for anything else than one AutoId call and nothing after it; calls nested in others are not looked for.
 */
export function decodeCallData(bytes: Uint8Array): RegistryCall {
  const input = new Input(bytes)
  input.byte()
  const kind = CALLS[input.byte()]
  if (kind === undefined) throw new CallDataError('no call of the AutoId pallet has this index')
  const call = readCall(input, kind)
  input.expectEnd()
  return call
}

function readCall(input: Input, kind: (typeof CALLS)[number]): RegistryCall {
  if (kind === 'REVOKE' || kind === 'DEACTIVATE') return { kind, ...readAction(input) }
  if (kind === 'RENEW') {
    const autoId = input.hash()
    input.variant(1, 'X509')
    const isLeaf = input.variant(2, 'issuer_id') === 1
    return { kind, autoId, ...readRequest(input, isLeaf) }
  }
  input.variant(1, 'X509')
  const isLeaf = input.variant(2, 'Root or Leaf') === 1
  return { kind, ...readRequest(input, isLeaf) }
}

function readRequest(input: Input, isLeaf: boolean): CertificateRequest {
  return {
    issuerId: isLeaf ? input.hash() : null,
    certificate: input.bytes(),
    signatureAlgorithm: input.bytes(),
    signature: input.bytes(),
  }
}

function readAction(input: Input): SignedAction {
  return { autoId: input.hash(), signatureAlgorithm: input.bytes(), signature: input.bytes() }
}

class Input {
  private offset = 0

  constructor(private readonly all: Uint8Array) {}

  byte(): number {
    return this.take(1)[0] as number
  }

  hash(): Hex {
    return toHex(this.take(32))
  }

  variant(count: number, what: string): number {
    const index = this.byte()
    if (index >= count) throw new CallDataError(`no variant ${index} of ${what}`)
    return index
  }

  /** SCALE Vec<u8>. */
  bytes(): Uint8Array {
    return this.take(this.compact())
  }

  expectEnd(): void {
    const rest = this.all.length - this.offset
    if (rest > 0) throw new CallDataError(`${rest} bytes after the call`)
  }

  private compact(): number {
    const first = this.byte()
    const mode = first & 3
    if (mode === 0) return first >>> 2
    if (mode === 3) throw new CallDataError('a length over 2^30')
    const more = this.take(mode === 1 ? 1 : 3)
    return more.reduce((sum, byte, index) => sum + byte * 2 ** (6 + 8 * index), first >>> 2)
  }

  private take(count: number): Uint8Array {
    const end = this.offset + count
    if (end > this.all.length) throw new CallDataError('the call is cut short')
    const taken = this.all.subarray(this.offset, end)
    this.offset = end
    return taken
  }
}
