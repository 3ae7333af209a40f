/** What indexing these registrations cannot do without: their signatures checked, their certificates read, their rows in tables. */

import { Client } from 'pg'
import { readCertificate } from '../../src/registry/certificate-content'
import { verifyPalletSignature } from '../../src/registry/pallet-signature'
import { columnsOf, copyRows } from '../../src/store/copy-rows'
import { serverCpuOf } from './cpu'

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

/** CPU seconds of all processes that take part. */
export type Floor = {
  /** Checked one after another. */
  readonly signatures: number
  /** Each read once, as the index does. */
  readonly certificates: number
  /** Of rows in memory, over a connection, into tables with a primary key only. */
  readonly copies: number
}

/** @param url of an index that is done */
export async function measureFloor(url: string): Promise<Floor> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const { rows: own } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const { rows } = await client.query<Signed>(
    `select c.tbs, c.signature, c.signature_algorithm as algorithm, coalesce(i.public_key, c.public_key) as spki
       from certificate c left join certificate i on i.id = c.issuer_certificate_id order by c.id`,
  )
  const pid = own[0]?.pid ?? Number.NaN
  const signatures = await cpuSeconds(pid, () => rows.forEach(check))
  const certificates = await cpuSeconds(pid, () => rows.forEach(read))
  const copies = await measureCopies(client, pid)
  await client.end()
  return { signatures, certificates, copies }
}

/** @param backend of the Postgres server that takes part */
async function cpuSeconds(backend: number, work: () => void | Promise<void>): Promise<number> {
  const [used, server] = [process.cpuUsage(), serverCpuOf(backend)]
  await work()
  const { user, system } = process.cpuUsage(used)
  return (user + system) / 1_000_000 + serverCpuOf(backend) - server
}

function check({ tbs, spki, algorithm, signature }: Signed): void {
  const signed = { spki, signatureAlgorithm: algorithm, data: tbs, signature }
  if (!verifyPalletSignature(signed).ok) {
    throw new Error('a made certificate whose signature is bad')
  }
}

function read({ tbs, algorithm, signature }: Signed): void {
  if (!readCertificate({ tbs, signatureAlgorithm: algorithm, signature }).ok) {
    throw new Error('a made certificate that does not decode')
  }
}

async function measureCopies(client: Client, backend: number): Promise<number> {
  await client.query('create schema floor')
  let seconds = 0
  for (const table of TABLES) {
    await client.query(`create table floor.${table} (like ${table}, primary key (id))`)
    const rows = await readRows(client, table)
    seconds += await cpuSeconds(backend, () => copyRows(client, `floor.${table}`, rows))
  }
  return seconds
}

/** As the index gives them to be copied. */
async function readRows(client: Client, table: string): Promise<Record<string, unknown>[]> {
  const columns = await columnsOf(client, table)
  const { rows } = await client.query<Record<string, unknown>>(`select * from ${table} order by id`)
  return rows.map((row) =>
    Object.fromEntries(
      columns.map(({ name, property, type }) => [
        property,
        type === 'numeric' && row[name] !== null ? BigInt(String(row[name])) : row[name],
      ]),
    ),
  )
}
