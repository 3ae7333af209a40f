/** `GET /crl/{issuerId}.crl`: an issuer's revocation list (RFC 5280 §5), streamed. */
import { ReadableStream } from 'node:stream/web'
import type { Hex } from '../bytes'
import { AppError } from '../errors'
import { type CountCache, Lru } from '../lru'
import type { Signer } from '../pki/ocsp-encode'
import { cacheHeaders, isNotModified } from './cache-headers'
import { type BuiltCrl, buildCrl, type CrlForm } from './crl-build'
import { assertHeadAge, confirmedAtMs, type HeadWatch, type MaxHeadAge } from './head-watch'
import { assertAutoId } from './identity'
import type { Readers } from './readers'
import { CRL_WINDOW_MS } from './validity'

export type CrlContext = {
  readonly readers: Pick<Readers, 'withCrl' | 'readCrlVersion'>
  readonly head: HeadWatch
  readonly signer: Signer & { readonly subject: Uint8Array }
  readonly nowMs: () => number
  readonly maxHeadAgeSeconds: MaxHeadAge
  /** A look-up in a cache; absent: nobody counts. */
  readonly countCache?: CountCache
}

/** Lists kept; a large one is a file, not memory. */
const MAX_LISTS = 64
/** What caches may hold: a list lives an hour, but a newer one should be found sooner. */
const MAX_AGE_SECONDS = 60

export function createCrlHandler(
  context: CrlContext,
): (request: Request, issuerId: Hex, form: CrlForm) => Promise<Response> {
  const lists = new Lru<string, BuiltCrl>(MAX_LISTS, (list) => void list.entries.discard())
  /** Key of the newest list of each issuer and form. */
  const newest = new Lru<string, string>(MAX_LISTS)
  const building = new Map<string, Promise<BuiltCrl>>()
  return async (request, issuerId, form) => {
    assertAutoId(issuerId)
    const head = await context.head.current()
    assertHeadAge(head, context.nowMs(), context.maxHeadAgeSeconds)
    const version = await context.readers.readCrlVersion(issuerId)
    if (version === null) throw new AppError('NOT_FOUND', `no identity ${issuerId} was registered`)
    const name = `${issuerId} ${form}`
    const key = `${name} ${version}`
    // After a reorganisation rows may be as they were: their list has a lower number than one that went out since.
    const known = newest.get(name) === key ? lists.get(key) : undefined
    const isHit = known !== undefined && isFresh(known, context.nowMs())
    context.countCache?.('crl', isHit ? 'hit' : 'miss')
    if (isHit) return send(request, known, context)
    const built = building.get(key) ?? build(context, issuerId, form)
    building.set(key, built)
    try {
      const list = await built
      if (lists.get(key) !== list) lists.set(key, list)
      newest.set(name, key)
      return send(request, list, context)
    } finally {
      building.delete(key)
    }
  }
}

/** With at least half of its life left. */
function isFresh(list: BuiltCrl, nowMs: number): boolean {
  return nowMs < list.nextUpdateMs - CRL_WINDOW_MS / 2
}

async function build(context: CrlContext, issuerId: Hex, form: CrlForm): Promise<BuiltCrl> {
  const head = await context.head.current()
  const nowMs = context.nowMs()
  const times = {
    nowMs,
    thisUpdateMs: Math.floor(confirmedAtMs(head, nowMs) / 1000) * 1000,
    nextUpdateMs: Math.floor(nowMs / 1000) * 1000 + CRL_WINDOW_MS,
  }
  const built = await context.readers.withCrl(issuerId, (source) =>
    buildCrl(issuerId, source, form, times, context.signer),
  )
  if (built === null) throw new AppError('NOT_FOUND', `no identity ${issuerId} was registered`)
  return built
}

function send(request: Request, list: BuiltCrl, context: CrlContext): Response {
  const left = (list.nextUpdateMs - context.nowMs()) / 1000
  const headers = cacheHeaders(list.etag, {
    maxAgeSeconds: Math.min(left, MAX_AGE_SECONDS),
    lastModifiedMs: list.thisUpdateMs,
    expiresMs: list.nextUpdateMs,
  })
  // Last-Modified has seconds only, and a list may change within one: the validator is the ETag.
  if (request.headers.has('if-none-match') && isNotModified(request, list.etag)) {
    return new Response(null, { status: 304, headers })
  }
  // The same object at run time: only its two descriptions differ.
  const stream = () => ReadableStream.from(pieces(list)) as unknown as BodyInit
  const body = request.method === 'HEAD' ? null : stream()
  return new Response(body, {
    status: 200,
    headers: {
      'content-type': 'application/pkix-crl',
      'content-length': String(list.length),
      ...headers,
    },
  })
}

async function* pieces(list: BuiltCrl): AsyncGenerator<Uint8Array> {
  yield list.head
  yield list.tbsStart
  yield* list.entries.read()
  yield list.tbsEnd
  yield list.tail
}
