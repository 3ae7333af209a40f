/** One port for HTTP and WebSocket, as a Substrate node has. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { type Dispatcher, dispatch } from './dispatch'
import type { DevnetNode } from './node'
import { Subscriptions } from './subscriptions'

/** Largest request taken, as in Substrate (`--rpc-max-request-size` 15 MB). */
const MAX_REQUEST_BYTES = 15 * 1024 * 1024

export type RpcServer = {
  readonly port: number
  readonly close: () => Promise<void>
  /** Cuts every open connection. */
  readonly dropConnections: () => void
}

export type ServerOptions = {
  readonly host: string
  readonly port: number
  /** Added to every answer, both ways together. */
  readonly latencyMs: number
}

export async function serveRpc(
  node: DevnetNode,
  dispatcher: Dispatcher,
  options: ServerOptions,
): Promise<RpcServer> {
  const server = createServer((request, response) => {
    if (request.method !== 'POST') return answerHealth(request, response)
    readBody(request, (text) => answerHttp(dispatcher, text, response, options.latencyMs))
  })
  server.keepAliveTimeout = 60_000
  await listen(server, options)
  // Not before: it hands on each error of the server as its own, which nobody would hear.
  const sockets = new WebSocketServer({ server, maxPayload: MAX_REQUEST_BYTES })
  sockets.on('connection', (socket) => serveSocket(node, dispatcher, socket, options.latencyMs))
  const dropConnections = () => {
    for (const socket of sockets.clients) socket.terminate()
    server.closeAllConnections()
  }
  return {
    port: (server.address() as AddressInfo).port,
    dropConnections,
    close: () =>
      new Promise((resolve) => {
        sockets.close()
        server.close(() => resolve())
        dropConnections()
      }),
  }
}

function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function readBody(request: IncomingMessage, done: (text: string) => void): void {
  const parts: Buffer[] = []
  let length = 0
  request.on('data', (part: Buffer) => {
    length += part.length
    if (length > MAX_REQUEST_BYTES) request.destroy()
    else parts.push(part)
  })
  request.on('end', () => done(Buffer.concat(parts).toString('utf8')))
}

function answerHealth(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/health') {
    response.setHeader('content-type', 'application/json')
    response.end('{"peers":0,"isSyncing":false,"shouldHavePeers":false}')
    return
  }
  response.statusCode = 405
  response.end('Used HTTP Method is not allowed. POST is required')
}

function answerHttp(
  dispatcher: Dispatcher,
  text: string,
  response: ServerResponse,
  latencyMs: number,
): void {
  const outcome = dispatch(dispatcher, text, null)
  switch (outcome.type) {
    case 'HANG':
      return
    case 'DROP':
      response.destroy()
      return
    case 'STATUS':
      response.statusCode = outcome.status
      later(latencyMs, () => response.end())
      return
    case 'REPLY':
      response.setHeader('content-type', 'application/json; charset=utf-8')
      later(latencyMs + outcome.delayMs, () => response.end(outcome.body))
  }
}

function serveSocket(
  node: DevnetNode,
  dispatcher: Dispatcher,
  socket: WebSocket,
  latencyMs: number,
): void {
  const send = (body: string) => {
    if (socket.readyState === socket.OPEN) socket.send(body)
  }
  const subscriptions = new Subscriptions(node, (message) =>
    later(latencyMs, () => send(JSON.stringify(message))),
  )
  socket.on('close', () => subscriptions.close())
  socket.on('error', () => socket.terminate())
  socket.on('message', (bytes: Buffer) => {
    const outcome = dispatch(dispatcher, bytes.toString('utf8'), subscriptions)
    if (outcome.type === 'REPLY') later(latencyMs + outcome.delayMs, () => send(outcome.body))
    else if (outcome.type !== 'HANG') socket.terminate()
  })
}

function later(ms: number, run: () => void): void {
  if (ms <= 0) run()
  else setTimeout(run, ms)
}
