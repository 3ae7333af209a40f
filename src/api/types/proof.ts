/** Proofs that anybody can check against a block hash alone. */

import { Field, ID, Int, ObjectType } from 'type-graphql'
import type { Moment } from '../moment'

@ObjectType({
  description: 'BLAKE2b-256 of its SCALE encoding is the block hash.',
  simpleResolvers: true,
})
export class BlockHeader {
  @Field(() => String)
  parentHash!: string

  @Field(() => Int)
  number!: number

  @Field(() => String)
  stateRoot!: string

  @Field(() => String)
  extrinsicsRoot!: string

  @Field(() => [String], { description: 'SCALE-encoded digest items, 0x hex.' })
  digestLogs!: readonly string[]
}

@ObjectType({
  description: 'What the proof says of one identity of the chain.',
  simpleResolvers: true,
})
export class ProvenHop {
  @Field(() => ID)
  autoId!: string

  @Field(() => Boolean, { description: 'False: its absence from the registry is proved.' })
  registered!: boolean

  @Field(() => String, { nullable: true })
  serial!: string | null

  @Field(() => ID, {
    description: 'Whose revocation list it stands under: its issuer’s; a root’s own.',
  })
  listOwner!: string

  @Field(() => [String], { description: 'The whole list, so that absence from it is proved, too.' })
  revocationList!: readonly string[]

  @Field(() => Boolean)
  revoked!: boolean
}

@ObjectType({
  description:
    'An identity, its issuers up to the root and their revocation lists, as trie nodes under the state root of a header.',
  simpleResolvers: true,
})
export class StateProof {
  @Field(() => ID)
  autoId!: string

  @Field(() => String)
  blockHash!: string

  @Field(() => BlockHeader)
  header!: BlockHeader

  @Field(() => [String], { description: 'As state_getReadProof gives them, 0x hex.' })
  nodes!: readonly string[]

  @Field(() => [ProvenHop], { description: 'What was read from the nodes; leaf first.' })
  hops!: readonly ProvenHop[]

  @Field(() => Boolean, { description: 'Does the proof lead to a root of the registry?' })
  complete!: boolean

  readonly moment!: Moment
}

@ObjectType({
  description:
    "A block's events, proved complete: EventCount and every vector under the state root.",
  simpleResolvers: true,
})
export class BlockProof {
  @Field(() => String)
  blockHash!: string

  @Field(() => BlockHeader)
  header!: BlockHeader

  @Field(() => [String])
  nodes!: readonly string[]

  @Field(() => Int)
  eventCount!: number

  @Field(() => String, {
    description: 'EVENTS (System.Events) or SEGMENTS (System.EventSegments).',
  })
  layout!: string

  @Field(() => [String], { description: 'SCALE `Vec<EventRecord>`, 0x hex, in order.' })
  vectors!: readonly string[]
}
