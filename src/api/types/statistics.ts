/** Figures over time and over the registry as it stands. */

import { Field, Int, ObjectType } from 'type-graphql'
import type { Moment } from '../moment'
import { DateTime } from '../scalars'
import { AutoIdKind, AutoIdStatus, FindingCode, Severity, TimeBucket } from './enums'

@ObjectType({ simpleResolvers: true })
export class StatusCount {
  @Field(() => AutoIdStatus)
  status!: AutoIdStatus

  @Field(() => Int)
  count!: number
}

@ObjectType({ simpleResolvers: true })
export class KindCount {
  @Field(() => AutoIdKind)
  kind!: AutoIdKind

  @Field(() => Int)
  count!: number
}

@ObjectType({ simpleResolvers: true })
export class ActivityBucket {
  @Field(() => DateTime, { description: 'Inclusive.' })
  from!: Date

  @Field(() => DateTime, { description: 'Exclusive.' })
  to!: Date

  @Field(() => Int)
  registered!: number

  @Field(() => Int)
  renewed!: number

  @Field(() => Int)
  revoked!: number

  @Field(() => Int)
  deactivated!: number

  @Field(() => Int, {
    description: 'Calls that changed nothing: failed, reverted or not executed.',
  })
  failed!: number
}

@ObjectType({ simpleResolvers: true })
export class KeyAlgorithmCount {
  @Field(() => String)
  algorithm!: string

  @Field(() => Int, { nullable: true })
  bits!: number | null

  @Field(() => Int)
  count!: number
}

@ObjectType({ simpleResolvers: true })
export class AlgorithmCount {
  @Field(() => String)
  algorithm!: string

  @Field(() => Int)
  count!: number
}

@ObjectType({ simpleResolvers: true })
export class ErrorCount {
  @Field(() => String, { description: '`Pallet.Name`.' })
  error!: string

  @Field(() => Int)
  count!: number
}

@ObjectType({ simpleResolvers: true })
export class IssuerCount {
  @Field(() => Int, { description: 'Identities in the registry that name it as issuer.' })
  count!: number

  readonly issuerId!: string
}

@ObjectType({ simpleResolvers: true })
export class FindingCount {
  @Field(() => Severity)
  severity!: Severity

  @Field(() => Int)
  count!: number
}

@ObjectType({ simpleResolvers: true })
export class FindingCodeCount {
  @Field(() => FindingCode)
  code!: string

  @Field(() => Severity)
  severity!: Severity

  @Field(() => Int)
  count!: number
}

@ObjectType({ simpleResolvers: true })
export class Statistics {
  @Field(() => DateTime, { description: 'Begin of the first bucket.' })
  from!: Date

  @Field(() => DateTime, { description: 'End of the last bucket.' })
  to!: Date

  @Field(() => TimeBucket)
  bucket!: TimeBucket
}

@ObjectType({ description: 'What one issuer issued, as of a moment.', simpleResolvers: true })
export class IssuerStatistics {
  @Field(() => Int, { description: 'Identities that name it as issuer.' })
  issued!: number

  @Field(() => [StatusCount])
  issuedByStatus!: readonly StatusCount[]

  @Field(() => Int, { description: 'Of the active ones, those that expire within 30 days.' })
  expiringSoon!: number

  @Field(() => Int, { description: 'Certificates it issued, replaced ones included.' })
  certificates!: number

  @Field(() => Int, { description: 'Serials it revoked.' })
  revoked!: number

  @Field(() => Int, { description: 'Serials listed because of renewals.' })
  superseded!: number

  readonly issuerId!: string
  readonly moment!: Moment
}
