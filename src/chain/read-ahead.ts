/** Ordered results of work started ahead of its turn. */

/** Does `work` on each item, at most `ahead` under way or waiting, and yields the results in order. */
export async function* readAhead<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  ahead: number,
  work: (item: T) => Promise<R>,
): AsyncIterable<R> {
  const waiting: Promise<R>[] = []
  for await (const item of items) {
    const result = work(item)
    // A failure is thrown when its turn comes, not before.
    result.catch(() => {})
    waiting.push(result)
    while (waiting.length >= ahead) yield await next(waiting)
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
