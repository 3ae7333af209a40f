/** Figures, computed once for each head. */

import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql'
import { AppError } from '../../errors'
import { badArgument, hash32 } from '../arguments'
import { chooseBucket, MAX_BUCKETS } from '../buckets'
import type { ApiContext } from '../context'
import { toBlockRef } from '../map/block'
import { DateTime } from '../scalars'
import { AutoId } from '../types/auto-id'
import { BlockRef } from '../types/block'
import { type AutoIdKind, AutoIdStatus, type Severity, TimeBucket } from '../types/enums'
import { PointInTime } from '../types/inputs'
import {
  ActivityBucket,
  AlgorithmCount,
  ErrorCount,
  FindingCodeCount,
  FindingCount,
  IssuerCount,
  IssuerStatistics,
  KeyAlgorithmCount,
  KindCount,
  Statistics,
  StatusCount,
} from '../types/statistics'
import { findAutoId } from './links'

@Resolver(() => Statistics)
export class StatisticsResolver {
  @Query(() => Statistics, {
    description: `Without a range: the whole chain. At most ${MAX_BUCKETS} buckets.`,
  })
  async statistics(
    @Ctx() { session }: ApiContext,
    @Arg('from', () => DateTime, { nullable: true }) from?: Date | null,
    @Arg('to', () => DateTime, { nullable: true }) to?: Date | null,
    @Arg('bucket', () => TimeBucket, { nullable: true }) bucket?: TimeBucket | null,
  ): Promise<Statistics> {
    const { block } = await session.momentOf(null)
    const begin = from ?? (await session.read.statistics.chainBegin()) ?? block.timestamp
    const end = to ?? new Date(block.timestamp.getTime() + 1)
    if (begin.getTime() >= end.getTime()) throw badArgument('from', 'expected a time before `to`')
    return chooseBucket(begin, end, bucket ?? null)
  }

  @FieldResolver(() => [StatusCount], { description: 'At the head, by the wall clock.' })
  async identitiesByStatus(@Ctx() context: ApiContext): Promise<StatusCount[]> {
    const rows = await byStatus(context)
    return Object.values(AutoIdStatus).map((status) => ({
      status,
      count: sum(rows.filter((row) => row.status === status)),
    }))
  }

  @FieldResolver(() => [KindCount], { description: 'Of those the registry holds.' })
  async identitiesByKind(@Ctx() context: ApiContext): Promise<KindCount[]> {
    const rows = (await byStatus(context)).filter(({ status }) => status !== 'DEACTIVATED')
    const kinds: AutoIdKind[] = ['ROOT', 'LEAF']
    return kinds.map((kind) => ({ kind, count: sum(rows.filter((row) => row.kind === kind)) }))
  }

  @FieldResolver(() => [ActivityBucket], { description: 'Of equal length, empty ones included.' })
  buckets(
    @Root() { from, to, bucket }: Statistics,
    @Ctx() { session, oncePerHead }: ApiContext,
  ): Promise<readonly ActivityBucket[]> {
    const name = `activity ${from.toISOString()} ${to.toISOString()} ${bucket}`
    return oncePerHead(session.head.block.hash, name, () =>
      session.read.statistics.activity(from, to, bucket),
    )
  }

  @FieldResolver(() => [KeyAlgorithmCount], { description: 'Of the certificates in force.' })
  keyAlgorithms(
    @Ctx() { session, oncePerHead }: ApiContext,
  ): Promise<readonly KeyAlgorithmCount[]> {
    return oncePerHead(session.head.block.hash, 'keyAlgorithms', () =>
      session.read.statistics.keyAlgorithms(),
    )
  }

  @FieldResolver(() => [AlgorithmCount], { description: 'Of the certificates in force.' })
  signatureAlgorithms(
    @Ctx() { session, oncePerHead }: ApiContext,
  ): Promise<readonly AlgorithmCount[]> {
    return oncePerHead(session.head.block.hash, 'signatureAlgorithms', () =>
      session.read.statistics.signatureAlgorithms(),
    )
  }

  @FieldResolver(() => [ErrorCount], { description: 'Errors of failed calls in the range.' })
  errors(
    @Root() { from, to }: Statistics,
    @Ctx() { session, oncePerHead }: ApiContext,
  ): Promise<readonly ErrorCount[]> {
    const name = `errors ${from.toISOString()} ${to.toISOString()}`
    return oncePerHead(session.head.block.hash, name, () =>
      session.read.statistics.errors(from, to),
    )
  }

