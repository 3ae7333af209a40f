/** `GET /autoid/{id}.pem|.der|.chain.pem|.p7c`: the certificate in force at a moment and its path. */
import type { Hex } from '../bytes'
import { AppError } from '../errors'
import { contextTag } from '../pki/der'
import {
  encodeElement,
  encodeExplicit,
  encodeInteger,
  encodeOid,
  encodeSequence,
  encodeSetOf,
} from '../pki/der-writer'
import { encodePem } from '../pki/pem'
import { respond } from './cache-headers'
import { type Identity, type IdentityContext, readIdentity } from './identity'
import type { PathLink } from './readers'
import { statusOf } from './standing'

export const CERTIFICATE_FORMATS = ['.chain.pem', '.pem', '.der', '.p7c'] as const
export type CertificateFormat = (typeof CERTIFICATE_FORMATS)[number]

export async function handleCertificate(
  context: IdentityContext,
  request: Request,
  autoId: Hex,
  format: CertificateFormat,
): Promise<Response> {
  const identity = await readIdentity(context, autoId, new URL(request.url))
  if (!identity.subject.isActive) {
    throw new AppError('NOT_FOUND', `${autoId} is deactivated: no certificate is in force`)
  }
  const { body, type } = render(identity, format)
  return respond(request, body, type, identity.freshness, {
    'content-disposition': `attachment; filename="${autoId}${format}"`,
    // A download is no verdict: what the registry says of it goes along.
    'x-auto-id-status': statusOf(identity.subject, identity.atMs),
    'x-auto-id-good': String(identity.standing.isGood),
    'x-auto-id-block': String(identity.path.asOf.height),
  })
}

function render(
  identity: Identity,
  format: CertificateFormat,
): { body: Uint8Array | string; type: string } {
  switch (format) {
    case '.pem':
      return { body: pemOf(identity.subject), type: 'application/x-pem-file' }
    case '.der':
      return { body: derOf(identity.subject), type: 'application/pkix-cert' }
    case '.chain.pem':
      return {
        body: identity.path.links.map(pemOf).join(''),
        type: 'application/pem-certificate-chain',
      }
    case '.p7c':
      return {
        body: certsOnly(identity.path.links.map(derOf)),
        type: 'application/pkcs7-mime; smime-type=certs-only',
      }
  }
}

function pemOf(link: PathLink): string {
  return encodePem('CERTIFICATE', derOf(link))
}

/** @throws {AppError} NOT_FOUND when no certificate can be rebuilt from what the chain holds. */
export function derOf(link: PathLink): Uint8Array {
  const { der, rebuildProblem } = link.certificate
  if (der === null) {
    const why = rebuildProblem ?? 'its signature is not known'
    throw new AppError('NOT_FOUND', `no certificate can be rebuilt for ${link.autoId}: ${why}`)
  }
  return der
}

/** A degenerate SignedData: certificates and nothing else (RFC 5652 §5.1, RFC 2797 "certs-only"). */
function certsOnly(certificates: readonly Uint8Array[]): Uint8Array {
  const pkcs7 = '1.2.840.113549.1.7'
  const signedData = encodeSequence(
    encodeInteger(1n),
    encodeSetOf(),
    encodeSequence(encodeOid(`${pkcs7}.1`)),
    // [0] IMPLICIT CertificateSet
    encodeElement(contextTag(0), ...certificates),
    encodeSetOf(),
  )
  return encodeSequence(encodeOid(`${pkcs7}.2`), encodeExplicit(0, signedData))
}
