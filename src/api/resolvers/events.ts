/** The timeline and what failed to get on it. */

import {
  Arg,
  Args,
  Ctx,
  FieldResolver,
  ID,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql'
import { badArgument } from '../arguments'
import type { ApiContext } from '../context'
import type { FeedMessage } from '../event-log'
import { followEvents } from '../follow'
import { readPage } from '../lists'
import { blockRef, toBlockRef } from '../map/block'
import { toCertificate } from '../map/certificate'
import { toAnnouncedEvent, toEvent, toFailedCall } from '../map/event'
import { toAutoId } from '../map/identity'
import { PageArgs } from '../paging'
import { encodeSs58 } from '../ss58'
import { checkEventFilter, checkFailedCallFilter } from '../timeline'
import { AutoId } from '../types/auto-id'
import { BlockRef } from '../types/block'
import { Certificate } from '../types/certificate'
import { FailedCallConnection, RegistryEventConnection } from '../types/connections'
import { TimelineOrder } from '../types/enums'
import { FailedCall, RegistryEvent } from '../types/event'
import { EventFilter, FailedCallFilter } from '../types/inputs'
import { findAutoId, requireAutoId } from './links'

/** A subscription is about what comes. */
const MAX_HEIGHT = 2_147_483_647

@Resolver(() => RegistryEvent)
export class EventResolver {
  @Query(() => RegistryEvent, { nullable: true })
  async event(
    @Ctx() { session }: ApiContext,
    @Arg('id', () => ID) id: string,
  ): Promise<RegistryEvent | null> {
    if (!/^\d{10}-\d{6}$/.test(id)) throw badArgument('id', 'expected an event id')
    const moment = await session.momentOf(null)
    const row = await session.load.event.load(id)
    return row === null ? null : toEvent(row, moment)
  }

  @Query(() => RegistryEventConnection, { description: 'In chain order unless asked otherwise.' })
  async events(
    @Ctx() { session, limits }: ApiContext,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => EventFilter, { nullable: true }) filter?: EventFilter | null,
    @Arg('orderBy', () => TimelineOrder, { nullable: true, defaultValue: 'OLDEST_FIRST' })
    orderBy?: TimelineOrder | null,
  ): Promise<RegistryEventConnection> {
    const moment = await session.momentOf(null)
    return RegistryEventConnection.of(
      await readPage({
        list: session.read.events,
        filter: checkEventFilter(filter ?? {}, moment),
        order: orderBy ?? 'OLDEST_FIRST',
        args,
        limits,
        toNode: (row) => toEvent(row, moment),
      }),
    )
  }

  @Subscription(() => RegistryEvent, {
    name: 'events',
    description:
      'Each event from now on, once and in chain order. After a reorganisation those that are gone come again, newest first, with `removed`.',
    subscribe: ({
      context,
      args,
    }: {
      context: ApiContext
      args: { filter?: EventFilter | null }
    }) => followEvents(context, checkEventFilter(args.filter ?? {}, { height: MAX_HEIGHT })),
  })
  async announced(
    @Root() message: FeedMessage,
    @Ctx() { session }: ApiContext,
    @Arg('filter', () => EventFilter, { nullable: true }) _filter?: EventFilter | null,
  ): Promise<RegistryEvent> {
    return toAnnouncedEvent(message, await session.momentOf(null))
  }

  @FieldResolver(() => BlockRef)
  async block(
    @Root() { row, announced }: RegistryEvent,
    @Ctx() { session }: ApiContext,
  ): Promise<BlockRef> {
    if (announced !== undefined) return toBlockRef(announced.block)
    return blockRef(session, row.block)
  }

  @FieldResolver(() => AutoId)
  async autoId(
    @Root() { row, moment, announced }: RegistryEvent,
    @Ctx() { session }: ApiContext,
  ): Promise<AutoId> {
    if (announced !== undefined) return toAutoId(announced.identity, moment)
    return requireAutoId(session, row.autoId, moment)
  }

  @FieldResolver(() => Certificate, {
    nullable: true,
    description: 'Registered or renewed: the new one. Revoked, deactivated: the one it was about.',
  })
  async certificate(
    @Root() { row, moment }: RegistryEvent,
    @Ctx() { session }: ApiContext,
  ): Promise<Certificate | null> {
    const certificate = await session.load.certificate.load(row.certificateId)
    return certificate === null ? null : toCertificate(certificate, moment)
  }

  @FieldResolver(() => String, { nullable: true, description: 'The account as SS58 text.' })
  signerAddress(
    @Root() { row }: RegistryEvent,
    @Ctx() context: ApiContext,
  ): Promise<string | null> {
    return addressOf(row.signer, context)
  }
}

@Resolver(() => FailedCall)
export class FailedCallResolver {
  @Query(() => FailedCallConnection, { description: 'In chain order unless asked otherwise.' })
  async failedCalls(
    @Ctx() { session, limits }: ApiContext,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => FailedCallFilter, { nullable: true }) filter?: FailedCallFilter | null,
    @Arg('orderBy', () => TimelineOrder, { nullable: true, defaultValue: 'OLDEST_FIRST' })
    orderBy?: TimelineOrder | null,
  ): Promise<FailedCallConnection> {
    const moment = await session.momentOf(null)
    return FailedCallConnection.of(
      await readPage({
        list: session.read.failedCalls,
        filter: checkFailedCallFilter(filter ?? {}, moment),
        order: orderBy ?? 'OLDEST_FIRST',
        args,
        limits,
        toNode: (row) => toFailedCall(row, moment),
      }),
    )
  }

  @FieldResolver(() => BlockRef)
  block(@Root() { row }: FailedCall, @Ctx() { session }: ApiContext): Promise<BlockRef> {
    return blockRef(session, row.block)
  }

  @FieldResolver(() => AutoId, { nullable: true, description: 'Null when it is not registered.' })
  autoId(
    @Root() { row, moment }: FailedCall,
    @Ctx() { session }: ApiContext,
  ): Promise<AutoId | null> {
    return findAutoId(session, row.autoId, moment)
  }

  @FieldResolver(() => String, { nullable: true, description: 'The account as SS58 text.' })
  signerAddress(@Root() { row }: FailedCall, @Ctx() context: ApiContext): Promise<string | null> {
    return addressOf(row.signer, context)
  }
}

async function addressOf(accountId: string | null, context: ApiContext): Promise<string | null> {
  if (accountId === null) return null
  return encodeSs58(accountId, (await context.chain()).ss58Prefix)
}
