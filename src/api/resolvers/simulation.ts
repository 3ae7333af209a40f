/** Pre-flight: a call asked before it is paid for. */

import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { fromHex, isHex } from '../../bytes'
import { parseCertificate } from '../../pki/certificate'
import { decodePemCertificates } from '../../pki/pem'
import { CallDataError, decodeCallData } from '../../registry/call-data'
import { simulate } from '../../registry/simulate'
import type { CertificateRequest, RegistryCall } from '../../registry/types'
import { flipsOf, namedBy } from '../../verify/blast-radius'
import { badArgument, hash32, optional } from '../arguments'
import type { ApiContext } from '../context'
import { VERDICT_PRICE } from '../limits'
import { toBlockRef } from '../map/block'
import { DateTime } from '../scalars'
import { BlockRef } from '../types/block'
import { type BlastRadius, CertificateProposal, Simulation } from '../types/simulation'

/** Of hex text; a call holds one certificate. */
const MAX_CALL_TEXT = 131_072
const MAX_LISTED = 100

@Resolver(() => Simulation)
export class SimulationResolver {
  @Query(() => Simulation, {
    description:
      'What the chain would answer to this call at the index head, and whose verdict it would turn. Fees, payer and nonce of the extrinsic are not looked at. Exactly one of `call` and `certificate`.',
    complexity: VERDICT_PRICE,
  })
  async simulate(
    @Ctx() context: ApiContext,
    @Arg('call', () => String, {
      nullable: true,
      description: 'Call data of one AutoId call, 0x hex: pallet index, call index, arguments.',
    })
    call?: string | null,
    @Arg('certificate', () => CertificateProposal, { nullable: true })
    certificate?: CertificateProposal | null,
    @Arg('time', () => DateTime, {
      nullable: true,
      description: 'The moment it is taken to be executed. Absent: now.',
    })
    time?: Date | null,
  ): Promise<Simulation> {
    const { session, limits } = context
    const registryCall = readCall(call, certificate, limits.maxPemBytes)
    const moment = await session.momentOf(null)
    const nowMs = time?.getTime() ?? moment.clockMs
    const { simulation: read } = session.read
    const view = await read.view(registryCall)
    const result = simulate(view, registryCall, nowMs)
    const common = { call: registryCall.kind, at: new Date(nowMs), moment, autoIdId: result.autoId }
    if (result.outcome === 'ERROR') {
      const { outcome, error } = result
      return { ...common, outcome, error, standing: [], blastRadius: null }
    }
    const family = await read.family(namedBy(result.changes))
    const flips = flipsOf(family, view, result.changes, nowMs)
    const blastRadius: BlastRadius = {
      becomeInvalid: flips.filter(({ isValidBefore }) => isValidBefore).length,
      becomeValid: flips.filter(({ isValidAfter }) => isValidAfter).length,
      autoIdIds: flips.slice(0, MAX_LISTED).map(({ autoId }) => autoId),
      partial: family.isPartial,
    }
    const standing = result.standing.map(({ autoId, before, after }) => {
      return { autoIdId: autoId, before, after }
    })
    return { ...common, outcome: 'APPLIED', error: null, standing, blastRadius }
  }

  @FieldResolver(() => BlockRef)
  asOf(@Root() { moment }: Simulation): BlockRef {
    return toBlockRef(moment.block)
  }
}

function readCall(
  call: string | null | undefined,
  certificate: CertificateProposal | null | undefined,
  maxPemBytes: number,
): RegistryCall {
  if ((call == null) === (certificate == null)) {
    throw badArgument('simulate', 'exactly one of call and certificate must be given')
  }
  return call == null ? proposedCall(certificate, maxPemBytes) : encodedCall(call)
}

function encodedCall(text: string): RegistryCall {
  if (text.length > MAX_CALL_TEXT)
    throw badArgument('call', `longer than ${MAX_CALL_TEXT} characters`)
  if (!isHex(text)) throw badArgument('call', 'expected 0x hex')
  try {
    return decodeCallData(fromHex(text))
  } catch (error) {
    if (error instanceof CallDataError)
      throw badArgument('call', `no AutoId call: ${error.message}`)
    throw error
  }
}

function proposedCall(
  proposal: CertificateProposal | null | undefined,
  maxPemBytes: number,
): RegistryCall {
  if (proposal == null) throw badArgument('certificate', 'expected a certificate')
  const request: CertificateRequest = {
    issuerId: optional(proposal.issuerId, 'certificate.issuerId', hash32),
    ...readPem(proposal.pem, maxPemBytes),
  }
  const autoId = optional(proposal.renews, 'certificate.renews', hash32)
  return autoId === null ? { kind: 'REGISTER', ...request } : { kind: 'RENEW', autoId, ...request }
}

function readPem(pem: string, maxPemBytes: number): Omit<CertificateRequest, 'issuerId'> {
  const argument = 'certificate.pem'
  if (pem.length > maxPemBytes) throw badArgument(argument, `longer than ${maxPemBytes} characters`)
  try {
    const [der] = decodePemCertificates(pem)
    const { tbs, outerAlgorithm, signature } = parseCertificate(der ?? new Uint8Array())
    return { certificate: tbs, signatureAlgorithm: outerAlgorithm, signature }
  } catch (error) {
    const said = error instanceof Error ? error.message : 'unreadable'
    throw badArgument(argument, `not a PEM certificate: ${said}`)
  }
}
