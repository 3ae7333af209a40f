/**
 * Answers ready to be sent again: pre-signed OCSP answers and plain status, which is what most relying parties ask,
 * again and again. Sent without a Request object, a promise or a header that is put together anew.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Lru } from '../lru'
import { HEAD_HEADER, matchesEtag } from './cache-headers'
import { type HeadWatch, isHeadTooOld } from './head-watch'
import type { HttpHandler } from './router'

const MAX_HOT = 20_000
/** Nothing larger is worth keeping here: such answers have about 1 KiB, and strangers choose URLs. */
const MAX_HOT_BYTES = 4_096
const MAX_HOT_URL = 1_024

/** Names and values in turn, as `writeHead` takes them with the least work. */
type FlatHeaders = readonly string[]

type HotAnswer = {
  readonly body: Buffer
  readonly headers: FlatHeaders
  /** For 304: without the length of a body that is not sent. */
  readonly headersAlone: FlatHeaders
  readonly etag: string
  readonly headHash: string
  readonly freshUntilMs: number
}

export type HotAnswers = {
  /**
   * Sends the answer kept for this URL, only while the head it was made from is known to stand and is not older than
   * MAX_HEAD_AGE. False: nothing was sent. The head is not read here: not looked at for a moment means not known.
   */
  send(request: IncomingMessage, response: ServerResponse): boolean
  /**
   * Keeps an answer for `url`, with the headers `response` already has, and hands out its body. Null, and the body
   * unread, for what no cache may keep.
   */
  keep(url: string, answered: Response, response: ServerResponse): Promise<Buffer | null>
}

export function isHotPath(url: string): boolean {
  return url.startsWith('/ocsp/') || url.startsWith('/status/')
}

export function createHotAnswers(
  head: HeadWatch,
  { maxHeadAgeSeconds, countCache }: Pick<HttpHandler, 'maxHeadAgeSeconds' | 'countCache'>,
  nowMs: () => number,
): HotAnswers {
  const answers = new Lru<string, HotAnswer>(MAX_HOT)
  const stands = ({ headHash, freshUntilMs }: HotAnswer): boolean => {
    const now = nowMs()
    const standing = head.fresh()
    if (standing?.hash !== headHash || now >= freshUntilMs) return false
    // A chain may stand still for longer than the answers of its head are kept.
    return !isHeadTooOld(standing, now, maxHeadAgeSeconds)
  }
  return {
    send: (request, response) => {
      const url = request.url ?? '/'
      if (request.method !== 'GET' || !isHotPath(url)) return false
      const known = answers.get(url)
      if (known === undefined || !stands(known)) return false
      countCache('hot', 'hit')
      const candidates = request.headers['if-none-match']
      if (candidates !== undefined && matchesEtag(candidates, known.etag)) {
        response.writeHead(304, known.headersAlone as string[]).end()
      } else {
        response.writeHead(200, known.headers as string[]).end(known.body)
      }
      return true
    },
    keep: async (url, answered, response) => {
      if (url.length > MAX_HOT_URL) return null
      const answer = await hotAnswer(answered, response, nowMs())
      if (answer === null) return null
      answers.set(url, answer)
      return answer.body
    },
  }
}

async function hotAnswer(
  answered: Response,
  response: ServerResponse,
  nowMs: number,
): Promise<HotAnswer | null> {
  const maxAge = /max-age=(\d+)/.exec(answered.headers.get('cache-control') ?? '')?.[1]
  const etag = answered.headers.get('etag')
  const length = Number(answered.headers.get('content-length') ?? Infinity)
  const headHash = answered.headers.get(HEAD_HEADER)
  if (answered.status !== 200 || maxAge === undefined || etag === null) return null
  if (headHash === null || length > MAX_HOT_BYTES) return null
  const headers = { ...response.getHeaders(), ...Object.fromEntries(answered.headers) }
  const { 'content-length': _, ...alone } = headers
  return {
    body: Buffer.from(await answered.arrayBuffer()),
    headers: flat(headers),
    headersAlone: flat(alone),
    etag,
    headHash,
    // Half of what caches get, so that nobody is handed an answer about to end.
    freshUntilMs: nowMs + (Number(maxAge) * 1000) / 2,
  }
}

function flat(headers: Readonly<Record<string, unknown>>): FlatHeaders {
  return Object.entries(headers).flatMap(([name, value]) => [name, String(value)])
}
