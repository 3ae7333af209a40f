/** One RPC endpoint: calls with a deadline, batches of a size the node takes, failures told apart. */

import { RpcError, RpcProtocolError, type SubscriptionHandle } from '@subsquid/rpc-client'
import { AppError } from '../errors'
import { AnswerTooLarge, isTooLarge, RpcConnection } from '../rpc-connection'

export type EndpointOptions = {
  readonly url: string
  /** Most calls in one JSON-RPC batch; 1: no batches. */
  readonly batchSize: number
  readonly timeoutMs: number
}

export type RpcRequest = { readonly method: string; readonly params: readonly unknown[] }

/** Single calls under way at once; a batch counts as one. */
const MAX_REQUESTS = 32
/** JSON-RPC codes of jsonrpsee for batches that are refused. */
const BATCH_REFUSED = -32005
const BATCH_TOO_LONG = -32010
const METHOD_NOT_FOUND = -32601

export class Endpoint {
  private readonly connection: RpcConnection
  private readonly headListeners = new Set<() => void>()
  private subscription: SubscriptionHandle | undefined
  private hasServedBatch = false

  constructor(private readonly options: EndpointOptions) {
    const onRenewed = () => this.subscribe()
    this.connection = new RpcConnection({ ...options, capacity: MAX_REQUESTS, onRenewed })
  }

  /** For messages: the rest of the URL may hold a key. */
  get host(): string {
    return this.connection.host
  }

  get isWebSocket(): boolean {
    return this.connection.current.supportsNotifications()
  }

  /** @throws {AppError} {@link AnswerTooLarge} */
  async call<T>(method: string, params: readonly unknown[] = []): Promise<T> {
    try {
      return await this.connection.ask((client) => client.call<T>(method, [...params]))
    } catch (error) {
      throw this.classify(error, 1)
    }
  }

  /** Answers in the order of the calls, sent in as few batches as the endpoint takes. */
  async callMany<T>(
    calls: readonly RpcRequest[],
    timeoutMs = this.options.timeoutMs,
  ): Promise<T[]> {
    const { batchSize } = this.options
    if (batchSize === 1 || calls.length === 1) {
      return Promise.all(calls.map(({ method, params }) => this.call<T>(method, params)))
    }
    const batches: Promise<T[]>[] = []
    for (let i = 0; i < calls.length; i += batchSize) {
      const batch = calls.slice(i, i + batchSize).map(({ method, params }) => ({
        method,
        params: [...params],
      }))
      const timeout = Math.min(timeoutMs, this.options.timeoutMs)
      batches.push(this.callBatch<T>(batch, timeout))
    }
    return (await Promise.all(batches)).flat()
  }

  private async callBatch<T>(
    batch: { method: string; params: unknown[] }[],
    timeout: number,
  ): Promise<T[]> {
    try {
      const answers = await this.connection.ask(
        (client) => client.batchCall<T>(batch, { timeout }),
        timeout,
      )
      if (batch.length > 1) this.hasServedBatch = true
      return answers
    } catch (error) {
      throw this.classify(error, batch.length)
    }
  }

  /** Calls back on every new best head, over WebSocket only, until the returned function is called. */
  onNewHead(notify: () => void): () => void {
    this.headListeners.add(notify)
    if (this.headListeners.size === 1) this.subscribe()
    return () => {
      this.headListeners.delete(notify)
      if (this.headListeners.size === 0) this.subscription?.close()
    }
  }

  private subscribe(): void {
    if (!this.isWebSocket || this.headListeners.size === 0) return
    this.subscription = this.connection.current.subscribe({
      method: 'chain_subscribeNewHeads',
      unsubscribe: 'chain_unsubscribeNewHeads',
      notification: 'chain_newHead',
      resubscribeOnConnectionLoss: true,
      retryAttempts: Number.MAX_SAFE_INTEGER,
      onMessage: () => {
        for (const notify of this.headListeners) notify()
      },
      // Polling goes on without notifications.
      onError: () => {},
    })
  }

  close(): void {
    this.connection.close()
  }

  private classify(error: unknown, batchSize: number): Error {
    if (error instanceof AppError) return error
    const message = this.connection.describe(error)
    if (isTooLarge(error)) return new AnswerTooLarge(message)
    // Once batches were served, the same words mean an overloaded node or proxy.
    const isBatchRefusal = batchSize > 1 && !this.hasServedBatch && isRefusal(error, message)
    if (isBatchRefusal) return this.batchRefused(batchSize, error)
    if (/already discarded|state.*pruned|pruned.*state/i.test(message)) {
      return new AppError(
        'UNAVAILABLE',
        `${this.host} has pruned the state this index needs (${message}). An archive node is needed: --state-pruning archive --blocks-pruning archive.`,
        { host: this.host },
        { cause: error, retryable: false },
      )
    }
    return this.unavailable(message, error)
  }

  batchRefused(batchSize: number, cause?: unknown): AppError {
    const smaller = batchSize > 8 ? 'fewer, or 1 for none' : '1 for none'
    return new AppError(
      'BAD_USER_INPUT',
      `${this.host} refuses JSON-RPC batches of ${batchSize} calls. Set RPC_BATCH_SIZE to ${smaller}.`,
      { host: this.host, setting: 'RPC_BATCH_SIZE', batchSize },
      { cause },
    )
  }

  private unavailable(why: string, cause?: unknown): AppError {
    return new AppError('UNAVAILABLE', `${this.host}: ${why}`, { host: this.host }, { cause })
  }
}

/** A refused batch is answered with one error object instead of a list. */
function isRefusal(error: unknown, message: string): boolean {
  if (error instanceof RpcProtocolError) return /should be an array/.test(message)
  const isCode =
    error instanceof RpcError && (error.code === BATCH_REFUSED || error.code === BATCH_TOO_LONG)
  return isCode && /batch/i.test(message)
}

/** Is this the refusal of a method the node does not have? */
export function isUnknownMethod(error: unknown): boolean {
  const cause = error instanceof AppError ? error.cause : error
  return cause instanceof RpcError && cause.code === METHOD_NOT_FOUND
}

/** Does the node not have the block asked about? It may have left the best chain since. */
export function isUnknownBlock(error: unknown): boolean {
  const cause = error instanceof AppError ? error.cause : error
  return cause instanceof RpcError && /not found/i.test(cause.message) && !isUnknownMethod(error)
}
