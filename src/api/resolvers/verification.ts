/** Verdicts: on a certificate, on a signature, on a shared key; now, then, and as they change. */

import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root, Subscription } from 'type-graphql'
import { countIssuers, type Member } from '../../verify/composite'
import { verifyMessageSignature } from '../../verify/message-signature'
import { DEFAULT_POLICY } from '../../verify/policy'
import { badArgument, hash32, optional, text } from '../arguments'
import { verifyMember } from '../composite'
import type { ApiContext } from '../context'
import { followVerification } from '../follow-verification'
import { compositePrice, DEFAULT_MEMBERS, verdictPrice } from '../limits'
import { readPage } from '../lists'
import { blockRef, toBlockRef } from '../map/block'
import { toCertificate } from '../map/certificate'
import { date, toPolicy, toTurningPoint, toVerification } from '../map/verification'
import type { Moment } from '../moment'
import { DateTime } from '../scalars'
import { AutoId } from '../types/auto-id'
import { BlockRef } from '../types/block'
import { Certificate } from '../types/certificate'
import { RegistryEvent } from '../types/event'
import { CertificateRef, PointInTime } from '../types/inputs'
import {
  ChainLink,
  Check,
  CompositeIdentity,
  CompositeMember,
  PolicyInput,
  SignatureVerification,
  TurningPoint,
  VerificationResult,
} from '../types/verification'
import { assertOrder, verifyOne, verifySubject } from '../verification'
import { findAutoId, findEvent } from './links'

@Resolver(() => VerificationResult)
export class VerificationResolver {
  @Query(() => VerificationResult, {
    description:
      'Could it be trusted, then? `at`: whose state and clock. `knownAt`: what is known since (default: the head).',
    complexity: verdictPrice,
  })
  async verify(
    @Ctx() context: ApiContext,
    @Arg('subject', () => CertificateRef) subject: CertificateRef,
    @Arg('at', () => PointInTime, { nullable: true }) at?: PointInTime | null,
    @Arg('knownAt', () => PointInTime, { nullable: true }) knownAt?: PointInTime | null,
    @Arg('policy', () => PolicyInput, { nullable: true }) policy?: PolicyInput | null,
  ): Promise<VerificationResult> {
    const { session, limits } = context
    const moment = await session.momentOf(at)
    const known = await knownMoment(context, moment, knownAt)
    const question = {
      session,
      moment,
      knownAt: known,
      policy: toPolicy(policy),
      maxPemBytes: limits.maxPemBytes,
    }
    return toVerification(await verifySubject(subject, question), moment, known.height)
  }

  @Subscription(() => VerificationResult, {
    name: 'verification',
    description:
      'The verdict now, at once and then whenever it changes: by a block, or by the clock.',
    complexity: verdictPrice,
    subscribe: ({
      context,
      args,
    }: {
      context: ApiContext
      args: { subject: CertificateRef; policy?: PolicyInput | null }
    }) => followVerification(context, args.subject, toPolicy(args.policy)),
  })
  verification(
    @Root() result: VerificationResult,
    @Arg('subject', () => CertificateRef) _subject: CertificateRef,
    @Arg('policy', () => PolicyInput, { nullable: true }) _policy?: PolicyInput | null,
  ): VerificationResult {
    return result
  }

  @FieldResolver(() => BlockRef)
  asOf(@Root() { moment }: VerificationResult): BlockRef {
    return toBlockRef(moment.block)
  }

  @FieldResolver(() => BlockRef)
  knownAt(
    @Root() { knownAtHeight }: VerificationResult,
    @Ctx() { session }: ApiContext,
  ): Promise<BlockRef> {
    return blockRef(session, knownAtHeight)
  }

  @FieldResolver(() => DateTime, {
    nullable: true,
    description: 'Since when the verdict has held without a break. Null when not known.',
  })
  since(@Root() { span }: VerificationResult): Date | null {
    return date(span().sinceMs)
  }

  @FieldResolver(() => TurningPoint, { nullable: true, description: 'What it has held since.' })
  turnedBy(@Root() { span, moment }: VerificationResult): TurningPoint | null {
    const { turnedBy } = span()
    return turnedBy && toTurningPoint(turnedBy, moment)
  }

