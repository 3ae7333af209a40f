/** Tokens, provenance, claims. */

import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql'
import { DateTime, Json } from '../scalars'
import { BlockRef } from './block'
import { Verdict } from './verification'

@ObjectType({ description: 'What failed, by a stable code.', simpleResolvers: true })
export class TokenFault {
  @Field(() => String, { description: '`TOKEN_…`; docs/tokens.md lists them.' })
  code!: string

  @Field(() => String)
  message!: string

  @Field(() => Int, { description: '0: the token itself; from 1 its grants.' })
  link!: number
}

@ObjectType({ description: 'One token of a chain of authority.', simpleResolvers: true })
export class TokenLink {
  @Field(() => ID)
  issuer!: string

  @Field(() => String, { nullable: true })
  subject!: string | null

  @Field(() => [String])
  scope!: readonly string[]

  @Field(() => [String])
  audience!: readonly string[]

  @Field(() => DateTime)
  issuedAt!: Date

  @Field(() => DateTime)
  expiresAt!: Date

  @Field(() => ID, { nullable: true, description: 'The root its issuer leads to.' })
  trustAnchor!: string | null
}

@ObjectType({ simpleResolvers: true })
export class TokenVerification {
  @Field(() => Verdict)
  verdict!: keyof typeof Verdict

  @Field(() => [TokenFault])
  faults!: readonly TokenFault[]

  @Field(() => [TokenLink], {
    description: 'The chain of authority: the token itself first, whoever granted first last.',
  })
  authority!: readonly TokenLink[]

  @Field(() => Json, {
    nullable: true,
    description: 'Claims of the token itself, verified or not: see the verdict.',
  })
  claims!: unknown

  @Field(() => DateTime)
  at!: Date

  @Field(() => BlockRef)
  asOf!: BlockRef
}

@ObjectType({ simpleResolvers: true })
export class ProvenanceRemark {
  @Field(() => String, { description: 'Stable; docs/tokens.md lists them.' })
  code!: string

  @Field(() => String)
  message!: string
}

export const TimeEvidence = { ANCHOR: 'ANCHOR', TIMESTAMP: 'TIMESTAMP', NONE: 'NONE' } as const
export type TimeEvidence = keyof typeof TimeEvidence
registerEnumType(TimeEvidence, {
  name: 'TimeEvidence',
  description: 'What proves that a proof existed by a time.',
  valuesConfig: {
    ANCHOR: { description: 'A `System.Remarked` of the SHA-256 of its bytes.' },
    TIMESTAMP: { description: 'An RFC 3161 token of a trusted authority.' },
    NONE: { description: "Nothing but the signer's word." },
  },
})

export const ModelOutcome = {
  NOT_CLAIMED: 'NOT_CLAIMED',
  MATCH: 'MATCH',
  MISMATCH: 'MISMATCH',
  NOT_NAMED: 'NOT_NAMED',
  UNREADABLE: 'UNREADABLE',
} as const
export type ModelOutcome = keyof typeof ModelOutcome
registerEnumType(ModelOutcome, {
  name: 'ModelOutcome',
  description: "The model a proof claims against those its signer's certificate names.",
  valuesConfig: {
    NOT_CLAIMED: { description: 'The proof names no model.' },
    MATCH: { description: 'The certificate names this one.' },
    MISMATCH: { description: 'The certificate names others: never VALID.' },
    NOT_NAMED: { description: "The certificate names none: the signer's own word." },
    UNREADABLE: { description: 'The certificate cannot be read: never VALID.' },
  },
})

@ObjectType({ description: 'The remark that anchors a proof.', simpleResolvers: true })
export class ProvenanceAnchor {
  @Field(() => Int)
  height!: number

  @Field(() => DateTime)
  timestamp!: Date

  @Field(() => String)
  extrinsicHash!: string

  @Field(() => String, { description: 'Who paid for it: proves nothing about the signer.' })
  sender!: string
}

@ObjectType({ simpleResolvers: true })
export class ProvenanceVerification {
  @Field(() => Verdict)
  verdict!: keyof typeof Verdict

  @Field(() => [ProvenanceRemark], { description: 'What decided a verdict that is not VALID.' })
  failures!: readonly ProvenanceRemark[]

