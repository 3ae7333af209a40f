/**
 * Challenge-response, as the Auto SDK's `authenticateAutoIdUser`, but with validity and revocation: the service's
 * `verifySignature` checks the signature under the key in the registry and the identity's standing in one call.
 */
import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto'
import { PeerError } from './errors'
import { isSafeFromOthers } from './service-url'

const PREFIX = 'auto-registry-challenge-v1'
/** Challenges remembered as used. */
const MAX_USED = 100_000

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
   * @throws {PeerError} CHALLENGE_INVALID, SIGNATURE_INVALID, PEER_UNANCHORED, PEER_UNKNOWN or STATUS_UNAVAILABLE.
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
      judge(await ask(options, autoId, challenge, signature), options, autoId)
    },
  }
}

const QUERY = `query ($autoId: ID!, $data: String!, $signature: String!, $policy: PolicyInput) {
  verifySignature(autoId: $autoId, data: $data, signature: $signature, policy: $policy) {
    valid signatureValid message identity { verdict trustAnchor { id } } } }`

type Answer = {
  readonly valid: boolean
  readonly signatureValid: boolean
  readonly message: string
  readonly identity: {
    readonly verdict: string
    readonly trustAnchor: { readonly id: string } | null
  }
}

async function ask(
  options: ChallengeOptions,
  autoId: string,
  challenge: string,
  signature: string,
): Promise<Answer> {
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
    const body = (await response.json()) as {
      data?: { verifySignature?: Answer } | null
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

/** Only an answer that says so in every part lets anybody in. */
function judge(answer: Answer, { trustAnchors }: ChallengeOptions, autoId: string): void {
  if (answer.signatureValid !== true)
    throw new PeerError('SIGNATURE_INVALID', answer.message, autoId)
  const root = answer.identity.trustAnchor?.id
  const isUnanchored =
    trustAnchors !== undefined && (root === undefined || !trustAnchors.includes(root))
  const isGood = answer.valid === true && answer.identity.verdict === 'VALID'
  if (isUnanchored && (isGood || root !== undefined)) {
    throw new PeerError('PEER_UNANCHORED', 'under none of the trusted roots', autoId)
  }
  if (!isGood) throw new PeerError('PEER_UNKNOWN', answer.message, autoId)
}
