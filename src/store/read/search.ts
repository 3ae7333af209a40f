/** Where a piece of text could stand: each kind of thing is asked by its own index, in one statement. */

import { escapeLike } from './identities'
import { type Queryable, rowsOf } from './queryable'
import { join, raw, type Sql, sql } from './statement'

export type SearchRow = {
  readonly kind: 'AUTO_ID' | 'CERTIFICATE' | 'PUBLIC_KEY' | 'BLOCK' | 'EXTRINSIC' | 'ACCOUNT'
  readonly matched: string
  readonly key: string
  readonly label: string
  readonly autoId: string | null
  readonly certificateId: string | null
  readonly height: number | null
}

export type SearchTerms = {
  readonly text: string
  readonly hash: string | null
  readonly hashPrefix: string | null
  readonly serials: readonly string[]
  readonly height: number | null
  readonly account: string | null
  readonly fingerprints: readonly string[]
}

/** Common names looked at before the best are chosen. */
const MAX_NAMES = 1_000
/** The same of names that begin with the text: so few that reading them in order is cheaper than sorting all there are. */
const MAX_BEGINNINGS = 200

export async function search(
  db: Queryable,
  terms: SearchTerms,
  limit: number,
): Promise<SearchRow[]> {
  const found = await ask(db, questions(terms, limit), limit)
  if (!isWantingNames(terms.text, found, limit)) return found
  const more = await ask(db, [containing(terms.text, limit)], limit)
  const known = new Set(found.map(identityOf))
  return [...found, ...more.filter((row) => !known.has(identityOf(row)))].slice(0, limit)
}

/**
 * Names that contain a text cost more the more names share its trigrams: nobody looks for them where the text is a whole
 * name or the page is full. A text without a trigram would be looked for in all names.
 */
function isWantingNames(text: string, found: readonly SearchRow[], limit: number): boolean {
  const isWhole = ({ matched, label }: SearchRow) =>
    matched === 'common name' && label.toLowerCase() === text.toLowerCase()
  return text.length >= 3 && found.length < limit && !found.some(isWhole)
}

/** In the order of the parts, each thing once. */
async function ask(db: Queryable, parts: readonly Sql[], limit: number): Promise<SearchRow[]> {
  if (parts.length === 0) return []
  const numbered = parts.map(
    (part, rank) => sql`(select ${rank}::int as rank, q.* from (${part}) q)`,
  )
  const statement = sql`
    select kind, matched, key, label, auto_id as "autoId", certificate_id as "certificateId", height
      from (${join(numbered, ' union all ')}) hits
     order by rank, score desc, label, key`
  const rows = await rowsOf<SearchRow>(db, statement)
  const unique = new Map(rows.map((row): [string, SearchRow] => [identityOf(row), row]).reverse())
  return rows.filter((row) => unique.get(identityOf(row)) === row).slice(0, limit)
}

function identityOf({ kind, key }: SearchRow): string {
  return `${kind} ${key}`
}

/** The surest first. */
function questions(terms: SearchTerms, limit: number): Sql[] {
  const { hash, hashPrefix, serials, height, account, fingerprints, text } = terms
  const all: (Sql | null)[] = [
    hash === null ? null : identities(sql`v.auto_id = ${hash}`, 'id', limit),
    fingerprints.length === 0 ? null : byFingerprint(fingerprints, limit),
    hash === null ? null : keys(hash),
    height === null ? null : blocks(sql`b.height = ${height}`, 'height'),
    hash === null ? null : blocks(sql`b.id = ${hash}`, 'hash'),
    hash === null ? null : extrinsics(hash),
    account === null ? null : accounts(account),
    hashPrefix === null ? null : identities(inPrefix('v.auto_id', hashPrefix), 'id prefix', limit),
    hashPrefix === null
      ? null
      : certificates(inPrefix('c.fingerprint', hashPrefix), 'fingerprint prefix', limit),
    serials.length === 0
      ? null
      : certificates(sql`c.serial = any(${serials}::text[])`, 'serial', limit),
    text === '' ? null : beginning(text, limit),
  ]
  return all.filter((part) => part !== null)
}

