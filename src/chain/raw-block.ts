/** A block as the node gave it, its header checked, its events restored to one list. */

import type { Hex } from '../bytes'

export type RawHeader = {
  readonly height: number
  readonly parentHash: Hex
  readonly stateRoot: Hex
  readonly extrinsicsRoot: Hex
  readonly digestLogs: readonly Hex[]
}

export type RawBlock = RawHeader & {
  readonly hash: Hex
  /** With their SCALE length prefixes. */
  readonly extrinsics: readonly Uint8Array[]
  /** SCALE `Vec<EventRecord>`, whichever layout the chain keeps them in; empty when there are none. */
  readonly events: Uint8Array
  /** `System.EventCount`. */
  readonly eventCount: number
}
