/** A port in front of a database that is there or not, as the test says; the port itself never changes. */

import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type SwitchedProxy = {
  /** The given URL, by way of the proxy. */
  readonly url: string
  /** Off: open connections are cut, new ones end at once. */
  turn(isOn: boolean): void
  close(): Promise<void>
}

/** Off at first. */
export async function startSwitchedProxy(databaseUrl: string): Promise<SwitchedProxy> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let isOn = false
  const server = createServer((client) => {
    client.on('error', () => undefined)
    if (!isOn) {
      client.destroy()
      return
    }
    const upstream = connect(Number(target.port || 5432), target.hostname)
    upstream.on('error', () => client.destroy())
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    }
    client.pipe(upstream).pipe(client)
    client.once('close', () => upstream.destroy())
    upstream.once('close', () => client.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    turn: (on) => {
      isOn = on
      if (!on) cut()
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      cut()
      await closed
    },
  }
}
