/** Verdicts: what was asked, what was checked, what was found. */

import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import { PATH_CODES } from '../../pki/codes'
import { type CheckCode, REGISTRY_CHECKS } from '../../verify/codes'
import { DEFAULT_POLICY } from '../../verify/policy'
import type { Check as CheckResult, HopResult, VerdictSpan } from '../../verify/verdict'
import type { Moment } from '../moment'
import { DateTime } from '../scalars'
import { FindingCode, Severity } from './enums'
import { Finding } from './finding'
import { PageInfo } from './page'

export const Verdict = {
  VALID: 'VALID',
  INVALID: 'INVALID',
  INDETERMINATE: 'INDETERMINATE',
} as const
export const Profile = { REGISTRY: 'REGISTRY', RFC5280: 'RFC5280' } as const
export const Outcome = { PASSED: 'PASSED', FAILED: 'FAILED', SKIPPED: 'SKIPPED' } as const
export const LaterRevocation = { IGNORE: 'IGNORE', WARN: 'WARN', REJECT: 'REJECT' } as const
const checkTable = { ...REGISTRY_CHECKS, ...PATH_CODES }
export const CheckCodes: Record<string, string> = Object.fromEntries(
  Object.keys(checkTable).map((code) => [code, code]),
)

export type Profile = keyof typeof Profile
export type LaterRevocation = keyof typeof LaterRevocation

registerEnumType(Verdict, {
  name: 'Verdict',
  valuesConfig: {
    VALID: { description: 'Every check that was asked for passed.' },
    INVALID: { description: 'At least one check failed.' },
    INDETERMINATE: { description: 'Nothing failed, but something could not be checked. Not good.' },
  },
})
registerEnumType(Profile, {
  name: 'Profile',
  valuesConfig: {
    REGISTRY: { description: "By the registry's own rules, all the way up to a root." },
    RFC5280: { description: 'The same, and the rebuilt certificates form a path by RFC 5280 §6.' },
  },
})
registerEnumType(Outcome, { name: 'Outcome' })
registerEnumType(LaterRevocation, {
  name: 'LaterRevocation',
  description: 'What a revocation, takeover or deactivation after `at`, up to `knownAt`, does.',
  valuesConfig: {
    IGNORE: { description: 'It is listed as information.' },
    WARN: { description: 'It is a finding; the verdict for `at` stands.' },
    REJECT: { description: 'The verdict is INVALID.' },
  },
})
registerEnumType(CheckCodes, {
  name: 'CheckCode',
  description: 'For ever: a new meaning is a new code. See docs/codes.md.',
  valuesConfig: Object.fromEntries(
    Object.entries(checkTable).map(([code, { meaning }]) => [code, { description: meaning }]),
  ),
})

@InputType()
export class PolicyInput {
  @Field(() => Profile, { nullable: true, defaultValue: 'REGISTRY' })
  profile?: Profile | null

  @Field(() => [ID], {
    nullable: true,
    description: 'Only these roots count as anchors. Absent: any root, and trust in it is yours.',
  })
  trustAnchors?: string[] | null

  @Field(() => [String], {
    nullable: true,
    description:
      'SHA-256 of the SubjectPublicKeyInfo of roots that count: tells the owners of a re-registered root apart.',
  })
  trustAnchorKeys?: string[] | null

  @Field(() => Boolean, { nullable: true, description: 'The block asked about must be final.' })
  requireFinal?: boolean | null

  @Field(() => LaterRevocation, { nullable: true, defaultValue: 'WARN' })
  laterRevocation?: LaterRevocation | null

  @Field(() => Severity, {
    nullable: true,
    description: 'Findings this severe, or more, make it INVALID.',
  })
  rejectSeverity?: Severity | null

  @Field(() => [FindingCode], { nullable: true, description: 'Findings that make it INVALID.' })
  rejectFindings?: string[] | null

  @Field(() => Int, {
    nullable: true,
    description: 'Least size of RSA keys in the chain, in bits.',
  })
  minRsaBits?: number | null

  @Field(() => Int, {
    nullable: true,
    description: 'Least size of elliptic-curve keys in the chain, in bits; Ed25519 has 256.',
  })
  minEcBits?: number | null

  @Field(() => Boolean, { nullable: true, defaultValue: true })
  allowSha1?: boolean | null

  @Field(() => Int, { nullable: true, description: 'Issuers allowed between target and root.' })
  maxPathLength?: number | null

  @Field(() => Int, {
    nullable: true,
    description: "The target's key must be valid under so many issuers (composite identities).",
  })
  minIssuers?: number | null

  @Field(() => [ID], {
    nullable: true,
    description:
      'Only these count for minIssuers, wherever above the target they stand. Absent: any immediate issuer.',
  })
  issuers?: string[] | null

  @Field(() => Int, {
    nullable: true,
    defaultValue: DEFAULT_POLICY.maxMembers,
    description:
      'Identities of the key that are judged for minIssuers, at most; the price counts each as a verdict. Too few issuers among so many is undetermined.',
  })
  maxMembers?: number | null

