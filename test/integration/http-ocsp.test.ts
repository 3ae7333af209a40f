/** OCSP over the recorded chain, asked by openssl and by our own encoder, judged by the pallet's own record. */

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { blake2b } from '@noble/hashes/blake2b'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toHex } from '../../src/bytes'
import { parseTbs } from '../../src/pki/certificate'
import { readSingle, TAG } from '../../src/pki/der'
import {
  encodeElement,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from '../../src/pki/der-writer'
import { encodeCertId, encodeOcspRequest, readCertId } from '../../src/pki/ocsp-request'
import {
  type OcspSingleResponse,
  OcspStatusError,
  parseOcspResponse,
} from '../../src/pki/ocsp-response'
import { encodePem } from '../../src/pki/pem'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { readExpected } from '../support/recorded-chain'
import { type Service, startService } from '../support/relying-party-service'

const run = promisify(execFile)

type Row = {
  id: string
  auto_id: string
  issuer_id: string | null
  serial: string
  tbs: Buffer
  der: Buffer | null
  block_to: number | null
  tbs_fingerprint: string
  issuer_spki: Buffer | null
  issuer_der: Buffer | null
  issuer_gone: boolean
}

let database: TestDatabase
let service: Service
let client: pg.Client
let certificates: Row[]
let directory: string

beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url)
  service = await startService(database.url)
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  directory = await mkdtemp(path.join(tmpdir(), 'ocsp-test-'))
  await writeFile(
    path.join(directory, 'responder.pem'),
    encodePem('CERTIFICATE', service.signer.certificate),
  )
  const { rows } = await client.query<Row>(`
    select c.*, coalesce(ic.public_key, c.public_key) as issuer_spki, coalesce(ic.der, c.der) as issuer_der,
      (g.block_to is not null) as issuer_gone
      from certificate c left join certificate ic on ic.id = c.issuer_certificate_id
      left join registration g on g.id = ic.registration_id order by c.id`)
  certificates = rows
})

afterAll(async () => {
  await client?.end()
  await service?.close()
  await database?.close()
  await rm(directory, { recursive: true, force: true })
})

/** Entries and lists as the pallet's storage had them at the head. */
function finalState() {
  const autoIds = new Map<string, Record<string, unknown>>()
  const lists = new Map<string, Set<string>>()
  for (const block of readExpected().filter(({ branch }) => branch === 'canonical')) {
    for (const [id, entry] of Object.entries(block.autoIds.set)) autoIds.set(id, entry)
    for (const id of block.autoIds.removed) autoIds.delete(id)
    for (const [id, serials] of Object.entries(block.crl.set)) lists.set(id, new Set(serials))
  }
  return { autoIds, lists }
}

function certIdOf(row: Row, hash: 'sha1' | 'sha256' = 'sha1'): Uint8Array {
  const { issuer, serialBytes } = parseTbs(row.tbs)
  return encodeCertId(hash, issuer, row.issuer_spki ?? Buffer.alloc(0), serialBytes)
}

async function ask(
  certIds: readonly Uint8Array[],
  nonce?: Uint8Array,
): Promise<readonly OcspSingleResponse[]> {
  const body = new Uint8Array(encodeOcspRequest(certIds, nonce))
  const response = await fetch(`${service.url}/ocsp`, { method: 'POST', body })
  expect(response.headers.get('content-type')).toBe('application/ocsp-response')
  return parseOcspResponse(new Uint8Array(await response.arrayBuffer())).responses
}

async function openssl(...args: string[]): Promise<string> {
  try {
    const { stdout, stderr } = await run('openssl', args, { cwd: directory, timeout: 30_000 })
    return stdout + stderr
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    return stdout + stderr
  }
}

async function askOpenssl(row: Row, ...options: string[]): Promise<string> {
  await writeFile(path.join(directory, 'cert.pem'), encodePem('CERTIFICATE', row.der as Buffer))
  await writeFile(
    path.join(directory, 'issuer.pem'),
    encodePem('CERTIFICATE', row.issuer_der as Buffer),
  )
  return openssl(
    'ocsp',
    '-issuer',
    'issuer.pem',
    ...options,
    '-cert',
    'cert.pem',
    '-url',
    `${service.url}/ocsp`,
    '-VAfile',
    'responder.pem',
  )
}

