/** Answers that need not be believed. */

import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql'
import { serialToHex } from '../../bytes'
import { AppError } from '../../errors'
import { verifyBlockProof } from '../../proof/block-proof'
import { verifyStateProof } from '../../proof/state-proof'
import { height as checkHeight, hash32 } from '../arguments'
import type { ApiContext } from '../context'
import type { Limits } from '../limits'
import { toBlockRef } from '../map/block'
import type { Proofs } from '../proofs'
import { Json } from '../scalars'
import { BlockRef } from '../types/block'
import { PointInTime } from '../types/inputs'
import { BlockProof, StateProof } from '../types/proof'

/** Dozens of questions to the node and megabytes of its state, whatever fields are selected. */
const PROOF_PRICE = 2_000

@Resolver(() => StateProof)
export class StateProofResolver {
  @Query(() => StateProof, {
    description: 'Of the state after the block that was asked about.',
    complexity: PROOF_PRICE,
  })
  async stateProof(
    @Ctx() context: ApiContext,
    @Arg('autoId', () => ID) autoId: string,
    @Arg('at', () => PointInTime, { nullable: true }) at?: PointInTime | null,
  ): Promise<StateProof> {
    const id = hash32(autoId, 'autoId')
    const moment = await context.session.momentOf(at)
    const proof = await sourceOf(context).state(moment.block.hash, id)
    const outcome = verifyStateProof(proof)
    if (!outcome.ok) throw new AppError('INCONSISTENT_NODE', outcome.message)
    const listed = outcome.hops.reduce((count, hop) => count + hop.revocationList.length, 0)
    if (listed > context.limits.maxListSize) throw tooLong(context.limits)
    const hops = outcome.hops.map((hop) => ({
      autoId: hop.autoId,
      registered: hop.entry !== null,
      serial: hop.entry && serialToHex(hop.entry.serial),
      listOwner: hop.listOwner,
      revocationList: hop.revocationList.map(serialToHex),
      revoked: hop.revoked,
    }))
    return { ...proof, hops, complete: outcome.complete, moment }
  }

  @FieldResolver(() => BlockRef)
  asOf(@Root() { moment }: StateProof): BlockRef {
    return toBlockRef(moment.block)
  }

  @Query(() => BlockProof, {
    description: 'That a block’s events are complete: nothing was withheld.',
    complexity: PROOF_PRICE,
  })
  async blockProof(
    @Ctx() context: ApiContext,
    @Arg('height', () => Int) height: number,
  ): Promise<BlockProof> {
    const { block } = await context.session.momentOf(
      { block: checkHeight(height, 'height') },
      'height',
    )
    const proof = await sourceOf(context).block(block.hash)
    const outcome = verifyBlockProof(proof)
    if (!outcome.ok) throw new AppError('INCONSISTENT_NODE', outcome.message)
    const { eventCount, layout, vectors } = outcome
    return { ...proof, eventCount, layout, vectors }
  }

  @Query(() => Json, {
    description:
      'One self-contained file about an identity, for `auto-registry verify-bundle`: state proof, calls, signatures, headers.',
    complexity: PROOF_PRICE,
  })
  async evidenceBundle(
    @Ctx() context: ApiContext,
    @Arg('autoId', () => ID) autoId: string,
    @Arg('at', () => PointInTime, { nullable: true }) at?: PointInTime | null,
  ): Promise<object> {
    const id = hash32(autoId, 'autoId')
    const { session } = context
    const { block } = await session.momentOf(at)
    const { genesisHash } = await context.chain()
    return sourceOf(context).bundle(session.read.certificateCall, genesisHash, block, id)
  }
}

function tooLong({ maxListSize }: Limits): AppError {
  return new AppError(
    'QUERY_TOO_COMPLEX',
    `the revocation lists of the chain have more than ${maxListSize} entries; get the proof as an evidenceBundle`,
    { maxListSize },
  )
}

function sourceOf({ proofs, over }: ApiContext): Proofs {
  if (proofs !== null) return proofs.within(over)
  throw new AppError('UNAVAILABLE', 'this service has no node to ask for proofs: set RPC_ENDPOINT')
}
