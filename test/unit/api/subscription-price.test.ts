/** A subscription answers again with each move of the index: what it may cost counts each time. */

import { describe, expect, it } from 'vitest'
import { createHeadHub } from '../../../src/api/head-hub'
import { defaultLimits } from '../../../src/api/limits'
import type { Snapshot } from '../../../src/api/readers'
import { createApi } from '../../../src/api/yoga'
import { blockAt } from '../../support/evidence'

/** An index that moves by a block whenever it is asked, and a client with so much to spend. */
function openApi(budget: number) {
  const hub = createHeadHub()
  const charged: number[] = []
  let height = 100
  const snapshotAt = (at: number) =>
    ({
      head: {
        block: { ...blockAt(at), timestamp: new Date(0) },
        finalizedHeight: at,
        nodeHeight: null,
        nodeHash: null,
      },
      read: { status: { chain: async () => ({ genesisHash: '0x00' }) } },
      close: async () => undefined,
      cancel: () => undefined,
    }) as unknown as Snapshot
  const api = createApi({
    openSnapshot: async () => snapshotAt(height++),
    hub,
    limits: defaultLimits,
    version: '0.0.0-test',
    nowMs: () => 0,
    maxHeadAgeSeconds: () => 0,
    logError: () => undefined,
    charge: (_, price) => {
      charged.push(price)
      return charged.reduce((sum, one) => sum + one, 0) > budget ? 7 : null
    },
  })
  const ask = async (query: string) => {
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream' }
    const init = { method: 'POST', headers, body: JSON.stringify({ query }) }
    const { body } = await api.fetch(new Request('http://test/graphql', init))
    return body as unknown as AsyncIterable<Uint8Array>
  }
  return { hub, charged, ask }
}

const HEAD = 'head { head { height } }'

describe('the price of a subscription', () => {
  // Tried with the price taken once: it goes on for ever, 100 of one client at 20,000 for each block.
  it('is paid for each view of the index, and one that cannot be paid ends it', async () => {
    const { hub, charged, ask } = openApi(6)
    let text = ''
    for await (const chunk of await ask(`subscription { ${HEAD} }`)) {
      text += Buffer.from(chunk).toString()
      if (text.includes('"height":110')) break
      hub.publish()
    }
    expect(charged).toEqual([2, 2, 2, 2])
    expect(text.match(/"height":\d+/g)).toEqual([100, 101, 102].map((at) => `"height":${at}`))
    expect(text).toContain('"code":"RATE_LIMITED","retryAfter":7')
    expect(hub.followers).toBe(0)
  })

  it('is that of a query for the first view: one value, once', async () => {
    const { charged, ask } = openApi(100)
    for await (const _ of await ask(`{ status { head { height } } }`));
    expect(charged).toEqual([2])
    for await (const chunk of await ask(`subscription { ${HEAD} }`)) {
      if (Buffer.from(chunk).toString().includes('height')) break
    }
    expect(charged).toEqual([2, 2])
  })
})
