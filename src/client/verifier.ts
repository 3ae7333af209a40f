/** Asks the service whether the certificates of a path are still good, and remembers the answers while they stand. */
import { randomBytes } from 'node:crypto'
import { readBounded } from '../bounded-body'
import { type ParsedCertificate, parseCertificate } from '../pki/certificate'
import { encodeOcspRequest } from '../pki/ocsp-request'
import { decodePemCertificates } from '../pki/pem'
import { PeerError, type PeerErrorCode } from './errors'
import { judgeAnswer, type StatusAnswer } from './ocsp-answer'
import { type Place, readPath, readRoots } from './places'
import { isSafeFromOthers } from './service-url'

export type VerifierOptions = {
  /** Where the service is, e.g. `https://registry.example`. */
  readonly serviceUrl: string
  /** PEM certificates of the roots that are trusted; nothing else is. */
  readonly roots: readonly string[]
  /**
   * PEM certificate that signs the service's answers (`/responder.pem`). Without it, it is fetched once, which is as
   * trustworthy as the connection: allowed for https and for this machine.
   */
  readonly responder?: string
  /**
   * What happens when the service cannot say (`STATUS_UNAVAILABLE`): `HARD_FAIL` (default) refuses the peer, `SOFT_FAIL`
   * takes it and calls `onSoftFail`. A peer the service does not call good is refused under both, and so is one whose
   * answer is not provably the service's (`STATUS_INVALID`).
   */
  readonly failMode?: 'HARD_FAIL' | 'SOFT_FAIL'
  readonly onSoftFail?: (error: PeerError) => void
  /** For the whole look-up; default 3,000. */
  readonly timeoutMs?: number
  /** Answers are kept as long as they stand, but no longer than this; default 300. 0 asks every time. */
  readonly maxCacheSeconds?: number
  /** For tests. */
  readonly nowMs?: () => number
  readonly fetch?: typeof fetch
}

/** A path that was accepted. */
export type Accepted = {
  /** Milliseconds since the epoch: when the answers should be asked for again. */
  readonly validUntilMs: number
  /** False when the service could not say and the fail mode is soft. */
  readonly isChecked: boolean
}

export type PathVerifier = {
  readonly options: VerifierOptions
  /**
   * @param path DER certificates, the peer's first, up to and including a self-signed root.
   * Not checked here: signatures and names, which the TLS stack did with `roots` as its only anchors.
   * @throws {PeerError} PEER_UNANCHORED also for a path whose last certificate has the name and key of none of `roots`.
   */
  checkPath(path: readonly Uint8Array[]): Promise<Accepted>
  /** Forgets every answer. */
  clearCache(): void
}

const MAX_CACHED = 10_000
const MAX_ANSWER_BYTES = 65_536
const OCSP_REASON = { superseded: 4, cessationOfOperation: 5 }

/** Dates and revocation of a path that the TLS stack validated. @throws {TypeError} when one of `roots` holds no PEM certificate. */
export function createPathVerifier(options: VerifierOptions): PathVerifier {
  const nowMs = options.nowMs ?? Date.now
  const ask = createAsker(options, nowMs)
  const cache = new Map<string, StatusAnswer>()
  const roots = readRoots(options.roots)
  const checkPath = async (path: readonly Uint8Array[]): Promise<Accepted> => {
    const places = readPath(path, roots, nowMs())
    const certificates = places.flatMap((place) => place.certificates)
    const answers: Answers = new Map()
    for (const { key } of certificates) {
      const known = currentAnswer(cache, key, nowMs())
      if (known !== undefined) answers.set(key, known)
    }
    const missing = certificates.filter(({ key }) => !answers.has(key))
    for (const place of places) {
      if (!missing.some((one) => place.certificates.includes(one))) refuseBad(place, answers)
    }
    if (missing.length === 0) return acceptedBy(places, answers)
    try {
      const fresh = await ask(missing.map(({ certId }) => certId))
      for (const [index, { key }] of missing.entries()) {
        answers.set(key, keep(cache, key, fresh[index], options, nowMs()))
      }
      for (const place of places) refuseBad(place, answers)
    } catch (error) {
      const failure = asPeerError(error)
      if (failure.code !== 'STATUS_UNAVAILABLE' || options.failMode !== 'SOFT_FAIL') throw failure
      for (const place of places) refuseOnceBad(place, cache)
      options.onSoftFail?.(failure)
      return { validUntilMs: nowMs(), isChecked: false }
    }
    return acceptedBy(places, answers)
  }
  return { options, checkPath, clearCache: () => cache.clear() }
}

/** By the key of the certificate. */
type Answers = Map<string, StatusAnswer>

