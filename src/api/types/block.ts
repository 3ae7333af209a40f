/** A block as every answer refers to it. */

import { Field, Int, ObjectType } from 'type-graphql'
import { DateTime } from '../scalars'

@ObjectType({
  description: 'A block. `final` says whether it can still be reorganised.',
  simpleResolvers: true,
})
export class BlockRef {
  @Field(() => Int)
  height!: number

  @Field(() => String)
  hash!: string

  @Field(() => DateTime, {
    description:
      'Time of the block by its own clock; 1970-01-01 for a genesis, which has none. Of a node head that is not indexed yet: when it was seen.',
  })
  timestamp!: Date

  @Field(() => Boolean)
  final!: boolean

  @Field(() => String, { nullable: true, description: 'Null for a block that is not indexed.' })
  parentHash!: string | null

  @Field(() => String, { nullable: true })
  stateRoot!: string | null

  @Field(() => String, { nullable: true })
  extrinsicsRoot!: string | null

  @Field(() => Int, { nullable: true, description: 'Of the runtime that executed the block.' })
  specVersion!: number | null

  @Field(() => Int, { nullable: true, description: 'Of all pallets.' })
  eventCount!: number | null

  @Field(() => Int, { nullable: true })
  extrinsicCount!: number | null
}
