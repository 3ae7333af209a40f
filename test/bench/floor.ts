/** What indexing these registrations cannot do without: their signatures checked and their rows in tables, nothing else. */

import { Client } from 'pg'
import { verifyPalletSignature } from '../../src/registry/pallet-signature'

type Signed = { tbs: Buffer; spki: Buffer; algorithm: Buffer; signature: Buffer }

const TABLES = [
  'block',
  'auto_id_version',
  'issued_serial',
  'registration',
  'certificate',
  'registry_event',
  'advisory',
]

/** Seconds of bare signature checks, one after another, and of bare copies into tables with a primary key only. */
export async function measureFloor(url: string): Promise<{ signatures: number; copies: number }> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<Signed>(
    `select c.tbs, c.signature, c.signature_algorithm as algorithm, coalesce(i.public_key, c.public_key) as spki
       from certificate c left join certificate i on i.id = c.issuer_certificate_id order by c.id`,
  )
  const signaturesAt = performance.now()
  for (const { tbs, spki, algorithm, signature } of rows) {
    const checked = verifyPalletSignature({
      spki,
      signatureAlgorithm: algorithm,
      data: tbs,
      signature,
    })
    if (!checked.ok) throw new Error('a made certificate whose signature is bad')
  }
  const signatures = (performance.now() - signaturesAt) / 1000
  const copies = await copyAll(client)
  await client.end()
  return { signatures, copies }
}

/** The server reads files it has written itself: no client, no network. */
async function copyAll(client: Client): Promise<number> {
  const { rows } = await client.query<{ dir: string }>(
    "select current_setting('data_directory') as dir",
  )
  await client.query('create schema floor')
  const file = (table: string) => `${rows[0]?.dir}/floor_${table}`
  for (const table of TABLES) {
    await client.query(`create table floor.${table} (like ${table}, primary key (id))`)
    await client.query(`copy ${table} to '${file(table)}'`)
  }
  const startedAt = performance.now()
  await client.query('begin')
  for (const table of TABLES) await client.query(`copy floor.${table} from '${file(table)}'`)
  await client.query('commit')
  return (performance.now() - startedAt) / 1000
}
