/** Pre-flight: what the chain would answer to a call, and whose verdict it would turn. */

import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import type { Standing as StandingName } from '../../registry/simulate'
import type { Moment } from '../moment'
import { DateTime } from '../scalars'
import { RegistryCall } from './enums'

export const SimulationOutcome = { APPLIED: 'APPLIED', ERROR: 'ERROR' } as const
export const Standing = {
  ABSENT: 'ABSENT',
  REVOKED: 'REVOKED',
  NOT_VALID: 'NOT_VALID',
  GOOD: 'GOOD',
} as const satisfies Record<StandingName, StandingName>

registerEnumType(SimulationOutcome, { name: 'SimulationOutcome' })
registerEnumType(Standing, {
  name: 'Standing',
  description: "An identity's standing by itself, whatever stands above it.",
  valuesConfig: {
    ABSENT: { description: 'The registry holds no entry.' },
    NOT_VALID: { description: 'Not yet valid, or expired.' },
  },
})

@InputType({
  description: 'A signed certificate that is to be registered, or to renew an identity.',
})
export class CertificateProposal {
  @Field(() => String, { description: 'One certificate.' })
  pem!: string

  @Field(() => ID, { nullable: true, description: 'The registry issuer. Absent: it is a root.' })
  issuerId?: string | null

  @Field(() => ID, { nullable: true, description: 'The identity to renew. Absent: register it.' })
  renews?: string | null
}

@ObjectType({ simpleResolvers: true })
export class StandingChange {
  @Field(() => ID)
  autoIdId!: string

  @Field(() => Standing)
  before!: StandingName

  @Field(() => Standing)
  after!: StandingName
}

@ObjectType({ description: 'Whose verdict (profile REGISTRY) would turn.', simpleResolvers: true })
export class BlastRadius {
  @Field(() => Int, { description: 'Valid before, not valid after.' })
  becomeInvalid!: number

  @Field(() => Int, { description: 'Not valid before, valid after.' })
  becomeValid!: number

  @Field(() => [ID], { description: 'The first 100 of them, the changed identity included.' })
  autoIdIds!: readonly string[]

  @Field(() => Boolean, {
    description: 'There are more below than were looked at: at least so many.',
  })
  partial!: boolean
}

@ObjectType({ simpleResolvers: true })
export class Simulation {
  @Field(() => SimulationOutcome)
  outcome!: keyof typeof SimulationOutcome

  @Field(() => RegistryCall, { description: 'The call as it was understood.' })
  call!: keyof typeof RegistryCall

  @Field(() => String, { nullable: true, description: 'As the chain would record it.' })
  error!: string | null

  @Field(() => ID, {
    nullable: true,
    description: 'The identity it is about; null when its certificate yields none.',
  })
  autoIdId!: string | null

  @Field(() => DateTime, { description: 'The moment it is taken to be executed.' })
  at!: Date

  @Field(() => [StandingChange])
  standing!: readonly StandingChange[]

  @Field(() => BlastRadius, { nullable: true, description: 'Null when the call would fail.' })
  blastRadius!: BlastRadius | null

  readonly moment!: Moment
}
