/**
 * What relying parties ask by the standards' endpoints: set-wise look-ups, each from one statement or one snapshot. Statements
 * are named, so that a connection plans them once: planning costs twenty times the execution.
 */
import type { Hex } from '../../bytes'
import { AppError } from '../../errors'
import { type BlockPoint, blockPoint, toMs } from './relying-party-rows'
import type { Db } from './sql'

/** Deep enough for any real path (the pallet has no limit); what lies above is reported as incomplete. */
const MAX_PATH_DEPTH = 32
/** Certificates that share the serials of one request. Each costs its registrant a fee; over it we refuse, never guess. */
const MAX_SAME_SERIAL = 20_000

type HeadRow = {
  height: number
  hash: string
  timestamp: Date
  confirmed_at: Date | null
  finalized_height: number
  genesis_hash: Hex
  missing_indexes: number
}

const HEAD = `
  select s.height, s.hash, b.timestamp, s.confirmed_at, s.finalized_height, c.genesis_hash,
         (select count(*)::int from postponed_index) as missing_indexes
    from index_status s join block b on b.height = s.height join chain_info c on c.id = 'chain'
   where s.id = 'status'`

/** Where the index stands; null before the first block. */
export async function readHead(db: Db) {
  const row = (await db.query<HeadRow>({ name: 'rp_head', text: HEAD })).rows[0]
  if (row === undefined) return null
  return {
    height: row.height,
    hash: row.hash,
    timeMs: row.timestamp.getTime(),
    confirmedAtMs: toMs(row.confirmed_at),
    finalizedHeight: row.finalized_height,
    genesisHash: row.genesis_hash,
    missingIndexes: row.missing_indexes,
  }
}

type OnlyHead = { head_hash: string; id: null }

type IssuedRow = {
  head_hash: string
  id: string
  auto_id: string
  tbs_fingerprint: string
  tbs: Buffer
  issuer_spki: Buffer | null
  block_from: number
  from_time: Date
  block_to: number | null
  to_time: Date | null
  ceased: number | null
  ceased_time: Date | null
  reason: 'REVOKED' | 'SUPERSEDED' | null
  revoked: number | null
  revoked_time: Date | null
  issuer_gone: boolean
}

/**
 * The issuer's registration is the one whose certificate stood beside the registration; for a root its own. The head is
 * of the same snapshot; it alone comes back when no certificate has such a serial.
 */
const ISSUED = `
  select s.hash as head_hash, i.*
    from index_status s left join (
      select c.id, c.auto_id, c.tbs_fingerprint, c.tbs,
             case when c.issuer_id is null then c.public_key else ic.public_key end as issuer_spki,
             c.block_from, ${timeOf('c.block_from')} as from_time,
             c.block_to, ${timeOf('c.block_to')} as to_time,
             g.block_to as ceased, ${timeOf('g.block_to')} as ceased_time,
             r.reason, r.block as revoked, ${timeOf('r.block')} as revoked_time,
             (c.issuer_id is not null and not exists (
               select 1 from registration ig where ig.id = ic.registration_id and ig.block_to is null)) as issuer_gone
        from certificate c
        join registration g on g.id = c.registration_id
        left join certificate ic on ic.id = c.issuer_certificate_id
        left join revocation r on r.issuer_id = coalesce(c.issuer_id, c.auto_id) and r.serial = c.serial
       where c.serial = any($1)
       limit ${MAX_SAME_SERIAL + 1}) i on true
   where s.id = 'status'`

/** A sub-select, not a join: the planner's work grows with the joins it may reorder. */
function timeOf(height: string): string {
  return `(select timestamp from block where height = ${height})`
}

/**
 * Every certificate with one of these serials, and the head they were read at: cached decisions must stand and fall with
 * that block, which may be another than the one last seen.
 * @throws {AppError} UNAVAILABLE when more certificates share the serials than one answer may cost, or before any block.
 */
