/** JSON-RPC 2.0 messages in, answers out, for either transport. */

import type { Answers, FaultHook } from './faults'
import { callMethod, type Method } from './methods'
import { methodNotFound, RpcFailure } from './rpc-error'
import type { Subscriptions } from './subscriptions'

export type Outcome =
  | { readonly type: 'REPLY'; readonly body: string; readonly delayMs: number }
  | { readonly type: 'STATUS'; readonly status: number }
  | { readonly type: 'DROP' }
  | { readonly type: 'HANG' }

export type DispatchStats = {
  /** Messages received, a batch counting as one. */
  messages: number
  batches: number
  /** Calls by method, those inside batches included. */
  calls: Record<string, number>
}

export type Dispatcher = {
  readonly methods: ReadonlyMap<string, Method>
  readonly fault: FaultHook | undefined
  /** False: batches are refused. A number: the largest batch served. */
  readonly batches: boolean | number
  readonly stats: DispatchStats
}

type Request = { id: unknown; method: string; params: readonly unknown[] }
type Answer =
  | { outcome: Exclude<Outcome, { type: 'REPLY' }> }
  | { body: unknown; delayMs: number; changeAll?: ((answers: Answers) => Answers) | undefined }

/** @param subscriptions of the connection; null over HTTP, where there are none */
export function dispatch(
  dispatcher: Dispatcher,
  text: string,
  subscriptions: Subscriptions | null,
): Outcome {
  dispatcher.stats.messages += 1
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    return reply(failure(null, new RpcFailure(-32700, 'Parse error')), 0)
  }
  if (!Array.isArray(message)) {
    const answer = answerOne(dispatcher, message, subscriptions, 1)
    return 'outcome' in answer ? answer.outcome : reply(answer.body, answer.delayMs)
  }
  return answerBatch(dispatcher, message, subscriptions)
}

function answerBatch(
  dispatcher: Dispatcher,
  messages: readonly unknown[],
  subscriptions: Subscriptions | null,
): Outcome {
  dispatcher.stats.batches += 1
  const refusal = batchRefusal(dispatcher.batches, messages.length)
  if (refusal !== null) return reply(failure(null, refusal), 0)
  const bodies: unknown[] = []
  let changeAll = (answers: unknown): unknown => answers
  let delayMs = 0
  for (const message of messages) {
    const answer = answerOne(dispatcher, message, subscriptions, messages.length)
    if ('outcome' in answer) return answer.outcome
    bodies.push(answer.body)
    if (answer.changeAll) changeAll = answer.changeAll as typeof changeAll
    delayMs = Math.max(delayMs, answer.delayMs)
  }
  return reply(changeAll(bodies), delayMs)
}

/** Codes and words of jsonrpsee, which Substrate nodes use. */
function batchRefusal(batches: boolean | number, size: number): RpcFailure | null {
  if (size === 0) return new RpcFailure(-32600, 'Invalid request')
  if (batches === false) {
    return new RpcFailure(-32005, 'Batched requests are not supported by this server')
  }
  if (typeof batches === 'number' && size > batches) {
    return new RpcFailure(
      -32010,
      'The batch request was too large',
      `Exceeded max limit of ${batches}`,
    )
  }
  return null
}

function answerOne(
  dispatcher: Dispatcher,
  message: unknown,
  subscriptions: Subscriptions | null,
  batchSize: number,
): Answer {
  const request = asRequest(message)
  if (request === null) {
    return { body: failure(null, new RpcFailure(-32600, 'Invalid request')), delayMs: 0 }
  }
  const { calls } = dispatcher.stats
  calls[request.method] = (calls[request.method] ?? 0) + 1
  const transport = subscriptions === null ? 'http' : 'ws'
  const fault = dispatcher.fault?.({ ...request, transport, batchSize })
  switch (fault?.type) {
    case 'drop':
      return { outcome: { type: 'DROP' } }
    case 'hang':
      return { outcome: { type: 'HANG' } }
    case 'status':
      return { outcome: { type: 'STATUS', status: fault.status } }
    case 'error':
      return {
        body: failure(request.id, new RpcFailure(fault.code, fault.message)),
        delayMs: 0,
      }
  }
  const change = fault?.type === 'result' ? fault.change : (result: unknown) => result
  const body = execute(dispatcher, request, subscriptions, change)
  const changeAll = fault?.type === 'answers' ? fault.change : undefined
  return { body, delayMs: fault?.type === 'delay' ? fault.ms : 0, changeAll }
}

function execute(
  dispatcher: Dispatcher,
  request: Request,
  subscriptions: Subscriptions | null,
  change: (result: unknown) => unknown,
): unknown {
  const { id, method, params } = request
  try {
    if (subscriptions?.handles(method)) {
      return { jsonrpc: '2.0', result: subscriptions.call(method, params), id }
    }
    if (method.includes('ubscribe')) throw methodNotFound()
    return { jsonrpc: '2.0', result: change(callMethod(dispatcher.methods, method, params)), id }
  } catch (error) {
    if (error instanceof RpcFailure) return failure(id, error)
    return failure(id, new RpcFailure(-32603, 'Internal error', String(error)))
  }
}

function asRequest(message: unknown): Request | null {
  if (typeof message !== 'object' || message === null) return null
  const { id = null, method, params = [] } = message as Record<string, unknown>
  if (typeof method !== 'string' || !Array.isArray(params)) return null
  return { id, method, params }
}

function failure(id: unknown, error: RpcFailure): unknown {
  return { jsonrpc: '2.0', error: error.toJSON(), id }
}

function reply(body: unknown, delayMs: number): Outcome {
  return { type: 'REPLY', body: JSON.stringify(body), delayMs }
}
