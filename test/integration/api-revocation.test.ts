/** What GraphQL, OCSP and plain status say of one certificate must not differ: nobody may pick the answer that is "good". */

import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decide, serialOf } from '../../src/http/cert-status'
import { parseTbs } from '../../src/pki/certificate'
import { encodeCertId, encodeOcspRequest, parseOcspRequest } from '../../src/pki/ocsp-request'
import { findIssued } from '../../src/store/read/relying-party'
import { openTestApi, type TestApi } from '../support/api'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'

type Row = {
  auto_id: string
  tbs: Buffer
  tbs_fingerprint: string
  issuer_key: Buffer | null
  gone_from: number | null
}
type Answer = { status: string; issuerGone: boolean }

let database: TestDatabase
let api: TestApi
let client: pg.Client
let rows: Row[]

beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url)
  api = openTestApi(database.url, { nowMs: () => Date.parse('2026-11-20T19:26:30.434Z') })
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const found = await client.query<Row>(
    `select c.auto_id, c.tbs, c.tbs_fingerprint, g.block_to as gone_from,
            case when c.issuer_id is null then c.public_key else ic.public_key end as issuer_key
       from certificate c left join certificate ic on ic.id = c.issuer_certificate_id
       left join registration g on g.id = ic.registration_id and c.issuer_id is not null
      where c.block_to is null order by c.id`,
  )
  rows = found.rows
})

afterAll(async () => {
  await client?.end()
  await api?.close()
  await database?.close()
})

/** Of up to 20 identities in one request. */
async function ask(questions: readonly { autoId: string; block: number }[]): Promise<Answer[]> {
  const fields = questions.map(
    ({ autoId, block }, index) =>
      `a${index}: revocationStatus(of: { autoId: "${autoId}" }, at: { block: ${block} }) { status issuerGone }`,
  )
  return Object.values(await api.ask<Record<string, Answer>>(`{ ${fields.join('\n')} }`))
}

async function askAll(questions: readonly { autoId: string; block: number }[]): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let from = 0; from < questions.length; from += 20) {
    answers.push(...(await ask(questions.slice(from, from + 20))))
  }
  return answers
}

const atHead = ({ auto_id }: Row) => ({ autoId: auto_id, block: 282 })

/** Null where no client can name the certificate: its TBS is no strict DER. */
async function ocspStatus({ tbs, issuer_key }: Row): Promise<string | null> {
  let request: Uint8Array
  try {
    const { issuer, serialBytes } = parseTbs(tbs)
    request = encodeOcspRequest([encodeCertId('sha256', issuer, issuer_key as Buffer, serialBytes)])
    const [certId] = parseOcspRequest(request).certIds
    if (certId === undefined) return null
    const { certificates } = await findIssued(client, [serialOf(certId)])
    return decide(certId, certificates as never).certStatus.status
  } catch {
    return null
  }
}

test('every certificate in force has the status OCSP gives it', async () => {
  const seen = new Set<string>()
  const answers = await askAll(rows.map(atHead))
  for (const [index, row] of rows.entries()) {
    const ocsp = await ocspStatus(row)
    if (ocsp === null) continue
    expect(`${row.auto_id} ${answers[index]?.status}`).toBe(`${row.auto_id} ${ocsp}`)
    seen.add(ocsp)
  }
  expect([...seen].sort()).toEqual(['GOOD', 'REVOKED', 'UNKNOWN'])
})

// Without isIssuerGone they are GOOD, for ever: nobody is left who could revoke them.
test('one whose issuer was deactivated or taken over is unknown from then on, and says why', async () => {
  const orphans = rows.filter(({ gone_from }) => gone_from !== null)
  const now = await askAll(orphans.map(atHead))
  expect(now.every(({ status }) => status !== 'GOOD')).toBe(true)
  expect(now.every(({ issuerGone }) => issuerGone)).toBe(true)
  const before = await askAll(
    orphans.map(({ auto_id, gone_from }) => ({ autoId: auto_id, block: Number(gone_from) - 1 })),
  )
  expect(before.some(({ status }) => status === 'GOOD')).toBe(true)
  expect(before.some(({ issuerGone }) => issuerGone)).toBe(false)
})
