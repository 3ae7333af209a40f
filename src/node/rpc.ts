/** Edge to a Substrate node for on-demand questions (proofs, audits): bounded waits, fail-over between endpoints. */

import { AppError } from '../errors'
import { AnswerTooLarge, isTooLarge, RpcConnection } from '../rpc-connection'

export type NodeRpc = {
  /** @throws {AppError} UNAVAILABLE when no endpoint answers; {@link AnswerTooLarge} when one found its answer so */
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
          // An endpoint that is away says nothing against asking the others for less.
          if (isTooLarge(cause)) continue
          cause = error
          why = `${connection.host}: ${connection.describe(error)}`
        }
      }
      if (isTooLarge(cause)) throw new AnswerTooLarge(why)
      throw new AppError('UNAVAILABLE', `no node answered ${method}: ${why}`, { method }, { cause })
    },
    close() {
      for (const connection of connections) connection.close()
    },
  }
}
