/** A span for each call to a node, and for each batch of calls. */

import { type CallOptions, RpcClient } from '@subsquid/rpc-client'
import { runIn, type SpanSource } from './spans'

/**
 * The node by host and port alone: the rest of its URL may hold a key.
 * @returns undoes it
 */
export function traceCalls(source: SpanSource): () => void {
  const { call, batchCall } = RpcClient.prototype
  const hostOf = ({ url }: RpcClient) => (URL.canParse(url) ? new URL(url).host : '')
  const begin = (client: RpcClient, method: string, count: number) =>
    source.begin(`RPC ${method}`, 'CLIENT', {
      'rpc.system.name': 'jsonrpc',
      'rpc.method': method,
      'rpc.batch.size': count,
      'server.address': hostOf(client),
    })
  RpcClient.prototype.call = function <T>(
    this: RpcClient,
    method: string,
    ...rest: [params?: unknown[], options?: CallOptions<T>]
  ): Promise<T> {
    return runIn(begin(this, method, 1), () => call.call(this, method, ...rest) as Promise<T>)
  }
  RpcClient.prototype.batchCall = function <T>(
    this: RpcClient,
    batch: { method: string; params?: unknown[] }[],
    options?: CallOptions<T>,
  ): Promise<T[]> {
    const method = batch[0]?.method ?? 'batch'
    const span = begin(this, method, batch.length)
    return runIn(span, () => batchCall.call(this, batch, options) as Promise<T[]>)
  }
  return () => {
    RpcClient.prototype.call = call
    RpcClient.prototype.batchCall = batchCall
  }
}
