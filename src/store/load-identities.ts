/**
 * Identities and every issuer above them, level by level. What changes with each block is read anew each time, by one look at
 * an index an identifier; what never changes, certificates and registrations, is kept in memory from batch to batch.
 */

import type { ClientBase } from 'pg'
import type { Hex } from '../bytes'
import type { LoadedIdentity } from '../registry/loaded-context'
import { countLimit, MAX_ANCESTORS, missingIssuers, type NeededKeys } from '../registry/working-set'
import { type IdentityContent, IdentityContents } from './identity-contents'

export type Loaded = {
  /** The ids asked for and every issuer above them. */
  readonly autoIds: ReadonlySet<Hex>
  /** Of those that were registered at least once; of most that a batch names nothing is known yet. */
  readonly identities: readonly LoadedIdentity[]
}

/** @param contents those of earlier batches on this connection, and of this one from here on */
export async function loadIdentities(
  client: ClientBase,
  keys: NeededKeys,
  contents: IdentityContents = new IdentityContents(),
): Promise<Loaded> {
  const { autoIds, rows } = await loadVersions(client, keys.autoIds)
  await contents.read(client, rows)
  const counts = await loadCounts(client, rows, keys)
  const identities = rows.map((row) =>
    toIdentity(row, contents.of(row), counts.get(row.auto_id) ?? NONE_COUNTED),
  )
  return { autoIds, identities }
}

type VersionRow = {
  auto_id: Hex
  active: boolean
  issuer_id: Hex | null
  common_name: string
  common_name_bytes: Buffer
  serial: Hex
  nonce: string
  not_before: Date
  not_after: Date
  public_key_sha256: Hex
  first_event_id: string
  registration_id: string
  certificate_id: string
}

/**
 * One look at an index for each, whatever the planner believes: a growing index has no statistics yet, and a join would then
 * read every open row again.
 */
const versionQuery = `
  select held.* from unnest($1::text[]) as asked (auto_id) cross join lateral (
    select v.auto_id, v.active, v.issuer_id, v.common_name, v.common_name_bytes, v.serial, v.nonce, v.not_before,
           v.not_after, v.public_key_sha256, v.first_event_id, v.registration_id, v.certificate_id
      from auto_id_version v where v.auto_id = asked.auto_id and v.block_to is null limit 1) held`

/** A statement for each level of issuers, of which there are `MAX_ANCESTORS` at most: nobody is looked up twice. */
async function loadVersions(
  client: ClientBase,
  asked: ReadonlySet<Hex>,
): Promise<{ autoIds: ReadonlySet<Hex>; rows: readonly VersionRow[] }> {
  const autoIds = new Set(asked)
  const rows: VersionRow[] = []
  let level = asked
  for (let up = 0; up <= MAX_ANCESTORS && level.size > 0; up++) {
    const found = await client.query<VersionRow>({
      name: 'load_versions',
      text: versionQuery,
      values: [[...level]],
    })
    rows.push(...found.rows)
    if (up === MAX_ANCESTORS) break
    level = missingIssuers(
      autoIds,
      found.rows.map(({ issuer_id }) => ({ issuerId: issuer_id })),
    )
    for (const autoId of level) autoIds.add(autoId)
  }
  return { autoIds, rows }
}

type Counts = { readonly activeChildren: number; readonly listedSerials: number }

const NONE_COUNTED: Counts = { activeChildren: 0, listedSerials: 0 }

/** The order of listed serials is that of an index: without it a bitmap of the whole list is made first. */
const countQuery = `
  select asked.auto_id,
    (select count(*)::int from (select from auto_id_version child
       where child.issuer_id = asked.auto_id and child.block_to is null and child.active limit $2) children)
      as active_children,
    (select count(*)::int from (select from revocation listed
       where listed.issuer_id = asked.auto_id order by listed.block limit $2) serials) as listed_serials
  from unnest($1::text[]) as asked (auto_id)`

async function loadCounts(
  client: ClientBase,
  identities: readonly VersionRow[],
  keys: NeededKeys,
): Promise<ReadonlyMap<Hex, Counts>> {
  const counted = identities.map(({ auto_id }) => auto_id).filter((id) => keys.counted.has(id))
  if (counted.length === 0) return new Map()
  const { rows } = await client.query<{
    auto_id: Hex
    active_children: number
    listed_serials: number
  }>({ name: 'load_counts', text: countQuery, values: [counted, countLimit(keys)] })
  return new Map(
    rows.map((row) => [
      row.auto_id,
      { activeChildren: row.active_children, listedSerials: row.listed_serials },
    ]),
  )
}

function toIdentity(row: VersionRow, content: IdentityContent, counts: Counts): LoadedIdentity {
  return {
    autoId: row.auto_id,
    active: row.active,
    entry: {
      issuerId: row.issuer_id,
      serial: BigInt(row.serial),
      subjectCommonName: new Uint8Array(row.common_name_bytes),
      subjectPublicKeyInfo: content.publicKey,
      notBefore: row.not_before.getTime(),
      notAfter: row.not_after.getTime(),
      nonce: BigInt(row.nonce),
    },
    commonName: row.common_name,
    publicKeySha256: row.public_key_sha256,
    firstEventId: row.first_event_id,
    registration: content.registration,
    certificate: content.certificate,
    ...counts,
  }
}