  @FieldResolver(() => DateTime, {
    nullable: true,
    description: 'When the clock alone will change the verdict.',
  })
  until(@Root() { span }: VerificationResult): Date | null {
    return date(span().untilMs)
  }

  @FieldResolver(() => AutoId, { nullable: true, description: 'The root the chain leads to.' })
  trustAnchor(
    @Root() { trustAnchorId, moment }: VerificationResult,
    @Ctx() { session }: ApiContext,
  ): Promise<AutoId | null> {
    return findAutoId(session, trustAnchorId, moment)
  }
}

async function knownMoment(
  { session }: ApiContext,
  moment: Moment,
  knownAt: PointInTime | null | undefined,
): Promise<Moment> {
  if (knownAt == null)
    return { ...moment, height: session.head.block.height, block: session.head.block }
  const known = await session.momentOf(knownAt, 'knownAt')
  assertOrder(moment, known)
  return known
}

@Resolver(() => ChainLink)
export class ChainLinkResolver {
  @FieldResolver(() => AutoId, { nullable: true })
  autoId(
    @Root() { hop, moment }: ChainLink,
    @Ctx() { session }: ApiContext,
  ): Promise<AutoId | null> {
    return findAutoId(session, hop.autoId, moment)
  }

  @FieldResolver(() => Certificate, { nullable: true })
  async certificate(
    @Root() { hop, moment }: ChainLink,
    @Ctx() { session }: ApiContext,
  ): Promise<Certificate | null> {
    const row = await session.load.certificate.load(hop.certificateId)
    return row === null ? null : toCertificate(row, moment)
  }
}

@Resolver(() => Check)
export class CheckResolver {
  @FieldResolver(() => RegistryEvent, { nullable: true, description: 'What on chain says so.' })
  evidence(
    @Root() { eventId, moment }: Check,
    @Ctx() { session }: ApiContext,
  ): Promise<RegistryEvent | null> {
    return findEvent(session, eventId, moment)
  }
}

@Resolver(() => TurningPoint)
export class TurningPointResolver {
  @FieldResolver(() => BlockRef, { nullable: true, description: 'Null: only the clock moved on.' })
  block(
    @Root() { height }: TurningPoint,
    @Ctx() { session }: ApiContext,
  ): Promise<BlockRef> | null {
    return height === null ? null : blockRef(session, height)
  }

  @FieldResolver(() => RegistryEvent, { nullable: true })
  evidence(
    @Root() { eventId, moment }: TurningPoint,
    @Ctx() { session }: ApiContext,
  ): Promise<RegistryEvent | null> {
    return findEvent(session, eventId, moment)
  }
}

