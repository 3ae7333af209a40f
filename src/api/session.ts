/** One operation's view of the index: a snapshot, its loaders, and the moments asked about. */

import { AppError } from '../errors'
import { createLoaders, type Loaders } from './loaders'
import { type Moment, momentAtHead, type PointInTimeInput, resolveMoment } from './moment'
import type { Readers, Snapshot } from './readers'
import type { HeadRow } from './rows'

/** Seconds by the genesis hash of the chain that the index holds; 0 = off. */
export type MaxHeadAge = (genesisHash: string) => number

export type Session = {
  readonly head: HeadRow
  readonly read: Readers
  readonly load: Loaders
  /** The wall clock when the operation began, milliseconds since the epoch. */
  readonly nowMs: number
  /**
   * The moment asked about; without one the head, by the wall clock.
   * @throws {AppError} UNAVAILABLE when the head is too old for answers about now; as `resolveMoment`.
   */
  momentOf(at: PointInTimeInput | null | undefined, argument?: string): Promise<Moment>
  /** Is this block final as of the snapshot? */
  isFinal(height: number): boolean
}

export function createSession(snapshot: Snapshot, nowMs: number, maxHeadAge: MaxHeadAge): Session {
  const { head, read } = snapshot
  return {
    head,
    read,
    load: createLoaders(read),
    nowMs,
    momentOf: async (at, argument) => {
      if (at != null) return resolveMoment(at, head, read.blocks, argument)
      assertHeadAge(head, nowMs, maxHeadAge(head.genesisHash))
      return momentAtHead(head, nowMs)
    },
    isFinal: (height) => height <= head.finalizedHeight,
  }
}

function assertHeadAge(head: HeadRow, nowMs: number, maxHeadAgeSeconds: number): void {
  const headAgeSeconds = Math.floor((nowMs - head.block.timestamp.getTime()) / 1_000)
  if (maxHeadAgeSeconds === 0 || headAgeSeconds <= maxHeadAgeSeconds) return
  throw new AppError(
    'UNAVAILABLE',
    `the index head is ${headAgeSeconds} s old, more than MAX_HEAD_AGE (${maxHeadAgeSeconds} s) allows for answers about now; ask with \`at\``,
    { headAgeSeconds, maxHeadAgeSeconds, headHeight: head.block.height },
  )
}
