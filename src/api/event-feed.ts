/** The registry's events as they come, read from the index once for all subscriptions of this process. */

import { AppError } from '../errors'
import { EventLog, type FeedMessage } from './event-log'
import type { HeadHub } from './head-hub'
import { type Source, sourceOf } from './iterators'
import type { Freshness, OpenSnapshot, Snapshot } from './readers'

export type EventFeed = {
  /** Each event once and in order, from now on; after a reorganisation removals of those that are gone. */
  follow(): Promise<Source<FeedMessage>>
}

/** Messages kept for slow readers; one that falls behind further is told so. */
const MAX_KEPT = 20_000
const NO_DEMAND: Freshness = { minBlock: null, maxLagSeconds: null }

export function createEventFeed(openSnapshot: OpenSnapshot, hub: HeadHub): EventFeed {
  const log = new EventLog(MAX_KEPT)
  let readers = 0
  let working: Promise<void> = Promise.resolve()
  /** One after the other; a failure is the asker's, the next one tries again. */
  const inTurn = (work: (snapshot: Snapshot) => Promise<void>): Promise<void> => {
    working = working.catch(() => undefined).then(() => within(openSnapshot, work))
    return working
  }
  const update = () => inTurn((snapshot) => log.advance(snapshot))
  return {
    follow: async () => {
      const isFirst = readers === 0
      readers++
      const heads = hub.follow()
      try {
        await (isFirst ? inTurn((snapshot) => log.begin(snapshot)) : update())
      } catch (error) {
        readers--
        await heads.return?.()
        throw error
      }
      return reader({ log, heads, update, onEnd: () => readers-- })
    },
  }
}

async function within(
  openSnapshot: OpenSnapshot,
  work: (snapshot: Snapshot) => Promise<void>,
): Promise<void> {
  const snapshot = await openSnapshot(NO_DEMAND)
  try {
    await work(snapshot)
  } finally {
    await snapshot.close()
  }
}

type ReaderParts = {
  readonly log: EventLog
  readonly heads: Source<true>
  readonly update: () => Promise<void>
  readonly onEnd: () => void
}

function reader({ log, heads, update, onEnd }: ReaderParts): Source<FeedMessage> {
  const start = log.end
  let position = start
  let isEnded = false
  const end = async (): Promise<IteratorResult<FeedMessage, void>> => {
    if (!isEnded) onEnd()
    isEnded = true
    await heads.return?.()
    return { done: true, value: undefined }
  }
  /** A removal is news only to those who were told of the entry: all that was announced since they came. */
  const isNews = ({ announced }: FeedMessage): boolean => announced >= start
  const next = async (): Promise<IteratorResult<FeedMessage, void>> => {
    while (!isEnded) {
      while (position < log.end) {
        const message = log.at(position++)
        if (message === undefined) {
          throw new AppError('UNAVAILABLE', 'the subscription fell behind and missed events')
        }
        if (isNews(message)) return { done: false, value: message }
      }
      if ((await heads.next()).done === true) break
      await update()
    }
    return end()
  }
  return sourceOf(next, end)
}
