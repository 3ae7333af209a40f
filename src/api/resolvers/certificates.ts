/** Certificates and their lists. */

import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import {
  fingerprint as checkFingerprint,
  hash32,
  height,
  optional,
  serial,
  text,
} from '../arguments'
import type { ApiContext } from '../context'
import { readPage } from '../lists'
import { blockRef } from '../map/block'
import {
  certificateText,
  toBase64,
  toCertificate,
  toFinding,
  toPem,
  toPublicKey,
  toRevocation,
} from '../map/certificate'
import { toRegistration } from '../map/identity'
import { PageArgs } from '../paging'
import { isInForce } from '../revocation-question'
import { AutoId, Registration } from '../types/auto-id'
import { BlockRef } from '../types/block'
import { Certificate, Revocation } from '../types/certificate'
import { CertificateConnection } from '../types/connections'
import { CertificateOrder } from '../types/enums'
import { RegistryEvent } from '../types/event'
import { Finding } from '../types/finding'
import { CertificateFilter, PointInTime } from '../types/inputs'
import { PublicKey } from '../types/key'
import { findAutoId, requireAutoId, requireEvent } from './links'

@Resolver(() => Certificate)
export class CertificateResolver {
  @Query(() => Certificate, {
    nullable: true,
    description:
      'By SHA-256 of the DER, or of the TBS. Registered more than once, the last registration by then that is in force is given, else the last one; null when there was none.',
  })
  async certificate(
    @Ctx() { session }: ApiContext,
    @Arg('fingerprint', () => String) fingerprint: string,
    @Arg('at', () => PointInTime, { nullable: true }) at?: PointInTime | null,
  ): Promise<Certificate | null> {
    const wanted = checkFingerprint(fingerprint, 'fingerprint')
    const moment = await session.momentOf(at)
    const rows = await session.read.certificates.byFingerprints([wanted], moment.height)
    const row = rows.find((known) => isInForce(known, moment)) ?? rows[0]
    return row === undefined ? null : toCertificate(row, moment)
  }

  @Query(() => CertificateConnection)
  async certificates(
    @Ctx() { session, limits }: ApiContext,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => CertificateFilter, { nullable: true }) filter?: CertificateFilter | null,
    @Arg('orderBy', () => CertificateOrder, { nullable: true, defaultValue: 'REGISTERED_AT_ASC' })
    orderBy?: CertificateOrder | null,
  ): Promise<CertificateConnection> {
    const checked = checkFilter(filter ?? {})
    const moment = await session.momentOf(null)
    return CertificateConnection.of(
      await readPage({
        list: session.read.certificates,
        filter: { ...checked, height: moment.height, isHead: moment.isHead },
        order: orderBy ?? 'REGISTERED_AT_ASC',
        args,
        limits,
        toNode: (row) => toCertificate(row, moment),
      }),
    )
  }

  @FieldResolver(() => AutoId)
  autoId(@Root() { row, moment }: Certificate, @Ctx() { session }: ApiContext): Promise<AutoId> {
    return requireAutoId(session, row.autoId, moment)
  }

  @FieldResolver(() => Registration)
  async registration(
    @Root() { row, moment }: Certificate,
    @Ctx() { session }: ApiContext,
  ): Promise<Registration> {
    const registration = await session.load.registration.load(row.registrationId)
    if (registration === null) throw new Error(`registration ${row.registrationId} is missing`)
    return toRegistration(registration, moment)
  }

  @FieldResolver(() => AutoId, {
    nullable: true,
    description: 'The registry issuer; null for a root.',
  })
  issuer(
    @Root() { row, moment }: Certificate,
    @Ctx() { session }: ApiContext,
  ): Promise<AutoId | null> {
    return findAutoId(session, row.issuerId, moment)
  }

  @FieldResolver(() => Certificate, {
    nullable: true,
    description: 'The certificate its issuer had in force when this one was accepted.',
  })
  async issuerCertificate(
    @Root() { row, moment }: Certificate,
    @Ctx() { session }: ApiContext,
  ): Promise<Certificate | null> {
    if (row.issuerCertificateId === null) return null
    const issuer = await session.load.certificate.load(row.issuerCertificateId)
    return issuer === null ? null : toCertificate(issuer, moment)
  }

  @FieldResolver(() => PublicKey)
  publicKey(@Root() { row }: Certificate): PublicKey {
    return toPublicKey(row)
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'The Certificate, base64; null when it cannot be rebuilt.',
  })
  der(@Root() { row }: Certificate): string | null {
    return row.der === null ? null : toBase64(row.der)
  }

  @FieldResolver(() => String, { description: 'The TBSCertificate exactly as submitted, base64.' })
  tbs(@Root() { row }: Certificate): string {
    return toBase64(row.tbs)
  }

  @FieldResolver(() => String, { nullable: true })
  pem(@Root() { row }: Certificate): string | null {
    return row.der === null ? null : toPem(row.der)
  }

  @FieldResolver(() => String, { description: 'In words, for people.' })
  text(@Root() { row }: Certificate): string {
    return certificateText(row)
  }

  @FieldResolver(() => BlockRef)
  inForceFrom(@Root() { row }: Certificate, @Ctx() { session }: ApiContext): Promise<BlockRef> {
    return blockRef(session, row.blockFrom)
  }

  @FieldResolver(() => BlockRef, {
    nullable: true,
    description: 'The block that renewed or deactivated it; null while it is in force.',
  })
  async inForceTo(
    @Root() { row, moment }: Certificate,
    @Ctx() { session }: ApiContext,
  ): Promise<BlockRef | null> {
    if (row.blockTo === null || row.blockTo > moment.height) return null
    return blockRef(session, row.blockTo)
  }

  @FieldResolver(() => Revocation, {
    nullable: true,
    description: "The entry of its serial in its issuer's (a root's own) list.",
  })
  async revocation(
    @Root() { row, moment }: Certificate,
    @Ctx() { session }: ApiContext,
  ): Promise<Revocation | null> {
    const key = { issuerId: row.issuerId ?? row.autoId, serial: row.serial }
    const found = await session.load.revocation.load(key)
    return found === null || found.block > moment.height ? null : toRevocation(found)
  }

  @FieldResolver(() => RegistryEvent)
  registeredBy(
    @Root() { row, moment }: Certificate,
    @Ctx() { session }: ApiContext,
  ): Promise<RegistryEvent> {
    return requireEvent(session, row.id, moment)
  }

  @FieldResolver(() => [Finding])
  async findings(
    @Root() { row, moment }: Certificate,
    @Ctx() { session }: ApiContext,
  ): Promise<Finding[]> {
    const rows = await session.load.findingsOfCertificate.load(row.id)
    return rows.filter(({ block }) => block <= moment.height).map(toFinding)
  }
}

function checkFilter(filter: CertificateFilter) {
  return {
    ...filter,
    autoId: optional(filter.autoId, 'filter.autoId', hash32),
    issuerId: optional(filter.issuerId, 'filter.issuerId', hash32),
    serial: optional(filter.serial, 'filter.serial', serial),
    publicKeySha256: optional(filter.publicKeySha256, 'filter.publicKeySha256', hash32),
    publicKeyAlgorithm: optional(filter.publicKeyAlgorithm, 'filter.publicKeyAlgorithm', text),
    signatureAlgorithm: optional(filter.signatureAlgorithm, 'filter.signatureAlgorithm', text),
    fromBlock: optional(filter.fromBlock, 'filter.fromBlock', height),
    toBlock: optional(filter.toBlock, 'filter.toBlock', height),
  }
}
