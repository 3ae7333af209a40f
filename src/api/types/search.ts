/** Hits of a search. */

import { Field, ObjectType } from 'type-graphql'
import type { Moment } from '../moment'
import { SearchKind } from './enums'

@ObjectType({ simpleResolvers: true })
export class SearchHit {
  @Field(() => SearchKind)
  kind!: SearchKind

  @Field(() => String, { description: 'For people.' })
  label!: string

  @Field(() => String, { description: 'Page of the explorer.' })
  path!: string

  @Field(() => String, { description: 'What the text was found to be, such as `serial`.' })
  matched!: string

  readonly autoIdId!: string | null
  readonly certificateId!: string | null
  readonly height!: number | null
  readonly moment!: Moment
}
