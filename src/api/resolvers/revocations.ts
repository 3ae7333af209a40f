/** Revocation: of one certificate, and an issuer's whole list. */

import { Arg, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql'
import { AppError } from '../../errors'
import { hash32 } from '../arguments'
import type { ApiContext } from '../context'
import { blockRef, toBlockRef } from '../map/block'
import { toCertificate } from '../map/certificate'
import { genesisRevocation } from '../map/genesis-revocation'
import { revocationStatus } from '../revocation-question'
import { BlockRef } from '../types/block'
import { Certificate, Revocation } from '../types/certificate'
import { RegistryEvent } from '../types/event'
import { CertificateRef, PointInTime } from '../types/inputs'
import { RevocationEntry, RevocationList, RevocationStatus } from '../types/revocation'
import { findEvent, requireEvent } from './links'

@Resolver(() => Revocation)
export class RevocationResolver {
  @FieldResolver(() => BlockRef)
  revokedAt(@Root() { block }: Revocation, @Ctx() { session }: ApiContext): Promise<BlockRef> {
    return blockRef(session, block)
  }

  @FieldResolver(() => RegistryEvent, {
    nullable: true,
    description: 'Null for an entry of the genesis state.',
  })
  async evidence(
    @Root() { eventId }: Revocation,
    @Ctx() { session }: ApiContext,
  ): Promise<RegistryEvent | null> {
    return eventId === null ? null : findEvent(session, eventId, await session.momentOf(null))
  }
}

@Resolver(() => RevocationStatus)
export class RevocationStatusResolver {
  @Query(() => RevocationStatus, {
    description:
      'Of that certificate alone, as OCSP answers; whether its issuers are good is asked with `verify`.',
  })
  async revocationStatus(
    @Ctx() { session, limits }: ApiContext,
    @Arg('of', () => CertificateRef) of: CertificateRef,
    @Arg('at', () => PointInTime, { nullable: true }) at?: PointInTime | null,
  ): Promise<RevocationStatus> {
    const moment = await session.momentOf(at)
    return revocationStatus(of, moment, session, limits.maxPemBytes)
  }

  @FieldResolver(() => BlockRef, { nullable: true })
  async revokedAt(
    @Root() { revokedBlock }: RevocationStatus,
    @Ctx() { session }: ApiContext,
  ): Promise<BlockRef | null> {
    return revokedBlock === null ? null : blockRef(session, revokedBlock)
  }

  @FieldResolver(() => RegistryEvent, {
    nullable: true,
    description: 'The revocation, renewal or deactivation that ended it.',
  })
  evidence(
    @Root() { eventId, moment }: RevocationStatus,
    @Ctx() { session }: ApiContext,
  ): Promise<RegistryEvent | null> {
    return findEvent(session, eventId, moment)
  }

  @FieldResolver(() => Certificate, {
    nullable: true,
    description: 'The recorded certificate the answer is about; null when there is none.',
  })
  async certificate(
    @Root() { certificateId, moment }: RevocationStatus,
    @Ctx() { session }: ApiContext,
  ): Promise<Certificate | null> {
    const row = certificateId === null ? null : await session.load.certificate.load(certificateId)
    return row === null ? null : toCertificate(row, moment)
  }

  @FieldResolver(() => BlockRef)
  asOf(@Root() { moment }: RevocationStatus): BlockRef {
    return toBlockRef(moment.block)
  }
}

@Resolver(() => RevocationList)
export class RevocationListResolver {
  @Query(() => RevocationList, { description: 'Empty for an issuer that never revoked.' })
  async revocationList(
    @Ctx() { session, limits }: ApiContext,
    @Arg('issuer', () => ID) issuer: string,
    @Arg('at', () => PointInTime, { nullable: true }) at?: PointInTime | null,
  ): Promise<RevocationList> {
    const issuerId = hash32(issuer, 'issuer')
    const moment = await session.momentOf(at)
    const { revocations } = session.read
    const rows = await revocations.list(issuerId, moment.height, limits.maxListSize + 1)
    if (rows.length > limits.maxListSize) {
      throw new AppError(
        'QUERY_TOO_COMPLEX',
        `the list has more than ${limits.maxListSize} entries; get it as a CRL: /crl/${issuerId}.crl`,
      )
    }
    if (rows.length === 0 && !(await revocations.isKnownIssuer(issuerId, moment.height))) {
      throw new AppError('NOT_FOUND', `no issuer ${issuerId} at block ${moment.height}`, {
        argument: 'issuer',
      })
    }
    return { issuerId, moment, entries: rows.map((row) => ({ ...row, moment })) }
  }

  @FieldResolver(() => BlockRef)
  asOf(@Root() { moment }: RevocationList): BlockRef {
    return toBlockRef(moment.block)
  }
}

@Resolver(() => RevocationEntry)
export class RevocationEntryResolver {
  @FieldResolver(() => BlockRef)
  revokedAt(@Root() { block }: RevocationEntry, @Ctx() { session }: ApiContext): Promise<BlockRef> {
    return blockRef(session, block)
  }

  @FieldResolver(() => RegistryEvent, {
    description: 'For an entry of the genesis state an event of source GENESIS.',
  })
  async evidence(
    @Root() entry: RevocationEntry,
    @Ctx() { session }: ApiContext,
  ): Promise<RegistryEvent> {
    if (entry.eventId !== null) return requireEvent(session, entry.eventId, entry.moment)
    const { certificateId } = entry
    const row = certificateId === null ? null : await session.load.certificate.load(certificateId)
    return genesisRevocation(entry, row)
  }
}