export async function findIssued(db: Db, serials: readonly Hex[]) {
  const { rows } = await db.query<IssuedRow | OnlyHead>({
    name: 'rp_issued',
    text: ISSUED,
    values: [serials],
  })
  const [first] = rows
  if (first === undefined) throw new AppError('UNAVAILABLE', 'no block is indexed yet')
  if (rows.length > MAX_SAME_SERIAL) {
    throw new AppError('UNAVAILABLE', 'too many certificates share this serial number')
  }
  const found = rows.filter((row): row is IssuedRow => row.id !== null)
  return { headHash: first.head_hash, certificates: found.map(issuedOf) }
}

function issuedOf(row: IssuedRow) {
  return {
    id: row.id,
    autoId: row.auto_id,
    tbsFingerprint: row.tbs_fingerprint,
    tbs: row.tbs,
    issuerSpki: row.issuer_spki,
    registeredAt: { height: row.block_from, timeMs: row.from_time.getTime() },
    endedAt: blockPoint(row.block_to, row.to_time),
    deactivatedAt: blockPoint(row.ceased, row.ceased_time),
    revocation: revocationOf(row.reason, blockPoint(row.revoked, row.revoked_time)),
    isIssuerGone: row.issuer_gone,
  }
}

function revocationOf(reason: 'REVOKED' | 'SUPERSEDED' | null, at: BlockPoint | null) {
  return reason === null || at === null ? null : { reason, at }
}

type MomentRow = {
  height: number
  id: string
  timestamp: Date
  finalized_height: number
  head: number
}

const MOMENT = `
  select b.height, b.id, b.timestamp, s.finalized_height, s.height as head
    from index_status s
    join lateral (
      select height, id, timestamp from block
       where case when $1::int is not null then height = $1::int
                  when $2::timestamptz is not null then timestamp <= $2::timestamptz
                  else height = s.height end
       order by height desc limit 1) b on true
   where s.id = 'status' and (b.height <= s.height)`

const HEAD_TIME = `select b.timestamp from index_status s join block b on b.height = s.height where s.id = 'status'`

export type MomentInput = { readonly block: number } | { readonly timeMs: number } | null

/** @throws {AppError} POINT_IN_TIME_OUT_OF_RANGE past the indexed head or before the chain began. */
async function resolveMoment(db: Db, at: MomentInput) {
  const block = at !== null && 'block' in at ? at.block : null
  const time = at !== null && 'timeMs' in at ? new Date(at.timeMs) : null
  const row = (
    await db.query<MomentRow>({ name: 'rp_moment', text: MOMENT, values: [block, time] })
  ).rows[0]
  if (row === undefined) throw outOfRange()
  // A genesis without a timestamp stands at 0: no time lies in it.
  if (time !== null && row.timestamp.getTime() === 0) throw outOfRange()
  if (time !== null && row.height === row.head) await refuseFuture(db, time)
  const asOf = {
    height: row.height,
    timeMs: row.timestamp.getTime(),
    hash: row.id,
    isFinal: row.height <= row.finalized_height,
  }
  // A time ends with the next block, which may be replaced by an earlier one until it is final.
  const isSettled = block === null ? row.height < row.finalized_height : asOf.isFinal
  return { asOf, isSettled }
}

async function refuseFuture(db: Db, time: Date): Promise<void> {
  const head = (await db.query<{ timestamp: Date }>(HEAD_TIME)).rows[0]
  if (head === undefined || time.getTime() > head.timestamp.getTime()) throw outOfRange()
}

function outOfRange(): AppError {
  return new AppError(
    'POINT_IN_TIME_OUT_OF_RANGE',
    'the moment lies past the indexed head or before the chain began',
  )
}

