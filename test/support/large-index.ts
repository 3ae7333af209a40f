/** What strangers can put on chain for ever, in numbers: rows made inside Postgres from those of one real identity. */

import type pg from 'pg'

export type Flood = {
  readonly count: number
  /** Tells floods apart: identifiers, serials and events are made from it. From 1 to 9. */
  readonly kind: number
  /** The identity whose rows are copied. */
  readonly like: string
  readonly commonName?: string
  /** Every identity is the issuer of the next one; otherwise all of them keep the issuer of the copied one. */
  readonly isChain?: boolean
}

/** The `n`-th identifier of a flood, from 1. */
export function floodId({ kind }: Pick<Flood, 'kind'>, n: number): string {
  return `0x${kind}${n.toString(16).padStart(31, '0')}${'e5'.repeat(16)}`
}

const ID = `'0x' || $2::int || lpad(to_hex(n), 31, '0') || repeat('e5', 16)`
const ID_ABOVE = ID.replace('(n)', '(n - 1)')
const EVENT = "lpad($5::text, 10, '0') || '-' || lpad(($2::int * 100000 + n)::text, 6, '0')"
const EVENT_ABOVE = EVENT.replace('+ n', '+ n - 1')
const SERIAL = `'0x' || to_hex($2::int * 16777216 + n)`

/** What differs from the copied row. */
const COLUMNS = {
  registration: `'id', ${ID} || '-1', 'auto_id', ${ID}, 'event_from', ${EVENT}, 'block_from', $5::int`,
  certificate: `'id', ${EVENT}, 'auto_id', ${ID}, 'registration_id', ${ID} || '-1', 'serial', ${SERIAL},
    'fingerprint', ${ID}, 'tbs_fingerprint', ${ID}, 'common_name', $4::text, 'block_from', $5::int`,
  auto_id_version: `'id', ${ID} || '-' || $5::int, 'auto_id', ${ID}, 'registration_id', ${ID} || '-1',
    'certificate_id', ${EVENT}, 'first_event_id', ${EVENT}, 'serial', ${SERIAL}, 'common_name', $4::text,
    'block_from', $5::int`,
  registry_event: `'id', ${EVENT}, 'auto_id', ${ID}, 'registration_id', ${ID} || '-1', 'certificate_id', ${EVENT},
    'serial', ${SERIAL}, 'block', $5::int, 'kind', 'REGISTERED', 'signature', null`,
}
type Table = keyof typeof COLUMNS
const ABOVE: Partial<Record<Table, string>> = {
  certificate: `'issuer_id', ${ID_ABOVE}, 'issuer_certificate_id', ${EVENT_ABOVE}`,
  auto_id_version: `'issuer_id', ${ID_ABOVE}`,
  registry_event: `'issuer_id', ${ID_ABOVE}`,
}

/** Registered in the block, and with the certificate, of the identity they are copies of. */
export async function flood(client: pg.Client, flooding: Flood): Promise<void> {
  const { count, kind, like, commonName, isChain = false } = flooding
  const { rows } = await client.query<{ name: string; block: number }>(
    'select common_name as name, block_from as block from certificate where auto_id = $1 and block_to is null',
    [like],
  )
  const [copied] = rows
  if (copied === undefined) throw new Error(`no certificate of ${like} is in force`)
  const values = [like, kind, count, commonName ?? copied.name, copied.block]
  for (const table of Object.keys(COLUMNS) as Table[]) {
    const above = isChain ? ABOVE[table] : undefined
    const linked =
      above === undefined
        ? "'{}'"
        : `case when n = 1 then '{}' else jsonb_build_object(${above}) end`
    const condition =
      table === 'registry_event'
        ? 'held.id = (select min(id) from registry_event where auto_id = $1)'
        : 'held.auto_id = $1 and held.block_to is null'
    await client.query(
      `insert into ${table} select made.*
         from ${table} held cross join generate_series(1, $3::int) n
        cross join lateral jsonb_populate_record(held, jsonb_build_object(${COLUMNS[table]}) || ${linked}) made
        where ${condition} and $4::text is not null and $5::int is not null`,
      values,
    )
  }
}

/** Serials of nobody in the list of an issuer. */
export async function listSerials(client: pg.Client, issuerId: string, count: number) {
  await client.query(
    `insert into revocation (id, issuer_id, serial, block, reason)
     select $1 || '-0x' || to_hex(n + 4026531840), $1, '0x' || to_hex(n + 4026531840), 200 + n % 70, 'REVOKED'
       from generate_series(1, $2::int) n`,
    [issuerId, count],
  )
}
