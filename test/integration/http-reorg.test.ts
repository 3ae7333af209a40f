/** What is kept in memory by its head survives no reorganisation it should not: over real blocks, rolled back for real. */

import { spawnSync } from 'node:child_process'
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
const PERSON = '0x1602ab2a8a7a16384355dbdc925693409591c4d93e7403290c4318c8106e92d7'
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

/** CRL number, thisUpdate and whether the agent's serial is listed, as openssl reads them. */
async function crlOf(url: string): Promise<{ number: bigint; thisUpdateMs: number; has: boolean }> {
  const response = await fetch(`${url}/crl/${PERSON}.crl`)
  const crl = Buffer.from(await response.arrayBuffer())
  const read = spawnSync('openssl', ['crl', '-inform', 'DER', '-noout', '-text'], { input: crl })
  const text = read.stdout.toString()
  const number = BigInt(/CRL Number: *\n *(\d+|0x[0-9A-F]+)/.exec(text)?.[1] ?? -1)
  const thisUpdateMs = Date.parse(/Last Update: (.*)/.exec(text)?.[1] ?? '')
  return { number, thisUpdateMs, has: text.includes('Serial Number') }
}

// Tried with lists kept by their rows alone: the third one is the first one again, under its number.
test('the number and date of a CRL never go back, though its rows do', async () => {
  let nowMs = Date.parse('2027-01-01T00:00:00Z')
  const ticking = await startService(database.url, { nowMs: () => (nowMs += 10_000) })
  try {
    const seen: Awaited<ReturnType<typeof crlOf>>[] = []
    for (const height of [275, 276, 275, 276, 276]) {
      await to(height)
      seen.push(await crlOf(ticking.url))
    }
    expect(seen.map(({ has }) => has)).toEqual([false, true, false, true, true])
    const numbers = seen.map(({ number }) => number)
    expect(numbers[0]).toBeGreaterThan(0n)
    expect(numbers).toEqual(numbers.toSorted((a, b) => (a < b ? -1 : 1)))
    expect(new Set(numbers).size).toBe(4)
    const dates = seen.map(({ thisUpdateMs }) => thisUpdateMs)
    expect(dates).toEqual(dates.toSorted((a, b) => a - b))
  } finally {
    await ticking.close()
  }
})