const byId = async (autoId: string): Promise<Row> => {
  const row = certificates.filter(({ auto_id }) => auto_id === autoId).at(-1)
  if (row === undefined) throw new Error(`no certificate of ${autoId}`)
  return row
}

const AGENT = '0x5908676e98b06910fb42177ada03652b3ffe15adfb95f2aaa6872716b6ae100f'
const SERVICE = '0x02106153c961063bad7d076150b07dc567dbc56363bbf8b268cb53fd8e7cbb16'
const ORGANISATION = '0xff8f64cb4ed308d50108cc065f70a7d1dbfeda78af9d0d2788215684ae21c71d'

describe('statuses', () => {
  test("says of every certificate of the chain what the pallet's storage says", async () => {
    const { autoIds, lists } = finalState()
    const parseable = certificates.filter(({ tbs }) => isNamable(tbs))
    const counts = { good: 0, revoked: 0, unknown: 0 }
    for (let from = 0; from < parseable.length; from += 32) {
      const rows = parseable.slice(from, from + 32)
      const answers = await ask(
        rows.map((row) => certIdOf(row, from % 64 === 0 ? 'sha1' : 'sha256')),
      )
      expect(answers).toHaveLength(rows.length)
      for (const [index, row] of rows.entries()) {
        const answer = answers[index] as OcspSingleResponse
        counts[answer.certStatus.kind]++
        const serial = BigInt(row.serial).toString()
        const isListed = lists.get(row.issuer_id ?? row.auto_id)?.has(serial) === true
        const entry = autoIds.get(row.auto_id)
        const isInForce = entry !== undefined && entry['rawBlake2'] === blake2(row.tbs)
        const wanted = isListed || !isInForce ? 'revoked' : row.issuer_gone ? 'unknown' : 'good'
        expect(`${row.id} ${answer.certStatus.kind}`).toBe(`${row.id} ${wanted}`)
      }
    }
    expect(counts.good).toBeGreaterThan(150)
    expect(counts.revoked).toBeGreaterThan(100)
  })

  test('never says GOOD of a serial that was never issued', async () => {
    const row = await byId(SERVICE)
    const { issuer } = parseTbs(row.tbs)
    const neverIssued = encodeCertId(
      'sha1',
      issuer,
      row.issuer_spki as Buffer,
      Uint8Array.of(0x77, 0x77, 0x77),
    )
    expect((await ask([neverIssued]))[0]?.certStatus).toEqual({ kind: 'unknown' })
  })

  test('says UNKNOWN when only the issuer name, or only its key, is right', async () => {
    const row = await byId(SERVICE)
    const other = await byId(ORGANISATION)
    const { issuer, serialBytes, subject } = parseTbs(row.tbs)
    const wrongKey = encodeCertId('sha1', issuer, other.issuer_spki as Buffer, serialBytes)
    const wrongName = encodeCertId('sha1', subject, row.issuer_spki as Buffer, serialBytes)
    const answers = await ask([wrongKey, wrongName, certIdOf(row)])
    expect(answers.map(({ certStatus }) => certStatus.kind)).toEqual(['unknown', 'unknown', 'good'])
  })

  test("a revocation carries its block's time; a renewed certificate is superseded, a deactivated one ceased", async () => {
    const reasons = new Map<string, number | null>()
    const agent = await ask([certIdOf(await byId(AGENT))])
    expect(agent[0]?.certStatus).toEqual({
      kind: 'revoked',
      revocationTimeMs: 1795116354000,
      reason: null,
    })
    const { rows } = await client.query<{ certificate_id: string; kind: string }>(
      `select c.id as certificate_id, case when r.reason = 'SUPERSEDED' then 'superseded' else 'ceased' end as kind
         from certificate c join registration g on g.id = c.registration_id
         left join revocation r on r.issuer_id = coalesce(c.issuer_id, c.auto_id) and r.serial = c.serial
        where r.reason = 'SUPERSEDED' or (r.id is null and g.block_to is not null)`,
    )
    for (const { certificate_id, kind } of rows) {
      const row = certificates.find(({ id }) => id === certificate_id)
      if (row === undefined || !isNamable(row.tbs)) continue
      const [answer] = await ask([certIdOf(row)])
      if (answer?.certStatus.kind !== 'revoked') continue
      reasons.set(kind, answer.certStatus.reason)
    }
    expect(Object.fromEntries(reasons)).toEqual({ superseded: 4, ceased: 5 })
  })
})

