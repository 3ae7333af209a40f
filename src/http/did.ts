/** `GET /autoid/{id}/did.json`: a did:web document (DID Core 1.0) of an identity's key and services. */
import type { Hex } from '../bytes'
import { publicKeyJwk } from '../pki/public-key'
import { respond } from './cache-headers'
import { type Identity, type IdentityContext, readIdentity } from './identity'
import { type BaseUrl, issuerUrl } from './jwks'

export async function handleDid(
  context: IdentityContext,
  request: Request,
  autoId: Hex,
  base: BaseUrl,
): Promise<Response> {
  const identity = await readIdentity(context, autoId, new URL(request.url))
  const body = JSON.stringify(renderDid(identity, base))
  return respond(request, body, 'application/did+ld+json', identity.freshness)
}

/** did:web of a base URL (its method's specification: port percent-encoded, path segments joined by colons). */
export function didOf(base: BaseUrl, autoId: Hex): string {
  const { host, pathname } = new URL(base)
  const segments = pathname.split('/').filter((segment) => segment !== '')
  return ['did:web', host.replace(':', '%3A'), ...segments, 'autoid', autoId].join(':')
}

/** Without verification methods unless the identity is good all the way up. */
export function renderDid(identity: Identity, base: BaseUrl) {
  const { autoId, certificate } = identity.subject
  const did = didOf(base, autoId)
  const issuer = issuerUrl(base, autoId)
  const keyId = `${did}#key-1`
  const jwk = identity.standing.isGood ? publicKeyJwk(certificate.spki) : null
  return {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/suites/jws-2020/v1'],
    id: did,
    alsoKnownAs: [issuer, ...(certificate.sanAutoId === null ? [] : [certificate.sanAutoId])],
    ...(jwk === null
      ? {}
      : {
          verificationMethod: [
            { id: keyId, type: 'JsonWebKey2020', controller: did, publicKeyJwk: jwk },
          ],
          authentication: [keyId],
          assertionMethod: [keyId],
        }),
    service: [
      { id: `${did}#status`, type: 'AutoIdStatus', serviceEndpoint: `${base}/status/${autoId}` },
      { id: `${did}#ocsp`, type: 'OCSP', serviceEndpoint: `${base}/ocsp` },
      {
        id: `${did}#openid`,
        type: 'OpenIdProvider',
        serviceEndpoint: `${issuer}/.well-known/openid-configuration`,
      },
    ],
  }
}
