/** The handlers under node:http. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { MAX_REQUEST_BYTES } from '../pki/ocsp-request'
import type { HeadWatch } from './head-watch'
import { createHotAnswers, isHotPath } from './hot-answers'
import { hostOf } from './request-line'
import type { HttpHandler } from './router'

export type NodeListener = {
  /** True when the request was one of ours and has been answered. */
  (request: IncomingMessage, response: ServerResponse): Promise<boolean>
  /** Answers at once what is kept ready; false: nothing was sent, ask the listener. To be called before any header is set. */
  fromMemory(request: IncomingMessage, response: ServerResponse): boolean
}

export function createNodeListener(
  handler: HttpHandler,
  head: HeadWatch,
  nowMs: () => number,
): NodeListener {
  const hot = createHotAnswers(head, handler, nowMs)
  const listener = async (request: IncomingMessage, response: ServerResponse) => {
    const url = request.url ?? '/'
    const isHot = request.method === 'GET' && isHotPath(url)
    // All who wait for the head share one read; a head that cannot be read is the handler's to explain.
    if (isHot && head.fresh() === null) await head.current().catch(() => null)
    if (isHot && hot.send(request, response)) return true
    if (isHot) handler.countCache('hot', 'miss')
    if (request.method === 'POST' && /^\/ocsp\/?(\?|$)/.test(url)) {
      const { body, headers } = await handler.postOcsp(await readOcspBody(request))
      response.writeHead(200, headers).end(body)
      return true
    }
    const answered = await handler(toRequest(request))
    if (answered === undefined) return false
    const body = isHot ? await hot.keep(url, answered, response) : null
    if (body === null) {
      await sendResponse(answered, response)
    } else {
      response.writeHead(200, Object.fromEntries(answered.headers)).end(body)
    }
    return true
  }
  return Object.assign(listener, { fromMemory: hot.send })
}

/** Without a body: the one route that takes one is answered before. */
function toRequest(request: IncomingMessage): Request {
  const isEncrypted = 'encrypted' in request.socket && request.socket.encrypted === true
  const base = `${isEncrypted ? 'https' : 'http'}://${hostOf(request)}`
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
