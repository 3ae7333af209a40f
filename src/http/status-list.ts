/**
 * Token Status List (IETF draft-ietf-oauth-status-list): every certificate of the registry as one bit, signed by the
 * responder, for verifiers that are offline most of the time. Bit 0 = VALID, what OCSP calls GOOD; 1 = INVALID.
 */
import { promisify } from 'node:util'
import { deflate } from 'node:zlib'
import { CompactSign } from 'jose'
import { type Hex } from '../bytes'
import { AppError } from '../errors'
import { type CountCache, Lru } from '../lru'
import { respond } from './cache-headers'
import { assertHeadAge } from './head-watch'
import { type IdentityContext, readIdentity, renderAsOf } from './identity'
import type { BaseUrl } from './jwks'
import type { Readers } from './readers'
import type { ResponderSigner } from './signer'
import { STATUS_LIST_WINDOW_MS } from './validity'

export type StatusListContext = Omit<IdentityContext, 'readers'> & {
  readonly readers: Pick<Readers, 'readPath' | 'readStatusIndex' | 'readStatusListPage'>
  readonly signer: ResponderSigner
  /** A look-up in a cache; absent: nobody counts. */
  readonly countCache?: CountCache
}

/** Certificates a list: 16 KiB before compression. */
export const STATUS_LIST_SIZE = 131_072
const TTL_SECONDS = 3_600
const MAX_LISTS = 64

const compress = promisify<Uint8Array, Buffer>(deflate)

type PackedList = { readonly lst: string; readonly headHash: string }
type SignedList = { readonly token: string; readonly headHash: string; readonly expiresMs: number }

export function listUri(base: BaseUrl, page: number): string {
  return `${base}/status-list/${page}`
}

export function createStatusListHandler(
  context: StatusListContext,
): (request: Request, page: number, base: BaseUrl) => Promise<Response> {
  const lists = new Lru<string, SignedList>(MAX_LISTS)
  const pack = createPacker(context.readers)
  return async (request, page, base) => {
    const head = await context.head.current()
    const nowMs = context.nowMs()
    assertHeadAge(head, nowMs, context.maxHeadAgeSeconds)
    const uri = listUri(base, page)
    const kept = lists.get(uri)
    const isFresh =
      kept?.headHash === head.hash && nowMs <= kept.expiresMs - STATUS_LIST_WINDOW_MS / 2
    context.countCache?.('status-list', isFresh ? 'hit' : 'miss')
    const list = isFresh ? kept : await signList(context, await pack(page, head.hash), uri, nowMs)
    if (!isFresh) lists.set(uri, list)
    return respond(request, list.token, 'application/statuslist+jwt', {
      maxAgeSeconds: Math.min(TTL_SECONDS, (list.expiresMs - nowMs) / 1000),
    })
  }
}

/**
 * A page is read and compressed once a head, whoever asks and by whatever name of ours (strangers choose the Host, which
 * is part of a list's URI): only the signature is per URI.
 */
function createPacker(readers: StatusListContext['readers']) {
  const known = new Lru<number, PackedList>(MAX_LISTS)
  const reading = new Map<string, Promise<PackedList>>()
  return async (page: number, headHash: string): Promise<PackedList> => {
    const ready = known.get(page)
    if (ready?.headHash === headHash) return ready
    const key = `${page} ${headHash}`
    const packed = reading.get(key) ?? packPage(readers, page)
    reading.set(key, packed)
    try {
      const list = await packed
      known.set(page, list)
      return list
    } finally {
      reading.delete(key)
    }
  }
}

async function packPage(readers: StatusListContext['readers'], page: number): Promise<PackedList> {
  const first = page * STATUS_LIST_SIZE
  const { invalid, headHash } = await readers.readStatusListPage(first, STATUS_LIST_SIZE)
  if (headHash === null) throw new AppError('NOT_FOUND', `there is no status list ${page}`)
  return { lst: (await compress(packBits(invalid))).toString('base64url'), headHash }
}

async function signList(
  context: StatusListContext,
  { lst, headHash }: PackedList,
  uri: string,
  nowMs: number,
): Promise<SignedList> {
  const iat = Math.floor(nowMs / 1000)
  const exp = iat + STATUS_LIST_WINDOW_MS / 1000
  const payload = { sub: uri, iat, exp, ttl: TTL_SECONDS, status_list: { bits: 1, lst } }
  const { signer } = context
  const token = await new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({
      alg: signer.jwsAlgorithm,
      typ: 'statuslist+jwt',
      x5c: [Buffer.from(signer.certificate).toString('base64')],
    })
    .sign(signer.privateKey)
  return { token, headHash, expiresMs: exp * 1000 }
}

/** One bit a token, the first in the lowest bit of the first byte (§4). */
export function packBits(bits: readonly boolean[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8))
  for (const [index, bit] of bits.entries()) {
    if (bit) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7))
  }
  return bytes
}

/** Where the certificate in force of an identity stands in the lists. */
export async function handleStatusReference(
  context: StatusListContext,
  request: Request,
  autoId: Hex,
  base: BaseUrl,
): Promise<Response> {
  const identity = await readIdentity(context, autoId, new URL(request.url))
  const { certificate } = identity.subject
  const index = await context.readers.readStatusIndex(certificate.id)
  const page = Math.floor(index / STATUS_LIST_SIZE)
  const body = JSON.stringify({
    id: autoId,
    fingerprint: certificate.fingerprint,
    status: { status_list: { idx: index % STATUS_LIST_SIZE, uri: listUri(base, page) } },
    asOf: renderAsOf(identity.path),
  })
  return respond(request, body, 'application/json', identity.freshness)
}
