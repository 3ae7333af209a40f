/** The id under which a request is found again in log lines, traces and the answer's `x-request-id`. */

import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

export const REQUEST_ID_HEADER = 'x-request-id'

const working = new AsyncLocalStorage<string>()
const known = new WeakMap<IncomingMessage, string>()

/** The client's own where it is a plain word of at most 128 characters, else one of ours; the same each time it is asked. */
export function requestIdOf(request: IncomingMessage): string {
  const id = known.get(request) ?? givenId(request) ?? randomUUID()
  known.set(request, id)
  return id
}

function givenId({ headers }: IncomingMessage): string | null {
  const given = headers[REQUEST_ID_HEADER]
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : null
}

/** All that `work` begins, whenever it ends, belongs to that request. */
export function withRequestId<T>(id: string, work: () => T): T {
  return working.run(id, work)
}

/** Of the request that is being answered; undefined outside one. */
export function currentRequestId(): string | undefined {
  return working.getStore()
}
