/** A small seeded generator: the same seed makes the same chain, schedule or fuzz case for ever. */

export type Random = {
  /** 0 <= x < 1 */
  readonly next: () => number
  /** 0 <= n < limit, whole */
  readonly below: (limit: number) => number
  readonly chance: (probability: number) => boolean
  readonly bytes: (length: number) => Uint8Array
  /** @throws {RangeError} on an empty list */
  readonly pick: <T>(list: readonly T[]) => T
}

/** mulberry32 (public domain, Tommy Ettinger): 32 bits of state, good enough to vary loads. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    bytes: (length) => Uint8Array.from({ length }, () => below(256)),
    pick: (list) => {
      const picked = list[below(list.length)]
      if (picked === undefined) throw new RangeError('nothing to pick from')
      return picked
    },
  }
}
