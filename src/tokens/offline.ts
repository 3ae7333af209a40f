/** A proof checked without the service: by the certificates that came along and the roots one trusts. */
import { AppError } from '../errors'
import { parseCertificate } from '../pki/certificate'
import { validatePath } from '../pki/path-validation'
import { parseProof } from './proof-format'

export type OfflineResult = {
  readonly verdict: 'VALID' | 'INVALID' | 'INDETERMINATE'
  readonly signer: string | null
  readonly model: string | null
  readonly tool: string | null
  /** ISO 8601; the signer's word. */
  readonly claimedAt: string | null
  /** ISO 8601; null without evidence. */
  readonly provenAt: string | null
  readonly failures: readonly { readonly code: string; readonly message: string }[]
  readonly findings: readonly { readonly code: string; readonly message: string }[]
}

export type OfflineQuestion = {
  readonly proof: string
  /** SHA-256 of the content, hex. */
  readonly sha256: string
  /** DER certificates, the signer's first. */
  readonly chain: readonly Uint8Array[]
  readonly roots: readonly Uint8Array[]
  readonly at: Date
}

/**
 * Never VALID: signature, content and path can be checked, but neither revocation, nor time, nor that the certificate is
 * the one in force under that Auto ID.
 */
export async function verifyOffline(question: OfflineQuestion): Promise<OfflineResult> {
  const [leaf] = question.chain
  if (leaf === undefined)
    throw new AppError('BAD_USER_INPUT', 'no certificate to check the proof with')
  const proof = await parseProof(question.proof, async () => 'the certificate that came along')
  if ('problem' in proof)
    return result('INVALID', null, [{ code: 'PROOF_MALFORMED', message: proof.problem }])
  const failures: { code: string; message: string }[] = []
  const outcome = await proof.verify(keyOf(leaf))
  if (!outcome.ok) failures.push({ code: 'PROOF_SIGNATURE', message: outcome.message })
  if (proof.contentSha256 !== question.sha256) {
    failures.push({ code: 'CONTENT_MISMATCH', message: 'the proof is about other content' })
  }
  const path = validatePath({
    leaf,
    intermediates: question.chain.slice(1),
    trustAnchors: question.roots,
    at: question.at,
  })
  if (!path.valid) {
    const why = path.failures[0]?.message ?? 'no path'
    failures.push({ code: 'SIGNER_UNANCHORED', message: `no valid path to a trusted root: ${why}` })
  }
  const verdict = failures.length > 0 ? 'INVALID' : 'INDETERMINATE'
  return {
    ...result(verdict, proof.signer, failures),
    model: proof.model,
    tool: proof.tool,
    claimedAt: iso(proof.claimedAtMs),
  }
}

/** @throws {AppError} BAD_USER_INPUT. */
function keyOf(der: Uint8Array): Uint8Array {
  try {
    return parseCertificate(der).spki
  } catch (cause) {
    throw new AppError('BAD_USER_INPUT', 'the certificate cannot be read', {}, { cause })
  }
}

function result(
  verdict: OfflineResult['verdict'],
  signer: string | null,
  failures: OfflineResult['failures'],
): OfflineResult {
  const findings = [
    {
      code: 'REVOCATION_NOT_CHECKED',
      message: 'offline: whether the signer is or was revoked is not known',
    },
    { code: 'TIME_ONLY_CLAIMED', message: 'offline: no anchor in time was looked for' },
  ]
  return {
    verdict,
    signer,
    model: null,
    tool: null,
    claimedAt: null,
    provenAt: null,
    failures,
    findings,
  }
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
