/** Headers of every answer. No HSTS: who ends TLS (a proxy) promises it, this port speaks plain HTTP. */

import type { ServerResponse } from 'node:http'

/** GraphiQL comes as one page with its scripts inside, and starts workers from blobs. */
const GRAPHIQL_POLICY =
  "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
const NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Before the answer: pages of the explorer put their own policy in place of this one. */
export function setSecurityHeaders(
  response: ServerResponse,
  pathname: string,
  corsOrigin: string,
): void {
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('referrer-policy', 'no-referrer')
  response.setHeader('x-frame-options', 'DENY')
  response.setHeader('content-security-policy', pathname === '/graphql' ? GRAPHIQL_POLICY : NOTHING)
  response.setHeader('access-control-allow-origin', corsOrigin)
}
