/** What was announced of the timeline, and which blocks it rests on: compared with the index, news and removals come out. */

import type { Readers, Snapshot } from './readers'
import type { BlockRow, EventRow, IdentityRow } from './rows'

/** An event with what it refers to, as it was when announced: after a reorganisation the index has neither. */
export type FeedEntry = {
  readonly event: EventRow
  readonly block: BlockRow
  readonly identity: IdentityRow
}

export type FeedMessage = {
  /** The entry's block has left the chain. */
  readonly isRemoval: boolean
  readonly entry: FeedEntry
  /** Number of the message that announced the entry: this one's, unless it is a removal. */
  readonly announced: number
}

const PAGE = 1_000

export class EventLog {
  private messages: FeedMessage[] = []
  /** Number of the first message kept. */
  private first = 0
  private position = -1
  /** Hashes of the blocks that are not final, by height, and of the position. */
  private readonly hashes = new Map<number, string>()
  /** Announced and not final yet, in chain order. */
  private unsettled: FeedMessage[] = []

  constructor(private readonly maxKept: number) {}

  /** Number of the next message. */
  get end(): number {
    return this.first + this.messages.length
  }

  /** Undefined when it was dropped already. */
  at(number: number): FeedMessage | undefined {
    return this.messages[number - this.first]
  }

  /** Everything up to the snapshot's head counts as announced. */
  async begin({ head, read }: Snapshot): Promise<void> {
    this.hashes.clear()
    this.unsettled = []
    await this.learnHashes(read, head.finalizedHeight, head.block.height)
    this.position = head.block.height
  }

  /** Announces what changed between the position and the snapshot's head. */
  async advance(snapshot: Snapshot): Promise<void> {
    const { head, read } = snapshot
    const fork = await this.commonHeight(read)
    this.takeBack(fork)
    await this.learnHashes(read, fork + 1, head.block.height)
    await this.announce(snapshot, fork + 1)
    this.position = head.block.height
    this.settle(head.finalizedHeight)
  }

  /** The highest block that was announced and still stands. */
  private async commonHeight(read: Readers): Promise<number> {
    for (let top = this.position; top >= 0; top -= PAGE) {
      const heights = range(Math.max(0, top - PAGE + 1), top).filter((h) => this.hashes.has(h))
      const standing = (await read.blocks.byHeights(heights)).filter(
        ({ height, hash }) => this.hashes.get(height) === hash,
      )
      if (standing.length > 0) return Math.max(...standing.map(({ height }) => height))
      if (heights.length === 0) return top
    }
    return -1
  }

  private takeBack(fork: number): void {
    const gone = this.unsettled.filter(({ entry }) => entry.event.block > fork).reverse()
    for (const message of gone) this.push({ ...message, isRemoval: true })
    this.unsettled = this.unsettled.filter(({ entry }) => entry.event.block <= fork)
    for (const height of this.hashes.keys()) if (height > fork) this.hashes.delete(height)
  }

  private async learnHashes(read: Readers, from: number, to: number): Promise<void> {
    for (let start = Math.max(0, from); start <= to; start += PAGE) {
      const rows = await read.blocks.byHeights(range(start, Math.min(to, start + PAGE - 1)))
      for (const { height, hash } of rows) this.hashes.set(height, hash)
    }
  }

  private async announce({ head, read }: Snapshot, fromBlock: number): Promise<void> {
    const filter = { upTo: head.block.height, fromBlock }
    let cursor: readonly (string | number)[] | null = null
    for (;;) {
      const query = { order: 'OLDEST_FIRST', limit: PAGE, backward: false, cursor } as const
      const [page] = await read.events.page([null], filter, query)
      const events = page?.rows.map(({ row }) => row) ?? []
      for (const entry of await completed(events, snapshotHeight(head.block.height), read)) {
        const message = { isRemoval: false, entry, announced: this.end }
        this.push(message)
        this.unsettled.push(message)
      }
      cursor = page?.rows.at(-1)?.keys ?? null
      if (page?.hasMore !== true) return
    }
  }

  private settle(finalizedHeight: number): void {
    this.unsettled = this.unsettled.filter(({ entry }) => entry.event.block > finalizedHeight)
    for (const height of this.hashes.keys()) {
      if (height < finalizedHeight && height < this.position) this.hashes.delete(height)
    }
  }

  private push(message: FeedMessage): void {
    this.messages.push(message)
    if (this.messages.length <= this.maxKept) return
    const dropped = Math.ceil(this.maxKept / 10)
    this.messages = this.messages.slice(dropped)
    this.first += dropped
  }
}

function snapshotHeight(height: number) {
  return { height, isHead: true }
}

async function completed(
  events: readonly EventRow[],
  at: { readonly height: number; readonly isHead: boolean },
  read: Readers,
): Promise<readonly FeedEntry[]> {
  const heights = [...new Set(events.map(({ block }) => block))]
  const blocks = new Map((await read.blocks.byHeights(heights)).map((row) => [row.height, row]))
  const ids = [...new Set(events.map(({ autoId }) => autoId))]
  const identities = new Map((await read.identities.byIds(ids, at)).map((row) => [row.autoId, row]))
  return events.map((event) => {
    const block = blocks.get(event.block)
    const identity = identities.get(event.autoId)
    if (block === undefined || identity === undefined) {
      throw new Error(`event ${event.id} refers to what is not there`)
    }
    return { event, block, identity }
  })
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i)
}
