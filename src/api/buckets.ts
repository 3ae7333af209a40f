/** Time cut into hours, days, weeks (from Monday) or months, in UTC. */

import { badArgument } from './arguments'
import type { TimeBucket } from './types/enums'

export const MAX_BUCKETS = 2_000

const HOUR = 3_600_000
const DAY = 24 * HOUR

export type BucketRange = { readonly from: Date; readonly to: Date; readonly bucket: TimeBucket }

/**
 * The range widened to whole buckets. Without a wish the finest of day, week and month that gives few enough.
 * @throws {AppError} BAD_USER_INPUT when the bucket asked for gives more than MAX_BUCKETS.
 */
export function chooseBucket(from: Date, to: Date, bucket: TimeBucket | null): BucketRange {
  const wished: readonly TimeBucket[] = bucket === null ? ['DAY', 'WEEK', 'MONTH'] : [bucket]
  for (const candidate of wished) {
    const range = widen(from, to, candidate)
    if (countOf(range) <= MAX_BUCKETS) return range
  }
  throw badArgument('bucket', `the range has more than ${MAX_BUCKETS} of them`)
}

function widen(from: Date, to: Date, bucket: TimeBucket): BucketRange {
  const begin = startOf(from, bucket)
  const last = startOf(new Date(to.getTime() - 1), bucket)
  return { from: begin, to: next(last, bucket), bucket }
}

function countOf({ from, to, bucket }: BucketRange): number {
  if (bucket === 'MONTH') {
    return (
      (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth()
    )
  }
  const length = { HOUR, DAY, WEEK: 7 * DAY }[bucket]
  return Math.round((to.getTime() - from.getTime()) / length)
}

function startOf(time: Date, bucket: TimeBucket): Date {
  const start = new Date(time)
  start.setUTCMinutes(0, 0, 0)
  if (bucket === 'HOUR') return start
  start.setUTCHours(0)
  if (bucket === 'WEEK') start.setUTCDate(start.getUTCDate() - ((start.getUTCDay() + 6) % 7))
  if (bucket === 'MONTH') start.setUTCDate(1)
  return start
}

function next(start: Date, bucket: TimeBucket): Date {
  const end = new Date(start)
  if (bucket === 'HOUR') end.setUTCHours(end.getUTCHours() + 1)
  if (bucket === 'DAY') end.setUTCDate(end.getUTCDate() + 1)
  if (bucket === 'WEEK') end.setUTCDate(end.getUTCDate() + 7)
  if (bucket === 'MONTH') end.setUTCMonth(end.getUTCMonth() + 1)
  return end
}
