/**
 * Evidence of the questions asked last, for as long as the head stands: what is on record at given heights under one head
 * hash never differs, on whichever database. Verdicts are not kept: each is judged anew, by the clock of its own question.
 */

import type { Evidence, EvidenceMoment, EvidenceSubject, ReadEvidence } from '../../verify/evidence'

const MAX_KEPT = 500
/** Histories made long on purpose are read each time, so that what is kept stays under some 50 MB. */
const MAX_CERTIFICATES = 64

export type EvidenceMemory = (headHash: string, read: ReadEvidence) => ReadEvidence

export function createEvidenceMemory(): EvidenceMemory {
  let currentHead = ''
  let kept = new Map<string, Evidence>()
  const keep = (headHash: string, key: string, evidence: Evidence) => {
    if (headHash !== currentHead) {
      currentHead = headHash
      kept = new Map()
    }
    if ((evidence.past?.history.certificates.length ?? 0) > MAX_CERTIFICATES) return
    if (kept.size >= MAX_KEPT) {
      const [oldest] = kept.keys()
      if (oldest !== undefined) kept.delete(oldest)
    }
    kept.set(key, evidence)
  }
  return (headHash, read) => async (moment, subject) => {
    const key = keyOf(moment, subject)
    const known = headHash === currentHead ? kept.get(key) : undefined
    // The asked clock, and finality, which moves without a new head, are the question's own.
    if (known !== undefined) return { ...known, ...moment }
    const evidence = await read(moment, subject)
    keep(headHash, key, evidence)
    return evidence
  }
}

function keyOf({ state, knownAt }: EvidenceMoment, subject: EvidenceSubject): string {
  const certificate = 'certificateId' in subject ? subject.certificateId : ''
  return `${state.height} ${knownAt.height} ${subject.autoId} ${certificate}`
}
