/** Where the index stands. */

import { Field, Int, ObjectType } from 'type-graphql'
import { DateTime, Json } from '../scalars'
import { BlockRef } from './block'

@ObjectType({ simpleResolvers: true })
export class ChainInfo {
  @Field(() => String)
  genesisHash!: string

  @Field(() => String)
  specName!: string

  @Field(() => Int)
  ss58Prefix!: number

  @Field(() => String)
  tokenSymbol!: string

  @Field(() => Int)
  tokenDecimals!: number

  @Field(() => String, {
    nullable: true,
    description:
      'Link to a block in an explorer of the node, `{hash}` in place of its hash; null when none is set.',
  })
  nodeExplorerUrl!: string | null
}

@ObjectType({ description: 'Of the index at its head.', simpleResolvers: true })
export class Counts {
  @Field(() => Int, { description: 'Identities ever registered, deactivated ones included.' })
  autoIds!: number

  @Field(() => Int, { description: 'Entries the registry holds.' })
  registered!: number

  @Field(() => Int)
  registrations!: number

  @Field(() => Int)
  certificates!: number

  @Field(() => Int, { description: 'Serials in all revocation lists.' })
  revocations!: number

  @Field(() => Int)
  events!: number

  @Field(() => Int)
  failedCalls!: number

  @Field(() => Int)
  findings!: number

  @Field(() => Int)
  remarks!: number

  @Field(() => Int, { description: 'Extrinsics that could not be decoded.' })
  quarantined!: number
}

@ObjectType({
  description: "A comparison of the index with the chain's own storage.",
  simpleResolvers: true,
})
export class Audit {
  @Field(() => Int)
  block!: number

  @Field(() => DateTime)
  finishedAt!: Date

  @Field(() => Int, { description: 'Entries and lists compared.' })
  checked!: number

  @Field(() => Int)
  differenceCount!: number

  @Field(() => Json, { description: 'The differences; an empty list when they agree.' })
  differences!: object

  @Field(() => Boolean, { description: 'Every entry, or a sample.' })
  complete!: boolean
}

@ObjectType({
  description:
    'An audit that could not be run to its end: it says neither that the index agrees nor that it differs.',
  simpleResolvers: true,
})
export class AuditFailure {
  @Field(() => Int, { description: 'The block it was to compare.' })
  block!: number

  @Field(() => DateTime)
  at!: Date

  @Field(() => String)
  message!: string
}

@ObjectType({ description: 'A failure of ingestion that is being retried.', simpleResolvers: true })
export class IngestionError {
  @Field(() => String)
  message!: string

  @Field(() => DateTime, { nullable: true })
  at!: Date | null
}

@ObjectType({ simpleResolvers: true })
export class IndexStatus {
  @Field(() => BlockRef)
  head!: BlockRef

  @Field(() => BlockRef)
  finalized!: BlockRef

  @Field(() => BlockRef, {
    nullable: true,
    description: "The node's best block when it last answered; null before its first answer.",
  })
  nodeHead!: BlockRef | null

  @Field(() => Int, { description: 'Blocks between our head and that of the node.' })
  lagBlocks!: number

  @Field(() => Int, { description: "Seconds between the head block's own time and now." })
  headAgeSeconds!: number

  @Field(() => Int, { description: 'Blocks between our head and the finalized one.' })
  finalityLagBlocks!: number

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the node last confirmed that our head is on its chain.',
  })
  confirmedAt!: Date | null

  @Field(() => IngestionError, { nullable: true, description: 'Null when all is well.' })
  error!: IngestionError | null

  @Field(() => Int, { description: 'Reorganisations followed so far.' })
  reorgCount!: number

  @Field(() => Int, { description: 'The deepest one, in blocks.' })
  deepestReorg!: number

  @Field(() => ChainInfo)
  chain!: ChainInfo

  @Field(() => String, { description: 'Of this service.' })
  version!: string
}
