/** Edge to a Substrate node for on-demand questions (proofs, audits): bounded waits, fail-over between endpoints. */

import { RpcClient } from '@subsquid/rpc-client'
import { AppError } from '../errors'

export type NodeRpc = {
  /** @throws {AppError} UNAVAILABLE when no endpoint answers */
  call<T>(method: string, params: unknown[]): Promise<T>
  close(): void
}

export type NodeRpcOptions = {
  readonly endpoints: readonly string[]
  readonly timeoutMs: number
}

export function connectNode({ endpoints, timeoutMs }: NodeRpcOptions): NodeRpc {
  const clients = endpoints.map(
    (url) =>
      new RpcClient({
        url,
        requestTimeout: timeoutMs,
        retryAttempts: 0,
        retrySchedule: [100],
        capacity: 8,
        log: null,
      }),
  )
  // The endpoint that answered last is asked first.
  let preferred = 0
  return {
    async call<T>(method: string, params: unknown[]): Promise<T> {
      let cause: unknown
      for (let turn = 0; turn < clients.length; turn++) {
        const position = (preferred + turn) % clients.length
        try {
          const answer = await clients[position]?.call<T>(method, params)
          preferred = position
          return answer as T
        } catch (error) {
          cause = error
        }
      }
      const message = `no node answered ${method}: ${(cause as Error | undefined)?.message ?? 'no endpoint'}`
      throw new AppError('UNAVAILABLE', message, { method }, { cause })
    },
    close() {
      for (const client of clients) client.close()
    },
  }
}
