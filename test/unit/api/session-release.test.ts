/** A view of the index is a connection lent out: whoever asked for it may leave at any moment. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { createHeadHub } from '../../../src/api/head-hub'
import { defaultLimits } from '../../../src/api/limits'
import type { Snapshot } from '../../../src/api/readers'
import { createApi } from '../../../src/api/yoga'
import { blockAt } from '../../support/evidence'

/** An index whose views are opened, and whose only question is answered, when the test says so. */
function openApi() {
  const hub = createHeadHub()
  const opening: (() => void)[] = []
  const asking: (() => void)[] = []
  const counts = { opened: 0, closed: 0 }
  const wait = (queue: (() => void)[]) => new Promise<void>((resolve) => queue.push(resolve))
  const openSnapshot = async () => {
    await wait(opening)
    const height = 100
    counts.opened += 1
    return {
      head: {
        block: { ...blockAt(height), timestamp: new Date(0) },
        finalizedHeight: height,
        nodeHeight: null,
        nodeHash: null,
      },
      read: {
        status: {
          chain: async () => {
            await wait(asking)
            return { genesisHash: '0x00' }
          },
        },
      },
      close: async () => {
        counts.closed += 1
      },
      cancel: () => undefined,
    } as unknown as Snapshot
  }
  const api = createApi({
    openSnapshot,
    hub,
    limits: defaultLimits,
    version: '0.0.0-test',
    nowMs: () => 0,
    maxHeadAgeSeconds: () => 0,
    logError: () => undefined,
  })
  const ask = (query: string) => {
    const leaving = new AbortController()
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream' }
    const init = { method: 'POST', headers, body: JSON.stringify({ query }) }
    const request = new Request('http://test/graphql', { ...init, signal: leaving.signal })
    const reading = async () => (await api.fetch(request)).text()
    reading().catch(() => undefined)
    return { leave: () => leaving.abort() }
  }
  return { api, opening, asking, counts, ask, hub }
}

describe.each(['query { status { version } }', 'subscription { head { version } }'])(
  'a client of %s that leaves',
  (query) => {
    // Tried without looking at the signal after the opening: the question of nobody is asked, and not cancelled.
    it('while the view is opened: it is closed, and nothing asked', async () => {
      const { opening, asking, counts, ask, hub } = openApi()
      const { leave } = ask(query)
      await vi.waitUntil(() => opening.length > 0, 10_000)
      leave()
      opening.pop()?.()
      await vi.waitUntil(() => counts.closed > 0, 10_000)
      expect(asking).toEqual([])
      expect(counts).toEqual({ opened: 1, closed: 1 })
      expect(hub.followers).toBe(0)
    })

    it('while the answer is made: it is closed', async () => {
      const { opening, asking, counts, ask, hub } = openApi()
      const { leave } = ask(query)
      await vi.waitUntil(() => opening.length > 0, 10_000)
      opening.pop()?.()
      await vi.waitUntil(() => asking.length > 0, 10_000)
      leave()
      asking.pop()?.()
      await vi.waitUntil(() => counts.closed > 0, 10_000)
      expect(counts).toEqual({ opened: 1, closed: 1 })
      expect(hub.followers).toBe(0)
    })
  },
)

// Tried without asking whether it is over: the connection is lent out for ever, and twenty of them are all there are.
it('a subscriber that leaves while it looks again, and nothing is new: that view is closed, too', async () => {
  const { api, opening, asking, counts, hub } = openApi()
  const server = createServer(api as never)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const leaving = new AbortController()
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream' }
  const body = JSON.stringify({ query: 'subscription { head { version } }' })
  const init = { method: 'POST', headers, body, signal: leaving.signal }
  const reading = async () => (await fetch(`http://127.0.0.1:${port}/graphql`, init)).text()
  reading().catch(() => undefined)
  await vi.waitUntil(() => opening.length > 0, 10_000)
  opening.pop()?.()
  await vi.waitUntil(() => asking.length > 0, 10_000)
  asking.pop()?.()
  await vi.waitUntil(() => counts.closed === 1, 10_000)
  hub.publish()
  await vi.waitUntil(() => opening.length > 0, 10_000)
  leaving.abort()
  await vi.waitUntil(() => hub.followers === 0, 10_000)
  opening.pop()?.()
  await vi.waitUntil(() => counts.closed === 2, 10_000)
  expect(counts.opened).toBe(2)
  server.close()
})
