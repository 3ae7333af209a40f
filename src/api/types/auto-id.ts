/** An identity of the registry, as of a moment. */

import { Field, ID, Int, ObjectType } from 'type-graphql'
import type { Moment } from '../moment'
import type { IdentityRow, RegistrationRow } from '../rows'
import { AutoIdKind, AutoIdStatus, Continuity } from './enums'

@ObjectType({
  description:
    'An identity at the moment of the question; everything below it is of that moment, too.',
  simpleResolvers: true,
})
export class AutoId {
  @Field(() => ID)
  id!: string

  @Field(() => AutoIdKind)
  kind!: AutoIdKind

  @Field(() => String, {
    description: 'First subject CN; what is not valid text is shown with replacement characters.',
  })
  commonName!: string

  @Field(() => String, { description: 'The exact bytes of the CN.' })
  commonNameHex!: string

  @Field(() => AutoIdStatus)
  status!: AutoIdStatus

  @Field(() => ID, { nullable: true, description: 'Null for a root.' })
  issuerId!: string | null

  @Field(() => String, {
    description: 'Counts the signed actions of this identity; a decimal number of up to 256 bits.',
  })
  nonce!: string

  @Field(() => String, { description: 'Serial of the certificate in force, 0x hex.' })
  serial!: string

  readonly row!: IdentityRow
  readonly moment!: Moment
}

@ObjectType({
  description: 'The span of an identifier from register to deactivate, under one key.',
  simpleResolvers: true,
})
export class Registration {
  @Field(() => Int, { description: 'From 1.' })
  ordinal!: number

  @Field(() => Continuity)
  continuity!: Continuity

  @Field(() => String, { description: 'What the continuity rests on.' })
  continuityProof!: string

  readonly row!: RegistrationRow
  readonly moment!: Moment
}
