/** CRLs of any size, by a server-side cursor. */
import type { PoolClient } from 'pg'
import type { Hex } from '../../bytes'
import { parseTbs } from '../../pki/certificate'
import { IS_SIGNER_GONE, SIGNER } from './signer'
import type { Db } from './sql'

/** Rows held at a time. */
const BATCH = 2_000

/**
 * What an issuer's certificates that are no longer good are: the pallet's list, and what the pallet lists nowhere:
 * certificates whose identity was deactivated, that were replaced without an entry, or whose issuer, the one that signed
 * them, left the registry, so that nobody can revoke them any more: a CRL has no word for unknown. One that stands in force again
 * (the very same TBS registered anew) is not listed, unless the pallet's own list has it. The pallet lists serials of an
 * identifier, a CRL those of a name: an entry stands under each name that certificates of that identifier and serial have.
 */
const ENTRIES = `
  select distinct on (serial, issuer_name) e.serial, e.height, b.timestamp as time, e.reason, e.issuer_name, e.certificate_id
    from (
      select r.serial, r.block as height, r.reason::text, c.issuer_name, c.id as certificate_id, 0 as rank
        from revocation r
        left join certificate c on c.serial = r.serial and coalesce(c.issuer_id, c.auto_id) = r.issuer_id
       where r.issuer_id = $1
      union all
      select c.serial, c.block_to, case when g.block_to is null then 'SUPERSEDED' else 'CEASED' end, c.issuer_name, c.id, 1
        from certificate c join registration g on g.id = c.registration_id
       where (c.issuer_id = $1 or (c.issuer_id is null and c.auto_id = $1)) and c.block_to is not null
         and not exists (select 1 from certificate n where n.block_to is null and n.serial = c.serial
           and coalesce(n.issuer_id, n.auto_id) = $1 and n.tbs_fingerprint = c.tbs_fingerprint)
      union all
      select c.serial, coalesce(ig.block_to, c.block_from), 'CEASED', c.issuer_name, c.id, 2
        from certificate c ${SIGNER}
       where c.issuer_id = $1 and c.block_to is null and ${IS_SIGNER_GONE}) e
    join block b on b.height = e.height
   order by serial, issuer_name, rank, height`

/** The hash of the newest block that made or ended one of the rows: after a reorganisation numbers alone may be the same. */
const VERSION = `
  select (select count(*) from auto_id_version where auto_id = $1) as known,
         listed.rows || '/' || issued.rows || '.' || issued.ended || '/' || own.ended as counted,
         (select id from block where height = greatest(listed.newest, issued.newest, own.newest)) as newest
    from (select count(*) as rows, max(block) as newest from revocation where issuer_id = $1) listed,
         (select count(*) as rows, count(block_to) as ended, greatest(max(block_from), max(block_to)) as newest
            from certificate where issuer_id = $1 or (issuer_id is null and auto_id = $1)) issued,
         (select count(block_to) as ended, max(block_to) as newest from registration where auto_id = $1) own`

type VersionRow = { known: string; counted: string; newest: string | null }

/** Changes whenever a row of the list does; null for an id that never was. */
export async function readCrlVersion(db: Db, issuerId: Hex): Promise<string | null> {
  const row = (await db.query<VersionRow>(VERSION, [issuerId])).rows[0]
  return row === undefined || row.known === '0' ? null : `${row.counted}/${row.newest}`
}

type EntryRow = {
  serial: string
  height: number
  time: Date
  reason: 'REVOKED' | 'SUPERSEDED' | 'CEASED'
  issuer_name: string | null
  certificate_id: string | null
}

const ISSUER_TBS = `
  select c.tbs from certificate c where c.auto_id = $1 order by c.id desc limit 1`

/** Runs `use` over one snapshot of an issuer's list; null for an id that never was. */
export async function withCrl<T>(
  pool: { connect(): Promise<PoolClient> },
  issuerId: Hex,
  use: (source: ReturnType<typeof crlSource>) => Promise<T>,
): Promise<T | null> {
  const client = await pool.connect()
  let failure: Error | undefined
  try {
    await client.query('begin transaction isolation level repeatable read read only')
    const version = await readCrlVersion(client, issuerId)
    const issuer = (await client.query<{ tbs: Buffer }>(ISSUER_TBS, [issuerId])).rows[0]
    const result =
      version === null || issuer === undefined
        ? null
        : await use(crlSource(client, issuerId, version, issuer.tbs))
    await client.query('commit')
    return result
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error))
    throw error
  } finally {
    // A client whose transaction failed is thrown away, so that nobody gets it half-open.
    client.release(failure)
  }
}

function crlSource(client: PoolClient, issuerId: Hex, version: string, tbs: Uint8Array) {
  return {
    issuerSubject: subjectOf(tbs),
    version,
    rows: () => entries(client, issuerId),
    issuerNameOf: (certificateId: string) => issuerNameOf(client, certificateId),
  }
}

async function* entries(client: PoolClient, issuerId: Hex) {
  await client.query(`declare crl_entries no scroll cursor for ${ENTRIES}`, [issuerId])
  for (;;) {
    const { rows } = await client.query<EntryRow>(`fetch ${BATCH} from crl_entries`)
    if (rows.length === 0) break
    yield rows.map((row) => ({
      serial: row.serial,
      at: { height: row.height, timeMs: row.time.getTime() },
      reason: row.reason,
      issuerName: row.issuer_name,
      certificateId: row.certificate_id,
    }))
  }
  await client.query('close crl_entries')
}

function subjectOf(tbs: Uint8Array): Uint8Array | null {
  try {
    return parseTbs(tbs).subject
  } catch {
    return null
  }
}

/** Null when the certificate's TBS does not parse: its name cannot be repeated. */
async function issuerNameOf(client: PoolClient, certificateId: string): Promise<Uint8Array | null> {
  const { rows } = await client.query<{ tbs: Buffer }>(
    'select tbs from certificate where id = $1',
    [certificateId],
  )
  try {
    return rows[0] === undefined ? null : parseTbs(rows[0].tbs).issuer
  } catch {
    return null
  }
}
