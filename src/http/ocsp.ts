/** OCSP over HTTP (RFC 6960 appendix A, nonce RFC 9654, cacheable GET by RFC 5019 §5-6). */
import { AppError } from '../errors'
import { type CountCache, Lru } from '../lru'
import { CertificateError } from '../pki/certificate'
import { DerError } from '../pki/der'
import { lintOcspResponse } from '../pki/lint'
import {
  type CertStatus,
  encodeOcspError,
  encodeOcspResponse,
  type OcspErrorStatus,
  type Signer,
  type SingleResponse,
} from '../pki/ocsp-encode'
import {
  type CertId,
  MAX_REQUEST_BYTES,
  type OcspRequest,
  parseOcspRequest,
} from '../pki/ocsp-request'
import { readBody } from './body'
import { entityTag, respond } from './cache-headers'
import { type Decision, decide, serialOf } from './cert-status'
import { assertHeadAge, confirmedAtMs, type HeadWatch, type MaxHeadAge } from './head-watch'
import type { Log } from './problem'
import type { HeadState, Readers } from './readers'
import { ocspWindowMs } from './validity'

export type OcspContext = {
  readonly readers: Pick<Readers, 'findIssued'>
  readonly head: HeadWatch
  readonly signer: Signer
  readonly nowMs: () => number
  readonly maxHeadAgeSeconds: MaxHeadAge
  readonly log: Log
  /** A look-up in a cache; absent: nobody counts. */
  readonly countCache?: CountCache
}

const MEDIA_TYPE = 'application/ocsp-response'
/** Base64 in a path; RFC 5019 wants requests under 255 octets by GET, others by POST. */
const MAX_PATH_CHARACTERS = 4_096
/** Pre-signed answers kept, about 1 KiB each. */
const MAX_PRESIGNED = 20_000
/** Longer requests and CertIDs are answered, not remembered: with honest ones nothing else would fit in memory. */
const MAX_KEPT_REQUEST_BYTES = 512

type Presigned = {
  readonly body: Uint8Array
  readonly headHash: string
  readonly producedAtMs: number
  readonly thisUpdateMs: number
  readonly nextUpdateMs: number
}

/** Handles `POST /ocsp` and `GET /ocsp/{base64}`; always answers in OCSP, never with a problem document. */
export type OcspHandler = {
  (request: Request): Promise<Response>
  /** As `POST /ocsp`, without a Request around the bytes; never throws. */
  post(der: Uint8Array): Promise<PlainAnswer>
}

