/**
 * Challenge-response, as the Auto SDK's `authenticateAutoIdUser`, but with validity and revocation: the service's
 * `verifySignature` checks the signature under the key in the registry and the identity's standing in one call.
 */
import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto'
import { readBounded } from '../bounded-body'
import { isHash32 } from '../bytes'
import { judgeSignature, type SignatureAnswer } from './challenge-answer'
import { PeerError } from './errors'
import { isSafeFromOthers } from './service-url'

const PREFIX = 'auto-registry-challenge-v1'
/** Challenges remembered as used. */
const MAX_USED = 100_000
/** A chain of issuers with its checks; far above what the service answers. */
const MAX_ANSWER_BYTES = 4_194_304
/** Base64 of the longest RSA signature there is, twice: what a peer sends goes to the service. */
const MAX_SIGNATURE_CHARACTERS = 5_464
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/

export type ChallengeOptions = {
  /** https, or this machine: the service's verdict is not signed. */
  readonly serviceUrl: string
  /** Who challenges, e.g. your origin: a signature for somebody else is worth nothing here. */
  readonly audience: string
  /** Roots (Auto IDs) that count; absent: any root, which is seldom what you want. */
  readonly trustAnchors?: readonly string[]
  /** Default 60. */
  readonly maxAgeSeconds?: number
  readonly timeoutMs?: number
  readonly nowMs?: () => number
  readonly fetch?: typeof fetch
}

export type Authenticator = {
  /** A text to be signed by `signChallenge`, good for `maxAgeSeconds` and one use. */
  createChallenge(): string
  /**
   * @param signature base64
   * @throws {PeerError} CHALLENGE_INVALID, SIGNATURE_INVALID, STATUS_UNAVAILABLE, or what a TLS peer is refused with:
   *   PEER_REVOKED, PEER_SUPERSEDED, PEER_DEACTIVATED, PEER_EXPIRED, PEER_UNANCHORED or PEER_UNKNOWN.
   */
  authenticate(autoId: string, challenge: string, signature: string): Promise<void>
}

/** Digests by curve as JOSE has them (RFC 7518 §3.4), which is what the service expects of each. */
const CURVE_DIGESTS: Readonly<Record<string, string>> = { secp384r1: 'sha384', secp521r1: 'sha512' }

/** Signs a challenge with an identity's private key; base64. */
export function signChallenge(key: KeyObject, challenge: string): string {
  const curve = key.asymmetricKeyDetails?.namedCurve ?? ''
  const digest = CURVE_DIGESTS[curve] ?? 'sha256'
  const hash = key.asymmetricKeyType === 'ed25519' ? null : digest
  return sign(hash, Buffer.from(challenge, 'utf8'), key).toString('base64')
}

/** @throws {TypeError} for a service whose answers others could change on the way. */
export function createAuthenticator(options: ChallengeOptions): Authenticator {
  if (!isSafeFromOthers(new URL(options.serviceUrl))) {
    throw new TypeError('serviceUrl must be https, or this machine: the verdict is not signed')
  }
  const nowMs = options.nowMs ?? Date.now
  const maxAgeMs = (options.maxAgeSeconds ?? 60) * 1000
  const issued = new Map<string, number>()
  const digest = (challenge: string) => createHash('sha256').update(challenge).digest('base64')
  return {
    createChallenge: () => {
      const challenge = [
        PREFIX,
        options.audience,
        nowMs(),
        randomBytes(32).toString('base64url'),
      ].join('\n')
      issued.set(digest(challenge), nowMs())
      // Oldest first: maps keep insertion order.
      for (const [key, at] of issued) {
        if (issued.size <= MAX_USED && nowMs() - at <= maxAgeMs) break
        issued.delete(key)
      }
      return challenge
    },
    authenticate: async (autoId, challenge, signature) => {
      const key = digest(challenge)
      const issuedAt = issued.get(key)
      issued.delete(key)
      if (issuedAt === undefined || nowMs() - issuedAt > maxAgeMs) {
        throw new PeerError('CHALLENGE_INVALID', 'not a challenge of ours, too old, or used before')
      }
      refuseMalformed(autoId, signature)
      const answer = await ask(options, autoId, challenge, signature)
      judgeSignature(answer, options.trustAnchors, autoId)
    },
  }
}

/** The service would call it bad input, which is no answer about the peer. */
function refuseMalformed(autoId: string, signature: string): void {
  if (!isHash32(autoId.toLowerCase())) {
    throw new PeerError('PEER_UNKNOWN', 'not an Auto ID: expected 0x and 64 hex digits')
  }
  if (signature.length > MAX_SIGNATURE_CHARACTERS || !BASE64.test(signature)) {
    throw new PeerError('SIGNATURE_INVALID', 'the signature is not base64, or too long', autoId)
  }
}

const QUERY = `query ($autoId: ID!, $data: String!, $signature: String!, $policy: PolicyInput) {
  verifySignature(autoId: $autoId, data: $data, signature: $signature, policy: $policy) {
    valid signatureValid message identity { verdict trustAnchor { id }
      chain { autoId { id } checks { code outcome message evidence { kind } } } failures { message } } } }`

async function ask(
  options: ChallengeOptions,
  autoId: string,
  challenge: string,
  signature: string,
): Promise<SignatureAnswer> {
  const url = `${options.serviceUrl.replace(/\/+$/, '')}/graphql`
  const data = Buffer.from(challenge, 'utf8').toString('base64')
  // The service knows whether another key took an anchor over; the name of the root alone does not tell.
  const { trustAnchors } = options
  const policy = trustAnchors === undefined ? null : { trustAnchors }
  try {
    const response = await (options.fetch ?? fetch)(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: QUERY, variables: { autoId, data, signature, policy } }),
      // Not to where others could change the answer.
      redirect: 'error',
      signal: AbortSignal.timeout(options.timeoutMs ?? 3_000),
    })
    const bytes = await readBounded(response.body, MAX_ANSWER_BYTES)
    if (bytes === null) throw new Error('an answer too long')
    const body = JSON.parse(bytes.toString('utf8')) as {
      data?: { verifySignature?: SignatureAnswer } | null
      errors?: { message: string }[]
    }
    const answer = body.data?.verifySignature
    if (answer === undefined) throw new Error(body.errors?.[0]?.message ?? 'no answer')
    return answer
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new PeerError('STATUS_UNAVAILABLE', `no verdict from the service: ${why}`, autoId, {
      cause,
    })
  }
}
