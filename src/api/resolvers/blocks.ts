/** Blocks, extrinsics, remarks, and what could not be decoded. */

import { Arg, Args, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql'
import { badArgument, height as checkHeight, hash32 } from '../arguments'
import type { ApiContext } from '../context'
import { readPage } from '../lists'
import { blockRef, toBlockRef } from '../map/block'
import { toEvent, toFailedCall } from '../map/event'
import { PageArgs } from '../paging'
import { checkRemarkFilter } from '../timeline'
import { BlockRef } from '../types/block'
import { QuarantinedConnection, RemarkConnection } from '../types/connections'
import { TimelineOrder } from '../types/enums'
import { Extrinsic, QuarantinedExtrinsic, Remark } from '../types/event'
import { RemarkFilter } from '../types/inputs'

/** AutoId calls one extrinsic may have: a batch of 5,000, and room. */
const MAX_CALLS = 10_000

@Resolver()
export class BlockResolver {
  @Query(() => BlockRef, { nullable: true, description: 'By height or by hash: exactly one.' })
  async block(
    @Ctx() { session }: ApiContext,
    @Arg('height', () => Int, { nullable: true }) height?: number | null,
    @Arg('hash', () => String, { nullable: true }) hash?: string | null,
  ): Promise<BlockRef | null> {
    if ((height == null) === (hash == null)) {
      throw badArgument('height', 'exactly one of height and hash must be given')
    }
    const { blocks } = session.read
    const found =
      height == null
        ? await blocks.byHashes([hash32(hash ?? '', 'hash')])
        : await blocks.byHeights([checkHeight(height, 'height')])
    return found[0] === undefined ? null : toBlockRef(found[0])
  }

  @Query(() => Extrinsic, {
    nullable: true,
    description:
      'Null when it did and tried nothing in the registry. Of several with this hash, the last.',
  })
  async extrinsic(
    @Ctx() { session }: ApiContext,
    @Arg('hash', () => String) hash: string,
  ): Promise<Extrinsic | null> {
    const extrinsicHash = hash32(hash, 'hash')
    const moment = await session.momentOf(null)
    const filter = { upTo: moment.height, extrinsicHash }
    const page = { order: 'NEWEST_FIRST', limit: MAX_CALLS, backward: false, cursor: null } as const
    const [events] = await session.read.events.page([null], filter, page)
    const [failed] = await session.read.failedCalls.page([null], filter, page)
    const [remarks] = await session.read.remarks.page([null], filter, page)
    const all = [events, failed, remarks].flatMap(
      (found) => found?.rows.map(({ row }) => row) ?? [],
    )
    const last = all.reduce<(typeof all)[number] | null>(
      (best, row) => (best === null || row.block > best.block ? row : best),
      null,
    )
    if (last === null || last.extrinsicIndex === null) return null
    const isOfLast = ({ block }: { block: number }) => block === last.block
    const rowsOf = <T extends { block: number }>(
      found: { rows: readonly { row: T }[] } | undefined,
    ) =>
      (found?.rows ?? [])
        .map(({ row }) => row)
        .filter(isOfLast)
        .reverse()
    const payer = [...rowsOf(events), ...rowsOf(failed)][0]
    return {
      hash: extrinsicHash,
      index: last.extrinsicIndex,
      blockHeight: last.block,
      signer: payer?.signer ?? rowsOf(remarks)[0]?.sender ?? null,
      fee: payer?.fee ?? null,
      events: rowsOf(events).map((row) => toEvent(row, moment)),
      failedCalls: rowsOf(failed).map((row) => toFailedCall(row, moment)),
      remarks: rowsOf(remarks),
    }
  }

  @Query(() => RemarkConnection, { description: 'In chain order unless asked otherwise.' })
  async remarks(
    @Ctx() { session, limits }: ApiContext,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => RemarkFilter, { nullable: true }) filter?: RemarkFilter | null,
    @Arg('orderBy', () => TimelineOrder, { nullable: true, defaultValue: 'OLDEST_FIRST' })
    orderBy?: TimelineOrder | null,
  ): Promise<RemarkConnection> {
    const moment = await session.momentOf(null)
    return RemarkConnection.of(
      await readPage({
        list: session.read.remarks,
        filter: checkRemarkFilter(filter ?? {}, moment),
        order: orderBy ?? 'OLDEST_FIRST',
        args,
        limits,
        toNode: (row): Remark => row,
      }),
    )
  }

  @Query(() => QuarantinedConnection, { description: 'Extrinsics that could not be decoded.' })
  async quarantined(
    @Ctx() { session, limits }: ApiContext,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('orderBy', () => TimelineOrder, { nullable: true, defaultValue: 'NEWEST_FIRST' })
    orderBy?: TimelineOrder | null,
  ): Promise<QuarantinedConnection> {
    const moment = await session.momentOf(null)
    return QuarantinedConnection.of(
      await readPage({
        list: session.read.quarantined,
        filter: { upTo: moment.height },
        order: orderBy ?? 'NEWEST_FIRST',
        args,
        limits,
        toNode: (row): QuarantinedExtrinsic => row,
      }),
    )
  }
}

@Resolver(() => Extrinsic)
export class ExtrinsicResolver {
  @FieldResolver(() => BlockRef)
  block(@Root() { blockHeight }: Extrinsic, @Ctx() { session }: ApiContext): Promise<BlockRef> {
    return blockRef(session, blockHeight)
  }
}

@Resolver(() => Remark)
export class RemarkResolver {
  @FieldResolver(() => BlockRef, { name: 'block' })
  blockOf(@Root() { block }: Remark, @Ctx() { session }: ApiContext): Promise<BlockRef> {
    return blockRef(session, block)
  }
}

@Resolver(() => QuarantinedExtrinsic)
export class QuarantinedResolver {
  @FieldResolver(() => BlockRef, { name: 'block' })
  blockOf(
    @Root() { block }: QuarantinedExtrinsic,
    @Ctx() { session }: ApiContext,
  ): Promise<BlockRef> {
    return blockRef(session, block)
  }
}
