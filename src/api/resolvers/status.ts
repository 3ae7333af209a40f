/** Where the index stands, now and as it moves. */

import { Ctx, FieldResolver, Int, Query, Resolver, Root, Subscription } from 'type-graphql'
import type { ApiContext } from '../context'
import { followHead } from '../follow'
import { toStatus } from '../map/block'
import { Audit, AuditFailure, ChainInfo, Counts, IndexStatus } from '../types/status'

@Resolver(() => IndexStatus)
export class StatusResolver {
  @Query(() => IndexStatus, { description: 'Answered however old the head is.' })
  async status(@Ctx() context: ApiContext): Promise<IndexStatus> {
    const { nodeExplorerUrl } = context
    const chain = { ...(await context.chain()), nodeExplorerUrl }
    return { ...(await toStatus(context.session, context.version)), chain }
  }

  @Subscription(() => IndexStatus, {
    description: 'At once, then whenever the index or what is final moved.',
    subscribe: ({ context }: { context: ApiContext }) => followHead(context),
  })
  async head(@Ctx() context: ApiContext): Promise<IndexStatus> {
    return this.status(context)
  }

  @FieldResolver(() => ChainInfo)
  chain(@Root() { chain }: IndexStatus): ChainInfo {
    return chain
  }

  @FieldResolver(() => Counts)
  counts(@Ctx() { session, oncePerHead }: ApiContext): Promise<Counts> {
    return oncePerHead(session.head.block.hash, 'counts', () => session.read.status.counts())
  }

  @FieldResolver(() => Audit, {
    nullable: true,
    description: 'The last one that was run to its end; null before any.',
  })
  async audit(@Ctx() { session }: ApiContext): Promise<Audit | null> {
    const row = await session.read.status.lastAudit()
    return row === null ? null : { ...row, differenceCount: row.differences.length }
  }

  @FieldResolver(() => AuditFailure, {
    nullable: true,
    description: 'The last attempt, when it failed: `audit` is then the result of an earlier one.',
  })
  auditFailure(@Ctx() { session }: ApiContext): Promise<AuditFailure | null> {
    return session.read.status.auditFailure()
  }

  @FieldResolver(() => Int, { description: 'Open subscriptions of this process.' })
  subscribers(@Ctx() { hub }: ApiContext): number {
    return hub.followers
  }
}
