/** A proof checked without the service: by the certificates that came along and the roots one trusts. */
import type { Hex } from '../bytes'
import { AppError } from '../errors'
import { parseCertificate } from '../pki/certificate'
import { type PathValidation, validatePath } from '../pki/path-validation'
import { compareModel } from './model'
import { identifierOfPath } from './path-identity'
import { type ParsedProof, parseProof } from './proof-format'
import { futureFaults, noteModel, UNDETERMINED } from './provenance'

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
  /** Digests of the content, hex. */
  readonly sha256: string
  readonly sha512: string
  /** DER certificates, the signer's first. */
  readonly chain: readonly Uint8Array[]
  readonly roots: readonly Uint8Array[]
  readonly at: Date
}

type Fault = { readonly code: string; readonly message: string }

/**
 * Never VALID: signature, content, path and the identity the path speaks of can be checked, but neither revocation, nor
 * time, nor that the certificate is the one in force under that Auto ID.
 */
export async function verifyOffline(question: OfflineQuestion): Promise<OfflineResult> {
  const [leaf] = question.chain
  if (leaf === undefined)
    throw new AppError('BAD_USER_INPUT', 'no certificate to check the proof with')
  const now = pathAt(question, leaf, question.at)
  const identifier = now.valid ? identifierOfPath(now.path) : null
  const proof = await parseProof(question.proof, async () => [identifier ?? UNNAMED])
  if ('problem' in proof)
    return result('INVALID', null, [{ code: 'PROOF_MALFORMED', message: proof.problem }])
  const failures = [
    ...(await signatureFaults(proof, leaf)),
    ...contentFaults(proof, question),
    ...futureFaults(proof, question.at.getTime()),
    ...signerFaults(proof, question, leaf, now, identifier),
  ]
  const findings: Fault[] = []
  noteModel(compareModel(proof.model, leaf), failures, findings)
  return {
    ...result(verdictOf(failures), proof.signer, failures, findings),
    model: proof.model,
    tool: proof.tool,
    claimedAt: iso(proof.claimedAtMs),
  }
}

/** Signer of a CMS proof whose certificates lead to no trusted root. */
const UNNAMED = 'the certificate that came along'

function pathAt({ chain, roots }: OfflineQuestion, leaf: Uint8Array, at: Date): PathValidation {
  return validatePath({ leaf, intermediates: chain.slice(1), trustAnchors: roots, at })
}

async function signatureFaults(proof: ParsedProof, leaf: Uint8Array): Promise<Fault[]> {
  const outcome = await proof.verify(keyOf(leaf))
  return outcome.ok ? [] : [{ code: 'PROOF_SIGNATURE', message: outcome.message }]
}

function contentFaults({ contentDigest }: ParsedProof, question: OfflineQuestion): Fault[] {
  const given = contentDigest.hash === 'sha512' ? question.sha512 : question.sha256
  if (contentDigest.hex === given) return []
  return [{ code: 'CONTENT_MISMATCH', message: 'the proof is about other content' }]
}

function signerFaults(
  proof: ParsedProof,
  question: OfflineQuestion,
  leaf: Uint8Array,
  now: PathValidation,
  identifier: Hex | null,
): Fault[] {
  if (now.valid && identifier === proof.signer) return []
  if (now.valid) {
    const message = `its certificates are those of ${identifier ?? 'nobody'}, not of ${proof.signer}`
    return [{ code: 'SIGNER_MISMATCH', message }]
  }
  const { claimedAtMs } = proof
  const then = claimedAtMs === null ? null : pathAt(question, leaf, new Date(claimedAtMs))
  if (then?.valid === true && identifierOfPath(then.path) === proof.signer) {
    const message = 'its certificates are not valid now; they were when it claims to have been made'
    return [{ code: 'TIME_ONLY_CLAIMED', message }]
  }
  const why = now.failures[0]?.message ?? 'no path'
  return [{ code: 'SIGNER_UNANCHORED', message: `no valid path to a trusted root: ${why}` }]
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
  failures: readonly Fault[],
  findings: readonly Fault[] = [],
): OfflineResult {
  const unchecked = [
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
    findings: [...unchecked, ...findings],
  }
}

/** Undetermined is the best there is. */
function verdictOf(failures: readonly Fault[]): OfflineResult['verdict'] {
  const isBad = ({ code }: Fault) => !UNDETERMINED.includes(code)
  return failures.some(isBad) ? 'INVALID' : 'INDETERMINATE'
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
