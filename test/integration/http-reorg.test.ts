/** What is kept in memory by its head survives no reorganisation it should not: over real blocks, rolled back for real. */

import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parseTbs } from '../../src/pki/certificate'
import { encodeCertId, encodeOcspRequest } from '../../src/pki/ocsp-request'
import { parseOcspResponse } from '../../src/pki/ocsp-response'
import { indexBranch } from '../support/branches'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { type Service, startService } from '../support/relying-party-service'

/** Revoked in block 276. */
const AGENT = '0x5908676e98b06910fb42177ada03652b3ffe15adfb95f2aaa6872716b6ae100f'
const OTHER = '0x02106153c961063bad7d076150b07dc567dbc56363bbf8b268cb53fd8e7cbb16'
const NOW_MS = Date.parse('2026-11-19T15:00:00Z')

let database: TestDatabase
let service: Service
let requests: Map<string, Buffer>

beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url, { to: 275, finalized: 270 })
  requests = new Map([
    [AGENT, await requestAbout(AGENT)],
    [OTHER, await requestAbout(OTHER)],
  ])
})

afterAll(async () => {
  await service?.close()
  await database?.close()
})

/** A clock that stands still: the head is looked at once, and only again when we say so. */
beforeEach(async () => {
  await service?.close()
  service = await startService(database.url, { nowMs: () => NOW_MS })
})

async function requestAbout(autoId: string): Promise<Buffer> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const { rows } = await client.query<{ tbs: Buffer; spki: Buffer }>(
    `select c.tbs, ic.public_key as spki from certificate c
       join certificate ic on ic.id = c.issuer_certificate_id where c.auto_id = $1`,
    [autoId],
  )
  await client.end()
  const [row] = rows
  if (row === undefined) throw new Error(`no certificate of ${autoId}`)
  const { issuer, serialBytes } = parseTbs(row.tbs)
  return Buffer.from(encodeOcspRequest([encodeCertId('sha256', issuer, row.spki, serialBytes)]))
}

type Way = 'POST' | 'GET' | 'status'

async function isGood(autoId: string, way: Way): Promise<boolean> {
  if (way === 'status') {
    const answer = await fetch(`${service.url}/status/${autoId}`)
    return ((await answer.json()) as { good: boolean }).good
  }
  const request = requests.get(autoId) ?? Buffer.alloc(0)
  const url = `${service.url}/ocsp`
  const response =
    way === 'POST'
      ? await fetch(url, { method: 'POST', body: new Uint8Array(request) })
      : await fetch(`${url}/${encodeURIComponent(request.toString('base64'))}`)
  const { responses } = parseOcspResponse(new Uint8Array(await response.arrayBuffer()))
  return responses[0]?.certStatus.kind === 'good'
}

const to = (height: number) => indexBranch(database.url, 'canonical', height, height, 270)

describe.each<Way>(['POST', 'GET', 'status'])('by %s', (way) => {
  test('a revocation read under the head before it is gone when its block is', async () => {
    await to(275)
    expect(await isGood(OTHER, way)).toBe(true)
    await to(276)
    expect(await isGood(AGENT, way)).toBe(false)
    await to(275)
    expect(await isGood(AGENT, way)).toBe(true)
  })

  test('a good read while the revoking head was rolled back is gone when that head is back', async () => {
    await to(276)
    expect(await isGood(OTHER, way)).toBe(true)
    await to(275)
    expect(await isGood(AGENT, way)).toBe(true)
    await to(276)
    expect(await isGood(AGENT, way)).toBe(false)
  })
})
