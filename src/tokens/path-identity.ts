/** The Auto ID a certification path speaks of, by the pallet's derivation alone: no registry is asked. */
import type { Hex } from '../bytes'
import { parseCertificate } from '../pki/certificate'
import { deriveIdentifier } from '../registry/identifier'
import { decodePalletCertificate } from '../registry/pallet-certificate'

/**
 * @param path DER certificates of a valid path, the target first, a root last
 * @returns null when a certificate has no common name
 */
export function identifierOfPath(path: readonly Uint8Array[]): Hex | null {
  let identifier: Hex | null = null
  for (const der of [...path].reverse()) {
    const decoded = decodePalletCertificate(parseCertificate(der).tbs)
    if (!decoded.ok) return null
    identifier = deriveIdentifier(identifier, decoded.certificate.subjectCommonName)
  }
  return identifier
}
