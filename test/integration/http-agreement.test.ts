/** Whom one asks does not matter: for every identity of the chain OCSP, CRL, status list, status and GraphQL agree. */

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { inflateSync } from 'node:zlib'
import { decodeJwt } from 'jose'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseTbs } from '../../src/pki/certificate'
import { isPaddedInteger } from '../../src/pki/der-values'
import { encodeCertId, encodeOcspRequest } from '../../src/pki/ocsp-request'
import { parseOcspResponse } from '../../src/pki/ocsp-response'
import { type RunningServer, startServer } from '../../src/server'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { serverOptions } from '../support/server-options'

const run = promisify(execFile)
/** The head's own time. */
const NOW = Date.parse('2026-11-19T19:27:00Z')

type Row = {
  auto_id: string
  issuer_id: string | null
  serial: string
  tbs: Buffer
  issuer_spki: Buffer | null
}

/** What each of them says of the certificate in force of an identity. */
type Said = {
  readonly id: string
  /** Null where the TBS is no DER that a client could name. */
  readonly ocsp: string | null
  readonly revocationStatus: string
  readonly isListed: boolean
  readonly bit: number
  readonly isGood: boolean
  readonly fault: string | null
  readonly verdict: string
  /** The identity and its issuers. */
  readonly path: readonly string[]
}

let database: TestDatabase
let server: RunningServer
let directory: string
let said: Map<string, Said>

beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url)
  directory = await mkdtemp(path.join(tmpdir(), 'agreement-'))
  const options = { ...serverOptions(database.url, directory), nowMs: () => NOW }
  server = await startServer({ ...options, limits: { requestsPerMinute: 0, pricePerMinute: 0 } })
  said = new Map((await askAll(await inForce())).map((one) => [one.id, one]))
}, 120_000)

afterAll(async () => {
  await server?.close()
  await database?.close()
  await rm(directory, { recursive: true, force: true })
})

/** The last certificate of every identity there ever was. */
async function inForce(): Promise<Row[]> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const { rows } = await client.query<Row>(`
    select c.auto_id, c.issuer_id, c.serial, c.tbs,
           case when c.issuer_id is null then c.public_key else i.public_key end as issuer_spki
      from auto_id_version v join certificate c on c.id = v.certificate_id
      left join certificate i on i.id = c.issuer_certificate_id
     where v.block_to is null order by c.auto_id`)
  await client.end()
  return rows
}

async function askAll(rows: readonly Row[]): Promise<Said[]> {
  const bits = await statusList()
  const lists = await revocationLists(new Set(rows.map((row) => row.issuer_id ?? row.auto_id)))
  const all: Said[] = []
  for (const row of rows) {
    const id = row.auto_id
    const [status, place, graph] = await Promise.all([
      getJson(`/status/${id}`),
      getJson(`/status-list/of/${id}`),
      askGraphQL(id),
    ])
    all.push({
      id,
      ocsp: await askOcsp(row),
      bit: bits(place.status.status_list.idx),
      isListed: lists.get(row.issuer_id ?? id)?.has(BigInt(row.serial)) === true,
      isGood: status.good,
      fault: status.fault?.code ?? null,
      ...graph,
    })
  }
  return all
}

// biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, compared below
const getJson = async (target: string): Promise<any> =>
  (await fetch(`${server.url}${target}`)).json()

async function askGraphQL(id: string) {
  const query = `query ($id: ID!) {
    verify(subject: { autoId: $id }) { verdict chain { autoId { id } } }
    revocationStatus(of: { autoId: $id }) { status } }`
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { id } }),
  })
  const { data } = (await response.json()) as {
    data: {
      verify: { verdict: string; chain: { autoId: { id: string } }[] }
      revocationStatus: { status: string }
    }
  }
  return {
    verdict: data.verify.verdict,
    path: data.verify.chain.map(({ autoId }) => autoId.id),
    revocationStatus: data.revocationStatus.status.toLowerCase(),
  }
}

