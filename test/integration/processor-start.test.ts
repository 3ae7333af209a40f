/** When a processor does not start: no node, another chain, another processor, no database. */

import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readRecording } from '../../src/devnet/recording'
import { startProcessor } from '../../src/main'
import { chainDir, LiveIndex, settingsOf, silent } from '../support/live-index'

let live: LiveIndex
beforeEach(async () => {
  live = await LiveIndex.open()
})
afterEach(() => live.close())

const oneLine = expect.stringMatching(/^[^\n]+$/)

describe('a start that cannot succeed writes nothing and says why in one line', () => {
  test('when no node answers', async () => {
    const before = await live.contents()
    await expect(live.start('ws://127.0.0.1:1')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: oneLine,
    })
    expect(await live.contents()).toEqual(before)
  })

  test('when something answers that is no node: what it said', async () => {
    const server = createServer((_, response) => response.writeHead(404).end('no such page'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : null
    const before = await live.contents()
    // Tried after 0, 0.25, 0.75 and 1.75 s; the next try comes after patience has ended.
    const refused = live.startWith({ patienceMs: 2_700 }, `http://127.0.0.1:${port}/rpc`)
    await expect(refused).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/^No node answered [^\n]*: [^\n]*404[^\n]*$/),
    })
    server.close()
    expect(await live.contents()).toEqual(before)
  })

  test('when the chain has no AutoId pallet', async () => {
    const recording = readRecording(chainDir)
    const renamed = Buffer.from('AutoId').toString('hex')
    const runtimes = new Map(
      [...recording.runtimes].map(([version, runtime]) => [
        version,
        {
          ...runtime,
          metadata: runtime.metadata.replaceAll(renamed, Buffer.from('OtherX').toString('hex')),
        },
      ]),
    )
    const { wsUrl } = await live.node({ chain: { ...recording, runtimes } })
    const before = await live.contents()
    await expect(live.start(wsUrl)).rejects.toMatchObject({ code: 'WRONG_CHAIN', message: oneLine })
    expect(await live.contents()).toEqual(before)
  })

  test('when the database was indexed from another genesis', async () => {
    const { wsUrl } = await live.node()
    const first = await live.start(wsUrl)
    await live.untilHeight(282)
    await first.close()
    const before = await live.contents()
    const recording = readRecording(chainDir)
    const fork = recording.blocks.filter(({ number }) => number > 0)
    const genesis = recording.blocks[0]
    if (genesis === undefined) throw new Error('no genesis')
    const other = { ...genesis, hash: `0x${'ab'.repeat(32)}` }
    const { wsUrl: otherUrl } = await live.node({
      chain: {
        ...recording,
        blocks: [
          other,
          ...fork.map((b) => (b.number === 1 ? { ...b, parentHash: other.hash } : b)),
        ],
      },
    })
    await expect(live.start(otherUrl)).rejects.toMatchObject({
      code: 'WRONG_CHAIN',
      message: expect.stringMatching(
        /^the database was indexed from the chain with genesis[^\n]+$/,
      ),
    })
    expect(await live.contents()).toEqual(before)
  })

  test('when another processor is at work', async () => {
    const { wsUrl } = await live.node()
    await live.start(wsUrl)
    await live.untilHeight(282)
    await expect(live.start(wsUrl)).rejects.toMatchObject({ code: 'UNAVAILABLE', message: oneLine })
  })

  test('when the database does not answer', async () => {
    const { wsUrl } = await live.node()
    const settings = settingsOf('postgres://nobody@127.0.0.1:1/none', [wsUrl])
    await expect(startProcessor(settings, silent)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('postgres://nobody@127.0.0.1:1/none'),
    })
  })
})
