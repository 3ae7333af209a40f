/** Tokens signed by Auto IDs, provenance of content, claims and their assurance. */

import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql'
import { decodePemCertificates, PemError } from '../../pki/pem'
import { forgeableBecause } from '../../pki/public-key'
import { assess, readAssurancePolicy } from '../../tokens/assurance'
import {
  type Claim,
  certificateClaims,
  credentialClaim,
  MAX_CREDENTIALS,
} from '../../tokens/claims'
import { verifyProvenance } from '../../tokens/provenance'
import type { ProvenanceResult } from '../../tokens/provenance-types'
import { MAX_TOKEN_CHARACTERS, verifyToken } from '../../tokens/token'
import { badArgument, hash32 } from '../arguments'
import { anchorFinder, identityReader, judge, signersFinder } from '../authority'
import type { ApiContext } from '../context'
import { VERDICT_PRICE } from '../limits'
import { blockRef, toBlockRef } from '../map/block'
import type { Moment } from '../moment'
import type { IdentityRow } from '../rows'
import { Json } from '../scalars'
import type { Session } from '../session'
import { ClaimSet, ProvenanceVerification, TokenVerification } from '../types/authority'
import { PointInTime } from '../types/inputs'

const MAX_PROOF_CHARACTERS = 524_288
const MAX_LIST = 16

@Resolver(() => TokenVerification)
export class TokenResolver {
  @Query(() => TokenVerification, {
    description:
      'A JWT signed by an Auto ID, with the grants it carries: every link is verified with its identity at that moment.',
    complexity: VERDICT_PRICE,
  })
  async verifyToken(
    @Ctx() { session }: ApiContext,
    @Arg('jwt', () => String) jwt: string,
    @Arg('at', () => PointInTime, { nullable: true }) at?: PointInTime | null,
    @Arg('audience', () => String, { nullable: true }) audience?: string | null,
    @Arg('trustAnchors', () => [ID], { nullable: true }) trustAnchors?: string[] | null,
  ): Promise<TokenVerification> {
    if (jwt.length > MAX_TOKEN_CHARACTERS) throw badArgument('jwt', 'too long')
    const moment = await session.momentOf(at)
    const result = await verifyToken(
      {
        jwt: jwt.trim(),
        at: at == null ? null : toTokenMoment(at),
        clockMs: moment.clockMs,
        audience: audience ?? null,
        trustAnchors: ids(trustAnchors, 'trustAnchors'),
      },
      identityReader(session),
    )
    return {
      ...result,
      authority: result.authority.map(({ issuedAtMs, expiresAtMs, ...link }) => ({
        ...link,
        issuedAt: new Date(issuedAtMs),
        expiresAt: new Date(expiresAtMs),
      })),
      at: new Date(moment.clockMs),
      asOf: toBlockRef(moment.block),
    }
  }
}

function toTokenMoment({ block, time }: PointInTime) {
  if (block != null) return { block }
  return time == null ? null : { timeMs: time.getTime() }
}

function ids(values: string[] | null | undefined, argument: string): string[] | null {
  if (values == null) return null
  if (values.length > 100) throw badArgument(argument, 'more than 100 entries')
  return values.map((value) => hash32(value, argument))
}

@Resolver(() => ProvenanceVerification)
export class ProvenanceResolver {
  @Query(() => ProvenanceVerification, {
    description:
      'Who signed this content, with which model or tool, and when, as far as there is evidence for the time.',
    complexity: VERDICT_PRICE,
  })
  async verifyProvenance(
    @Ctx() { session }: ApiContext,
    @Arg('proof', () => String, { description: 'A compact JWS, or CMS detached as base64 or PEM.' })
    proof: string,
    @Arg('sha256', () => String, { nullable: true, description: 'Of the content; hex.' })
    sha256?: string | null,
    @Arg('timestamps', () => [String], {
      nullable: true,
      description: "RFC 3161 tokens over the proof's bytes, base64.",
    })
    timestamps?: string[] | null,
    @Arg('timestampAnchors', () => String, {
      nullable: true,
      description: 'PEM roots of the time-stamping authorities that count; none by default.',
    })
    timestampAnchors?: string | null,
    @Arg('trustAnchors', () => [ID], { nullable: true }) trustAnchors?: string[] | null,
    @Arg('sha512', () => String, {
      nullable: true,
      description: 'Of the content; hex. What CMS by Ed25519 is over (RFC 8419).',
    })
    sha512?: string | null,
  ): Promise<ProvenanceVerification> {
    if (proof.length > MAX_PROOF_CHARACTERS) throw badArgument('proof', 'too long')
    if ((timestamps?.length ?? 0) > MAX_LIST) throw badArgument('timestamps', 'too many')
    const result = await verifyProvenance(
      {
        proof,
        sha256: sha256 == null ? null : hash32(withPrefix(sha256), 'sha256').slice(2),
        sha512: sha512 == null ? null : digest512(sha512),
        clockMs: (await session.momentOf(null)).clockMs,
        timestamps: (timestamps ?? []).map((token) => Buffer.from(token, 'base64')),
        timestampAnchors: timestampAnchors == null ? [] : pems(timestampAnchors),
        trustAnchors: ids(trustAnchors, 'trustAnchors'),
      },
      {
        readIdentity: identityReader(session),
        findAnchors: anchorFinder(session),
        findSigners: signersFinder(session),
      },
    )
    return toProvenance(result, session)
  }
}

