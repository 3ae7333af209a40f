/** By when a proof existed, as far as there is evidence: an anchor on chain, or an RFC 3161 token. */
import { createHash } from 'node:crypto'
import { toHex } from '../bytes'
import type { Moment } from './identity'
import type { ParsedProof } from './proof-format'
import type {
  ProvenanceQuestion,
  ProvenanceResult,
  ProvenanceSources,
  Remark,
} from './provenance-types'
import { verifyTimestamp } from './timestamp'

export type ProvenTime = ProvenanceResult['time'] & {
  /** State to judge the signer by; undefined without evidence. */
  readonly moment: Exclude<Moment, null> | undefined
}

const AUTHORITY_NOT_CHECKED: Remark = {
  code: 'TIMESTAMP_REVOCATION_NOT_CHECKED',
  message: "whether the time-stamping authority's certificate was revoked is not checked",
}

/** The earliest moment the proof is known to have existed. */
export async function provenTime(
  proof: ParsedProof,
  question: ProvenanceQuestion,
  sources: ProvenanceSources,
  findings: Remark[],
): Promise<ProvenTime> {
  const digest = createHash('sha256').update(proof.bytes).digest()
  const [anchor] = await sources.findAnchors(toHex(digest))
  const stamps = [
    ...question.timestamps.map((token) =>
      verifyTimestamp(token, proof.bytes, question.timestampAnchors),
    ),
    ...proof.timestamps.map(({ token, stamped }) =>
      verifyTimestamp(token, stamped, question.timestampAnchors),
    ),
  ]
  let earliestMs: number | null = null
  for (const stamp of stamps) {
    if (!stamp.ok) findings.push({ code: 'TIMESTAMP_NOT_USABLE', message: stamp.message })
    else earliestMs = Math.min(earliestMs ?? stamp.timeMs, stamp.timeMs)
  }
  if (earliestMs !== null) findings.push(AUTHORITY_NOT_CHECKED)
  if (earliestMs !== null && (anchor === undefined || earliestMs < anchor.timeMs)) {
    return {
      evidence: 'TIMESTAMP',
      provenAtMs: earliestMs,
      anchor: anchor ?? null,
      moment: { timeMs: earliestMs },
    }
  }
  if (anchor === undefined)
    return { evidence: 'NONE', provenAtMs: null, anchor: null, moment: undefined }
  return { evidence: 'ANCHOR', provenAtMs: anchor.timeMs, anchor, moment: { block: anchor.height } }
}
