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
import { issuingIds, type NeededKeys } from '../registry/working-set'
import type { KnownIdentities } from './known-identities'
import { loadIdentities } from './load-identities'

/** @param known what a writing connection has kept of earlier batches; absent: everything is read */
export async function loadContext(
  client: ClientBase,
  keys: NeededKeys,
  known?: KnownIdentities,
): Promise<LoadedContext> {
  const { autoIds, identities } = await loadIdentities(client, keys, known)
  const issuing = issuingIds(
    keys,
    identities.map(({ autoId, entry }) => ({ autoId, issuerId: entry.issuerId })),
  )
  const among = (ids: ReadonlySet<Hex>) =>
    identities.map(({ autoId }) => autoId).filter((autoId) => ids.has(autoId))
  const held = identities.filter(({ autoId }) => keys.held.has(autoId))
  const issued = textsOf(keys.serials, held)
  return {
    autoIds,
    issuing,
    identities,
    issuedSerials: await loadIssuedSerials(client, among(issuing), issued),
    // A genesis may hold the list of an identifier that it has no entry of.
    revocations: await loadRevocations(client, [...autoIds], textsOf(keys.serials, identities)),
    signatures: await loadSignatures(client, among(keys.autoIds), keys.signatures),
  }
}

function textsOf(serials: ReadonlySet<bigint>, identities: readonly LoadedIdentity[]): Hex[] {
  return serialTexts(new Set([...serials, ...identities.map(({ entry }) => entry.serial)]))
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
