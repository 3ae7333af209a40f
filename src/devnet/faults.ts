/** Ways in which a test makes the node misbehave, one request at a time. */

export type FaultRequest = {
  readonly method: string
  readonly params: readonly unknown[]
  readonly transport: 'http' | 'ws'
  /** Size of the batch the request came in; 1 outside batches. */
  readonly batchSize: number
}

export type Fault =
  /** A JSON-RPC error instead of the answer. */
  | { readonly type: 'error'; readonly code: number; readonly message: string }
  /** The connection is cut without an answer. */
  | { readonly type: 'drop' }
  /** No answer ever comes. */
  | { readonly type: 'hang' }
  /** An HTTP status instead of an answer (over WebSocket: the connection is cut). */
  | { readonly type: 'status'; readonly status: number }
  /** The answer comes so much later. */
  | { readonly type: 'delay'; readonly ms: number }
  /** Another answer than the true one. */
  | { readonly type: 'result'; readonly change: (result: unknown) => unknown }
  /** Other JSON-RPC answers than the true ones of the batch this call came in: their order, ids and number. */
  | { readonly type: 'answers'; readonly change: (answers: Answers) => Answers }

export type Answers = readonly { readonly id: unknown; readonly result?: unknown }[]

export type FaultHook = (request: FaultRequest) => Fault | undefined
