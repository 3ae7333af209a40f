/**
 * A load generator in a process of its own: `http-load <JSON>`; prints good answers a second. On plain sockets, so that it
 * takes little of the machine it shares with what it measures, and the same for every server: a connection is used
 * again whenever the server lets it.
 */

import { connect, type Socket } from 'node:net'

export type LoadOptions = {
  readonly url: string
  readonly seconds: number
  readonly connections: number
  /** Base64; sent by POST as an OCSP request. */
  readonly body?: string
}

const MAX_WAIT_MS = 5_000

type Load = {
  readonly host: string
  readonly port: number
  readonly request: Buffer
  good: number
  isOver: boolean
}

async function main(options: LoadOptions): Promise<void> {
  const { hostname, port } = new URL(options.url)
  const load: Load = {
    host: hostname,
    port: Number(port),
    request: requestOf(options),
    good: 0,
    isOver: false,
  }
  const started = performance.now()
  const sockets = new Set<Socket>()
  for (let i = 0; i < options.connections; i++) open(load, sockets)
  await new Promise((resolve) => setTimeout(resolve, options.seconds * 1_000))
  load.isOver = true
  const seconds = (performance.now() - started) / 1_000
  process.stdout.write(String(load.good / seconds))
  // Answers under way are waited for: `openssl ocsp` ends when somebody hangs up on it.
  const deadline = setTimeout(() => process.exit(), MAX_WAIT_MS)
  while (sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 10))
  clearTimeout(deadline)
}

function requestOf({ url, body }: LoadOptions): Buffer {
  const { host, pathname, search } = new URL(url)
  const target = `${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\n`
  if (body === undefined) return Buffer.from(`GET ${target}\r\n`, 'latin1')
  const bytes = Buffer.from(body, 'base64')
  const type = `content-type: application/ocsp-request\r\ncontent-length: ${bytes.length}\r\n`
  return Buffer.concat([Buffer.from(`POST ${target}${type}\r\n`, 'latin1'), bytes])
}

/** One request at a time; a new connection as soon as the last one is closed. */
function open(load: Load, sockets: Set<Socket>): void {
  const socket = connect({ host: load.host, port: load.port, noDelay: true })
  sockets.add(socket)
  let received: Buffer = Buffer.alloc(0)
  socket.on('connect', () => socket.write(load.request))
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    const answer = wholeAnswer(received)
    if (answer === null) return
    received = Buffer.alloc(0)
    if (answer.isGood && !load.isOver) load.good++
    if (answer.isLast || load.isOver) socket.end()
    else socket.write(load.request)
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    sockets.delete(socket)
    if (!load.isOver) open(load, sockets)
  })
}

/** Null until all of it is there: by its length, or its last chunk. */
function wholeAnswer(received: Buffer): { isGood: boolean; isLast: boolean } | null {
  const end = received.indexOf('\r\n\r\n')
  if (end < 0) return null
  const head = received.toString('latin1', 0, end)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  const isWhole =
    length === undefined
      ? received.subarray(-5).toString('latin1') === '0\r\n\r\n'
      : received.length >= end + 4 + Number(length)
  if (!isWhole) return null
  const isLast = head.startsWith('HTTP/1.0') || /\r\nconnection: *close/i.test(head)
  return { isGood: head.startsWith('200', 9), isLast }
}

if (require.main === module) void main(JSON.parse(process.argv[2] ?? '{}') as LoadOptions)
