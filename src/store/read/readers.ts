/** Everything the API reads, bound to one snapshot. */

import type { RegistryCall } from '../../registry/types'
import type { Evidence, EvidenceMoment, EvidenceSubject } from '../../verify/evidence'
import { blockReaders } from './blocks'
import { readCertificateCall } from './certificate-call'
import { certificateReaders } from './certificates'
import { readEvidence } from './evidence'
import { identityReaders } from './identities'
import { indexStatusReaders } from './index-status'
import type { Queryable } from './queryable'
import { registrationReaders, revocationReaders } from './registrations'
import { type SearchTerms, search } from './search'
import { readCallView, readFamily } from './simulation'
import { statisticsReaders } from './statistics'
import { timelineReaders } from './timeline'

export type RegistryReaders = ReturnType<typeof registryReaders>

export function registryReaders(db: Queryable) {
  return {
    blocks: blockReaders(db),
    identities: identityReaders(db),
    certificates: certificateReaders(db),
    registrations: registrationReaders(db),
    revocations: revocationReaders(db),
    ...timelineReaders(db),
    statistics: statisticsReaders(db),
    status: indexStatusReaders(db),
    search: (terms: SearchTerms, limit: number) => search(db, terms, limit),
    evidence: (moment: EvidenceMoment, subject: EvidenceSubject): Promise<Evidence> =>
      readEvidence(db, moment, subject),
    simulation: {
      view: (call: RegistryCall) => readCallView(db, call),
      family: (ids: readonly string[]) => readFamily(db, ids),
    },
    certificateCall: (autoId: string, height: number) => readCertificateCall(db, autoId, height),
  }
}
