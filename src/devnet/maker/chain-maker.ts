/**
 * Makes registry chains of any size, block by block: decodable extrinsics, events in segments under the dev chain's
 * metadata, hashes and extrinsics roots that hold. State roots cover the block's own System and Timestamp values only:
 * the whole state of a million entries is not kept, so such a chain serves loads, not state proofs or audits: its node
 * says "State already discarded" when asked for the registry's.
 */

import { concatBytes, fromHex, type Hex, toHex } from '../../bytes'
import { encodeCompact } from '../../proof/compact'
import { hashHeader } from '../../proof/header'
import { EVENT_COUNT_KEY, EVENTS_KEY, eventSegmentKey } from '../../proof/registry-storage'
import { orderedTrieRoot, Trie } from '../../proof/trie-build'
import type { RecordedBlock } from '../recorded-block'
import { makeKeys } from './keys'
import { type Random, seededRandom } from './random'
import { RegistryModel } from './registry-model'
import {
  AUTO_ID_PALLET,
  appliedEvents,
  encodeCall,
  encodeInherents,
  encodeSigned,
  inherentSuccess,
  type MadeCall,
} from './scale'

/** How many calls of each kind a block holds. */
export type BlockLoad = {
  readonly roots?: number
  readonly leaves?: number
  /** Of the leaves, how many may issue in turn. */
  readonly issuers?: number
  /** Leaves go under the newest issuer instead of a random one: deep chains. */
  readonly underNewest?: boolean
  readonly renewals?: number
  readonly revocations?: number
  readonly deactivations?: number
}

/** What one runtime does otherwise than that of the dev chain. */
export type MadeRuntime = {
  readonly specVersion: number
  /** Default 40. */
  readonly autoIdPallet?: number
  /** Events a segment; 0: all in `System.Events`. Default 100. */
  readonly segmentLength?: number
}

/** Extrinsics of somebody else's making, after the maker's own, with the records of their events. */
export type MadeExtrinsics = {
  readonly extrinsics: readonly Uint8Array[]
  readonly records: readonly Uint8Array[]
}

export type ChainMakerOptions = {
  readonly seed: number
  readonly label: string
  readonly keys: number
  readonly genesis: RecordedBlock
  readonly specVersion: number
  /** Of the first block; absent: as the dev chain's. */
  readonly runtime?: MadeRuntime
  readonly startMs: number
  readonly blockTimeMs: number
}

const SEGMENT = 100
const TIMESTAMP_KEY = '0xf0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb'
const FEE = 10_815_700_000_000n

export class ChainMaker {
  readonly model: RegistryModel
  private readonly random: Random
  private readonly signers: Hex[]
  private readonly nonces = new Map<Hex, number>()
  private parent: { number: number; hash: Hex }
  private segments = 0
  private hasPlainEvents = false
  private runtime: MadeRuntime

  constructor(private readonly options: ChainMakerOptions) {
    this.random = seededRandom(options.seed)
    this.model = new RegistryModel(makeKeys(this.random, options.keys), this.random, options.label)
    this.signers = Array.from({ length: 8 }, () => toHex(this.random.bytes(32)))
    this.parent = { number: options.genesis.number, hash: options.genesis.hash }
    this.runtime = options.runtime ?? { specVersion: options.specVersion }
  }

  /**
   * @param upgrade the runtime in its state, which executes the blocks after it
   * @param others is told the index of its first extrinsic and of its first event, and the block's time
   */
  nextBlock(
    load: BlockLoad,
    upgrade: MadeRuntime = this.runtime,
    others?: (extrinsic: number, event: number, now: number) => MadeExtrinsics,
  ): RecordedBlock {
    const number = this.parent.number + 1
    const now = this.options.startMs + number * this.options.blockTimeMs
    const calls = this.makeCalls(load, now)
    const extrinsics = encodeInherents(now)
    const events = [inherentSuccess(0), inherentSuccess(1)]
    for (const call of calls) {
      const signer = this.random.pick(this.signers)
      const nonce = this.nonces.get(signer) ?? 0
      this.nonces.set(signer, nonce + 1)
      const pallet = this.runtime.autoIdPallet ?? AUTO_ID_PALLET
      events.push(...appliedEvents(extrinsics.length, signer, FEE, call, pallet))
      extrinsics.push(encodeSigned(signer, nonce, encodeCall(call, pallet)))
    }
    const more = others?.(extrinsics.length, events.length, now)
    if (more !== undefined) {
      extrinsics.push(...more.extrinsics)
      events.push(...more.records)
    }
    const storageDiff = this.systemValues(now, events)
    this.runtime = upgrade
    return this.seal(number, extrinsics, storageDiff)
  }

