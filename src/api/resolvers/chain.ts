/** The certificate in force with those of its issuers. */

import { Arg, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql'
import { hash32 } from '../arguments'
import type { ApiContext } from '../context'
import { toBlockRef } from '../map/block'
import { toCertificate, toPem } from '../map/certificate'
import type { IdentityRow } from '../rows'
import { AutoId } from '../types/auto-id'
import { BlockRef } from '../types/block'
import { CertificateChain } from '../types/certificate'
import { PointInTime } from '../types/inputs'
import { findAutoId } from './links'

@Resolver(() => CertificateChain)
export class CertificateChainResolver {
  @Query(() => CertificateChain, {
    nullable: true,
    description: 'Null when the identity was never registered by then.',
  })
  async certificateChain(
    @Ctx() { session, limits }: ApiContext,
    @Arg('autoId', () => ID) autoId: string,
    @Arg('at', () => PointInTime, { nullable: true }) at?: PointInTime | null,
  ): Promise<CertificateChain | null> {
    const id = hash32(autoId, 'autoId')
    const moment = await session.momentOf(at)
    const path = await session.read.identities.ancestors(id, moment, limits.maxChainDepth)
    if (path.length === 0) return null
    const links = standingLinks(path)
    const rows = await session.load.certificate.loadMany(links.map((link) => link.certificateId))
    const certificates = rows.map((row) => {
      if (row === null || row instanceof Error) throw row ?? new Error('certificate is missing')
      return toCertificate(row, moment)
    })
    const top = links.at(-1)
    const isRooted = top?.active === true && top.issuerId === null
    const blocks = certificates.map(({ row }) => (row.der === null ? null : toPem(row.der)))
    return {
      certificates,
      complete: isRooted && links.every(({ active }) => active) && !blocks.includes(null),
      pem: blocks.filter((block) => block !== null).join(''),
      trustAnchorId: isRooted ? top.autoId : null,
      moment,
    }
  }

  @FieldResolver(() => AutoId, {
    nullable: true,
    description: 'The root it leads to; whether to trust that root is for you to say.',
  })
  trustAnchor(
    @Root() { trustAnchorId, moment }: CertificateChain,
    @Ctx() { session }: ApiContext,
  ): Promise<AutoId | null> {
    return findAutoId(session, trustAnchorId, moment)
  }

  @FieldResolver(() => BlockRef)
  asOf(@Root() { moment }: CertificateChain): BlockRef {
    return toBlockRef(moment.block)
  }
}

/** The identity itself, and its issuers as long as they are in the registry. */
function standingLinks(path: readonly IdentityRow[]): readonly IdentityRow[] {
  const gone = path.findIndex((link, index) => index > 0 && !link.active)
  return gone === -1 ? path : path.slice(0, gone)
}
