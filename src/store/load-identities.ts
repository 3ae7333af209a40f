/**
 * Identities and every issuer above them, level by level. Which version of each holds is read anew each time, by one look at an
 * index an identifier; what a version says never changes, and is kept in memory from batch to batch.
 */

import type { ClientBase } from 'pg'
import type { Hex } from '../bytes'
import type { LoadedIdentity } from '../registry/loaded-context'
import { countLimit, MAX_ANCESTORS, missingIssuers, type NeededKeys } from '../registry/working-set'
import { KnownIdentities, type KnownIdentity } from './known-identities'

type Loaded<T> = {
  /** The ids asked for and every issuer above them. */
  readonly autoIds: ReadonlySet<Hex>
  /** Of those that were registered at least once; of most that a batch names nothing is known yet. */
  readonly identities: readonly T[]
}

/** @param known of earlier batches on this connection, and of this one from here on */
export async function loadIdentities(
  client: ClientBase,
  keys: NeededKeys,
  known: KnownIdentities = new KnownIdentities(),
): Promise<Loaded<LoadedIdentity>> {
  const { autoIds, identities } = await loadLevels(client, keys.autoIds, known)
  const counts = await loadCounts(client, identities, keys)
  return {
    autoIds,
    identities: identities.map((identity) => {
      const { activeChildren, listedSerials } = counts.get(identity.autoId) ?? NONE_COUNTED
      return { activeChildren, listedSerials, ...identity }
    }),
  }
}

/** Statements for each level of issuers, of which there are `MAX_ANCESTORS` at most: nobody is looked up twice. */
async function loadLevels(
  client: ClientBase,
  asked: ReadonlySet<Hex>,
  known: KnownIdentities,
): Promise<Loaded<KnownIdentity>> {
  const autoIds = new Set(asked)
  const identities: KnownIdentity[] = []
  let level = asked
  for (let up = 0; up <= MAX_ANCESTORS && level.size > 0; up++) {
    const found = await known.read(client, await readVersions(client, level))
    identities.push(...found)
    if (up === MAX_ANCESTORS) break
    level = missingIssuers(
      autoIds,
      found.map(({ entry }) => entry),
    )
    for (const autoId of level) autoIds.add(autoId)
  }
  return { autoIds, identities }
}

/**
 * One look at an index for each, whatever the planner believes: a growing index has no statistics yet, and a join would then
 * read every open row again.
 */
const versionQuery = `
  select held.id from unnest($1::text[]) as asked (auto_id) cross join lateral (
    select v.id from auto_id_version v where v.auto_id = asked.auto_id and v.block_to is null limit 1) held`

async function readVersions(client: ClientBase, autoIds: ReadonlySet<Hex>): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>({
    name: 'load_versions',
    text: versionQuery,
    values: [[...autoIds]],
  })
  return rows.map(({ id }) => id)
}

type Counts = Pick<LoadedIdentity, 'activeChildren' | 'listedSerials'>

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
  identities: readonly KnownIdentity[],
  keys: NeededKeys,
): Promise<ReadonlyMap<Hex, Counts>> {
  const counted = identities.map(({ autoId }) => autoId).filter((id) => keys.counted.has(id))
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
