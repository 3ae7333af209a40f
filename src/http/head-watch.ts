/** The index head, at most a moment old, for everything that is cached by it. */
import type { Hex } from '../bytes'
import { AppError } from '../errors'
import type { HeadState } from './readers'

/** How long a head may be served before it is read again: what a cached answer may lag behind the index. */
export const HEAD_TTL_MS = 1_000

/** Seconds by the genesis hash of the chain that the index holds; 0 = off. */
export type MaxHeadAge = (genesisHash: Hex) => number

export type HeadWatch = {
  /** Reads the head again when it is older than `HEAD_TTL_MS`; concurrent callers share one read. */
  current(): Promise<HeadState>
  /** The head when it needs no reading, else null. */
  fresh(): HeadState | null
  /** To be called when the database says that the head moved. */
  invalidate(): void
}

/** @param nowMs a clock that never steps matters little here: the time-out is only about load. */
export function createHeadWatch(
  readHead: () => Promise<HeadState | null>,
  nowMs: () => number,
): HeadWatch {
  let head: HeadState | null = null
  let readAtMs = Number.NEGATIVE_INFINITY
  let reading: Promise<HeadState> | null = null
  let generation = 0

  const read = async (): Promise<HeadState> => {
    const started = generation
    const startedMs = nowMs()
    const found = await readHead()
    if (found === null) throw new AppError('UNAVAILABLE', 'no block is indexed yet')
    // A notice that came while we read may be about a newer head than the one we got.
    if (started === generation) {
      head = found
      readAtMs = startedMs
    }
    return found
  }
  const fresh = () => (Math.abs(nowMs() - readAtMs) < HEAD_TTL_MS ? head : null)
  return {
    fresh,
    current: async () => {
      const known = fresh()
      if (known !== null) return known
      reading ??= read().finally(() => {
        reading = null
      })
      return reading
    },
    invalidate: () => {
      generation++
      readAtMs = Number.NEGATIVE_INFINITY
      reading = null
    },
  }
}

/**
 * Refuses answers about now when the head is too old (`MAX_HEAD_AGE`; 0 = off).
 * @throws {AppError} UNAVAILABLE.
 */
export function assertHeadAge(head: HeadState, nowMs: number, maxHeadAge: MaxHeadAge): void {
  if (isHeadTooOld(head, nowMs, maxHeadAge)) {
    const age = Math.round((nowMs - head.timeMs) / 1000)
    throw new AppError('UNAVAILABLE', `the head is ${age} s old, over MAX_HEAD_AGE`, {
      headAgeSeconds: age,
      maxHeadAgeSeconds: maxHeadAge(head.genesisHash),
    })
  }
}

export function isHeadTooOld(head: HeadState, nowMs: number, maxHeadAge: MaxHeadAge): boolean {
  const seconds = maxHeadAge(head.genesisHash)
  return seconds > 0 && nowMs - head.timeMs > seconds * 1000
}

/** When our knowledge was last confirmed: thisUpdate of what we sign. Never later than now. */
export function confirmedAtMs(head: HeadState, nowMs: number): number {
  return Math.min(head.confirmedAtMs ?? head.timeMs, nowMs)
}
