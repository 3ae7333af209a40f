/** An identity's key for JOSE (RFC 7517, 8037) and OIDC discovery, so that stock libraries find it by URL alone. */
import { createHash } from 'node:crypto'
import type { Hex } from '../bytes'
import { publicKeyJwk } from '../pki/public-key'
import { jwsAlgorithmsOf } from '../tokens/jws'
import { respond } from './cache-headers'
import { type Identity, type IdentityContext, readIdentity } from './identity'
import type { PathLink } from './readers'

/** Where the service is reached, without a slash at the end. */
export type BaseUrl = string

export async function handleJwks(
  context: IdentityContext,
  request: Request,
  autoId: Hex,
): Promise<Response> {
  const identity = await readIdentity(context, autoId, new URL(request.url))
  const body = JSON.stringify({ keys: keysOf(identity) })
  return respond(request, body, 'application/jwk-set+json', identity.freshness)
}

/** Empty unless the identity is good all the way up: a key in this set is one a stock library trusts. */
function keysOf(identity: Identity) {
  if (!identity.standing.isGood) return []
  const { spki } = identity.subject.certificate
  const algorithms = jwsAlgorithmsOf(spki)
  const jwk = publicKeyJwk(spki)
  if (jwk === null || algorithms.length === 0) return []
  return [
    {
      ...jwk,
      kid: identity.subject.autoId,
      use: 'sig',
      ...(jwk.kty === 'RSA' ? {} : { alg: algorithms[0] }),
      ...certificateMembers(identity.path.links),
    },
  ]
}

function certificateMembers(links: readonly PathLink[]) {
  const ders: Uint8Array[] = []
  for (const { certificate } of links) {
    if (certificate.der === null) break
    ders.push(certificate.der)
  }
  const [own] = ders
  if (own === undefined) return {}
  return {
    x5c: ders.map((der) => Buffer.from(der).toString('base64')),
    'x5t#S256': createHash('sha256').update(own).digest('base64url'),
  }
}

/** The `iss` of tokens an Auto ID signs. */
export function issuerUrl(base: BaseUrl, autoId: Hex): string {
  return `${base}/autoid/${autoId}`
}

export async function handleOpenIdConfiguration(
  context: IdentityContext,
  request: Request,
  autoId: Hex,
  base: BaseUrl,
): Promise<Response> {
  const identity = await readIdentity(context, autoId, new URL(request.url))
  const issuer = issuerUrl(base, autoId)
  const body = JSON.stringify({
    issuer,
    jwks_uri: `${issuer}.jwks.json`,
    // An Auto ID signs its tokens itself: there is nobody to send a browser to (SIOP's own placeholder).
    authorization_endpoint: 'openid:',
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: jwsAlgorithmsOf(identity.subject.certificate.spki),
    claims_supported: ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'scope', 'grant'],
  })
  return respond(request, body, 'application/json', identity.freshness)
}
