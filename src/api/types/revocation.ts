/** Answers about revocation. */

import { Field, ID, ObjectType } from 'type-graphql'
import type { Moment } from '../moment'
import { RevocationReason, RevocationState } from './enums'

@ObjectType({ simpleResolvers: true })
export class RevocationStatus {
  @Field(() => RevocationState)
  status!: RevocationState

  @Field(() => RevocationReason, {
    nullable: true,
    description:
      'SUPERSEDED: replaced by a renewal. Null for a deactivated identity, whose serial enters no list.',
  })
  reason!: RevocationReason | null

  @Field(() => Boolean, {
    description:
      'The issuer that signed it was deactivated, its identifier maybe taken over since: nobody can revoke it any more.',
  })
  issuerGone!: boolean

  readonly revokedBlock!: number | null
  readonly eventId!: string | null
  readonly certificateId!: string | null
  readonly moment!: Moment
}

@ObjectType({ simpleResolvers: true })
export class RevocationEntry {
  @Field(() => String)
  serial!: string

  @Field(() => RevocationReason)
  reason!: RevocationReason

  readonly issuerId!: string
  readonly block!: number
  readonly eventId!: string | null
  readonly certificateId!: string | null
  readonly moment!: Moment
}

@ObjectType({
  description:
    "CertificateRevocationList of an issuer: never cleaned, it outlives the issuer's registrations.",
  simpleResolvers: true,
})
export class RevocationList {
  @Field(() => ID)
  issuerId!: string

  @Field(() => [RevocationEntry], { description: 'In the order they were listed.' })
  entries!: readonly RevocationEntry[]

  readonly moment!: Moment
}
