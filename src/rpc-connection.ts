/** A connection to a JSON-RPC node whose every question ends; for all edges that ask one. */

import { RpcClient, RpcError } from '@subsquid/rpc-client'

/** The answer was too large for the node's limits: ask for less at once. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge'
}

/** JSON-RPC codes of jsonrpsee for requests, answers and batches over its limits. */
const TOO_LARGE: ReadonlySet<number> = new Set([-32007, -32008, -32011])

export function isTooLarge(error: unknown): boolean {
  return error instanceof RpcError && TOO_LARGE.has(error.code)
}

export type ConnectionOptions = {
  readonly url: string
  readonly timeoutMs: number
  /** Questions under way at once; a batch counts as one. */
  readonly capacity: number
  /** Most calls in one batch; absent: any number. */
  readonly batchSize?: number
  /** The connection was made anew: subscriptions of the old one are gone. */
  readonly onRenewed?: () => void
}

/** The client's own time-out comes first where it counts at all: its message says more. */
const GRACE_MS = 500
const RETRY_MS = 50

/**
 * The client waits for ever for a WebSocket that does not open, and for a batch a node refuses over WebSocket (the
 * refusal names no call). So each question has a deadline of its own, after which the connection is made anew.
 */
export class RpcConnection {
  /** All of the URL that may be told: its user, path and query may be a key. */
  readonly host: string
  private client: RpcClient
  private isClosed = false

  constructor(private readonly options: ConnectionOptions) {
    this.client = this.connect()
    this.host = new URL(options.url).host
  }

  /** Not to be kept: another one follows when an answer does not come. */
  get current(): RpcClient {
    return this.client
  }

  /** Fails as the question does, or after `timeoutMs` and a little. */
  async ask<T>(
    question: (client: RpcClient) => Promise<T>,
    timeoutMs = this.options.timeoutMs,
  ): Promise<T> {
    const { client } = this
    const answer = question(client)
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`did not answer within ${timeoutMs} ms`))
        this.renew(client)
      }, timeoutMs + GRACE_MS)
    })
    // Whichever loses the race may still fail: nobody is left to hear it.
    deadline.catch(() => {})
    answer.catch(() => {})
    try {
      return await Promise.race([answer, deadline])
    } finally {
      clearTimeout(timer)
    }
  }

  /** What a failure says, fit for anybody: without the URL, which libraries put into their messages, and without its parts. */
  describe(error: unknown): string {
    const message = error instanceof Error ? error.message : String(error)
    const plain = message.replace(/\b(?:https?|wss?):\/\/[^\s"'<>]+/gi, this.host)
    return secretsOf(this.options.url).reduce((text, secret) => text.replaceAll(secret, '…'), plain)
  }

  close(): void {
    this.isClosed = true
    this.client.close()
  }

  /** Once, however many questions waited for the same client. */
  private renew(late: RpcClient): void {
    if (this.client !== late || this.isClosed) return
    this.client = this.connect()
    late.close()
    this.options.onRenewed?.()
  }

  private connect(): RpcClient {
    const { url, timeoutMs, capacity, batchSize } = this.options
    return new RpcClient({
      url,
      requestTimeout: timeoutMs,
      capacity,
      ...(batchSize === undefined ? {} : { maxBatchCallSize: batchSize }),
      retryAttempts: 0,
      retrySchedule: [RETRY_MS],
      log: null,
    })
  }
}

/** Shorter parts are words (`v2`, `rpc`), not keys. */
const MIN_SECRET = 8

function secretsOf(url: string): string[] {
  const { username, password, pathname, searchParams } = new URL(url)
  const parts = [username, password, ...pathname.split('/'), ...searchParams.values()]
  return parts.filter((part) => part.length >= MIN_SECRET)
}
