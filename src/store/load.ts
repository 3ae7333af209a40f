/** What a batch of blocks looks at, read in a fixed number of statements whatever the batch holds. */

import type { ClientBase } from 'pg'
import { fromHex, type Hex, toHex } from '../bytes'
import type { RevocationReason } from '../registry/block-changes'
import {
  type LoadedContext,
  type LoadedIdentity,
  type LoadedRevocation,
  type LoadedSignature,
  serialTexts,
} from '../registry/loaded-context'
import { countLimit, MAX_ANCESTORS, type NeededKeys } from '../registry/working-set'
import { interned } from './interned-bytes'

export async function loadContext(client: ClientBase, keys: NeededKeys): Promise<LoadedContext> {
  const { all, registered } = await loadAncestors(client, keys.autoIds)
  const identities = await loadIdentities(client, registered, keys)
  const held = identities.filter(({ autoId }) => keys.held.has(autoId))
  return {
    autoIds: new Set(all),
    identities,
    issuedSerials: await loadIssuedSerials(client, registered, textsOf(keys.serials, held)),
    // A genesis may hold the list of an identifier that it has no entry of.
    revocations: await loadRevocations(client, all, textsOf(keys.serials, identities)),
    signatures: await loadSignatures(client, registered, keys.signatures),
  }
}

function textsOf(serials: ReadonlySet<bigint>, identities: readonly LoadedIdentity[]): Hex[] {
  return serialTexts(new Set([...serials, ...identities.map(({ entry }) => entry.serial)]))
}

type Ancestors = {
  /** The ids asked for and every issuer above them. */
  readonly all: readonly Hex[]
  /** Those that were registered at least once; of most that a batch names nothing is known yet. */
  readonly registered: readonly Hex[]
}

/**
 * One look at an index for each, whatever the planner believes: a growing index has no statistics yet, and a join would then
 * read every open row again for every step up.
 */
async function loadAncestors(client: ClientBase, autoIds: ReadonlySet<Hex>): Promise<Ancestors> {
  if (autoIds.size === 0) return { all: [], registered: [] }
  const { rows } = await client.query<{ auto_id: Hex; registered: boolean }>({
    name: 'load_ancestors',
    text: `with recursive up (auto_id, registered, issuer_id, depth) as (
        select asked.auto_id, held.auto_id is not null, held.issuer_id, 0
        from unnest($1::text[]) as asked (auto_id) left join lateral (${openRow('asked.auto_id')}) held on true
        union
        select up.issuer_id, held.auto_id is not null, held.issuer_id, up.depth + 1
        from up left join lateral (${openRow('up.issuer_id')}) held on true
        where up.issuer_id is not null and up.depth < ${MAX_ANCESTORS}
      )
      select distinct auto_id, registered from up`,
    values: [[...autoIds]],
  })
  return {
    all: rows.map(({ auto_id }) => auto_id),
    registered: rows.filter(({ registered }) => registered).map(({ auto_id }) => auto_id),
  }
}

function openRow(autoId: string): string {
  return `select v.auto_id, v.issuer_id from auto_id_version v
    where v.auto_id = ${autoId} and v.block_to is null limit 1`
}

type IdentityRow = {
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
  ordinal: number
  registration_key: Buffer
  last_unproven: number
  certificate_id: string
  tbs: Buffer
  certificate_key: Buffer
  issuer_certificate_id: string | null
  issuer_ordinal: number | null
  issuer_key_sha256: Hex | null
  active_children: number
  listed_serials: number
}

/** The order of listed serials is that of an index: without it a bitmap of the whole list is made first. */
const identityQuery = `
  select v.auto_id, v.active, v.issuer_id, v.common_name, v.common_name_bytes, v.serial, v.nonce,
    v.not_before, v.not_after, v.public_key_sha256, v.first_event_id,
    r.id as registration_id, r.ordinal, r.public_key as registration_key,
    coalesce((select max(u.ordinal) from registration u
      where u.auto_id = v.auto_id and u.continuity = 'UNPROVEN'), 0) as last_unproven,
    c.id as certificate_id, c.tbs, c.public_key as certificate_key, c.issuer_certificate_id,
    ir.ordinal as issuer_ordinal, ic.public_key_sha256 as issuer_key_sha256,
    case when v.auto_id = any($2::text[]) then (select count(*)::int from (
      select from auto_id_version child
       where child.issuer_id = v.auto_id and child.block_to is null and child.active limit $3) children)
      else 0 end as active_children,
    case when v.auto_id = any($2::text[]) then
      (select count(*)::int from (
        select from revocation listed where listed.issuer_id = v.auto_id order by listed.block limit $3) serials)
      else 0 end as listed_serials
  from auto_id_version v
  join registration r on r.id = v.registration_id
  join certificate c on c.id = v.certificate_id
  left join certificate ic on ic.id = c.issuer_certificate_id
  left join registration ir on ir.id = ic.registration_id
  where v.block_to is null and v.auto_id = any($1::text[])`

