/** A registry of the deployment. */

import { Field, ObjectType } from 'type-graphql'

@ObjectType({ simpleResolvers: true })
export class ServedRegistry {
  @Field(() => String)
  name!: string

  @Field(() => String, {
    description: 'Of its answers: `graphql`, `ocsp`, `status/…` and all others follow it.',
  })
  path!: string

  @Field(() => Boolean, { description: 'Is it the one that gave this answer?' })
  current!: boolean
}
