/**
 * The handlers under node:http. Pre-signed OCSP answers and plain status are served from memory before a Request
 * object is made: that is what most relying parties ask, again and again.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { MAX_REQUEST_BYTES } from '../pki/ocsp-request'
import { HEAD_HEADER, matchesEtag } from './cache-headers'
import type { HeadWatch } from './head-watch'
import { Lru } from './lru'
import type { HttpHandler } from './router'

/** True when the request was one of ours and has been answered. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>

const HOT_PREFIXES = ['/ocsp/', '/status/']
const MAX_HOT = 20_000
/** Nothing larger is worth keeping here. */
const MAX_HOT_BYTES = 16_384

type HotEntry = {
  readonly body: Buffer
  readonly headers: Record<string, string>
  readonly etag: string
  readonly headHash: string
  readonly freshUntilMs: number
}

export function createNodeListener(
  handler: HttpHandler,
  head: HeadWatch,
  nowMs: () => number,
): NodeListener {
  const hot = new Lru<string, HotEntry>(MAX_HOT)
  return async (request, response) => {
    const url = request.url ?? '/'
    const isHot = request.method === 'GET' && HOT_PREFIXES.some((prefix) => url.startsWith(prefix))
    const known = isHot ? hot.get(url) : undefined
    if (known !== undefined) {
      // All who wait for the head share one read; a head that cannot be read is the handler's to explain.
      if (head.fresh() === null) await head.current().catch(() => null)
      if (sendHot(request, response, known, head, nowMs())) return true
    }
    if (request.method === 'POST' && /^\/ocsp\/?(\?|$)/.test(url)) {
      const { body, headers } = await handler.postOcsp(await readOcspBody(request))
      response.writeHead(200, headers).end(body)
      return true
    }
    const answered = await handler(toRequest(request))
    if (answered === undefined) return false
    const entry = isHot ? await hotEntry(answered, nowMs()) : null
    if (entry === null) {
      await sendResponse(answered, response)
      return true
    }
    hot.set(url, entry)
    sendEntry(request, response, entry)
    return true
  }
}

/** Only while the head it was made from is known to stand. */
function sendHot(
  request: IncomingMessage,
  response: ServerResponse,
  entry: HotEntry,
  head: HeadWatch,
  nowMs: number,
): boolean {
  if (nowMs >= entry.freshUntilMs) return false
  if (head.fresh()?.hash !== entry.headHash) return false
  sendEntry(request, response, entry)
  return true
}

function sendEntry(request: IncomingMessage, response: ServerResponse, entry: HotEntry): void {
  const candidates = request.headers['if-none-match']
  if (candidates !== undefined && matchesEtag(candidates, entry.etag)) {
    const { 'content-length': _, ...headers } = entry.headers
    response.writeHead(304, headers).end()
    return
  }
  response.writeHead(200, entry.headers).end(entry.body)
}

/** Null for what no cache may keep. Consumes the body only when it keeps it. */
async function hotEntry(answered: Response, nowMs: number): Promise<HotEntry | null> {
  const maxAge = /max-age=(\d+)/.exec(answered.headers.get('cache-control') ?? '')?.[1]
  const etag = answered.headers.get('etag')
  const length = Number(answered.headers.get('content-length') ?? Infinity)
  const headHash = answered.headers.get(HEAD_HEADER)
  if (answered.status !== 200 || maxAge === undefined || etag === null) return null
  if (headHash === null || length > MAX_HOT_BYTES) return null
  return {
    body: Buffer.from(await answered.arrayBuffer()),
    headers: Object.fromEntries(answered.headers),
    etag,
    headHash,
    // Half of what caches get, so that nobody is handed an answer about to end.
    freshUntilMs: nowMs + (Number(maxAge) * 1000) / 2,
  }
}

/** Without a body: the one route that takes one is answered before. */
function toRequest(request: IncomingMessage): Request {
  const isEncrypted = 'encrypted' in request.socket && request.socket.encrypted === true
  const host = request.headers.host ?? 'localhost'
  const isPlain = /^[\w.:[\]-]{1,255}$/.test(host)
  const base = `${isEncrypted ? 'https' : 'http'}://${isPlain ? host : 'localhost'}`
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  return new Request(requestUrl(request.url ?? '/', base), {
    method: request.method ?? 'GET',
    headers,
  })
}

/** One octet over the limit is enough for the handler to refuse it. */
async function readOcspBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length > MAX_REQUEST_BYTES) break
  }
  return Buffer.concat(chunks).subarray(0, MAX_REQUEST_BYTES + 1)
}

/** `//host/path` is a path here, not another authority; the same for an absolute URL. */
function requestUrl(target: string, base: string): URL {
  return target.startsWith('/') ? new URL(base + target) : new URL('/', base)
}

async function sendResponse(answered: Response, response: ServerResponse): Promise<void> {
  response.writeHead(answered.status, Object.fromEntries(answered.headers))
  if (answered.body === null) {
    response.end()
    return
  }
  try {
    await pipeline(Readable.fromWeb(answered.body as never), response)
  } catch {
    // The client went away, or the source failed after the head was sent: the cut connection says so.
    response.destroy()
  }
}
