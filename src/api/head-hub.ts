/** Tells all subscriptions of this process that the index moved. */

import { pollingSource, type Source } from './iterators'

export type HeadHub = {
  /** True at once, then after each move; moves since the last one taken count as one. */
  follow(): Source<true>
  publish(): void
  readonly followers: number
  /** Ends all. */
  close(): void
}

type Follower = { hasNews: boolean; wake: () => void }

export function createHeadHub(): HeadHub {
  const followers = new Set<Follower>()
  let isClosed = false
  const wakeAll = (hasNews: boolean) => {
    for (const follower of followers) {
      follower.hasNews ||= hasNews
      follower.wake()
    }
  }
  return {
    publish: () => wakeAll(true),
    follow: () => {
      const follower: Follower = { hasNews: true, wake: () => undefined }
      return pollingSource<true>({
        take: () => {
          if (!follower.hasNews) return undefined
          follower.hasNews = false
          return true
        },
        subscribe: (wake) => {
          follower.wake = wake
          followers.add(follower)
          return () => followers.delete(follower)
        },
        isOver: () => isClosed,
      })
    },
    get followers() {
      return followers.size
    },
    close: () => {
      isClosed = true
      wakeAll(false)
    },
  }
}
