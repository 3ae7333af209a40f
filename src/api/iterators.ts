/**
 * Async iterators that end at once when told to: an async generator that waits for news cannot be ended from outside
 * until news come.
 */

export type Source<T> = AsyncIterableIterator<T, void, void>

/** `take` gives what is there, or undefined when the reader has to wait; `subscribe` is told when to look again. */
export function pollingSource<T>(options: {
  readonly take: () => T | undefined
  readonly subscribe: (wake: () => void) => () => void
  readonly isOver?: () => boolean
}): Source<T> {
  let ended = false
  let wake: () => void = () => undefined
  const unsubscribe = options.subscribe(() => wake())
  const end = async (): Promise<IteratorResult<T, void>> => {
    ended = true
    unsubscribe()
    wake()
    return { done: true, value: undefined }
  }
  const next = async (): Promise<IteratorResult<T, void>> => {
    for (;;) {
      if (ended || options.isOver?.() === true) return end()
      const value = options.take()
      if (value !== undefined) return { done: false, value }
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return sourceOf(next, end)
}

/** Gives what `map` makes of each value; null leaves it out. */
export function mapSource<T, R>(
  source: Source<T>,
  map: (value: T) => Promise<R | null>,
): Source<R> {
  const next = async (): Promise<IteratorResult<R, void>> => {
    for (;;) {
      const result = await source.next()
      if (result.done === true) return { done: true, value: undefined }
      const mapped = await map(result.value)
      if (mapped !== null) return { done: false, value: mapped }
    }
  }
  const end = async (): Promise<IteratorResult<R, void>> => {
    await source.return?.()
    return { done: true, value: undefined }
  }
  return sourceOf(next, end)
}

export function sourceOf<T>(
  next: () => Promise<IteratorResult<T, void>>,
  end: () => Promise<IteratorResult<T, void>>,
): Source<T> {
  const self: Source<T> = {
    next,
    return: end,
    throw: async (error) => {
      await end()
      throw error
    },
    [Symbol.asyncIterator]: () => self,
  }
  return self
}