function currentAnswer(
  cache: ReadonlyMap<string, StatusAnswer>,
  key: string,
  nowMs: number,
): StatusAnswer | undefined {
  const answer = cache.get(key)
  return answer !== undefined && nowMs < answer.validUntilMs ? answer : undefined
}

function acceptedBy(places: readonly Place[], answers: Answers): Accepted {
  const ends = places.map(({ endsMs }) => endsMs)
  const stands = [...answers.values()].map(({ validUntilMs }) => validUntilMs)
  return { validUntilMs: Math.min(...ends, ...stands), isChecked: true }
}

function keep(
  cache: Map<string, StatusAnswer>,
  key: string,
  answer: StatusAnswer | undefined,
  options: VerifierOptions,
  nowMs: number,
): StatusAnswer {
  if (answer === undefined) throw new PeerError('STATUS_INVALID', 'an answer is missing')
  const limitMs = nowMs + (options.maxCacheSeconds ?? 300) * 1000
  const kept = { ...answer, validUntilMs: Math.min(answer.validUntilMs, limitMs) }
  cache.delete(key)
  cache.set(key, kept)
  if (cache.size > MAX_CACHED) {
    const oldest = cache.keys().next()
    if (!oldest.done) cache.delete(oldest.value)
  }
  return kept
}

/** Soft-fail forgives that nobody answers now, not what was answered before. */
function refuseOnceBad(place: Place, cache: ReadonlyMap<string, StatusAnswer>): void {
  if (place.certificates.some(({ key }) => cache.has(key))) refuseBad(place, cache)
}

/** One certificate of the place must be good. A revocation says more than that another one is unknown. */
function refuseBad(
  { subject, certificates }: Place,
  answers: ReadonlyMap<string, StatusAnswer>,
): void {
  const statuses = certificates.flatMap(({ key }) => answers.get(key)?.status ?? [])
  if (statuses.some(({ kind }) => kind === 'good')) return
  const status = statuses.find((one) => one.kind === 'revoked')
  if (status?.kind !== 'revoked') {
    throw new PeerError('PEER_UNKNOWN', `the registry does not vouch for ${subject}`, subject)
  }
  const since = new Date(status.revocationTimeMs).toISOString()
  const [code, what] = revocationCode(status.reason)
  throw new PeerError(code, `${subject} is ${what} since ${since}`, subject)
}

function revocationCode(reason: number | null): readonly [PeerErrorCode, string] {
  if (reason === OCSP_REASON.superseded)
    return ['PEER_SUPERSEDED', 'replaced by another certificate']
  if (reason === OCSP_REASON.cessationOfOperation) return ['PEER_DEACTIVATED', 'deactivated']
  return ['PEER_REVOKED', 'revoked']
}

function asPeerError(error: unknown): PeerError {
  if (error instanceof PeerError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new PeerError('STATUS_UNAVAILABLE', `no status from the service: ${message}`, null, {
    cause: error,
  })
}

function createAsker(options: VerifierOptions, nowMs: () => number) {
  const send = options.fetch ?? fetch
  const base = options.serviceUrl.replace(/\/+$/, '')
  let responder = options.responder === undefined ? null : readResponder(options.responder)
  if (responder === null && !isSafeFromOthers(new URL(base))) {
    throw new TypeError('give `responder` for a service that is reached without https')
  }
  return async (certIds: readonly Uint8Array[]): Promise<readonly StatusAnswer[]> => {
    const signal = AbortSignal.timeout(options.timeoutMs ?? 3_000)
    responder ??= readResponder(
      Buffer.from(
        await body(await send(`${base}/responder.pem`, { signal, redirect: 'error' })),
      ).toString('utf8'),
    )
    const nonce = new Uint8Array(randomBytes(32))
    const response = await send(`${base}/ocsp`, {
      method: 'POST',
      headers: { 'content-type': 'application/ocsp-request' },
      body: new Uint8Array(encodeOcspRequest(certIds, nonce)),
      signal,
    })
    return judgeAnswer(await body(response), certIds, nonce, responder, nowMs())
  }
}

function readResponder(pem: string): ParsedCertificate {
  try {
    return parseCertificate(decodePemCertificates(pem)[0] ?? new Uint8Array())
  } catch (cause) {
    throw new PeerError('STATUS_INVALID', 'the responder certificate cannot be read', null, {
      cause,
    })
  }
}

async function body(response: Response): Promise<Uint8Array> {
  if (!response.ok)
    throw new PeerError('STATUS_UNAVAILABLE', `the service answered ${response.status}`)
  const bytes = await readBounded(response.body, MAX_ANSWER_BYTES)
  if (bytes === null) throw new PeerError('STATUS_INVALID', 'an answer too long')
  return bytes
}