function isNamable(tbs: Uint8Array): boolean {
  try {
    const { serialBytes } = parseTbs(tbs)
    return !(serialBytes.length > 1 && serialBytes[0] === 0 && (serialBytes[1] as number) < 0x80)
  } catch {
    return false
  }
}

function blake2(bytes: Uint8Array): string {
  return toHex(blake2b(bytes, { dkLen: 32 }))
}

describe('openssl ocsp', () => {
  test('accepts GOOD for the service, by SHA-1 and SHA-256, nonce and all', async () => {
    const row = await byId(SERVICE)
    for (const digest of ['-sha1', '-sha256']) {
      const said = await askOpenssl(row, digest)
      expect(said).toContain('Response verify OK')
      expect(said).toContain('cert.pem: good')
      expect(said).not.toContain('WARNING')
    }
  })

  test("accepts REVOKED for the agent, and UNKNOWN for a certificate of somebody else's", async () => {
    const agent = await askOpenssl(await byId(AGENT))
    expect(agent).toContain('Response verify OK')
    expect(agent).toContain('cert.pem: revoked')
    expect(agent).toContain('Revocation Time: Nov 19 19:25:54 2026 GMT')
    const foreign = await openssl(
      'ocsp',
      '-issuer',
      'responder.pem',
      '-cert',
      'responder.pem',
      '-url',
      `${service.url}/ocsp`,
      '-VAfile',
      'responder.pem',
    )
    expect(foreign).toContain('responder.pem: unknown')
  })

  test('several certificates in one request', async () => {
    const row = await byId(SERVICE)
    const said = await askOpenssl(row, '-serial', '0x7777', '-cert', 'cert.pem')
    expect(said).toContain('0x7777: unknown')
    expect(said).toContain('cert.pem: good')
  })

  test("refuses the answer without the responder's certificate", async () => {
    const row = await byId(SERVICE)
    await writeFile(path.join(directory, 'cert.pem'), encodePem('CERTIFICATE', row.der as Buffer))
    await writeFile(
      path.join(directory, 'issuer.pem'),
      encodePem('CERTIFICATE', row.issuer_der as Buffer),
    )
    const said = await openssl(
      'ocsp',
      '-issuer',
      'issuer.pem',
      '-cert',
      'cert.pem',
      '-url',
      `${service.url}/ocsp`,
    )
    expect(said).toContain('Response Verify Failure')
  })
})

