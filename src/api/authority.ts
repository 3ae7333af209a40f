/** What tokens, proofs and claims ask of the registry, read in the operation's own snapshot. */

import type { AsOf, IdentityAt, ReadIdentity, Moment as TokenMoment } from '../tokens/identity'
import type { Anchor } from '../tokens/provenance-types'
import { DEFAULT_POLICY } from '../verify/policy'
import type { Moment } from './moment'
import type { BlockRow } from './rows'
import type { Session } from './session'
import { verifyOne } from './verification'

/** An identity at a moment, by the REGISTRY profile's verdict. */
export function identityReader(session: Session): ReadIdentity {
  return async (autoId, at) => {
    const moment = await session.momentOf(toPointInTime(at))
    const row = await session.load.identity(moment).load(autoId)
    if (row === null) return null
    const registration = await session.load.registration.load(row.registrationId)
    if (registration === null) throw new Error(`registration ${row.registrationId} is missing`)
    const verdict = await judge(session, moment, autoId)
    const certificate = (await session.load.certificate.load(row.certificateId))?.der ?? null
    const { publicKey: spki } = registration
    return { autoId, ...verdict, spki, certificate, asOf: toAsOf(moment.block) }
  }
}

export async function judge(
  session: Session,
  moment: Moment,
  autoId: string,
): Promise<
  Pick<IdentityAt, 'verdict' | 'fault' | 'trustAnchor' | 'isAnchorDoubtful' | 'doubtful'>
> {
  const { block } = session.head
  const knownAt = { ...moment, height: block.height, block }
  const question = { session, moment, knownAt, policy: DEFAULT_POLICY, maxPemBytes: 0 }
  const result = await verifyOne({ autoId }, question)
  const { verdict, failures, trustAnchor, isAnchorDoubtful, doubtful } = result
  const [first] = failures
  const fault = first === undefined ? null : { code: first.code, message: first.message }
  return {
    verdict,
    fault: verdict === 'VALID' ? null : fault,
    trustAnchor,
    isAnchorDoubtful,
    doubtful,
  }
}

function toPointInTime(at: TokenMoment) {
  if (at === null) return null
  return 'block' in at ? { block: at.block } : { time: new Date(at.timeMs) }
}

function toAsOf({ height, hash, timestamp, isFinal }: BlockRow): AsOf {
  return { height, hash, timeMs: timestamp.getTime(), isFinal }
}

/** Anchors of a proof: remarks that are its SHA-256, raw or as hex text; the earliest. */
export function anchorFinder(session: Session) {
  return async (digest: string): Promise<readonly Anchor[]> => {
    const anchors: Anchor[] = []
    for (const remark of [digest, asText(digest), asText(digest.slice(2))]) {
      const anchor = await earliest(session, remark)
      if (anchor !== null) anchors.push(anchor)
    }
    return anchors.sort((a, b) => a.height - b.height).slice(0, 1)
  }
}

function asText(text: string): string {
  return `0x${Buffer.from(text, 'latin1').toString('hex')}`
}

async function earliest(session: Session, remark: string): Promise<Anchor | null> {
  const filter = { upTo: session.head.block.height, remark }
  const query = { order: 'OLDEST_FIRST', limit: 1, backward: false, cursor: null } as const
  const [page] = await session.read.remarks.page([null], filter, query)
  const row = page?.rows[0]?.row
  if (row === undefined) return null
  const block = await session.load.block.load(row.block)
  if (block === null) throw new Error(`block ${row.block} is missing in the index`)
  const { extrinsicHash, sender } = row
  return { height: row.block, timeMs: block.timestamp.getTime(), extrinsicHash, sender }
}

/** Whose certificate it is, by SHA-256 of its DER: issuers that share a key may have registered it several times. */
export function signersFinder(session: Session) {
  const { height } = session.head.block
  return async (fingerprint: string): Promise<readonly string[]> => {
    const rows = await session.read.certificates.byFingerprints([fingerprint], height)
    return [...new Set(rows.map(({ autoId }) => autoId))]
  }
}
