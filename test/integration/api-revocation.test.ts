/** `revocationStatus` and `revocationList`. What GraphQL and OCSP say of one certificate must not differ: nobody may pick the answer that is "good". */

import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decide, serialOf } from '../../src/http/cert-status'
import { parseTbs } from '../../src/pki/certificate'
import { encodeCertId, encodeOcspRequest, parseOcspRequest } from '../../src/pki/ocsp-request'
import { findIssued } from '../../src/store/read/relying-party'
import { openRecordedApi, type RecordedApi } from '../support/recorded-api'

const rsaRoot = '0xc6876ff74b39cb191bf90c3be32d259e7bcfc342281aa102418e6903d62159af'
const nobody = `0x${'ab'.repeat(32)}`

type Row = {
  auto_id: string
  tbs: Buffer
  tbs_fingerprint: string
  issuer_key: Buffer | null
  gone_from: number | null
}
type Answer = { status: string; issuerGone: boolean }

let api: RecordedApi
let client: pg.Client
let rows: Row[]

beforeAll(async () => {
  api = await openRecordedApi()
  client = new pg.Client({ connectionString: api.databaseUrl })
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

describe('revocationStatus', () => {
  const query = `query ($of: CertificateRef!, $at: PointInTime) { revocationStatus(of: $of, at: $at) {
    status reason revokedAt { height } evidence { kind block { height } } asOf { height } } }`
  const ask = async (of: object, at: object | null = null) =>
    (await api.ask<{ revocationStatus: Record<string, unknown> }>(query, { of, at }))
      .revocationStatus

  async function certificateOf(id: string, block: number) {
    const { autoId } = await api.ask<{
      autoId: {
        issuerId: string | null
        certificate: { fingerprint: string; tbsFingerprint: string; pem: string; serial: string }
      }
    }>(
      'query ($id: ID!, $b: Int) { autoId(id: $id, at: { block: $b }) { issuerId certificate { fingerprint tbsFingerprint pem serial } } }',
      { id, b: block },
    )
    return { ...autoId.certificate, issuerId: autoId.issuerId ?? id }
  }

  test('a renewed certificate is superseded from the renewal on, by every way to name it', async () => {
    const root = await api.idOf('renew-root.dev')
    const old = await certificateOf(root, 39)
    const ways = [
      { fingerprint: old.fingerprint },
      { fingerprint: old.tbsFingerprint },
      { pem: old.pem },
      { issuerSerial: { issuerId: root, serial: old.serial } },
      { issuerSerial: { issuer: root, serial: old.serial } },
    ]
    for (const of of ways) {
      expect(await ask(of, { block: 39 })).toMatchObject({ status: 'GOOD', reason: null })
      expect(await ask(of, { block: 40 })).toMatchObject({
        status: 'REVOKED',
        reason: 'SUPERSEDED',
        revokedAt: { height: 40 },
        evidence: { kind: 'RENEWED', block: { height: 40 } },
      })
    }
    expect(await ask({ autoId: root }, { block: 40 })).toMatchObject({ status: 'GOOD' })
  })

  test('a revoked intermediate is revoked, and good again after its renewal', async () => {
    const { events } = await api.ask<{ events: { nodes: { autoId: { id: string } }[] } }>(
      '{ events(filter: { fromBlock: 98, toBlock: 98 }) { nodes { autoId { id } } } }',
    )
    const id = events.nodes[0]?.autoId.id
    expect(await ask({ autoId: id }, { block: 97 })).toMatchObject({ status: 'GOOD' })
    expect(await ask({ autoId: id }, { block: 98 })).toMatchObject({
      status: 'REVOKED',
      reason: 'REVOKED',
      revokedAt: { height: 98 },
    })
    expect(await ask({ autoId: id }, { block: 104 })).toMatchObject({ status: 'GOOD' })
  })

  test('a deactivated identity is never good, though its serial enters no list', async () => {
    const { events } = await api.ask<{ events: { nodes: { autoId: { id: string } }[] } }>(
      '{ events(filter: { fromBlock: 121, toBlock: 121 }) { nodes { autoId { id } } } }',
    )
    expect(await ask({ autoId: events.nodes[0]?.autoId.id }, { block: 121 })).toMatchObject({
      status: 'REVOKED',
      reason: null,
      evidence: { kind: 'DEACTIVATED' },
    })
  })

  test('a certificate registered again is good, though its first registration ended', async () => {
    const id = await api.idOf('dea-root.dev', 126)
    const first = await certificateOf(id, 126)
    expect(await ask({ fingerprint: first.fingerprint }, { block: 135 })).toMatchObject({
      status: 'REVOKED',
    })
    expect(await ask({ fingerprint: first.fingerprint }, { block: 136 })).toMatchObject({
      status: 'GOOD',
    })
  })

  test('never issued, not yet registered, never seen: unknown, never good', async () => {
    const unknown = { status: 'UNKNOWN', reason: null, revokedAt: null, evidence: null }
    const later = await certificateOf(await api.idOf('renew-root.dev'), 39)
    expect(await ask({ issuerSerial: { issuerId: rsaRoot, serial: '0xabcdef' } })).toMatchObject(
      unknown,
    )
    expect(await ask({ autoId: nobody })).toMatchObject(unknown)
    expect(await ask({ fingerprint: nobody })).toMatchObject(unknown)
    expect(await ask({ fingerprint: later.fingerprint }, { block: 37 })).toMatchObject(unknown)
  })
})

describe('revocationList', () => {
  test('of an id that never was an issuer: NOT_FOUND; of one that never revoked: empty', async () => {
    const query =
      'query ($i: ID!, $at: PointInTime) { revocationList(issuer: $i, at: $at) { entries { serial } } }'
    expect(await api.failureOf(query, { i: nobody })).toMatchObject({ code: 'NOT_FOUND' })
    expect(await api.ask(query, { i: rsaRoot, at: { block: 5 } })).toEqual({
      revocationList: { entries: [] },
    })
  })
})
