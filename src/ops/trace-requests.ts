/** A span for each HTTP request that any server of this process gets. */

import { type IncomingMessage, Server, type ServerResponse } from 'node:http'
import type { SpanSource } from './spans'

type Emit = (this: Server, event: string, ...args: unknown[]) => boolean

/**
 * Without query strings and headers: they may hold what is nobody else's business.
 * @returns undoes it
 */
export function traceRequests(
  source: SpanSource,
  requestIdOf: (request: IncomingMessage) => string,
  continued: <T>(headers: object, work: () => T) => T,
): () => void {
  const emit = Server.prototype.emit as Emit
  Server.prototype.emit = function (this: Server, event: string, ...args: unknown[]): boolean {
    if (event !== 'request') return emit.call(this, event, ...args)
    const [request, response] = args as [IncomingMessage, ServerResponse]
    return continued(request.headers, () => {
      const pathname = (request.url ?? '/').split('?')[0] ?? '/'
      const method = request.method ?? 'GET'
      const span = source.begin(`${method} /${pathname.split('/')[1] ?? ''}`, 'SERVER', {
        'http.request.method': method,
        'url.path': pathname.slice(0, 200),
        'http.request.id': requestIdOf(request),
      })
      response.once('close', () => {
        const { statusCode } = response
        const failure = statusCode >= 500 ? String(statusCode) : undefined
        span.end(failure, { 'http.response.status_code': statusCode })
      })
      return span.run(() => emit.call(this, event, ...args))
    })
  } as typeof Server.prototype.emit
  return () => {
    Server.prototype.emit = emit as typeof Server.prototype.emit
  }
}