@Resolver(() => SignatureVerification)
export class SignatureResolver {
  @Query(() => SignatureVerification, {
    description:
      'A signature over data (base64), under the key the identity had at that moment, with the identity’s own validity.',
    complexity: verdictPrice,
  })
  async verifySignature(
    @Ctx() { session, limits }: ApiContext,
    @Arg('autoId', () => ID) autoId: string,
    @Arg('data', () => String) data: string,
    @Arg('signature', () => String) signature: string,
    @Arg('algorithm', () => String, {
      nullable: true,
      description:
        'As in JOSE (RS256, PS256, ES256, EdDSA …); or as in X.509, so RSA-PSS with a salt of any length and a mask by any hash (rsassaPss-sha256). What an RSA-PSS key fixes holds in any case. Absent: the usual one of the key.',
    })
    algorithm?: string | null,
    @Arg('digest', () => Boolean, {
      nullable: true,
      defaultValue: false,
      description: '`data` is the digest of the message, by the hash of the algorithm.',
    })
    digest?: boolean | null,
    @Arg('at', () => PointInTime, { nullable: true }) at?: PointInTime | null,
    @Arg('policy', () => PolicyInput, { nullable: true, description: 'For the identity.' })
    policy?: PolicyInput | null,
  ): Promise<SignatureVerification> {
    const id = hash32(autoId, 'autoId')
    const signed = {
      data: base64(data, 'data'),
      signature: base64(signature, 'signature'),
      algorithm: optional(algorithm, 'algorithm', text),
      isDigest: digest ?? false,
    }
    const moment = await session.momentOf(at)
    const knownAt = { ...moment, height: session.head.block.height, block: session.head.block }
    const question = {
      session,
      moment,
      knownAt,
      policy: toPolicy(policy),
      maxPemBytes: limits.maxPemBytes,
    }
    const verdict = await verifyOne({ autoId: id }, question)
    const identity = toVerification(verdict, moment, knownAt.height)
    const row = await session.load.identity(moment).load(id)
    const registration = row && (await session.load.registration.load(row.registrationId))
    if (registration === null || registration === undefined) {
      const message = 'The registry knew no such identity.'
      const code = 'KNOWN'
      return { valid: false, signatureValid: false, code, algorithm: null, message, identity }
    }
    const checked = verifyMessageSignature({ spki: registration.publicKey, ...signed })
    const signatureValid = checked.outcome.ok
    const message = checked.outcome.ok
      ? `The signature is good under the key of that moment; the identity is ${verdict.verdict}.`
      : checked.outcome.message
    const valid = signatureValid && verdict.verdict === 'VALID'
    const code = checked.outcome.ok ? null : checked.outcome.code
    return { valid, signatureValid, code, algorithm: checked.algorithm, message, identity }
  }
}

function base64(value: string, argument: string): Uint8Array {
  const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(
    value,
  )
  if (!isBase64) throw badArgument(argument, 'expected base64')
  return Buffer.from(value, 'base64')
}

@Resolver(() => CompositeIdentity)
export class CompositeResolver {
  @Query(() => CompositeIdentity, {
    nullable: true,
    description:
      'The identities that hold a key, by SHA-256 of its SPKI; null when none does. Each has a verdict, and the price of one.',
    complexity: compositePrice,
  })
  async compositeIdentity(
    @Ctx() { session, limits }: ApiContext,
    @Arg('publicKey', () => String) publicKey: string,
    @Arg('at', () => PointInTime, { nullable: true }) at?: PointInTime | null,
    @Arg('first', () => Int, { nullable: true, description: `Absent: ${DEFAULT_MEMBERS}.` })
    first?: number | null,
    @Arg('after', () => String, { nullable: true }) after?: string | null,
  ): Promise<CompositeIdentity | null> {
    const publicKeySha256 = hash32(publicKey, 'publicKey')
    const moment = await session.momentOf(at)
    const { height, isHead } = moment
    const page = await readPage({
      list: session.read.identities,
      filter: { height, isHead, clock: new Date(moment.clockMs), publicKeySha256 },
      order: 'REGISTERED_AT_ASC',
      args: { first: first ?? Math.min(DEFAULT_MEMBERS, limits.maxPageSize), after: after ?? null },
      limits,
      toNode: ({ autoId }) => autoId,
    })
    const totalCount = await page.count()
    if (totalCount === 0) return null
    const question = { session, moment, knownAt: moment, policy: DEFAULT_POLICY, maxPemBytes: 0 }
    const members: Member[] = []
    for (const id of page.nodes) members.push(await verifyMember(id, question))
    return {
      publicKeySha256,
      totalCount,
      partial: totalCount > members.length,
      members: members.map(({ autoId, verdict }) => ({ autoIdId: autoId, verdict, moment })),
      validIssuers: countIssuers(members, null),
      pageInfo: page.pageInfo,
      moment,
    }
  }

  @FieldResolver(() => BlockRef)
  asOf(@Root() { moment }: CompositeIdentity): BlockRef {
    return toBlockRef(moment.block)
  }
}

@Resolver(() => CompositeMember)
export class CompositeMemberResolver {
  @FieldResolver(() => AutoId, { nullable: true })
  autoId(
    @Root() { autoIdId, moment }: CompositeMember,
    @Ctx() { session }: ApiContext,
  ): Promise<AutoId | null> {
    return findAutoId(session, autoIdId, moment)
  }
}
