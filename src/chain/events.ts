/** A block's event records: who emitted what, for which extrinsic. */

import type { Runtime } from './runtime'
import {
  readVariant,
  ScaleEnum,
  ScaleError,
  ScaleReader,
  type ScaleRecord,
  type ScaleValue,
} from './scale'
import type { TypeId } from './scale-types'

export type ChainEvent = {
  /** Place among all the block's events. */
  readonly index: number
  /** Extrinsic in whose application it was emitted; null during initialization and finalization. */
  readonly extrinsicIndex: number | null
  /** `Pallet.Name`. */
  readonly name: string
  /** Decoded for the events the index reads; null for all others. */
  readonly args: ScaleValue
}

/** Events whose arguments say what became of a call; the others' arguments are passed over. */
const READ_PALLETS: ReadonlySet<string> = new Set([
  'AutoId',
  'Utility',
  'Sudo',
  'Proxy',
  'Multisig',
  'Scheduler',
])
const READ_EVENTS: ReadonlySet<string> = new Set([
  'System.ExtrinsicFailed',
  'System.Remarked',
  'TransactionPayment.TransactionFeePaid',
])

/**
 * @param bytes SCALE `Vec<EventRecord>`; empty: no events
 * @throws {ScaleError} when the bytes do not read by the runtime's metadata: then nothing of the block can be trusted
 */
export function decodeEvents(bytes: Uint8Array, runtime: Runtime): ChainEvent[] {
  if (bytes.length === 0) return []
  const reader = new ScaleReader(bytes)
  const topics = topicsType(runtime)
  const count = reader.compactLength()
  const events: ChainEvent[] = []
  for (let index = 0; index < count; index++) {
    const extrinsicIndex = readPhase(reader)
    const { name, args } = readEvent(reader, runtime)
    runtime.decoder.skip(topics, reader)
    events.push({ index, extrinsicIndex, name, args })
  }
  reader.assertEnd()
  return events
}

/** `ApplyExtrinsic(u32)`, `Finalization`, `Initialization`: fixed since Substrate 2. */
function readPhase(reader: ScaleReader): number | null {
  const phase = reader.u8()
  if (phase > 2) throw new ScaleError(`no event phase ${phase}`)
  return phase === 0 ? reader.u32() : null
}

function readEvent(reader: ScaleReader, runtime: Runtime): { name: string; args: ScaleValue } {
  const palletIndex = reader.u8()
  const pallet = runtime.events[palletIndex]
  if (pallet === undefined) throw new ScaleError(`no pallet ${palletIndex} with events`)
  const variant = readVariant(pallet.variants, reader)
  const name = `${pallet.pallet}.${variant.name}`
  if (READ_PALLETS.has(pallet.pallet) || READ_EVENTS.has(name)) {
    return { name, args: runtime.decoder.decodeFields(variant.fields, reader) }
  }
  for (const field of variant.fields) runtime.decoder.skip(field.type, reader)
  return { name, args: null }
}

function topicsType(runtime: Runtime): TypeId {
  const list = runtime.storageValueType('System', 'Events')
  const vector = list === undefined ? undefined : runtime.scaleType(list)
  const record = vector?.kind === 'SEQUENCE' ? runtime.scaleType(vector.item) : undefined
  const topics = record?.kind === 'FIELDS' ? record.fields.find((f) => f.name === 'topics') : null
  if (!topics) throw runtime.unknownShape('System.Events is not a list of event records')
  return topics.type
}

/** A named argument, or the only argument where the metadata has no names. */
export function eventArg(event: ChainEvent, name: string): ScaleValue | undefined {
  return argument(event.args, name)
}

export function argument(args: ScaleValue, name: string): ScaleValue | undefined {
  const isRecord =
    args !== null &&
    typeof args === 'object' &&
    !Array.isArray(args) &&
    !(args instanceof Uint8Array) &&
    !(args instanceof ScaleEnum)
  return isRecord ? (args as ScaleRecord)[name] : undefined
}