  private makeCalls(load: BlockLoad, now: number): MadeCall[] {
    const { model, random } = this
    const calls: MadeCall[] = []
    for (let i = 0; i < (load.roots ?? 0); i++) calls.push(model.register(null, true, now))
    for (let i = 0; i < (load.leaves ?? 0); i++) {
      const newest = model.issuers.at(-1) ?? null
      const issuer = load.underNewest || newest === null ? newest : random.pick(model.issuers)
      calls.push(model.register(issuer, issuer === null || i < (load.issuers ?? 0), now))
    }
    const actions: [number, (leaf: NonNullable<ReturnType<typeof model.pickLeaf>>) => MadeCall][] =
      [
        [load.renewals ?? 0, (leaf) => model.renew(leaf, now)],
        [load.revocations ?? 0, (leaf) => model.revoke(leaf)],
        [load.deactivations ?? 0, (leaf) => model.deactivate(leaf)],
      ]
    for (const [count, act] of actions) {
      for (let i = 0; i < count; i++) {
        const leaf = model.pickLeaf()
        if (leaf) calls.push(act(leaf))
      }
    }
    return calls
  }

  private seal(
    number: number,
    extrinsics: Uint8Array[],
    storageDiff: [Hex, Hex | null][],
  ): RecordedBlock {
    const present = storageDiff.filter((pair): pair is [Hex, Hex] => pair[1] !== null)
    const state = present.map(([key, value]) => [fromHex(key), fromHex(value)] as const)
    const header = {
      parentHash: this.parent.hash,
      number,
      stateRoot: toHex(new Trie(state, 'V1').root()),
      extrinsicsRoot: toHex(orderedTrieRoot(extrinsics, 'V1')),
      digestLogs: [],
    }
    const hash = hashHeader(header)
    this.parent = { number, hash }
    return {
      number,
      hash,
      parentHash: header.parentHash,
      stateRoot: header.stateRoot,
      extrinsicsRoot: header.extrinsicsRoot,
      digest: { logs: [] },
      specVersionAfter: this.runtime.specVersion,
      extrinsics: extrinsics.map(toHex),
      storageDiff,
    }
  }

  private systemValues(now: number, events: Uint8Array[]): [Hex, Hex | null][] {
    const values: [Hex, Hex | null][] = []
    const length = this.runtime.segmentLength ?? SEGMENT
    const used = length === 0 ? 0 : Math.ceil(events.length / length)
    if (length === 0) {
      values.push([EVENTS_KEY, toHex(concatBytes(encodeCompact(events.length), ...events))])
    } else if (this.hasPlainEvents) {
      values.push([EVENTS_KEY, null])
    }
    this.hasPlainEvents = length === 0
    for (let i = 0; i < used; i++) {
      const part = events.slice(i * length, (i + 1) * length)
      values.push([eventSegmentKey(i), toHex(concatBytes(encodeCompact(part.length), ...part))])
    }
    for (let i = used; i < this.segments; i++) values.push([eventSegmentKey(i), null])
    this.segments = used
    values.push([EVENT_COUNT_KEY, littleEndian(events.length, 4)])
    values.push([TIMESTAMP_KEY, littleEndian(now, 8)])
    return values
  }
}

function littleEndian(value: number, length: number): Hex {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true)
  return toHex(bytes.subarray(0, length))
}