function digest512(hex: string): string {
  const digits = hex.replace(/^0x/, '').toLowerCase()
  if (!/^[0-9a-f]{128}$/.test(digits)) throw badArgument('sha512', 'expected 128 hex digits')
  return digits
}

function withPrefix(hex: string): string {
  return hex.startsWith('0x') ? hex : `0x${hex}`
}

function pems(text: string): readonly Uint8Array[] {
  try {
    return decodePemCertificates(text)
  } catch (error) {
    if (error instanceof PemError) throw badArgument('timestampAnchors', error.message)
    throw error
  }
}

async function toProvenance(
  result: ProvenanceResult,
  session: Session,
): Promise<ProvenanceVerification> {
  const { time, claimedAtMs, asOf, ...rest } = result
  const { anchor, provenAtMs } = time
  return {
    ...rest,
    claimedAt: claimedAtMs === null ? null : new Date(claimedAtMs),
    timeEvidence: time.evidence,
    provenAt: provenAtMs === null ? null : new Date(provenAtMs),
    anchor: anchor === null ? null : { ...anchor, timestamp: new Date(anchor.timeMs) },
    asOf: await blockRef(session, asOf?.height ?? session.head.block.height),
  }
}

@Resolver(() => ClaimSet)
export class ClaimsResolver {
  @Query(() => ClaimSet, {
    nullable: true,
    description:
      'What is claimed about an identity, by whom and how far verified, with a score by a policy. Null when it was never registered by then.',
    complexity: VERDICT_PRICE,
  })
  async claims(
    @Ctx() { session, assurancePolicy: housePolicy }: ApiContext,
    @Arg('autoId', () => ID) autoId: string,
    @Arg('credentials', () => [String], {
      nullable: true,
      description: 'W3C credentials as VC-JWT.',
    })
    credentials?: string[] | null,
    @Arg('policy', () => Json, {
      nullable: true,
      description:
        "Absent: the service's, which is that of docs/tokens.md unless its operator set another.",
    })
    policy?: unknown,
    @Arg('at', () => PointInTime, { nullable: true }) at?: PointInTime | null,
  ): Promise<ClaimSet | null> {
    const id = hash32(autoId, 'autoId')
    if ((credentials?.length ?? 0) > MAX_CREDENTIALS) throw badArgument('credentials', 'too many')
    const assurancePolicy = policy == null ? housePolicy : readAssurancePolicy(policy)
    const moment = await session.momentOf(at)
    const row = await session.load.identity(moment).load(id)
    if (row === null) return null
    const claims = await collectClaims(session, row, moment, at, credentials ?? [])
    const facts = await assuranceFacts(session, row, moment)
    return {
      id,
      verdict: facts.verdict,
      claims,
      assurance: assess({ ...facts, claims }, assurancePolicy),
      asOf: toBlockRef(moment.block),
    }
  }
}

async function collectClaims(
  session: Session,
  row: IdentityRow,
  moment: Moment,
  at: PointInTime | null | undefined,
  credentials: readonly string[],
) {
  const certificate = await session.load.certificate.load(row.certificateId)
  const extensions = certificate?.extensions ?? []
  const { autoId, issuerId, commonName } = row
  const own = certificateClaims({ autoId, issuerId, commonName, extensions })
  const read = identityReader(session)
  const tokenMoment = at == null ? null : toTokenMoment(at)
  const shown: Claim[] = []
  for (const jwt of credentials) {
    shown.push(await credentialClaim(jwt.trim(), autoId, tokenMoment, moment.clockMs, read))
  }
  return [...own, ...shown]
}

async function assuranceFacts(session: Session, row: IdentityRow, moment: Moment) {
  const registration = await session.load.registration.load(row.registrationId)
  if (registration === null) throw new Error(`registration ${row.registrationId} is missing`)
  const [event] = await session.read.events.byIds([registration.eventFrom])
  const verdict = await judge(session, moment, row.autoId)
  return {
    verdict: verdict.verdict,
    reason: verdict.fault?.message ?? 'by the registry it is good, all the way up',
    isFinal: session.isFinal(registration.blockFrom),
    autoId: row.autoId,
    issuerId: row.issuerId,
    trustAnchor: verdict.trustAnchor,
    doubtful: verdict.doubtful,
    keyAlgorithm: registration.publicKeyAlgorithm,
    keyBits: registration.publicKeyBits,
    keyForgeable: forgeableBecause(registration.publicKey),
    continuity: registration.continuity,
    fee: event?.fee == null ? null : BigInt(event.fee),
  }
}
