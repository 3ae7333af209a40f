/**
 * Provenance of content: who signed these bytes, with which model or tool, and when, as far as there is evidence.
 * A time claim is believed only with evidence: a `System.Remarked` of the proof's SHA-256, or an RFC 3161 token.
 */
import { AppError } from '../errors'
import { anchorFault, DOUBTFUL_ANCHOR, type IdentityAt } from './identity'
import { compareModel, MODEL_REMARKS, type ModelOutcome } from './model'
import { type ParsedProof, parseProof } from './proof-format'
import { type ProvenTime, provenTime } from './proven-time'
import type {
  ProvenanceQuestion,
  ProvenanceResult,
  ProvenanceSources,
  Remark,
} from './provenance-types'
import { decisiveOf, MAX_OTHERS } from './signers'

/** Clocks of signers differ. */
const SKEW_MS = 60_000

/**
 * Who signed this, and were they good when the proof is proven to have existed? A proof that cannot be read is INVALID. Of
 * several identities that registered a CMS signer's certificate the worst counts (docs/tokens.md).
 */
export async function verifyProvenance(
  question: ProvenanceQuestion,
  sources: ProvenanceSources,
): Promise<ProvenanceResult> {
  const proof = await parseProof(question.proof, sources.findSigners)
  if ('problem' in proof) return malformed(proof.problem)
  const first = await judgeSigner(proof, question, sources)
  const others: ProvenanceResult[] = []
  for (const signer of proof.others.slice(0, MAX_OTHERS)) {
    others.push(await judgeSigner({ ...proof, signer }, question, sources))
  }
  return others.length === 0 ? first : decisiveOf([first, ...others], proof.others.length)
}

async function judgeSigner(
  proof: ParsedProof,
  question: ProvenanceQuestion,
  sources: ProvenanceSources,
): Promise<ProvenanceResult> {
  const findings: Remark[] = []
  const time = await provenTime(proof, question, sources, findings)
  // The head first: a time-stamp is compared with it, and it only moves on.
  const now = await sources.readIdentity(proof.signer, null)
  const at = await signerAt(proof, time, now, sources)
  const failures = [
    ...(await signatureFailures(proof, at ?? now)),
    ...contentFailures(proof, question, findings),
    ...futureFaults(proof, question.clockMs),
    ...signerFailures(proof, time.moment === undefined ? now : at, now, time, question),
  ]
  const signer = at ?? now
  const modelOutcome = signer === null ? null : compareModel(proof.model, signer.certificate)
  noteModel(modelOutcome, failures, findings)
  if (failures.length === 0) noteWhatCameLater(now, proof, time, findings)
  return {
    verdict: verdictOf(failures),
    failures,
    findings,
    signer: proof.signer,
    sha256: proof.contentDigest.hash === 'sha256' ? proof.contentDigest.hex : null,
    contentMatches: isSameContent(proof, question),
    model: proof.model,
    modelOutcome,
    tool: proof.tool,
    claimedAtMs: proof.claimedAtMs,
    time: { evidence: time.evidence, provenAtMs: time.provenAtMs, anchor: time.anchor },
    trustAnchor: (at ?? now)?.trustAnchor ?? null,
    asOf: (at ?? now)?.asOf ?? null,
  }
}

function malformed(message: string): ProvenanceResult {
  return {
    verdict: 'INVALID',
    failures: [{ code: 'PROOF_MALFORMED', message }],
    findings: [],
    signer: null,
    sha256: null,
    contentMatches: null,
    model: null,
    modelOutcome: null,
    tool: null,
    claimedAtMs: null,
    time: { evidence: 'NONE', provenAtMs: null, anchor: null },
    trustAnchor: null,
    asOf: null,
  }
}

/** Of an online or offline result: what the comparison of the models says, as failure or finding. */
export function noteModel(
  outcome: ModelOutcome | null,
  failures: { code: string; message: string }[],
  findings: { code: string; message: string }[],
): void {
  const remark = outcome === null ? null : MODEL_REMARKS[outcome]
  if (remark === null) return
  const { isFailure, code, message } = remark
  const remarks = isFailure ? failures : findings
  remarks.push({ code, message })
}

/** Failures that leave a verdict open. */
export const UNDETERMINED: readonly string[] = [
  'CONTENT_UNDETERMINED',
  'MODEL_UNDETERMINED',
  'TIME_ONLY_CLAIMED',
  'TIME_PAST_INDEX',
  'SIGNER_UNDETERMINED',
]

function verdictOf(failures: readonly Remark[]): ProvenanceResult['verdict'] {
  if (failures.length === 0) return 'VALID'
  return failures.every(({ code }) => UNDETERMINED.includes(code)) ? 'INDETERMINATE' : 'INVALID'
}

/** The signer when the proof is first known to have existed; as of the head when that is later than the head. */
async function signerAt(
  proof: ParsedProof,
  time: ProvenTime,
  now: IdentityAt | null,
  { readIdentity }: ProvenanceSources,
): Promise<IdentityAt | null> {
  if (time.moment === undefined) return null
  if (isPastIndex(time, now)) return now
  try {
    return await readIdentity(proof.signer, time.moment)
  } catch (error) {
    // Before the chain began, or of a signer that even the head does not know: nobody was registered.
    if (error instanceof AppError && error.code === 'POINT_IN_TIME_OUT_OF_RANGE') return null
    throw error
  }
}

function isPastIndex({ evidence, provenAtMs }: ProvenTime, now: IdentityAt | null): boolean {
  if (evidence !== 'TIMESTAMP' || provenAtMs === null || now === null) return false
  return provenAtMs > now.asOf.timeMs
}