type PathRow = {
  /** Null when the block was rolled back meanwhile. */
  state_hash: string | null
  auto_id: string
  issuer_id: string | null
  common_name: string
  active: boolean
  registration_id: string
  serial: string
  not_before: Date
  not_after: Date
  ceased: number | null
  ceased_time: Date | null
  reason: 'REVOKED' | 'SUPERSEDED' | null
  revoked: number | null
  revoked_time: Date | null
  issuer_registration_id: string | null
  certificate_id: string
  der: Buffer | null
  rebuild_problem: string | null
  fingerprint: string | null
  public_key: Buffer
  san_auto_id: string | null
  signature_outcome: 'GOOD' | 'BAD' | 'UNSUPPORTED' | 'UNAVAILABLE'
}

const PATH = `
  with recursive path as (
    select v.*, 0 as depth from auto_id_version v
     where v.auto_id = $1 and v.block_from <= $2 and (v.block_to is null or v.block_to > $2)
    union all
    select v.*, p.depth + 1 from path p join auto_id_version v
        on v.auto_id = p.issuer_id and v.block_from <= $2 and (v.block_to is null or v.block_to > $2)
     where p.depth < ${MAX_PATH_DEPTH})
  select p.auto_id, p.issuer_id, p.common_name, p.active, p.registration_id, p.serial, p.not_before, p.not_after,
         case when p.active then null else g.block_to end as ceased,
         case when p.active then null else ${timeOf('g.block_to')} end as ceased_time,
         r.reason, r.block as revoked, ${timeOf('r.block')} as revoked_time,
         (select ic.registration_id from certificate ic where ic.id = c.issuer_certificate_id) as issuer_registration_id,
         (select id from block where height = $2) as state_hash, p.certificate_id, c.der, c.rebuild_problem, c.fingerprint, c.public_key, c.san_auto_id, c.signature_outcome
    from path p
    join certificate c on c.id = p.certificate_id
    join registration g on g.id = p.registration_id
    left join revocation r on r.issuer_id = coalesce(p.issuer_id, p.auto_id) and r.serial = p.serial and r.block <= $2
   order by p.depth`

/** Reorganisations between our two statements that are worth another try. */
const MAX_PATH_READS = 3

/**
 * An identity and its issuers as of a block; null when the id was never registered by then.
 * @throws {AppError} POINT_IN_TIME_OUT_OF_RANGE; UNAVAILABLE while blocks are reorganised under our hands.
 */
export async function readPath(db: Db, autoId: Hex, at: MomentInput) {
  for (let reads = 0; reads < MAX_PATH_READS; reads++) {
    const { asOf, isSettled } = await resolveMoment(db, at)
    const path = await readPathAt(db, autoId, asOf.height)
    if (path === null) return null
    // The rows are of the block we say they are of, or they do not count.
    if (path.stateHash === asOf.hash)
      return { links: path.links, isComplete: path.isComplete, asOf, isSettled }
  }
  throw new AppError('UNAVAILABLE', 'the chain is being reorganised')
}

async function readPathAt(db: Db, autoId: Hex, height: number) {
  const { rows } = await db.query<PathRow>({
    name: 'rp_path',
    text: PATH,
    values: [autoId, height],
  })
  const last = rows[rows.length - 1]
  if (last === undefined) return null
  return {
    links: rows.map(linkOf),
    isComplete: last.issuer_id === null,
    stateHash: last.state_hash,
  }
}

function linkOf(row: PathRow) {
  return {
    autoId: row.auto_id,
    issuerId: row.issuer_id,
    commonName: row.common_name,
    isActive: row.active,
    registrationId: row.registration_id,
    serial: row.serial,
    notBeforeMs: row.not_before.getTime(),
    notAfterMs: row.not_after.getTime(),
    deactivatedAt: blockPoint(row.ceased, row.ceased_time),
    revocation: revocationOf(row.reason, blockPoint(row.revoked, row.revoked_time)),
    issuerRegistrationId: row.issuer_registration_id,
    certificate: {
      id: row.certificate_id,
      der: row.der,
      rebuildProblem: row.rebuild_problem,
      fingerprint: row.fingerprint,
      spki: row.public_key,
      sanAutoId: row.san_auto_id,
      signatureOutcome: row.signature_outcome,
    },
  }
}
