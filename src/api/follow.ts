/** Sources of the subscriptions: each value is answered from a view of the index of its own. */

import type { ApiContext } from './context'
import type { FeedMessage } from './event-log'
import { mapSource, type Source } from './iterators'
import type { EventFilterRow } from './list-reader'

/** At once, then whenever the head or what is final moved. */
export function followHead(context: ApiContext): Source<true> {
  let last: string | null = null
  return mapSource(context.hub.follow(), async () => {
    const { head } = await context.renewSession()
    const position = `${head.block.hash} ${head.finalizedHeight}`
    if (position === last) return null
    last = position
    return true as const
  })
}

/** Each event that passes the filter, once and in order. */
export async function followEvents(
  context: ApiContext,
  filter: Omit<EventFilterRow, 'upTo'>,
): Promise<Source<FeedMessage>> {
  const feed = await context.feed.follow()
  return mapSource(feed, async (message) => {
    if (!passes(filter, message)) return null
    await context.renewSession()
    return message
  })
}

function passes(filter: Omit<EventFilterRow, 'upTo'>, { entry }: FeedMessage): boolean {
  const { event, block } = entry
  const timeMs = block.timestamp.getTime()
  return (
    isEqual(filter.kind, event.kind) &&
    isEqual(filter.autoId, event.autoId) &&
    isEqual(filter.issuerId, event.issuerId) &&
    isEqual(filter.signer, event.signer) &&
    isEqual(filter.extrinsicHash, event.extrinsicHash) &&
    isEqual(filter.source, event.source) &&
    event.block >= (filter.fromBlock ?? 0) &&
    event.block <= (filter.toBlock ?? event.block) &&
    timeMs >= (filter.fromTime?.getTime() ?? timeMs) &&
    timeMs < (filter.toTime?.getTime() ?? timeMs + 1)
  )
}

function isEqual(wanted: string | null | undefined, value: string | null): boolean {
  return wanted == null || wanted === value
}
