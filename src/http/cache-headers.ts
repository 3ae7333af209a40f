/** ETag, Last-Modified and Cache-Control (RFC 9110 §8.8, §13; RFC 9111), and the 304 they allow. */
import { createHash } from 'node:crypto'

export type Freshness = {
  /** Seconds; 0 sends `no-store`. */
  readonly maxAgeSeconds: number
  readonly lastModifiedMs?: number
  readonly expiresMs?: number
  /** True for what can never change: a moment of finalized history. */
  readonly isImmutable?: boolean
  /** The head of the very rows an answer about now was made from: memory may keep it while that block is the head. */
  readonly headHash?: string
}

/** Says `headHash`. */
export const HEAD_HEADER = 'registry-head'

/** A strong validator: SHA-256 of the body, 128 bits of it. */
export function entityTag(body: Uint8Array | string): string {
  return `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`
}

export function cacheHeaders(etag: string, freshness: Freshness): Record<string, string> {
  const { maxAgeSeconds, lastModifiedMs, expiresMs } = freshness
  const directives = [
    'public',
    `max-age=${Math.floor(maxAgeSeconds)}`,
    'no-transform',
    freshness.isImmutable === true ? 'immutable' : 'must-revalidate',
  ]
  return {
    etag,
    'cache-control': maxAgeSeconds <= 0 ? 'no-store' : directives.join(', '),
    ...(lastModifiedMs === undefined
      ? {}
      : { 'last-modified': new Date(lastModifiedMs).toUTCString() }),
    ...(expiresMs === undefined ? {} : { expires: new Date(expiresMs).toUTCString() }),
    ...(freshness.headHash === undefined ? {} : { [HEAD_HEADER]: freshness.headHash }),
  }
}

/** If-None-Match wins over If-Modified-Since (RFC 9110 §13.2.2). */
export function isNotModified(request: Request, etag: string, lastModifiedMs?: number): boolean {
  const candidates = request.headers.get('if-none-match')
  if (candidates !== null) return matchesEtag(candidates, etag)
  const since = Date.parse(request.headers.get('if-modified-since') ?? '')
  if (Number.isNaN(since) || lastModifiedMs === undefined) return false
  return Math.floor(lastModifiedMs / 1000) * 1000 <= since
}

/** Weak comparison, as If-None-Match wants it. */
export function matchesEtag(candidates: string, etag: string): boolean {
  return (
    candidates.trim() === '*' ||
    candidates.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === etag)
  )
}

/** The body with its validators, or 304 when the client has it. */
export function respond(
  request: Request,
  body: Uint8Array | string,
  contentType: string,
  freshness: Freshness,
  headers: Record<string, string> = {},
): Response {
  const etag = entityTag(body)
  const all = { ...cacheHeaders(etag, freshness), ...headers }
  if (isNotModified(request, etag, freshness.lastModifiedMs)) {
    return new Response(null, { status: 304, headers: all })
  }
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body
  return new Response(request.method === 'HEAD' ? null : new Uint8Array(bytes), {
    status: 200,
    headers: { 'content-type': contentType, 'content-length': String(bytes.length), ...all },
  })
}
