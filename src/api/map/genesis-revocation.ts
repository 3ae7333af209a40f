/** The evidence of a list entry that the chain began with: no event brought it. */

import type { CertificateRow } from '../rows'
import type { RegistryEvent } from '../types/event'
import type { RevocationEntry } from '../types/revocation'
import { toEvent } from './event'

/** About the certificate when it is known, else about the list's owner. */
export function genesisRevocation(
  entry: RevocationEntry,
  certificate: CertificateRow | null,
): RegistryEvent {
  const { issuerId, serial, block, moment } = entry
  return toEvent(
    {
      id: `${String(block).padStart(10, '0')}-genesis-${issuerId}-${serial}`,
      kind: 'REVOKED',
      source: 'GENESIS',
      block,
      eventIndex: -1,
      extrinsicIndex: null,
      extrinsicHash: null,
      callPath: '',
      wrappers: [],
      signer: null,
      fee: null,
      autoId: certificate?.autoId ?? issuerId,
      registrationId: certificate?.registrationId ?? '',
      certificateId: certificate?.id ?? '',
      issuerId,
      serial,
      signedPayload: null,
      signatureAlgorithm: null,
      signature: null,
      nonce: null,
    },
    moment,
  )
}
