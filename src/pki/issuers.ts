/** Issuers' certificates, read once for many paths: few of them stand above many targets. */
import { latin1 } from '../bytes'
import { Lru } from '../lru'
import { CertificateError, type ParsedCertificate, parseCertificate } from './certificate'
import { DerError } from './der'
import type { CertificateInput } from './path-input'

/** A thousand of the largest that are kept take 4 MB, and as much again decoded. */
const MAX_KEPT = 1024
const MAX_KEPT_BYTES = 4096

const kept = new Lru<string, ParsedCertificate>(MAX_KEPT)

/**
 * The certificate ready for `validatePath`, which decodes it once for as long as it is kept here. Bytes that are no
 * certificate come back as they are: path validation says what is wrong with them.
 */
export function readIssuer(der: Uint8Array): CertificateInput {
  if (der.length > MAX_KEPT_BYTES) return der
  const key = latin1(der)
  const known = kept.get(key)
  if (known !== undefined) return known
  // A copy: the given bytes may be a view that keeps a far larger buffer.
  const issuer = parsed(Uint8Array.from(der))
  if (issuer === undefined) return der
  kept.set(key, issuer)
  return issuer
}

function parsed(der: Uint8Array): ParsedCertificate | undefined {
  try {
    return parseCertificate(der)
  } catch (error) {
    if (error instanceof DerError || error instanceof CertificateError) return undefined
    throw error
  }
}
