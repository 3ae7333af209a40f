import type { Hex } from '../bytes'

/** One block with the change it made to its parent's state; keys and values in `0x` hex. */
export type RecordedBlock = {
  readonly number: number
  readonly hash: Hex
  readonly parentHash: Hex
  readonly stateRoot: Hex
  readonly extrinsicsRoot: Hex
  readonly digest: { readonly logs: readonly Hex[] }
  /** Spec version in the state AFTER the block: what the node answers at this block's hash. */
  readonly specVersionAfter: number
  readonly extrinsics: readonly Hex[]
  readonly storageDiff: readonly (readonly [key: Hex, value: Hex | null])[]
  /** Name of the branch in the recording; the node itself ignores it. */
  readonly branch?: string
}