async function askOcsp({ tbs, issuer_spki }: Row): Promise<string | null> {
  let names: ReturnType<typeof parseTbs>
  try {
    names = parseTbs(tbs)
  } catch {
    return null
  }
  if (isPaddedInteger(names.serialBytes)) return null
  const certId = encodeCertId('sha256', names.issuer, issuer_spki ?? tbs, names.serialBytes)
  const body = new Uint8Array(encodeOcspRequest([certId]))
  const response = await fetch(`${server.url}/ocsp`, { method: 'POST', body })
  const [single] = parseOcspResponse(new Uint8Array(await response.arrayBuffer())).responses
  return single?.certStatus.kind ?? null
}

async function statusList(): Promise<(index: number) => number> {
  const token = await (await fetch(`${server.url}/status-list/0`)).text()
  const { status_list: list } = decodeJwt<{ status_list: { bits: number; lst: string } }>(token)
  expect(list.bits).toBe(1)
  const bytes = inflateSync(Buffer.from(list.lst, 'base64url'))
  return (index) => ((bytes[index >> 3] ?? 0) >> (index & 7)) & 1
}

/** Serial numbers of each issuer's CRL, as openssl reads them. */
async function revocationLists(issuerIds: ReadonlySet<string>): Promise<Map<string, Set<bigint>>> {
  const lists = new Map<string, Set<bigint>>()
  for (const id of issuerIds) {
    const response = await fetch(`${server.url}/crl/${id}.crl`)
    await writeFile(path.join(directory, 'one.crl'), Buffer.from(await response.arrayBuffer()))
    const options = ['crl', '-inform', 'DER', '-in', 'one.crl', '-noout', '-text']
    const { stdout } = await run('openssl', options, { cwd: directory })
    const serials = [...stdout.matchAll(/Serial Number: ([0-9A-F]+)/g)].map(([, hex]) =>
      BigInt(`0x${hex}`),
    )
    lists.set(id, new Set(serials))
  }
  return lists
}

const everybody = () => [...said.values()]
const wrong = (isWrong: (one: Said) => boolean) => everybody().filter(isWrong)

describe('over every identity at the head', () => {
  test('there are many of each kind', () => {
    expect(said.size).toBeGreaterThan(250)
    for (const status of ['good', 'revoked', 'unknown']) {
      expect(wrong(({ revocationStatus }) => revocationStatus === status).length).toBeGreaterThan(5)
    }
    expect(wrong(({ ocsp }) => ocsp === null).length).toBeLessThan(20)
    expect(wrong(({ isGood }) => isGood).length).toBeGreaterThan(30)
  })

  test('OCSP and revocationStatus say the same', () => {
    expect(wrong((one) => one.ocsp !== null && one.ocsp !== one.revocationStatus)).toEqual([])
  })

  test('the bit of the status list is 0 for GOOD alone', () => {
    expect(wrong((one) => (one.bit === 0) !== (one.revocationStatus === 'good'))).toEqual([])
  })

  test('a CRL lists whatever is not GOOD, and nothing that is', () => {
    expect(wrong((one) => one.isListed === (one.revocationStatus === 'good'))).toEqual([])
  })

  test('status is good for VALID alone', () => {
    expect(wrong((one) => one.isGood !== (one.verdict === 'VALID'))).toEqual([])
  })

  test('is it good, then so is every certificate of its path; is it not, then one is not, or a date or signature', () => {
    const isPathGood = ({ path: ids }: Said) =>
      ids.length > 0 && ids.every((id) => said.get(id)?.revocationStatus === 'good')
    expect(wrong((one) => one.isGood && !isPathGood(one))).toEqual([])
    const other = ['EXPIRED', 'NOT_YET_VALID', 'SIGNATURE_NOT_VERIFIED']
    expect(
      wrong((one) => !one.isGood && isPathGood(one) && !other.includes(one.fault ?? '')),
    ).toEqual([])
  })
})
