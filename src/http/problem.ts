/** RFC 9457 problem details: the one mapping from our failures to HTTP. */
import { AppError, type ErrorCode } from '../errors'

const STATUS: Readonly<Record<ErrorCode, { status: number; title: string }>> = {
  BAD_USER_INPUT: { status: 400, title: 'The request cannot be understood' },
  NOT_FOUND: { status: 404, title: 'Not found' },
  POINT_IN_TIME_OUT_OF_RANGE: { status: 404, title: 'Outside the indexed history' },
  QUERY_TOO_COMPLEX: { status: 413, title: 'Too much asked at once' },
  RATE_LIMITED: { status: 429, title: 'Too many requests' },
  UNAVAILABLE: { status: 503, title: 'Not answerable now' },
  WRONG_CHAIN: { status: 503, title: 'Not answerable now' },
  INCONSISTENT_NODE: { status: 503, title: 'Not answerable now' },
}

/** Seconds a client should wait before it asks again. */
const RETRY_AFTER = '5'

export type Log = { error(facts: Record<string, unknown>, message: string): void }

/** Anything that is not an AppError is logged with an id and told to nobody. */
export function problemOf(error: unknown, log: Log): Response {
  if (error instanceof AppError) {
    return problem(STATUS[error.code].status, error.code, STATUS[error.code].title, error.message)
  }
  const id = crypto.randomUUID()
  log.error({ id, err: error }, 'request failed')
  return problem(500, 'INTERNAL', 'Something failed here', `reference ${id}`)
}

export function problem(
  status: number,
  code: string,
  title: string,
  detail: string,
  headers: Record<string, string> = {},
): Response {
  const body = { type: `about:blank#${code}`, title, status, code, detail }
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(status === 503 || status === 429 ? { 'retry-after': RETRY_AFTER } : {}),
      ...headers,
    },
  })
}