function identities(condition: Sql, matched: string, limit: number): Sql {
  return sql`select 'AUTO_ID' as kind, ${matched}::text as matched, v.auto_id as key, v.common_name as label,
      v.auto_id, v.certificate_id, null::int as height, 1::real as score
    from auto_id_version v where v.block_to is null and ${condition} order by v.auto_id limit ${limit}`
}

/** Regardless of case; one range of an index, the text itself first. */
function beginning(text: string, limit: number): Sql {
  return names(
    text,
    sql`lower(v.common_name) like lower(${`${escapeLike(text)}%`}) order by lower(v.common_name) using ~<~ limit ${MAX_BEGINNINGS}`,
    limit,
  )
}

/** Regardless of case, by the index of trigrams. */
function containing(text: string, limit: number): Sql {
  return names(text, sql`v.common_name ilike ${`%${escapeLike(text)}%`} limit ${MAX_NAMES}`, limit)
}

function names(text: string, condition: Sql, limit: number): Sql {
  return sql`select 'AUTO_ID' as kind, 'common name' as matched, n.auto_id as key, n.common_name as label, n.auto_id,
      n.certificate_id, null::int as height,
      case when lower(n.common_name) = lower(${text}) then 2 else similarity(n.common_name, ${text}) end::real as score
    from (select v.auto_id, v.common_name, v.certificate_id from auto_id_version v
      where v.block_to is null and ${condition}) n
   order by score desc, n.auto_id limit ${limit}`
}

function byFingerprint(fingerprints: readonly string[], limit: number): Sql {
  const condition = sql`c.id in (select id from certificate where fingerprint = any(${fingerprints}::text[])
    union all select id from certificate where tbs_fingerprint = any(${fingerprints}::text[]))`
  return certificates(condition, 'fingerprint', limit)
}

function certificates(condition: Sql, matched: string, limit: number): Sql {
  return sql`select 'CERTIFICATE' as kind, ${matched}::text as matched, coalesce(c.fingerprint, c.tbs_fingerprint) as key,
      c.subject || ', serial ' || c.serial as label, c.auto_id, c.id as certificate_id, null::int as height,
      1::real as score
    from certificate c where ${condition} order by c.id desc limit ${limit}`
}

function keys(hash: string): Sql {
  return sql`select 'PUBLIC_KEY' as kind, 'key' as matched, v.public_key_sha256 as key,
      'public key of ' || count(*) || ' identities' as label, null::text as auto_id, null::text as certificate_id,
      null::int as height, 1::real as score
    from auto_id_version v where v.block_to is null and v.public_key_sha256 = ${hash} group by v.public_key_sha256`
}

function blocks(condition: Sql, matched: string): Sql {
  return sql`select 'BLOCK' as kind, ${`block ${matched}`}::text as matched, b.height::text as key,
      'block ' || b.height as label, null::text as auto_id, null::text as certificate_id, b.height, 1::real as score
    from block b where ${condition}`
}

function extrinsics(hash: string): Sql {
  const tables = ['registry_event', 'failed_call', 'remark']
  const found = tables.map(
    (table) => sql`select block from ${raw(table)} where extrinsic_hash = ${hash}`,
  )
  return sql`select 'EXTRINSIC' as kind, 'extrinsic hash' as matched, ${hash}::text as key,
      'extrinsic of block ' || max(x.block) as label, null::text as auto_id, null::text as certificate_id,
      max(x.block) as height, 1::real as score
    from (${join(found, ' union all ')}) x having count(*) > 0`
}

function accounts(account: string): Sql {
  return sql`select 'ACCOUNT' as kind, 'account' as matched, ${account}::text as key,
      'account ' || ${account}::text as label, null::text as auto_id, null::text as certificate_id, null::int as height,
      1::real as score
    where exists (select from registry_event where signer = ${account})
       or exists (select from failed_call where signer = ${account})`
}

/** A range, which any index serves: `g` follows every hex digit. */
function inPrefix(column: string, prefix: string): Sql {
  return sql`${raw(column)} >= ${prefix} and ${raw(column)} < ${`${prefix}g`}`
}
