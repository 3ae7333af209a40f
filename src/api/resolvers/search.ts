/** Search by whatever somebody has at hand. */

import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql'
import { badArgument } from '../arguments'
import type { ApiContext } from '../context'
import { blockRef } from '../map/block'
import { toCertificate } from '../map/certificate'
import { readTerms, toHit } from '../search-terms'
import { AutoId } from '../types/auto-id'
import { BlockRef } from '../types/block'
import { Certificate } from '../types/certificate'
import { SearchHit } from '../types/search'
import { findAutoId } from './links'

const DEFAULT_HITS = 20
const MAX_HITS = 100

@Resolver(() => SearchHit)
export class SearchResolver {
  @Query(() => [SearchHit], {
    description:
      'By id or its begin, common name, fingerprint, serial, key hash, block height or hash, extrinsic hash, account, or a PEM certificate. Exact matches first; names that contain the text come after those that begin with it, and only when it is no whole name.',
  })
  async search(
    @Ctx() { session, limits }: ApiContext,
    @Arg('text', () => String) text: string,
    @Arg('first', () => Int, { nullable: true, defaultValue: DEFAULT_HITS }) first?: number | null,
  ): Promise<SearchHit[]> {
    const limit = first ?? DEFAULT_HITS
    if (limit < 0 || limit > MAX_HITS) {
      throw badArgument('first', `expected a number from 0 to ${MAX_HITS}`)
    }
    const terms = readTerms(text, limits.maxPemBytes)
    const moment = await session.momentOf(null)
    if (terms === null || limit === 0) return []
    const rows = await session.read.search(terms, limit)
    return rows.map((row) => toHit(row, moment))
  }

  @FieldResolver(() => AutoId, { nullable: true })
  autoId(
    @Root() { autoIdId, moment }: SearchHit,
    @Ctx() { session }: ApiContext,
  ): Promise<AutoId | null> {
    return findAutoId(session, autoIdId, moment)
  }

  @FieldResolver(() => Certificate, { nullable: true })
  async certificate(
    @Root() { certificateId, moment }: SearchHit,
    @Ctx() { session }: ApiContext,
  ): Promise<Certificate | null> {
    const row = certificateId === null ? null : await session.load.certificate.load(certificateId)
    return row === null ? null : toCertificate(row, moment)
  }

  @FieldResolver(() => BlockRef, { nullable: true })
  async block(
    @Root() { height }: SearchHit,
    @Ctx() { session }: ApiContext,
  ): Promise<BlockRef | null> {
    return height === null ? null : blockRef(session, height)
  }
}
