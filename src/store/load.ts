/** What a batch of blocks looks at, read in a bounded number of statements whatever the batch holds. */

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
import { issuedPairs, type NeededKeys } from '../registry/working-set'
import type { KnownIdentities } from './known-identities'
import { loadIdentities } from './load-identities'

/** @param known what a writing connection has kept of earlier batches; absent: everything is read */
export async function loadContext(
  client: ClientBase,
  keys: NeededKeys,
  known?: KnownIdentities,
): Promise<LoadedContext> {
  const { autoIds, identities } = await loadIdentities(client, keys, known)
  const issued = issuedPairs(
    keys,
    identities.map(({ autoId, entry }) => ({ autoId, ...entry })),
  )
  const found = identities.map(({ autoId }) => autoId)
  return {
    autoIds,
    issued,
    identities,
    issuedSerials: await loadIssuedSerials(client, found, issued),
    // A genesis may hold the list of an identifier that it has no entry of.
    revocations: await loadRevocations(client, [...autoIds], textsOf(keys.serials, identities)),
    signatures: await loadSignatures(
      client,
      found.filter((autoId) => keys.autoIds.has(autoId)),
      keys.signatures,
    ),
  }
}

function textsOf(serials: ReadonlySet<bigint>, identities: readonly LoadedIdentity[]): Hex[] {
  return serialTexts(new Set([...serials, ...identities.map(({ entry }) => entry.serial)]))
}

/** One look at an index for each pair, whatever the planner believes. */
const issuedQuery = `
  select asked.auto_id, asked.serial from unnest($1::text[], $2::text[]) as asked (auto_id, serial) cross join lateral (
    select from issued_serial s
      where s.auto_id = asked.auto_id and s.serial = asked.serial and s.block_to is null limit 1) held`

/** @param found those that were registered at least once: others have issued nothing */
async function loadIssuedSerials(
  client: ClientBase,
  found: readonly Hex[],
  issued: ReadonlyMap<Hex, ReadonlySet<bigint>>,
): Promise<{ autoId: Hex; serial: bigint }[]> {
  const pairs = found.flatMap((autoId) =>
    serialTexts(issued.get(autoId) ?? []).map((serial) => ({ autoId, serial })),
  )
  if (pairs.length === 0) return []
  const { rows } = await client.query<{ auto_id: Hex; serial: Hex }>({
    name: 'load_issued_serials',
    text: issuedQuery,
    values: [pairs.map(({ autoId }) => autoId), pairs.map(({ serial }) => serial)],
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
