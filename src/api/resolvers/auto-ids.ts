/** Identities and what hangs below them. */

import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql'
import { badArgument, hash32, height, optional, serial, text } from '../arguments'
import type { ApiContext } from '../context'
import type { IdentityFilter } from '../list-reader'
import { readNestedPage, readPage } from '../lists'
import { blockRef, toBlockRef } from '../map/block'
import { toCertificate, toFinding, toPublicKey, toRevocation } from '../map/certificate'
import { toEvent } from '../map/event'
import { toAutoId, toRegistration } from '../map/identity'
import type { Moment } from '../moment'
import { PageArgs } from '../paging'
import { checkEventFilter } from '../timeline'
import { AutoId, Registration } from '../types/auto-id'
import { BlockRef } from '../types/block'
import { Certificate, Revocation } from '../types/certificate'
import { AutoIdConnection, RegistryEventConnection } from '../types/connections'
import { AutoIdOrder, TimelineOrder } from '../types/enums'
import { Finding } from '../types/finding'
import { AutoIdFilter, EventFilter, PointInTime } from '../types/inputs'
import { PublicKey } from '../types/key'

const MAX_IDS = 1_000

@Resolver(() => AutoId)
export class AutoIdResolver {
  @Query(() => AutoId, {
    nullable: true,
    description: 'Null when it was never registered by then.',
  })
  async autoId(
    @Ctx() { session }: ApiContext,
    @Arg('id', () => ID) id: string,
    @Arg('at', () => PointInTime, { nullable: true }) at?: PointInTime | null,
  ): Promise<AutoId | null> {
    const autoId = hash32(id, 'id')
    const moment = await session.momentOf(at)
    const row = await session.load.identity(moment).load(autoId)
    return row === null ? null : toAutoId(row, moment)
  }

