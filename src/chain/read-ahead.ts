/** Ordered results of work started ahead of its turn. */

/** How much may be under way or waiting at once. */
export type Ahead<R> = {
  /** Items whose results are light. */
  readonly most: number
  /** What the results may weigh together; two items are allowed whatever theirs weigh. */
  readonly weight: number
  readonly weigh: (result: R) => number
}

/** One to wait for and one after it. */
const LEAST_AHEAD = 2
/** While nothing is known of their weight. */
const FIRST_AHEAD = 5

/**
 * Does `work` on each item ahead of its turn and yields the results in order. What those under way will weigh is not known:
 * they are taken to be as heavy as the last one that was yielded.
 */
export async function* readAhead<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  { most, weight, weigh }: Ahead<R>,
  work: (item: T) => Promise<R>,
): AsyncIterable<R> {
  const waiting: Promise<R>[] = []
  let allowed = Math.min(FIRST_AHEAD, most)
  for await (const item of items) {
    const result = work(item)
    // A failure is thrown when its turn comes, not before.
    result.catch(() => {})
    waiting.push(result)
    while (waiting.length >= allowed) {
      const first = await next(waiting)
      const fitting = Math.floor(weight / Math.max(1, weigh(first)))
      allowed = Math.min(most, Math.max(LEAST_AHEAD, fitting))
      yield first
    }
  }
  while (waiting.length > 0) yield await next(waiting)
}

function next<R>(waiting: Promise<R>[]): Promise<R> {
  const first = waiting.shift()
  if (first === undefined) throw new RangeError('nothing under way')
  return first
}

/** Splits `from`..`to` (inclusive) into runs of at most `size`. */
export function* splitRange(
  from: number,
  to: number,
  size: number,
): Iterable<{ readonly from: number; readonly to: number }> {
  for (let start = from; start <= to; start += size) {
    yield { from: start, to: Math.min(start + size - 1, to) }
  }
}
