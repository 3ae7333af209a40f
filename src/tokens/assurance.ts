/**
 * An assurance score: a weighted sum over facts, each term explained. The weights are a policy, and the default policy
 * is ours: the network's own score formula is not settled.
 */
import { z } from 'zod'
import type { Hex } from '../bytes'
import { AppError } from '../errors'
import type { Claim } from './claims'
import { takenOver } from './identity'

export const termKinds = [
  'VALID',
  'FINAL',
  'ATTESTED_BY_ISSUER',
  'TRUSTED_ANCHOR',
  'STRONG_KEY',
  'UNBROKEN_CONTINUITY',
  'PAID_REGISTRATION',
  'VERIFIED_CREDENTIAL',
] as const
export type TermKind = (typeof termKinds)[number]

const termSchema = z.strictObject({
  kind: z.enum(termKinds),
  weight: z.number().min(0).max(1_000),
  /** TRUSTED_ANCHOR, VERIFIED_CREDENTIAL: Auto IDs whose word counts; absent: any. */
  issuers: z
    .array(z.string().regex(/^0x[0-9a-f]{64}$/))
    .max(1_000)
    .optional(),
  /** VERIFIED_CREDENTIAL: the credential's type. */
  type: z.string().max(256).optional(),
})

const policySchema = z.strictObject({
  name: z.string().min(1).max(256),
  terms: z
    .array(termSchema)
    .min(1)
    .max(64)
    .refine((terms) => terms.some(({ weight }) => weight > 0), 'need a weight above 0'),
})

export type AssurancePolicy = z.infer<typeof policySchema>

export const DEFAULT_ASSURANCE_POLICY: AssurancePolicy = {
  name: 'auto-registry default 1',
  terms: [
    { kind: 'VALID', weight: 40 },
    { kind: 'FINAL', weight: 10 },
    { kind: 'ATTESTED_BY_ISSUER', weight: 15 },
    { kind: 'STRONG_KEY', weight: 10 },
    { kind: 'UNBROKEN_CONTINUITY', weight: 10 },
    { kind: 'PAID_REGISTRATION', weight: 5 },
    { kind: 'VERIFIED_CREDENTIAL', weight: 10 },
  ],
}

/** @throws {AppError} BAD_USER_INPUT naming the first thing that is wrong. */
export function readAssurancePolicy(value: unknown): AssurancePolicy {
  const parsed = policySchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue?.path.join('.') ?? ''
  throw new AppError(
    'BAD_USER_INPUT',
    `assurance policy: ${where} ${issue?.message ?? 'unreadable'}`,
  )
}

export type AssuranceFacts = {
  readonly verdict: 'VALID' | 'INVALID' | 'INDETERMINATE'
  readonly reason: string
  /** Is the block of the registration final? */
  readonly isFinal: boolean
  readonly autoId: Hex
  readonly issuerId: Hex | null
  readonly trustAnchor: Hex | null
  /** Of itself and all above it, those that another key may have taken over: trust in them is in nobody. */
  readonly doubtful: readonly Hex[]
  readonly keyAlgorithm: string
  readonly keyBits: number | null
  /** Why anybody can sign under it; null: not known to. */
  readonly keyForgeable: string | null
  readonly continuity: 'FIRST' | 'SAME_KEY' | 'ISSUER_ATTESTED' | 'UNPROVEN'
  /** Fee of the extrinsic that registered it, in shannons; null when none was paid. */
  readonly fee: bigint | null
  readonly claims: readonly Claim[]
}

export type AssuranceTerm = {
  readonly kind: TermKind
  readonly weight: number
  readonly met: boolean
  readonly explanation: string
}

export type Assurance = {
  /** Met weights over all weights, 0 to 1; 0 when the identity is not VALID, whatever else holds. */
  readonly score: number
  readonly policy: string
  readonly terms: readonly AssuranceTerm[]
}

