/** The certificate and key that verify what we sign. */
import { createHash } from 'node:crypto'
import { encodePem } from '../pki/pem'
import { publicKeyJwk } from '../pki/public-key'
import { respond } from './cache-headers'
import type { ResponderSigner } from './signer'

const MAX_AGE_SECONDS = 3_600

export function handleResponderPem(request: Request, signer: ResponderSigner): Response {
  const body = encodePem('CERTIFICATE', signer.certificate)
  return respond(request, body, 'application/x-pem-file', { maxAgeSeconds: MAX_AGE_SECONDS })
}

export function handleResponderJwks(request: Request, signer: ResponderSigner): Response {
  const body = JSON.stringify({
    keys: [
      {
        ...publicKeyJwk(signer.spki),
        use: 'sig',
        alg: signer.jwsAlgorithm,
        x5c: [Buffer.from(signer.certificate).toString('base64')],
        'x5t#S256': createHash('sha256').update(signer.certificate).digest('base64url'),
      },
    ],
  })
  return respond(request, body, 'application/jwk-set+json', { maxAgeSeconds: MAX_AGE_SECONDS })
}
