/** Small conversions of the relying parties' queries. */

/** A block and its time, milliseconds since the epoch. */
export type BlockPoint = { readonly height: number; readonly timeMs: number }

export function toMs(value: Date | null): number | null {
  return value === null ? null : value.getTime()
}

/** Null when either is: a height without a block is a height nobody indexed. */
export function blockPoint(height: number | null, time: Date | null): BlockPoint | null {
  return height === null || time === null ? null : { height, timeMs: time.getTime() }
}