async function signatureFailures(
  proof: ParsedProof,
  identity: IdentityAt | null,
): Promise<Remark[]> {
  if (identity === null) return []
  const outcome = await proof.verify(identity.spki)
  return outcome.ok ? [] : [{ code: 'PROOF_SIGNATURE', message: outcome.message }]
}

/** Null when nothing was given to compare with. */
function isSameContent(proof: ParsedProof, question: ProvenanceQuestion): boolean | null {
  const given = givenDigest(proof, question)
  return given === null ? null : given === proof.contentDigest.hex
}

function givenDigest(
  { contentDigest: { hash } }: ParsedProof,
  { sha256, sha512 }: ProvenanceQuestion,
): string | null {
  const given = { sha256, sha512 }[hash as 'sha256' | 'sha512'] ?? null
  return given === null ? null : given.replace(/^0x/, '').toLowerCase()
}

function contentFailures(
  proof: ParsedProof,
  question: ProvenanceQuestion,
  findings: Remark[],
): Remark[] {
  const isSame = isSameContent(proof, question)
  if (isSame !== null) {
    const message = 'the proof is about other content'
    return isSame ? [] : [{ code: 'CONTENT_MISMATCH', message }]
  }
  if ((question.sha256 ?? question.sha512 ?? null) === null) {
    const message = 'no digest of the content was given to compare with'
    findings.push({ code: 'CONTENT_NOT_COMPARED', message })
    return []
  }
  const message = `the proof is over a ${proof.contentDigest.hash} digest, and none was given to compare with`
  return [{ code: 'CONTENT_UNDETERMINED', message }]
}

/** No proof is from after the clock. */
export function futureFaults({ claimedAtMs }: ParsedProof, clockMs: number): Remark[] {
  if (claimedAtMs === null || claimedAtMs <= clockMs + SKEW_MS) return []
  const message = `it claims ${iso(claimedAtMs)}, which is yet to come`
  return [{ code: 'TIME_CLAIM_IMPOSSIBLE', message }]
}

function signerFailures(
  proof: ParsedProof,
  identity: IdentityAt | null,
  now: IdentityAt | null,
  time: ProvenTime,
  { trustAnchors }: ProvenanceQuestion,
): Remark[] {
  if (identity === null) {
    const when = time.provenAtMs === null ? '' : ` by ${iso(time.provenAtMs)}`
    return [{ code: 'SIGNER_UNKNOWN', message: `${proof.signer} was not registered${when}` }]
  }
  const failures: Remark[] = []
  const anchor = anchorFault(identity, trustAnchors)
  if (anchor === 'NONE') {
    failures.push({
      code: 'SIGNER_UNANCHORED',
      message: 'the signer is under none of the trust anchors',
    })
  } else if (anchor === 'DOUBTFUL') {
    const message = `${identity.trustAnchor}: ${DOUBTFUL_ANCHOR}`
    failures.push({ code: 'SIGNER_UNDETERMINED', message })
  }
  if (isPastIndex(time, now)) failures.push(pastIndex(identity))
  else if (identity.verdict !== 'VALID') failures.push(...notGood(proof, identity, time))
  if (identity !== now && now === null) {
    failures.push({ code: 'SIGNER_UNDETERMINED', message: 'the signer cannot be read as of now' })
  }
  return failures
}

function pastIndex({ asOf }: IdentityAt): Remark {
  const message = `it is stamped later than the last indexed block, ${asOf.height} of ${iso(asOf.timeMs)}: ask again when the index has reached that time`
  return { code: 'TIME_PAST_INDEX', message }
}

function notGood(proof: ParsedProof, identity: IdentityAt, time: ProvenTime): Remark[] {
  const why = identity.fault?.message ?? identity.verdict
  if (time.provenAtMs === null) {
    const message = `the signer is not good now (${why}), and only its own word says that the proof is older`
    return [{ code: 'TIME_ONLY_CLAIMED', message }]
  }
  const isBad = identity.verdict === 'INVALID'
  const failures: Remark[] = [
    {
      code: isBad ? 'SIGNER_NOT_GOOD' : 'SIGNER_UNDETERMINED',
      message: `when the proof is first known to have existed, ${iso(time.provenAtMs)}, the signer was not good: ${why}`,
    },
  ]
  if (isBad && proof.claimedAtMs !== null && proof.claimedAtMs < time.provenAtMs) {
    const message = `it claims ${iso(proof.claimedAtMs)}, which nothing proves`
    failures.push({ code: 'TIME_BACKDATED', message })
  }
  return failures
}

function noteWhatCameLater(
  now: IdentityAt | null,
  proof: ParsedProof,
  time: ProvenTime,
  findings: Remark[],
): void {
  const { claimedAtMs } = proof
  if (time.provenAtMs === null) {
    const message = 'the signer is good now; when the proof was made, only its own word says'
    findings.push({ code: 'TIME_ONLY_CLAIMED', message })
    return
  }
  if (claimedAtMs !== null && claimedAtMs > time.provenAtMs + SKEW_MS) {
    const message = `it claims ${iso(claimedAtMs)}, after it is proven to have existed`
    findings.push({ code: 'TIME_CLAIM_IMPOSSIBLE', message })
  }
  if (now !== null && now.verdict !== 'VALID') {
    const why = now.fault?.message ?? now.verdict
    findings.push({
      code: 'REVOKED_SINCE',
      message: `good when the proof was made, not any more: ${why}`,
    })
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
