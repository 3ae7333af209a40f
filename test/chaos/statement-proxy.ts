/** Stands between a processor and Postgres and counts what the writing session sends, statement by statement. */

import { connect, createServer, type Server, type Socket } from 'node:net'

/** Told before a statement is passed on; answers whether it is to be passed on. */
export type OnStatement = (ordinal: number, pass: () => void) => void

const QUERY = 0x51
const SYNC = 0x53

export class StatementProxy {
  private readonly server: Server
  private readonly sockets = new Set<Socket>()
  private ordinal = 0
  onStatement: OnStatement = (_, pass) => pass()

  private constructor(private readonly target: URL) {
    this.server = createServer((client) => this.serve(client))
  }

  static async open(databaseUrl: string): Promise<StatementProxy> {
    const proxy = new StatementProxy(new URL(databaseUrl))
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get url(): string {
    const address = this.server.address()
    const changed = new URL(this.target.href)
    changed.host = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
    return changed.href
  }

  /** Counts from 1 again. */
  reset(): void {
    this.ordinal = 0
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await new Promise((resolve) => this.server.close(resolve))
  }

  private serve(client: Socket): void {
    const upstream = connect(Number(this.target.port || 5432), this.target.hostname)
    const parser = new FrontendParser()
    for (const socket of [client, upstream]) {
      this.sockets.add(socket)
      const end = () => {
        this.sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      }
      socket.on('error', end)
      socket.on('close', end)
    }
    upstream.pipe(client)
    client.on('data', (bytes: Buffer) => {
      for (const message of parser.push(bytes)) this.forward(parser, message, upstream)
    })
  }

  private forward(parser: FrontendParser, message: Buffer, upstream: Socket): void {
    const isStatement = parser.isWriter && (message[0] === QUERY || message[0] === SYNC)
    if (!isStatement || parser.isStartup(message)) {
      upstream.write(message)
      return
    }
    this.ordinal += 1
    this.onStatement(this.ordinal, () => upstream.write(message))
  }
}

/** Splits the client's bytes into messages of the frontend/backend protocol, version 3. */
class FrontendParser {
  private rest: Buffer = Buffer.alloc(0)
  private startup: Buffer | null = null
  isWriter = false

  push(bytes: Buffer): Buffer[] {
    this.rest = Buffer.concat([this.rest, bytes])
    const messages: Buffer[] = []
    for (;;) {
      // Only the first message has no type before its length.
      const head = this.startup === null ? 0 : 1
      if (this.rest.length < head + 4) return messages
      const length = head + this.rest.readUInt32BE(head)
      if (this.rest.length < length) return messages
      const message = this.rest.subarray(0, length)
      this.rest = this.rest.subarray(length)
      if (this.startup === null) {
        this.startup = message
        this.isWriter = message.includes('auto-registry processor')
      }
      messages.push(message)
    }
  }

  isStartup(message: Buffer): boolean {
    return message === this.startup
  }
}
