/** What of a request may be turned into a `Request`: its method, and the host it says it was sent to. */

import type { IncomingMessage, ServerResponse } from 'node:http'

/** All that any route takes; `new Request` throws for some others (TRACE). */
const METHODS: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'POST', 'OPTIONS'])

export function isKnownMethod({ method }: IncomingMessage): boolean {
  return METHODS.has(method)
}

export function sendMethodNotAllowed(response: ServerResponse): void {
  const problem = { title: 'Method not allowed', status: 405, code: 'METHOD_NOT_ALLOWED' }
  response.writeHead(405, {
    allow: 'GET, HEAD, POST, OPTIONS',
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  })
  response.end(JSON.stringify(problem))
}

/** As sent when a URL can be made of it, else `localhost`. */
export function hostOf({ headers }: IncomingMessage): string {
  const { host = 'localhost' } = headers
  const isPlain = /^[\w.:[\]-]{1,255}$/.test(host)
  return isPlain && URL.canParse(`http://${host}/`) ? host : 'localhost'
}
