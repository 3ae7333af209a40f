/** What links a registration to the one before it of the same identifier. */
import { equalBytes } from '../bytes'
import type { Continuity } from './block-changes'
import { keySha256Hex } from './certificate-content'
import type { Registration } from './operation'

export type ContinuityFinding = { readonly continuity: Continuity; readonly proof: string }

/**
 * FIRST: nothing before it. SAME_KEY: the holder of the key before. ISSUER_ATTESTED: another key, signed by the issuer that
 * had signed the certificate before, itself without an unproven change of hands since. UNPROVEN: anything else.
 */
export function continuityOf(operation: Registration): ContinuityFinding {
  const previous = operation.identity
  if (previous === undefined) {
    return { continuity: 'FIRST', proof: 'The first registration of this identifier.' }
  }
  const { ordinal, publicKey } = previous.registration
  if (equalBytes(publicKey, operation.reading.content.publicKey)) {
    return { continuity: 'SAME_KEY', proof: `The key of registration ${ordinal} signs here, too.` }
  }
  const missing = missingAttestation(operation)
  return missing === null
    ? {
        continuity: 'ISSUER_ATTESTED',
        proof: `Another key than in registration ${ordinal}, signed by the same issuer ${operation.issuerId}.`,
      }
    : { continuity: 'UNPROVEN', proof: `Another key than in registration ${ordinal}; ${missing}.` }
}

/** Why the issuer's signature does not carry over; null when it does. */
function missingAttestation(operation: Registration): string | null {
  const { issuer, issuerId, identity } = operation
  if (issuerId === null) return 'a root attests nothing but itself'
  if (identity?.entry.issuerId !== issuerId) return 'it had another issuer before'
  if (issuer?.identity === undefined) return 'its issuer is not known'
  const { issuerPublicKeySha256, issuerRegistrationOrdinal } = identity.certificate
  if (issuerPublicKeySha256 === keySha256Hex(issuer.entry.subjectPublicKeyInfo)) return null
  if (issuerRegistrationOrdinal === null) return 'the key of its issuer was not known before'
  const { lastUnprovenOrdinal } = issuer.identity.registration
  return lastUnprovenOrdinal > issuerRegistrationOrdinal
    ? `its issuer itself changed hands without proof (registration ${lastUnprovenOrdinal})`
    : null
}