async function loadIdentities(
  client: ClientBase,
  ids: readonly Hex[],
  keys: NeededKeys,
): Promise<LoadedIdentity[]> {
  if (ids.length === 0) return []
  const { rows } = await client.query<IdentityRow>({
    name: 'load_identities',
    text: identityQuery,
    values: [ids, [...keys.counted], countLimit(keys)],
  })
  return rows.map(toIdentity)
}

function toIdentity(row: IdentityRow): LoadedIdentity {
  return {
    autoId: row.auto_id,
    active: row.active,
    entry: {
      issuerId: row.issuer_id,
      serial: BigInt(row.serial),
      subjectCommonName: new Uint8Array(row.common_name_bytes),
      subjectPublicKeyInfo: new Uint8Array(row.certificate_key),
      notBefore: row.not_before.getTime(),
      notAfter: row.not_after.getTime(),
      nonce: BigInt(row.nonce),
    },
    commonName: row.common_name,
    publicKeySha256: row.public_key_sha256,
    firstEventId: row.first_event_id,
    registration: {
      id: row.registration_id,
      ordinal: row.ordinal,
      publicKey: new Uint8Array(row.registration_key),
      lastUnprovenOrdinal: row.last_unproven,
    },
    certificate: {
      id: row.certificate_id,
      tbs: interned(row.tbs),
      issuerCertificateId: row.issuer_certificate_id,
      issuerRegistrationOrdinal: row.issuer_ordinal,
      issuerPublicKeySha256: row.issuer_key_sha256,
    },
    activeChildren: row.active_children,
    listedSerials: row.listed_serials,
  }
}

async function loadIssuedSerials(
  client: ClientBase,
  ids: readonly Hex[],
  serials: readonly Hex[],
): Promise<{ autoId: Hex; serial: bigint }[]> {
  if (ids.length === 0 || serials.length === 0) return []
  const { rows } = await client.query<{ auto_id: Hex; serial: Hex }>({
    name: 'load_issued_serials',
    text: `select auto_id, serial from issued_serial
      where block_to is null and auto_id = any($1::text[]) and serial = any($2::text[])`,
    values: [ids, serials],
  })
  return rows.map(({ auto_id, serial }) => ({ autoId: auto_id, serial: BigInt(serial) }))
}

async function loadRevocations(
  client: ClientBase,
  ids: readonly Hex[],
  serials: readonly Hex[],
): Promise<LoadedRevocation[]> {
  if (ids.length === 0 || serials.length === 0) return []
  const { rows } = await client.query<{
    issuer_id: Hex
    serial: Hex
    reason: RevocationReason
    event_id: string | null
  }>({
    name: 'load_revocations',
    text: `select issuer_id, serial, reason, event_id from revocation
      where issuer_id = any($1::text[]) and serial = any($2::text[])`,
    values: [ids, serials],
  })
  return rows.map(({ issuer_id, serial, reason, event_id }) => ({
    issuerId: issuer_id,
    serial: BigInt(serial),
    reason,
    eventId: event_id,
  }))
}

async function loadSignatures(
  client: ClientBase,
  ids: readonly Hex[],
  signatures: ReadonlySet<Hex>,
): Promise<LoadedSignature[]> {
  if (ids.length === 0 || signatures.size === 0) return []
  const { rows } = await client.query<{ auto_id: Hex; signature: Buffer; event_id: string }>({
    name: 'load_signatures',
    text: `select auto_id, signature, min(id) as event_id from registry_event
      where signature = any($2::bytea[]) and auto_id = any($1::text[])
      group by auto_id, signature`,
    values: [ids, [...signatures].map((signature) => Buffer.from(fromHex(signature)))],
  })
  return rows.map((row) => ({
    autoId: row.auto_id,
    signature: toHex(row.signature),
    eventId: row.event_id,
  }))
}
