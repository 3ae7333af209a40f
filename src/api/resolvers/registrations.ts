/** Registrations: the spans of an identifier. */

import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import type { ApiContext } from '../context'
import { blockRef } from '../map/block'
import { toCertificate, toPublicKey } from '../map/certificate'
import { Registration } from '../types/auto-id'
import { BlockRef } from '../types/block'
import { Certificate } from '../types/certificate'
import { RegistryEvent } from '../types/event'
import { PublicKey } from '../types/key'
import { findEvent, requireEvent } from './links'

@Resolver(() => Registration)
export class RegistrationResolver {
  @FieldResolver(() => BlockRef)
  registeredAt(@Root() { row }: Registration, @Ctx() { session }: ApiContext): Promise<BlockRef> {
    return blockRef(session, row.blockFrom)
  }

  @FieldResolver(() => BlockRef, { nullable: true, description: 'Null while it stands.' })
  async deactivatedAt(
    @Root() { row, moment }: Registration,
    @Ctx() { session }: ApiContext,
  ): Promise<BlockRef | null> {
    if (row.blockTo === null || row.blockTo > moment.height) return null
    return blockRef(session, row.blockTo)
  }

  @FieldResolver(() => PublicKey)
  publicKey(@Root() { row }: Registration): PublicKey {
    return toPublicKey(row)
  }

  @FieldResolver(() => [Certificate], { description: 'The first one first.' })
  async certificates(
    @Root() { row, moment }: Registration,
    @Ctx() { session }: ApiContext,
  ): Promise<Certificate[]> {
    const rows = await session.load.certificatesOf.load(row.id)
    return rows
      .filter(({ blockFrom }) => blockFrom <= moment.height)
      .map((certificate) => toCertificate(certificate, moment))
  }

  @FieldResolver(() => RegistryEvent)
  registeredBy(
    @Root() { row, moment }: Registration,
    @Ctx() { session }: ApiContext,
  ): Promise<RegistryEvent> {
    return requireEvent(session, row.eventFrom, moment)
  }

  @FieldResolver(() => RegistryEvent, { nullable: true })
  async deactivatedBy(
    @Root() { row, moment }: Registration,
    @Ctx() { session }: ApiContext,
  ): Promise<RegistryEvent | null> {
    if (row.blockTo === null || row.blockTo > moment.height) return null
    return findEvent(session, row.eventTo, moment)
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      "Fee of the extrinsic that registered it, in the token's smallest unit; null when none was paid.",
  })
  async fee(
    @Root() { row, moment }: Registration,
    @Ctx() { session }: ApiContext,
  ): Promise<string | null> {
    return (await findEvent(session, row.eventFrom, moment))?.fee ?? null
  }
}