export type PlainAnswer = {
  readonly body: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

export function createOcspHandler(context: OcspContext): OcspHandler {
  const presigned = new Lru<string, Presigned>(MAX_PRESIGNED)
  const decideAll = createDecider(context.readers)
  const answer = async (der: Uint8Array): Promise<Presigned> => {
    if (der.length > MAX_REQUEST_BYTES) throw new DerError('DER_TOO_LARGE', 'request too long', 0)
    const asked = parseOcspRequest(der)
    if (asked.nonce !== null || der.length > MAX_KEPT_REQUEST_BYTES) {
      return sign(context, asked, decideAll)
    }
    const key = Buffer.from(der).toString('latin1')
    const known = presigned.get(key)
    const head = await context.head.current()
    assertHeadAge(head, context.nowMs(), context.maxHeadAgeSeconds)
    const isHit = isUsable(known, head, context.nowMs())
    context.countCache?.('ocsp', isHit ? 'hit' : 'miss')
    if (isHit) return known
    const fresh = await sign(context, asked, decideAll)
    presigned.set(key, fresh)
    return fresh
  }
  const post = (der: Uint8Array): Promise<PlainAnswer> =>
    answer(der).then(uncached, (error: unknown) => failed(error, context.log))
  const handle = async (request: Request): Promise<Response> => {
    try {
      const der = await requestBytes(request)
      if (request.method === 'POST') return toResponse(await post(der))
      return cacheable(request, await answer(der), context.nowMs())
    } catch (error) {
      return toResponse(failed(error, context.log))
    }
  }
  return Object.assign(handle, { post })
}

async function requestBytes(request: Request): Promise<Uint8Array> {
  if (request.method === 'POST') {
    const body = await readBody(request, MAX_REQUEST_BYTES)
    if (body === null) throw new DerError('DER_TOO_LARGE', 'request too long', 0)
    return body
  }
  const { pathname } = new URL(request.url)
  const text = pathname.slice(pathname.indexOf('/ocsp/') + '/ocsp/'.length)
  if (text.length > MAX_PATH_CHARACTERS) throw new DerError('DER_TOO_LARGE', 'request too long', 0)
  return decodeBase64Path(text)
}

/** Base64 in a URL path, percent-encoded or not, with or without its padding. @throws {DerError} */
function decodeBase64Path(text: string): Uint8Array {
  let base64: string
  try {
    // Clients put a slash between our address, which they may have with one, and the request, which begins with none.
    base64 = decodeURIComponent(text).replace(/^\/+/, '').replace(/=+$/, '')
  } catch {
    throw new DerError('DER_BAD_VALUE', 'broken percent-encoding', 0)
  }
  const bytes = Buffer.from(base64, 'base64')
  // Buffer skips what it does not know; only text that comes out the same was Base64.
  if (bytes.toString('base64').replace(/=+$/, '') !== base64) {
    throw new DerError('DER_BAD_VALUE', 'not Base64', 0)
  }
  return new Uint8Array(bytes)
}

/** Same head, and at least half of its life left. */
function isUsable(
  known: Presigned | undefined,
  head: HeadState,
  nowMs: number,
): known is Presigned {
  if (known === undefined || known.headHash !== head.hash || nowMs < known.producedAtMs)
    return false
  return nowMs < (known.producedAtMs + known.nextUpdateMs) / 2
}

type Decided = { readonly headHash: string; readonly decisions: readonly Decision[] }
type DecideAll = (certIds: readonly CertId[], head: HeadState) => Promise<Decided>

/**
 * What a head says of a certificate does not change while that head stands. Decisions are kept by the head of the very
 * rows they were made from: between our look at the head and the rows, blocks may come and be reorganised away again.
 */
function createDecider(readers: OcspContext['readers']): DecideAll {
  const known = new Lru<string, { readonly headHash: string; readonly decision: Decision }>(
    MAX_PRESIGNED,
  )
  return async (certIds, head) => {
    const keys = certIds.map(({ der }) => Buffer.from(der).toString('latin1'))
    const ready = keys.flatMap((key) => {
      const cached = known.get(key)
      return cached?.headHash === head.hash ? [cached.decision] : []
    })
    if (ready.length === keys.length) return { headHash: head.hash, decisions: ready }
    // All of them anew, so that one answer speaks of one state.
    const { headHash, certificates } = await readers.findIssued(certIds.map(serialOf))
    const decisions = certIds.map((certId) => decide(certId, certificates))
    for (const [index, decision] of decisions.entries()) {
      const key = keys[index] ?? ''
      if (key.length <= MAX_KEPT_REQUEST_BYTES) known.set(key, { headHash, decision })
    }
    return { headHash, decisions }
  }
}

async function sign(
  context: OcspContext,
  asked: OcspRequest,
  decideAll: DecideAll,
): Promise<Presigned> {
  const head = await context.head.current()
  assertHeadAge(head, context.nowMs(), context.maxHeadAgeSeconds)
  const { headHash, decisions } = await decideAll(asked.certIds, head)
  const nowMs = context.nowMs()
  const producedAtMs = Math.floor(nowMs / 1000) * 1000
  const thisUpdateMs = Math.min(confirmedAtMs(head, nowMs), producedAtMs)
  // One answer is as fresh as its shortest part.
  const windowMs = Math.min(...decisions.map((decision) => windowOf(decision, head)))
  const nextUpdateMs = producedAtMs + windowMs
  const responses: SingleResponse[] = asked.certIds.map((certId, index) => ({
    certId: certId.der,
    certStatus: notLaterThan((decisions[index] as Decision).certStatus, producedAtMs),
    thisUpdateMs,
    nextUpdateMs,
  }))
  const body = encodeOcspResponse(responses, producedAtMs, asked.nonce, context.signer)
  lintOcspResponse(body, responses, asked.nonce)
  return { body, headHash, producedAtMs, thisUpdateMs, nextUpdateMs }
}

/** The chain's clock may run ahead of ours; a revocation that is recorded is never in the future. */
function notLaterThan(status: CertStatus, nowMs: number): CertStatus {
  return status.status === 'REVOKED'
    ? { ...status, revokedAtMs: Math.min(status.revokedAtMs, nowMs) }
    : status
}

function windowOf({ certStatus, newestBlock }: Decision, head: HeadState): number {
  // What is unknown now may be registered with the next block.
  const isFinal = certStatus.status !== 'UNKNOWN' && newestBlock <= head.finalizedHeight
  return ocspWindowMs(certStatus.status === 'REVOKED', isFinal)
}

/**
 * Last-Modified is thisUpdate (RFC 5019 §6.2), and no validator: answers of one thisUpdate differ. The ETag alone makes a 304.
 */
function cacheable(request: Request, ready: Presigned, nowMs: number): Response {
  const { body, nextUpdateMs, thisUpdateMs, headHash } = ready
  const maxAgeSeconds = (nextUpdateMs - nowMs) / 1000
  const freshness = { maxAgeSeconds, expiresMs: nextUpdateMs, headHash }
  const modified = new Date(thisUpdateMs).toUTCString()
  return respond(request, body, MEDIA_TYPE, freshness, { 'last-modified': modified })
}

function uncached({ body }: Presigned): PlainAnswer {
  return { body, headers: { ...headersOf(body), etag: entityTag(body) } }
}

function failed(error: unknown, log: Log): PlainAnswer {
  const body = encodeOcspError(errorStatus(error, log))
  return { body, headers: headersOf(body) }
}

function errorStatus(error: unknown, log: Log): OcspErrorStatus {
  if (error instanceof DerError || error instanceof CertificateError) return 'malformedRequest'
  if (error instanceof AppError && error.retryable) return 'tryLater'
  log.error({ err: error }, 'OCSP request failed')
  return 'internalError'
}

function headersOf(body: Uint8Array): Record<string, string> {
  return {
    'content-type': MEDIA_TYPE,
    'content-length': String(body.length),
    'cache-control': 'no-store',
  }
}

function toResponse({ body, headers }: PlainAnswer): Response {
  return new Response(new Uint8Array(body), { status: 200, headers })
}
