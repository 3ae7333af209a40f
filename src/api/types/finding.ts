/** What the chain let pass and a relying party should know. */

import { Field, ObjectType } from 'type-graphql'
import { Json } from '../scalars'
import { FindingCode, Severity } from './enums'

@ObjectType({ simpleResolvers: true })
export class Finding {
  @Field(() => FindingCode)
  code!: string

  @Field(() => Severity)
  severity!: Severity

  @Field(() => String, { description: 'What it is, and what to do about it.' })
  message!: string

  @Field(() => Json, { description: 'The particulars: block heights, identifiers, serials.' })
  facts!: object

  readonly autoIdId!: string | null
  readonly eventId!: string | null
}