  @FieldResolver(() => [IssuerCount], { description: 'Who issued most of what is registered.' })
  topIssuers(
    @Ctx() { session, oncePerHead }: ApiContext,
    @Arg('first', () => Int, { nullable: true, defaultValue: 10 }) first?: number | null,
  ): Promise<readonly IssuerCount[]> {
    const limit = first ?? 10
    if (limit < 0 || limit > 100) throw badArgument('first', 'expected a number from 0 to 100')
    return oncePerHead(session.head.block.hash, `topIssuers ${limit}`, () =>
      session.read.statistics.topIssuers(limit),
    )
  }

  @FieldResolver(() => [FindingCount], { description: 'Of all time.' })
  async findings(@Ctx() context: ApiContext): Promise<FindingCount[]> {
    const rows = await findings(context)
    const severities: Severity[] = ['CRITICAL', 'WARNING', 'INFO']
    return severities.map((severity) => ({
      severity,
      count: sum(rows.filter((row) => row.severity === severity)),
    }))
  }

  @FieldResolver(() => [FindingCodeCount], { description: 'Of all time, the most frequent first.' })
  async findingCodes(@Ctx() context: ApiContext): Promise<FindingCodeCount[]> {
    return (await findings(context)).map((row) => ({ ...row, severity: row.severity as Severity }))
  }

  @FieldResolver(() => BlockRef)
  asOf(@Ctx() { session }: ApiContext): BlockRef {
    return toBlockRef(session.head.block)
  }
}

@Resolver(() => IssuerCount)
export class IssuerCountResolver {
  @FieldResolver(() => AutoId, { nullable: true })
  async issuer(
    @Root() { issuerId }: IssuerCount,
    @Ctx() { session }: ApiContext,
  ): Promise<AutoId | null> {
    return findAutoId(session, issuerId, await session.momentOf(null))
  }
}

@Resolver(() => IssuerStatistics)
export class IssuerStatisticsResolver {
  @Query(() => IssuerStatistics, { description: 'What one issuer issued and revoked.' })
  async issuerStatistics(
    @Ctx() { session }: ApiContext,
    @Arg('issuer', () => ID) issuer: string,
    @Arg('at', () => PointInTime, { nullable: true }) at?: PointInTime | null,
  ): Promise<IssuerStatistics> {
    const issuerId = hash32(issuer, 'issuer')
    const moment = await session.momentOf(at)
    if ((await session.load.identity(moment).load(issuerId)) === null) {
      throw new AppError('NOT_FOUND', `no identity ${issuerId} at block ${moment.height}`, {
        argument: 'issuer',
      })
    }
    const clock = new Date(moment.clockMs)
    const { issuedByStatus: rows, ...figures } = await session.read.statistics.issuer(
      issuerId,
      moment,
      clock,
    )
    const issuedByStatus = Object.values(AutoIdStatus).map((status) => ({
      status,
      count: sum(rows.filter((row) => row.status === status)),
    }))
    return { issuerId, issued: sum(rows), issuedByStatus, ...figures, moment }
  }

  @FieldResolver(() => AutoId)
  async issuer(
    @Root() { issuerId, moment }: IssuerStatistics,
    @Ctx() { session }: ApiContext,
  ): Promise<AutoId | null> {
    return findAutoId(session, issuerId, moment)
  }

  @FieldResolver(() => BlockRef)
  asOf(@Root() { moment }: IssuerStatistics): BlockRef {
    return toBlockRef(moment.block)
  }
}

/** Validity goes by the clock, so that figures are a minute old at most. */
function byStatus({ session, oncePerHead }: ApiContext) {
  const minute = Math.floor(session.nowMs / 60_000)
  const at = { height: session.head.block.height, isHead: true }
  return oncePerHead(session.head.block.hash, `byStatus ${minute}`, () =>
    session.read.statistics.byStatus(at, new Date(session.nowMs)),
  )
}

function findings({ session, oncePerHead }: ApiContext) {
  return oncePerHead(session.head.block.hash, 'findings', () => session.read.statistics.findings())
}

function sum(rows: readonly { readonly count: number }[]): number {
  return rows.reduce((total, { count }) => total + count, 0)
}
