/** Blocks of one extrinsic under the recorded chain's newer runtime, and the events that it leaves. */

import { fromHex } from '../../src/bytes'
import { decodeBlock } from '../../src/chain/decode-block'
import type { RawBlock } from '../../src/chain/raw-block'
import { Runtime } from '../../src/chain/runtime'
import { readRecording } from '../../src/devnet/recording'
import type { BlockRecord } from '../../src/registry/types'
import { CallBytes, DISPATCH_INFO, SIGNER } from './call-bytes'
import { DEV_CHAIN } from './recorded-chain'

const recording = readRecording(DEV_CHAIN)
export const metadata = recording.runtimes.get(2)?.metadata ?? ''
export const runtime = new Runtime(recording.specName, 2, metadata)
export const make = new CallBytes(runtime)

/** The same runtime with other names in its metadata. */
export const runtimeOf = (changed: string): Runtime => new Runtime(recording.specName, 2, changed)

export const ID = (n: number) => `0x${n.toString(16).padStart(64, '0')}`
export const deactivated = (id: string) => make.event('AutoId.AutoIdDeactivated', fromHex(id))
export const success = make.event('System.ExtrinsicSuccess', DISPATCH_INFO)
export const failure = (error: Uint8Array) =>
  make.event('System.ExtrinsicFailed', error, DISPATCH_INFO)
export const feePaid = make.event(
  'TransactionPayment.TransactionFeePaid',
  fromHex(SIGNER),
  Uint8Array.of(9, ...new Uint8Array(15)),
  new Uint8Array(16),
)
export const item = make.event('Utility.ItemCompleted')
export const completed = make.event('Utility.BatchCompleted')

export function rawBlock(
  extrinsics: readonly Uint8Array[],
  events: Uint8Array,
  count: number,
): RawBlock {
  return {
    height: 7,
    hash: ID(7),
    parentHash: ID(6),
    stateRoot: ID(0),
    extrinsicsRoot: ID(0),
    digestLogs: [],
    extrinsics,
    events,
    eventCount: count,
  }
}

/** One extrinsic and the events it left. */
export function decodeOne(
  extrinsic: Uint8Array,
  events: readonly Uint8Array[],
  by = runtime,
): BlockRecord {
  return decodeBlock(rawBlock([extrinsic], make.records(0, events), events.length), by)
}
