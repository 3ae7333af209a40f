/** The ear for new blocks, behind a network that swallows what is sent. */

import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { headChannel } from '../../src/store/head-notice'
import { listenToHead } from '../../src/store/read/listen'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { until } from '../support/until'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(async () => {
  await database?.close()
})

/** `freeze`: connections stay open, and nothing passes any more; later ones pass. */
async function startFreezingProxy(databaseUrl: string) {
  const url = new URL(databaseUrl)
  const target = { host: url.hostname, port: Number(url.port) }
  const pairs: [Socket, Socket][] = []
  const server = createServer((client) => {
    const upstream = connect(target)
    for (const socket of [client, upstream]) socket.on('error', () => undefined)
    client.pipe(upstream).pipe(client)
    pairs.push([client, upstream])
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    freeze: () => {
      for (const [client, upstream] of pairs) {
        client.unpipe().pause()
        upstream.unpipe().pause()
      }
    },
    close: () => {
      for (const socket of pairs.flat()) socket.destroy()
      server.close()
    },
  }
}

// Without the heartbeat the second connection is never made, and subscriptions are silent until a restart.
test('a connection that is half open is given up and made anew, and notices come again', async () => {
  const proxy = await startFreezingProxy(database.url)
  const heights: number[] = []
  const errors: Error[] = []
  let connections = 0
  const listener = listenToHead({
    url: proxy.url,
    heartbeatMs: 1_000,
    retryMs: 10,
    onNotice: ({ height }) => heights.push(height),
    onConnected: () => {
      connections += 1
    },
    onError: (error) => errors.push(error),
  })
  const writer = new pg.Client({ connectionString: database.url })
  await writer.connect()
  const notify = (height: number) =>
    writer.query('select pg_notify($1, $2)', [
      headChannel,
      JSON.stringify({ height, hash: '0x', from: height, reorg: 0 }),
    ])
  await until(() => connections === 1)
  await notify(1)
  await until(() => heights.includes(1))
  proxy.freeze()
  await notify(2)
  await until(() => connections === 2)
  expect(errors).toHaveLength(1)
  expect(listener.isConnected).toBe(true)
  await notify(3)
  await until(() => heights.includes(3))
  // What was told meanwhile is lost: `onConnected` says to look at the index itself.
  expect(heights).toEqual([1, 3])
  await listener.close()
  await writer.end()
  proxy.close()
})