  @Field(() => [ProvenanceRemark])
  findings!: readonly ProvenanceRemark[]

  @Field(() => ID, { nullable: true })
  signer!: string | null

  @Field(() => String, { nullable: true, description: 'Of the content, as the proof says; hex.' })
  sha256!: string | null

  @Field(() => Boolean, {
    nullable: true,
    description: 'Null when no digest was given to compare with.',
  })
  contentMatches!: boolean | null

  @Field(() => String, { nullable: true })
  model!: string | null

  @Field(() => ModelOutcome, {
    nullable: true,
    description: 'Null when there is no signer whose certificate could be asked.',
  })
  modelOutcome!: ModelOutcome | null

  @Field(() => String, { nullable: true })
  tool!: string | null

  @Field(() => DateTime, { nullable: true, description: "The signer's word, nothing more." })
  claimedAt!: Date | null

  @Field(() => TimeEvidence)
  timeEvidence!: TimeEvidence

  @Field(() => DateTime, {
    nullable: true,
    description: 'By then it existed; null without evidence.',
  })
  provenAt!: Date | null

  @Field(() => ProvenanceAnchor, { nullable: true })
  anchor!: ProvenanceAnchor | null

  @Field(() => ID, { nullable: true })
  trustAnchor!: string | null

  @Field(() => BlockRef, { description: 'The state the signer was judged by.' })
  asOf!: BlockRef
}

export const ClaimKind = {
  COMMON_NAME: 'COMMON_NAME',
  ALTERNATIVE_NAME: 'ALTERNATIVE_NAME',
  EXTENSION: 'EXTENSION',
  CREDENTIAL: 'CREDENTIAL',
} as const
export type ClaimKind = keyof typeof ClaimKind
registerEnumType(ClaimKind, { name: 'ClaimKind' })

export const ClaimOutcome = {
  SELF_STATED: 'SELF_STATED',
  ATTESTED: 'ATTESTED',
  VERIFIED: 'VERIFIED',
  UNVERIFIED: 'UNVERIFIED',
  REFUTED: 'REFUTED',
} as const
export type ClaimOutcome = keyof typeof ClaimOutcome
registerEnumType(ClaimOutcome, {
  name: 'ClaimOutcome',
  valuesConfig: {
    SELF_STATED: { description: 'A root says it of itself.' },
    ATTESTED: { description: 'Its issuer signed it; nobody checked the content.' },
    VERIFIED: { description: 'Signed by another Auto ID that is good.' },
    UNVERIFIED: { description: 'Could not be checked.' },
    REFUTED: { description: 'Checked, and not true.' },
  },
})

@ObjectType({ simpleResolvers: true })
export class Claim {
  @Field(() => ClaimKind)
  kind!: ClaimKind

  @Field(() => String)
  name!: string

  @Field(() => String)
  value!: string

  @Field(() => String, {
    description: 'Whose word it is: an Auto ID, or an issuer outside the registry.',
  })
  statedBy!: string

  @Field(() => ClaimOutcome)
  verification!: ClaimOutcome

  @Field(() => String)
  how!: string
}

@ObjectType({ simpleResolvers: true })
export class AssuranceTerm {
  @Field(() => String)
  kind!: string

  @Field(() => Float)
  weight!: number

  @Field(() => Boolean)
  met!: boolean

  @Field(() => String)
  explanation!: string
}

@ObjectType({
  description: 'A weighted sum by a policy. The default policy is ours: the network settled none.',
  simpleResolvers: true,
})
export class Assurance {
  @Field(() => Float, { description: '0 to 1; 0 unless the verdict is VALID.' })
  score!: number

  @Field(() => String)
  policy!: string

  @Field(() => [AssuranceTerm])
  terms!: readonly AssuranceTerm[]
}

@ObjectType({ simpleResolvers: true })
export class ClaimSet {
  @Field(() => ID)
  id!: string

  @Field(() => Verdict)
  verdict!: keyof typeof Verdict

  @Field(() => [Claim])
  claims!: readonly Claim[]

  @Field(() => Assurance)
  assurance!: Assurance

  @Field(() => BlockRef)
  asOf!: BlockRef
}
