/** Edge to a Substrate node for on-demand questions (proofs, audits): bounded waits, fail-over between endpoints. */

import { AppError } from '../errors'
import { RpcConnection } from '../rpc-connection'

export type NodeRpc = {
  /** @throws {AppError} UNAVAILABLE when no endpoint answers */
  call<T>(method: string, params: unknown[]): Promise<T>
  close(): void
}

export type NodeRpcOptions = {
  readonly endpoints: readonly string[]
  readonly timeoutMs: number
}

const MAX_REQUESTS = 8

export function connectNode({ endpoints, timeoutMs }: NodeRpcOptions): NodeRpc {
  const connections = endpoints.map(
    (url) => new RpcConnection({ url, timeoutMs, capacity: MAX_REQUESTS }),
  )
  // The endpoint that answered last is asked first.
  let preferred = 0
  return {
    async call<T>(method: string, params: unknown[]): Promise<T> {
      let cause: unknown
      let why = 'no endpoint'
      for (let turn = 0; turn < connections.length; turn++) {
        const position = (preferred + turn) % connections.length
        const connection = connections[position]
        if (connection === undefined) break
        try {
          const answer = await connection.ask((client) => client.call<T>(method, params))
          preferred = position
          return answer
        } catch (error) {
          cause = error
          why = `${connection.host}: ${connection.describe(error)}`
        }
      }
      throw new AppError('UNAVAILABLE', `no node answered ${method}: ${why}`, { method }, { cause })
    },
    close() {
      for (const connection of connections) connection.close()
    },
  }
}