describe('the protocol', () => {
  test('GET answers from the URL, cacheable: ETag, Expires, max-age, 304', async () => {
    const request = Buffer.from(encodeOcspRequest([certIdOf(await byId(SERVICE))])).toString(
      'base64',
    )
    const url = `${service.url}/ocsp/${encodeURIComponent(request)}`
    const first = await fetch(url)
    const body = Buffer.from(await first.arrayBuffer())
    expect(parseOcspResponse(body).responses[0]?.certStatus.kind).toBe('good')
    const etag = first.headers.get('etag') ?? ''
    expect(first.headers.get('cache-control')).toMatch(
      /^public, max-age=\d+, no-transform, must-revalidate$/,
    )
    expect(Date.parse(first.headers.get('expires') ?? '')).toBeGreaterThan(Date.now())
    const again = await fetch(`${service.url}/ocsp/${request}`)
    expect(Buffer.from(await again.arrayBuffer()).equals(body)).toBe(true)
    const slashed = await fetch(`${service.url}/ocsp//${request}`)
    expect(Buffer.from(await slashed.arrayBuffer()).equals(body)).toBe(true)
    const unchanged = await fetch(url, { headers: { 'if-none-match': etag } })
    expect(unchanged.status).toBe(304)
    expect((await unchanged.arrayBuffer()).byteLength).toBe(0)
  })

  test('GET is last modified at thisUpdate (RFC 5019 §6.2); by that date alone no answer counts as unchanged', async () => {
    const request = encodeOcspRequest([certIdOf(await byId(SERVICE))])
    const url = `${service.url}/ocsp/${encodeURIComponent(Buffer.from(request).toString('base64'))}`
    const first = await fetch(url)
    const [single] = parseOcspResponse(new Uint8Array(await first.arrayBuffer())).responses
    const modified = first.headers.get('last-modified') ?? ''
    expect(Date.parse(modified)).toBe(single?.thisUpdateMs)
    // Two answers of one thisUpdate differ in nextUpdate, and may differ in their word.
    const later = await fetch(url, { headers: { 'if-modified-since': modified } })
    expect(later.status).toBe(200)
    const tagged = { 'if-none-match': first.headers.get('etag') ?? '' }
    const unchanged = await fetch(url, { headers: { ...tagged, 'if-modified-since': modified } })
    expect([unchanged.status, unchanged.headers.get('last-modified')]).toEqual([304, modified])
  })

  test('repeats a nonce of 1 to 128 octets and refuses others (RFC 9654)', async () => {
    const certId = certIdOf(await byId(SERVICE))
    for (const length of [1, 32, 128]) {
      const nonce = new Uint8Array(length).fill(7)
      const body = new Uint8Array(encodeOcspRequest([certId], nonce))
      const response = await fetch(`${service.url}/ocsp`, { method: 'POST', body })
      expect(response.headers.get('cache-control')).toBe('no-store')
      const parsed = parseOcspResponse(new Uint8Array(await response.arrayBuffer()))
      expect(
        Buffer.from(parsed.nonce ?? [])
          .subarray(-length)
          .equals(Buffer.from(nonce)),
      ).toBe(true)
    }
    for (const length of [0, 129]) {
      await expect(ask([certId], new Uint8Array(length))).rejects.toThrow(new OcspStatusError(1))
    }
  })

  test('thisUpdate is when the head was last confirmed; nextUpdate is near while the block is not final', async () => {
    const { rows } = await client.query<{ confirmed_at: Date }>(
      'select confirmed_at from index_status',
    )
    const confirmed = Math.floor((rows[0]?.confirmed_at.getTime() ?? 0) / 1000) * 1000
    const [final] = await ask([certIdOf(await byId(SERVICE))])
    expect(final?.thisUpdateMs).toBe(confirmed)
    const recent = certificates
      .filter((row) => row.block_to === null && row.id > '0000000280')
      .at(-1) as Row
    const [notFinal] = await ask([certIdOf(recent)])
    const windowOf = (single: OcspSingleResponse | undefined) =>
      (single?.nextUpdateMs ?? 0) - Date.now()
    expect(windowOf(final)).toBeGreaterThan(240_000)
    expect(windowOf(notFinal)).toBeLessThanOrEqual(60_000)
    expect(windowOf(notFinal)).toBeGreaterThan(50_000)
  })

  test.each([
    ['no DER at all', Buffer.from('hello')],
    ['an empty body', Buffer.alloc(0)],
    [
      'bytes after the request',
      Buffer.concat([encodeOcspRequest([Buffer.from('3000', 'hex')]), Buffer.from('00', 'hex')]),
    ],
    ['an empty list', Buffer.from(encodeOcspRequest([]))],
    ['20,000 octets', Buffer.alloc(20_000, 0x30)],
  ])('answers malformedRequest to %s', async (_, body) => {
    const response = await fetch(`${service.url}/ocsp`, {
      method: 'POST',
      body: new Uint8Array(body),
    })
    expect(response.status).toBe(200)
    expect(Buffer.from(await response.arrayBuffer()).toString('hex')).toBe('30030a0101')
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  test('answers malformedRequest to more than 32 certificates and to a path that is no Base64', async () => {
    const certId = certIdOf(await byId(SERVICE))
    await expect(ask(Array.from({ length: 33 }, () => certId))).rejects.toThrow(
      new OcspStatusError(1),
    )
    const response = await fetch(`${service.url}/ocsp/%zz!`)
    expect(Buffer.from(await response.arrayBuffer()).toString('hex')).toBe('30030a0101')
  })

  test('answers malformedRequest to hashes that are not as long as those of their algorithm', async () => {
    const { issuer, serialBytes } = parseTbs((await byId(SERVICE)).tbs)
    const whole = encodeCertId(
      'sha256',
      issuer,
      (await byId(SERVICE)).issuer_spki as Buffer,
      serialBytes,
    )
    const { issuerNameHash, issuerKeyHash } = readCertId(readSingle(whole, TAG.sequence, 'CertID'))
    const certIdWith = (nameHash: Uint8Array, keyHash: Uint8Array) =>
      encodeSequence(
        encodeSequence(encodeOid('2.16.840.1.101.3.4.2.1')),
        encodeOctetString(nameHash),
        encodeOctetString(keyHash),
        encodeElement(TAG.integer, serialBytes),
      )
    expect(await ask([certIdWith(issuerNameHash, issuerKeyHash)])).toMatchObject([
      { certStatus: { kind: 'good' } },
    ])
    const padded = Buffer.concat([issuerKeyHash, Buffer.alloc(4_000)])
    for (const certId of [
      certIdWith(issuerNameHash, padded),
      certIdWith(issuerNameHash.subarray(1), issuerKeyHash),
    ]) {
      await expect(ask([certId])).rejects.toThrow(new OcspStatusError(1))
    }
  })

  // Without the limit a stranger fills 20,000 places with 16 KiB each.
  test('a short request without a nonce is answered by what is kept, a long one is signed anew', async () => {
    const certId = certIdOf(await byId(SERVICE))
    const answer = async (certIds: readonly Uint8Array[]) => {
      const body = new Uint8Array(encodeOcspRequest(certIds))
      const response = await fetch(`${service.url}/ocsp`, { method: 'POST', body })
      return Buffer.from(await response.arrayBuffer()).toString('hex')
    }
    expect(await answer([certId])).toBe(await answer([certId]))
    const long = Array.from({ length: 10 }, () => certId)
    expect(await answer(long)).not.toBe(await answer(long))
  })

  // Without the check in createHotAnswers the second answer is the first one again.
  test('an answer kept ready is not given once the head is older than MAX_HEAD_AGE', async () => {
    const { rows } = await client.query<{ time: Date }>('select max(timestamp) as time from block')
    let nowMs = rows[0]?.time.getTime() ?? 0
    const strict = await startService(database.url, { maxHeadAgeSeconds: 600, nowMs: () => nowMs })
    try {
      // Revoked in a final block: kept for half an hour.
      const revoked = certificates.find((row) => row.block_to !== null && isNamable(row.tbs)) as Row
      const request = Buffer.from(encodeOcspRequest([certIdOf(revoked)])).toString('base64')
      const url = `${strict.url}/ocsp/${encodeURIComponent(request)}`
      const get = async () => Buffer.from(await (await fetch(url)).arrayBuffer())
      const first = await get()
      expect(parseOcspResponse(first).responses[0]?.certStatus.kind).toBe('revoked')
      nowMs += 600_000
      expect((await get()).equals(first)).toBe(true)
      nowMs += 1_000
      expect((await get()).toString('hex')).toBe('30030a0103')
    } finally {
      await strict.close()
    }
  })

  test('answers tryLater when the head is older than MAX_HEAD_AGE', async () => {
    const strict = await startService(database.url, { maxHeadAgeSeconds: 600 })
    try {
      const body = new Uint8Array(encodeOcspRequest([certIdOf(await byId(SERVICE))]))
      const response = await fetch(`${strict.url}/ocsp`, { method: 'POST', body })
      expect(Buffer.from(await response.arrayBuffer()).toString('hex')).toBe('30030a0103')
      expect((await fetch(`${strict.url}/readyz`)).status).toBe(503)
    } finally {
      await strict.close()
    }
  })
})
