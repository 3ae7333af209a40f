/** Findings: what the chain let pass. */

import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import type { ApiContext } from '../context'
import { readPage } from '../lists'
import { toFinding } from '../map/certificate'
import { PageArgs } from '../paging'
import { checkFindingFilter } from '../timeline'
import { AutoId } from '../types/auto-id'
import { FindingConnection } from '../types/connections'
import { TimelineOrder } from '../types/enums'
import { RegistryEvent } from '../types/event'
import { Finding } from '../types/finding'
import { FindingFilter } from '../types/inputs'
import { findAutoId, findEvent } from './links'

@Resolver(() => Finding)
export class FindingResolver {
  @Query(() => FindingConnection, { description: 'In chain order unless asked otherwise.' })
  async findings(
    @Ctx() { session, limits }: ApiContext,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => FindingFilter, { nullable: true }) filter?: FindingFilter | null,
    @Arg('orderBy', () => TimelineOrder, { nullable: true, defaultValue: 'OLDEST_FIRST' })
    orderBy?: TimelineOrder | null,
  ): Promise<FindingConnection> {
    const moment = await session.momentOf(null)
    return FindingConnection.of(
      await readPage({
        list: session.read.findings,
        filter: checkFindingFilter(filter ?? {}, moment),
        order: orderBy ?? 'OLDEST_FIRST',
        args,
        limits,
        toNode: toFinding,
      }),
    )
  }

  @FieldResolver(() => AutoId, { nullable: true })
  async autoId(
    @Root() { autoIdId }: Finding,
    @Ctx() { session }: ApiContext,
  ): Promise<AutoId | null> {
    if (autoIdId === null) return null
    return findAutoId(session, autoIdId, await session.momentOf(null))
  }

  @FieldResolver(() => RegistryEvent, {
    nullable: true,
    description: 'The event it was found at.',
  })
  async evidence(
    @Root() { eventId }: Finding,
    @Ctx() { session }: ApiContext,
  ): Promise<RegistryEvent | null> {
    return eventId === null ? null : findEvent(session, eventId, await session.momentOf(null))
  }
}