/** The score, 0 to 1: weights of the terms that are met over all weights; 0 unless the verdict is VALID. */
export function assess(facts: AssuranceFacts, policy: AssurancePolicy): Assurance {
  const terms = policy.terms.map((term): AssuranceTerm => {
    const [met, explanation] = judge(term, facts)
    return { kind: term.kind, weight: term.weight, met, explanation }
  })
  const total = terms.reduce((sum, { weight }) => sum + weight, 0)
  const reached = terms.reduce((sum, { weight, met }) => sum + (met ? weight : 0), 0)
  const isScored = facts.verdict === 'VALID' && total > 0
  return { score: isScored ? reached / total : 0, policy: policy.name, terms }
}

type Term = AssurancePolicy['terms'][number]

function judge(term: Term, facts: AssuranceFacts): [boolean, string] {
  switch (term.kind) {
    case 'VALID':
      return [facts.verdict === 'VALID', facts.reason]
    case 'FINAL':
      return [
        facts.isFinal,
        facts.isFinal ? 'its registration is final' : 'its registration may still be reorganised',
      ]
    case 'ATTESTED_BY_ISSUER':
      return judgeIssuer(facts)
    case 'TRUSTED_ANCHOR':
      return judgeAnchor(term, facts)
    case 'STRONG_KEY':
      return judgeKey(facts)
    case 'UNBROKEN_CONTINUITY':
      return judgeContinuity(facts)
    case 'PAID_REGISTRATION':
      return facts.fee !== null && facts.fee > 0n
        ? [true, `its registration cost ${facts.fee} shannons`]
        : [false, 'it was registered for free']
    case 'VERIFIED_CREDENTIAL':
      return judgeCredential(term, facts)
  }
}

function judgeIssuer({ autoId, issuerId, doubtful }: AssuranceFacts): [boolean, string] {
  if (issuerId === null) return [false, 'a root: nobody but itself says who it is']
  const above = doubtful.filter((id) => id !== autoId)
  return above.length > 0
    ? [false, `issued by ${issuerId}, but ${takenOver(above)}`]
    : [true, `issued by ${issuerId}`]
}

/** The last registration says how it follows on the one before it, and nothing of those before that. */
function judgeContinuity({ continuity, doubtful }: AssuranceFacts): [boolean, string] {
  const told = `continuity of the identifier: ${continuity}`
  if (continuity === 'UNPROVEN') return [false, told]
  return doubtful.length > 0 ? [false, `${told}, but ${takenOver(doubtful)}`] : [true, told]
}

function judgeAnchor(term: Term, { trustAnchor, doubtful }: AssuranceFacts): [boolean, string] {
  if (trustAnchor === null) return [false, 'it leads to no root']
  if (doubtful.includes(trustAnchor)) {
    return [false, `its root is ${trustAnchor}, but ${takenOver([trustAnchor])}`]
  }
  const counts = term.issuers === undefined || term.issuers.includes(trustAnchor)
  return [counts, `its root is ${trustAnchor}${counts ? '' : ', which is not on the list'}`]
}

/** NIST SP 800-57: 112 bits of security or more; SHA-1-era RSA-1024 is not. */
function judgeKey({ keyAlgorithm, keyBits, keyForgeable }: AssuranceFacts): [boolean, string] {
  if (keyForgeable !== null) return [false, `anybody can sign under its key: ${keyForgeable}`]
  const isRsa = keyAlgorithm.startsWith('RSA')
  const isStrong = isRsa
    ? (keyBits ?? 0) >= 2048
    : ['Ed25519', 'EC-P256', 'EC-P384', 'EC-P521'].includes(keyAlgorithm)
  return [isStrong, `its key is ${keyAlgorithm}${keyBits === null ? '' : ` of ${keyBits} bits`}`]
}

function judgeCredential(term: Term, { claims }: AssuranceFacts): [boolean, string] {
  const found = claims.find(
    (claim) =>
      claim.kind === 'CREDENTIAL' &&
      claim.verification === 'VERIFIED' &&
      (term.type === undefined || claim.name.split(' ').includes(term.type)) &&
      (term.issuers === undefined || term.issuers.includes(claim.statedBy)),
  )
  return found === undefined
    ? [false, 'no such credential was shown and verified']
    : [true, `${found.name} by ${found.statedBy}`]
}