  @Field(() => [String], { nullable: true, description: 'RFC5280: names of RFC 5280 §4.2.1.3.' })
  keyUsage?: string[] | null

  @Field(() => [String], { nullable: true, description: 'RFC5280: names or OIDs.' })
  extendedKeyUsage?: string[] | null

  @Field(() => [String], { nullable: true, description: 'RFC5280: user-initial-policy-set, OIDs.' })
  initialPolicySet?: string[] | null

  @Field(() => Boolean, { nullable: true })
  requireExplicitPolicy?: boolean | null

  @Field(() => Boolean, { nullable: true })
  inhibitPolicyMapping?: boolean | null

  @Field(() => Boolean, { nullable: true })
  inhibitAnyPolicy?: boolean | null
}

@ObjectType({ simpleResolvers: true })
export class Check {
  @Field(() => CheckCodes)
  code!: CheckCode

  @Field(() => Outcome)
  outcome!: CheckResult['outcome']

  @Field(() => Boolean, {
    description: 'Skipped because it could not be done: the verdict cannot be VALID.',
  })
  undetermined!: boolean

  @Field(() => String)
  message!: string

  @Field(() => DateTime, { nullable: true, description: 'Since when the outcome holds, if known.' })
  since!: Date | null

  @Field(() => ID, { nullable: true, description: 'The identity it is about.' })
  autoIdId!: string | null

  readonly eventId!: string | null
  readonly moment!: Moment
}

@ObjectType({
  description: 'One identity of the chain, and what was checked of it.',
  simpleResolvers: true,
})
export class ChainLink {
  @Field(() => [Check])
  checks!: readonly Check[]

  readonly hop!: HopResult
  readonly moment!: Moment
}

@ObjectType({ description: 'What made a verdict begin to hold.', simpleResolvers: true })
export class TurningPoint {
  @Field(() => DateTime)
  time!: Date

  @Field(() => ID, { description: 'The identity of the chain that changed.' })
  autoIdId!: string

  readonly height!: number | null
  readonly eventId!: string | null
  readonly moment!: Moment
}

@ObjectType({ simpleResolvers: true })
export class VerificationResult {
  @Field(() => Verdict)
  verdict!: keyof typeof Verdict

  @Field(() => String, {
    description: 'ETSI EN 319 102-1: indication, or indication/sub-indication.',
  })
  indication!: string

  @Field(() => Profile)
  profile!: Profile

  @Field(() => DateTime, { description: 'The clock by which validity was judged.' })
  at!: Date

  @Field(() => [ChainLink], { description: 'Leaf first.' })
  chain!: readonly ChainLink[]

  @Field(() => [Check], { description: 'Checks about the whole chain.' })
  checks!: readonly Check[]

  @Field(() => [Check], {
    description: 'What failed or could not be checked; the deciding one first.',
  })
  failures!: readonly Check[]

  @Field(() => [Finding], {
    description: 'What the chain let pass and you should know; the most severe first.',
  })
  findings!: readonly Finding[]

  readonly span!: () => VerdictSpan
  readonly trustAnchorId!: string | null
  readonly moment!: Moment
  readonly knownAtHeight!: number
}

@ObjectType({ simpleResolvers: true })
export class SignatureVerification {
  @Field(() => Boolean, {
    description: 'The signature is good AND the identity is valid at that moment.',
  })
  valid!: boolean

  @Field(() => Boolean, {
    description: 'The signature is good under the key the identity had then.',
  })
  signatureValid!: boolean

  @Field(() => CheckCodes, {
    nullable: true,
    description:
      'Why it is not good: SIG_BAD, it is none of this key; SIG_UNSUPPORTED_ALGORITHM, SIG_BAD_KEY and KNOWN, it could not be checked. Null when it is good.',
  })
  code!: CheckCode | null

  @Field(() => String, { nullable: true, description: 'The algorithm that was used.' })
  algorithm!: string | null

  @Field(() => String)
  message!: string

  @Field(() => VerificationResult, { description: 'The identity itself, by the policy.' })
  identity!: VerificationResult
}

@ObjectType({ simpleResolvers: true })
export class CompositeMember {
  @Field(() => ID)
  autoIdId!: string

  @Field(() => Verdict)
  verdict!: keyof typeof Verdict

  readonly moment!: Moment
}

@ObjectType({
  description: 'Identities that share one key under several issuers.',
  simpleResolvers: true,
})
export class CompositeIdentity {
  @Field(() => String, { description: 'SHA-256 of the SubjectPublicKeyInfo, 0x hex.' })
  publicKeySha256!: string

  @Field(() => [CompositeMember], { description: 'A page of them, in order of registration.' })
  members!: readonly CompositeMember[]

  @Field(() => PageInfo, { description: 'Of `members`.' })
  pageInfo!: PageInfo

  @Field(() => Int, {
    description:
      'Issuers under which the key is valid by these members; roots count as their own. At least so many, if `partial`.',
  })
  validIssuers!: number

  @Field(() => Int, { description: 'Identities that hold the key, those in `members` included.' })
  totalCount!: number

  @Field(() => Boolean, { description: 'More hold the key than are in `members`.' })
  partial!: boolean

  readonly moment!: Moment
}
