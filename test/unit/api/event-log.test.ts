import { describe, expect, test } from 'vitest'
import { createEventFeed } from '../../../src/api/event-feed'
import { EventLog, type FeedMessage } from '../../../src/api/event-log'
import { createHeadHub } from '../../../src/api/head-hub'
import type { Source } from '../../../src/api/iterators'
import type { Snapshot } from '../../../src/api/readers'

/** A chain as block hashes by height, every block with one event; what lies up to `finalized` is final. */
function snapshotOf(hashes: readonly string[], finalized = 0): Snapshot {
  const block = (height: number) => ({ height, hash: hashes[height], timestamp: new Date(height) })
  const head = { block: block(hashes.length - 1), finalizedHeight: finalized }
  const read = {
    blocks: {
      byHeights: async (heights: number[]) => heights.filter((h) => h < hashes.length).map(block),
    },
    events: {
      page: async (
        _: unknown,
        filter: { fromBlock: number },
        query: { limit: number; cursor: string[] | null },
      ) => {
        const after = query.cursor === null ? -1 : Number(query.cursor[0])
        const heights = hashes.map((_, h) => h).filter((h) => h >= filter.fromBlock && h > after)
        const rows = heights.slice(0, query.limit).map((height) => ({
          row: { id: `${hashes[height]}`, block: height, autoId: 'someone' },
          keys: [String(height)],
        }))
        return [{ rows, hasMore: heights.length > query.limit }]
      },
    },
    identities: { byIds: async (ids: string[]) => ids.map((autoId) => ({ autoId })) },
  }
  return {
    head,
    read,
    close: async () => undefined,
    cancel: () => undefined,
  } as unknown as Snapshot
}

function messagesOf(log: EventLog, from: number): string[] {
  const shown: string[] = []
  for (let number = from; number < log.end; number++) {
    const message = log.at(number)
    if (message !== undefined)
      shown.push(`${message.isRemoval ? '-' : '+'}${message.entry.event.id}`)
  }
  return shown
}

describe('EventLog', () => {
  test('announces nothing that was there before it began', async () => {
    const log = new EventLog(100)
    await log.begin(snapshotOf(['g', 'a1', 'a2']))
    expect(log.end).toBe(0)
    await log.advance(snapshotOf(['g', 'a1', 'a2']))
    expect(log.end).toBe(0)
  })

  test('announces new blocks once, however often it looks', async () => {
    const log = new EventLog(100)
    await log.begin(snapshotOf(['g']))
    await log.advance(snapshotOf(['g', 'a1', 'a2']))
    await log.advance(snapshotOf(['g', 'a1', 'a2', 'a3']))
    await log.advance(snapshotOf(['g', 'a1', 'a2', 'a3']))
    expect(messagesOf(log, 0)).toEqual(['+a1', '+a2', '+a3'])
  })

  test('takes back what left the chain, newest first, then announces what came instead', async () => {
    const log = new EventLog(100)
    await log.begin(snapshotOf(['g', 'a1']))
    await log.advance(snapshotOf(['g', 'a1', 'a2', 'a3']))
    await log.advance(snapshotOf(['g', 'a1', 'b2']))
    expect(messagesOf(log, 2)).toEqual(['-a3', '-a2', '+b2'])
  })

  test('finds a fork below the block it began at', async () => {
    const log = new EventLog(100)
    await log.begin(snapshotOf(['g', 'a1', 'a2', 'a3']))
    await log.advance(snapshotOf(['g', 'b1', 'b2', 'b3', 'b4']))
    expect(messagesOf(log, 0)).toEqual(['+b1', '+b2', '+b3', '+b4'])
  })

  test('a chain that became longer and shorter between two looks', async () => {
    const log = new EventLog(100)
    await log.begin(snapshotOf(['g', 'a1', 'a2']))
    await log.advance(snapshotOf(['g', 'a1']))
    await log.advance(snapshotOf(['g', 'a1', 'a2']))
    expect(messagesOf(log, 0)).toEqual(['+a2'])
  })

  test('keeps no more messages than it may, and says which are gone', async () => {
    const log = new EventLog(100)
    await log.begin(snapshotOf(['g']))
    await log.advance(
      snapshotOf(
        Array.from({ length: 2_501 }, (_, i) => `h${i}`),
        0,
      ),
    )
    expect(log.end).toBe(2_501)
    expect(log.at(0)).toBeUndefined()
    expect(log.at(2_500)?.entry.event.id).toBe('h2500')
  })
})

describe('createEventFeed', () => {
  const take = async (source: Source<FeedMessage>, count: number) => {
    const shown: string[] = []
    for (let i = 0; i < count; i++) {
      const { value } = await source.next()
      if (value) shown.push(`${value.isRemoval ? '-' : '+'}${value.entry.event.id}`)
    }
    return shown
  }

  // What a reader was told is known from where it began: nothing is kept for each event of a long subscription.
  test('takes back only what a reader was told, however many messages after', async () => {
    let chain = ['g', 'a1']
    const hub = createHeadHub()
    const feed = createEventFeed(async () => snapshotOf(chain), hub)
    const early = await feed.follow()
    chain = ['g', 'a1', 'a2']
    hub.publish()
    expect(await take(early, 1)).toEqual(['+a2'])
    const late = await feed.follow()
    chain = ['g', 'a1', 'a2', 'a3']
    hub.publish()
    expect(await take(early, 1)).toEqual(['+a3'])
    expect(await take(late, 1)).toEqual(['+a3'])
    chain = ['g', 'a1', 'b2', 'b3']
    hub.publish()
    expect(await take(early, 4)).toEqual(['-a3', '-a2', '+b2', '+b3'])
    expect(await take(late, 3)).toEqual(['-a3', '+b2', '+b3'])
    chain = ['g', 'a1', 'c2']
    hub.publish()
    expect(await take(early, 3)).toEqual(['-b3', '-b2', '+c2'])
    expect(await take(late, 3)).toEqual(['-b3', '-b2', '+c2'])
    await Promise.all([early.return?.(), late.return?.()])
    expect(hub.followers).toBe(0)
  })

  test('an announcement says its own number, its removal the same', async () => {
    const log = new EventLog(100)
    await log.begin(snapshotOf(['g']))
    await log.advance(snapshotOf(['g', 'a1', 'a2']))
    await log.advance(snapshotOf(['g', 'b1']))
    const numbers = [0, 1, 2, 3, 4].map((number) => log.at(number)?.announced)
    expect(numbers).toEqual([0, 1, 1, 0, 4])
  })
})
