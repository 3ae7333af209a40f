/**
 * Makes a loaded index many times larger within Postgres: every row is copied under other identifiers, serials, keys and
 * names, a whole chain length later. The copies are as long and as linked as the real rows, so that lists, trees and
 * look-ups cost what they would cost; only their certificates' bytes still carry the old names, and verdicts are therefore
 * asked about the real ones.
 */

import { Client } from 'pg'

const MILLISECONDS_A_BLOCK = 6_000

/** `k` is the number of the copy, `s` how many blocks later it lies. */
const hash = (column: string) => `'0x' || encode(sha256((${column} || k)::bytea), 'hex')`
const serial = (column: string) =>
  `'0x' || substr(encode(sha256((${column} || k)::bytea), 'hex'), 1, 31)`
const later = (column: string) => `${column} + k * s`
const event = (column: string) =>
  `lpad((substr(${column}, 1, 10)::int + k * s)::text, 10, '0') || substr(${column}, 11)`
const registration = (column: string) =>
  `${hash(`split_part(${column}, '-', 1)`)} || '-' || split_part(${column}, '-', 2)`
const time = (column: string) =>
  `${column} + k * s * interval '${MILLISECONDS_A_BLOCK} milliseconds'`

/** How a column is told apart in copies; any other column is copied as it is. */
const rewritten: Readonly<Record<string, (column: string) => string>> = {
  auto_id: hash,
  issuer_id: hash,
  public_key_sha256: hash,
  extrinsic_hash: hash,
  fingerprint: hash,
  tbs_fingerprint: hash,
  parent_hash: hash,
  serial,
  signature: (column) => `sha512(${column} || k::text::bytea)`,
  common_name: (column) => `${column} || '-' || k`,
  height: later,
  block: later,
  block_from: later,
  block_to: later,
  timestamp: time,
  event_id: event,
  first_event_id: event,
  event_from: event,
  event_to: event,
  certificate_id: event,
  issuer_certificate_id: event,
  registration_id: registration,
}

const primaryKeys: Readonly<Record<string, string>> = {
  block: hash('t.id'),
  auto_id_version: event('t.id'),
  issued_serial: event('t.id'),
  registration: registration('t.id'),
  revocation: `${hash('t.issuer_id')} || '-' || ${serial('t.serial')}`,
  certificate: event('t.id'),
  registry_event: event('t.id'),
  advisory: event('t.id'),
}

/** Indexes are dropped and made again: the same tables in the end, much sooner. */
export async function multiplyIndex(url: string, times: number): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query("set maintenance_work_mem = '512MB'")
  const { rows } = await client.query<{ span: number }>('select max(height) + 1 as span from block')
  const span = rows[0]?.span ?? 0
  for (const [table, key] of Object.entries(primaryKeys)) {
    const remake = await dropIndexes(client, table)
    // Without indexes the check of intervals would read the whole table for each row.
    await client.query(`alter table ${table} disable trigger user`)
    await client.query(await copyStatement(client, table, key, times, span))
    await client.query(`alter table ${table} enable trigger user`)
    for (const statement of remake) await client.query(statement)
  }
  await client.query(`update index_status set height = b.height, hash = b.id, finalized_height = b.height,
    finalized_hash = b.id from (select id, height from block order by height desc limit 1) b`)
  await client.query('vacuum analyze')
  await client.end()
}

async function copyStatement(
  client: Client,
  table: string,
  key: string,
  times: number,
  span: number,
): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
    [table],
  )
  const names = rows.map(({ name }) => name)
  const values = names.map((name) =>
    name === 'id' ? key : (rewritten[name]?.(`t.${name}`) ?? `t.${name}`),
  )
  const columns = names.map((name) => `"${name}"`).join(', ')
  const copies = `generate_series(1, ${times - 1}) k cross join (select ${span} as s) shift`
  return `insert into ${table} (${columns}) select ${values.join(', ')} from ${table} t cross join ${copies}`
}

/** All but the primary key. @returns statements that make them again */
async function dropIndexes(client: Client, table: string): Promise<string[]> {
  const { rows: constraints } = await client.query<{ name: string; definition: string }>(
    `select conname as name, pg_get_constraintdef(oid) as definition from pg_constraint
      where conrelid = $1::regclass and contype = 'x'`,
    [table],
  )
  for (const { name } of constraints) {
    await client.query(`alter table ${table} drop constraint "${name}"`)
  }
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
      where indrelid = $1::regclass and not indisprimary`,
    [table],
  )
  for (const { name } of indexes) await client.query(`drop index ${name}`)
  return [
    ...indexes.map(({ definition }) => definition),
    ...constraints.map(
      ({ name, definition }) => `alter table ${table} add constraint "${name}" ${definition}`,
    ),
  ]
}

async function main([url, times]: readonly string[]): Promise<void> {
  if (url === undefined || times === undefined)
    throw new Error('usage: multiply-index <url> <times>')
  const started = performance.now()
  await multiplyIndex(url, Number(times))
  console.log(`${Math.round((performance.now() - started) / 1_000)} s`)
}

if (require.main === module) void main(process.argv.slice(2))