  @Query(() => AutoIdConnection, {
    description:
      'Every identity ever registered up to that moment, deactivated ones with their last certificate.',
  })
  async autoIds(
    @Ctx() context: ApiContext,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => AutoIdFilter, { nullable: true }) filter?: AutoIdFilter | null,
    @Arg('orderBy', () => AutoIdOrder, { nullable: true, defaultValue: 'REGISTERED_AT_ASC' })
    orderBy?: AutoIdOrder | null,
    @Arg('at', () => PointInTime, { nullable: true }) at?: PointInTime | null,
  ): Promise<AutoIdConnection> {
    const { session, limits } = context
    const checked = checkFilter(filter ?? {})
    const moment = await session.momentOf(at)
    return AutoIdConnection.of(
      await readPage({
        list: session.read.identities,
        filter: { ...checked, ...within(moment) },
        order: orderBy ?? 'REGISTERED_AT_ASC',
        args,
        limits,
        toNode: (row) => toAutoId(row, moment),
      }),
    )
  }

  @FieldResolver(() => AutoId, { nullable: true, description: 'Null for a root.' })
  async issuer(
    @Root() { row, moment }: AutoId,
    @Ctx() { session }: ApiContext,
  ): Promise<AutoId | null> {
    if (row.issuerId === null) return null
    const issuer = await session.load.identity(moment).load(row.issuerId)
    return issuer === null ? null : toAutoId(issuer, moment)
  }

  @FieldResolver(() => Certificate, {
    nullable: true,
    description: 'The one in force; of a deactivated identity the last one.',
  })
  async certificate(
    @Root() { row, moment }: AutoId,
    @Ctx() { session }: ApiContext,
  ): Promise<Certificate | null> {
    const certificate = await session.load.certificate.load(row.certificateId)
    return certificate === null ? null : toCertificate(certificate, moment)
  }

  @FieldResolver(() => PublicKey)
  async publicKey(@Root() { row }: AutoId, @Ctx() { session }: ApiContext): Promise<PublicKey> {
    const certificate = await session.load.certificate.load(row.certificateId)
    if (certificate === null) throw new Error(`certificate ${row.certificateId} is missing`)
    return toPublicKey(certificate)
  }

  @FieldResolver(() => Revocation, {
    nullable: true,
    description: "The entry of its serial in its issuer's list, when it stands there.",
  })
  async revocation(
    @Root() { row, moment }: AutoId,
    @Ctx() { session }: ApiContext,
  ): Promise<Revocation | null> {
    const issuerId = row.issuerId ?? row.autoId
    const found = await session.load.revocation.load({ issuerId, serial: row.serial })
    return found === null || found.block > moment.height ? null : toRevocation(found)
  }

  @FieldResolver(() => [Registration], { description: 'The first one first.' })
  async registrations(
    @Root() { row, moment }: AutoId,
    @Ctx() { session }: ApiContext,
  ): Promise<Registration[]> {
    const rows = await session.load.registrationsOf.load(row.autoId)
    return rows
      .filter(({ blockFrom }) => blockFrom <= moment.height)
      .map((registration) => toRegistration(registration, moment))
  }

  @FieldResolver(() => AutoIdConnection, { description: 'Identities that name it as issuer.' })
  async issued(
    @Root() { row, moment }: AutoId,
    @Ctx() { session, limits }: ApiContext,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => AutoIdFilter, { nullable: true }) filter?: AutoIdFilter | null,
    @Arg('orderBy', () => AutoIdOrder, { nullable: true, defaultValue: 'REGISTERED_AT_ASC' })
    orderBy?: AutoIdOrder | null,
  ): Promise<AutoIdConnection> {
    return AutoIdConnection.of(
      await readNestedPage(session, row.autoId, {
        list: session.read.identities,
        filter: { ...checkFilter(filter ?? {}), ...within(moment) },
        order: orderBy ?? 'REGISTERED_AT_ASC',
        args,
        limits,
        toNode: (child) => toAutoId(child, moment),
      }),
    )
  }

  @FieldResolver(() => RegistryEventConnection, { description: 'Up to that moment.' })
  async events(
    @Root() { row, moment }: AutoId,
    @Ctx() { session, limits }: ApiContext,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => EventFilter, { nullable: true }) filter?: EventFilter | null,
    @Arg('orderBy', () => TimelineOrder, { nullable: true, defaultValue: 'OLDEST_FIRST' })
    orderBy?: TimelineOrder | null,
  ): Promise<RegistryEventConnection> {
    return RegistryEventConnection.of(
      await readNestedPage(session, row.autoId, {
        list: session.read.events,
        filter: checkEventFilter(filter ?? {}, moment),
        order: orderBy ?? 'OLDEST_FIRST',
        args,
        limits,
        toNode: (event) => toEvent(event, moment),
      }),
    )
  }

  @FieldResolver(() => [Finding], { description: 'What the chain let pass, up to that moment.' })
  async findings(
    @Root() { row, moment }: AutoId,
    @Ctx() { session }: ApiContext,
  ): Promise<Finding[]> {
    const rows = await session.load.findingsOf.load(row.autoId)
    return rows.filter(({ block }) => block <= moment.height).map(toFinding)
  }

  @FieldResolver(() => BlockRef, { description: 'The block of its very first registration.' })
  firstRegisteredAt(@Root() { row }: AutoId, @Ctx() { session }: ApiContext): Promise<BlockRef> {
    return blockRef(session, Number(row.firstEventId.slice(0, 10)))
  }

  @FieldResolver(() => BlockRef, { description: 'The block this answer was computed from.' })
  asOf(@Root() { moment }: AutoId): BlockRef {
    return toBlockRef(moment.block)
  }
}

function within(moment: Moment): Pick<IdentityFilter, 'height' | 'isHead' | 'clock'> {
  return { height: moment.height, isHead: moment.isHead, clock: new Date(moment.clockMs) }
}

function checkFilter(filter: AutoIdFilter): Omit<IdentityFilter, 'height' | 'isHead' | 'clock'> {
  const ids = filter.ids ?? null
  if (ids !== null && ids.length > MAX_IDS) {
    throw badArgument('filter.ids', `more than ${MAX_IDS} ids`)
  }
  return {
    ...filter,
    ids: ids?.map((id) => hash32(id, 'filter.ids')) ?? null,
    issuerId: optional(filter.issuerId, 'filter.issuerId', hash32),
    commonName: optional(filter.commonName, 'filter.commonName', text),
    commonNameContains: optional(filter.commonNameContains, 'filter.commonNameContains', text),
    publicKeySha256: optional(filter.publicKeySha256, 'filter.publicKeySha256', hash32),
    serial: optional(filter.serial, 'filter.serial', serial),
    changedSinceBlock: optional(filter.changedSinceBlock, 'filter.changedSinceBlock', height),
  }
}
