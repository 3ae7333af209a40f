/** CRLs over the recorded chain, read and used by openssl; a large one by a stream. */

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseCertificate } from '../../src/pki/certificate'
import { encodePem } from '../../src/pki/pem'
import { makeCertificate } from '../support/certificates'
import { readExpected } from '../support/recorded-chain'
import { type RecordedService, startRecordedService } from '../support/recorded-service'
import { story } from '../support/story'

const run = promisify(execFile)

let service: RecordedService
let client: pg.Client
let directory: string

beforeAll(async () => {
  service = await startRecordedService()
  client = new pg.Client({ connectionString: service.databaseUrl })
  await client.connect()
  directory = await mkdtemp(path.join(tmpdir(), 'crl-test-'))
  await save('responder.pem', encodePem('CERTIFICATE', service.signer.certificate))
})

afterAll(async () => {
  await client?.end()
  await service?.close()
  await rm(directory, { recursive: true, force: true })
})

const save = (name: string, text: string | Uint8Array) =>
  writeFile(path.join(directory, name), text)

async function download(target: string, name: string): Promise<Buffer> {
  const response = await fetch(`${service.url}${target}`)
  expect(response.status).toBe(200)
  const body = Buffer.from(await response.arrayBuffer())
  expect(body.length).toBe(Number(response.headers.get('content-length') ?? body.length))
  await save(name, body)
  return body
}

async function openssl(...args: string[]): Promise<string> {
  try {
    const { stdout, stderr } = await run('openssl', args, {
      cwd: directory,
      timeout: 60_000,
      maxBuffer: 200_000_000,
    })
    return stdout + stderr
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    return stdout + stderr
  }
}

const readCrl = (name: string) =>
  openssl('crl', '-inform', 'DER', '-in', name, '-CAfile', 'responder.pem', '-noout', '-text')

describe('GET /crl/{issuerId}.crl', () => {
  test('openssl verifies it with /responder.pem and reads number, dates and the indirect point', async () => {
    await download(`/crl/${story.person}.crl`, 'person.crl')
    const text = await readCrl('person.crl')
    expect(text).toContain('verify OK')
    expect(text).toContain('Version 2 (0x1)')
    expect(text).toContain('Indirect CRL')
    expect(text).toContain(story.person)
    expect(text).toMatch(/X509v3 CRL Number: *\n +\d+/)
    expect(text).toContain('Certificate Issuer: critical')
    expect(text).toContain('Revocation Date: Nov 19 19:25:54 2026 GMT')
    expect(text.match(/Serial Number/g)).toHaveLength(1)
  })

  test('holds every serial of every list of the pallet, and what was deactivated or replaced besides', async () => {
    const lists = new Map<string, string[]>()
    for (const block of readExpected().filter(({ branch }) => branch === 'canonical')) {
      for (const [id, serials] of Object.entries(block.crl.set)) lists.set(id, serials)
    }
    expect(lists.size).toBeGreaterThan(10)
    const reasons = new Set<string>()
    for (const [issuerId, serials] of lists) {
      await download(`/crl/${issuerId}.crl`, 'one.crl')
      const text = await readCrl('one.crl')
      expect(text).toContain('verify OK')
      const listed = [...text.matchAll(/Serial Number: ([0-9A-F]+)/g)].map(([, hex]) =>
        BigInt(`0x${hex}`),
      )
      expect(new Set(listed).size).toBe(listed.length)
      for (const serial of serials) expect(listed).toContain(BigInt(serial))
      for (const [reason] of text.matchAll(/Superseded|Cessation Of Operation/g))
        reasons.add(reason)
      const { rows } = await client.query<{ serial: string }>(
        `select serial from certificate c where (issuer_id = $1 or (issuer_id is null and auto_id = $1)) and block_to is null
           and not exists (select 1 from revocation r where r.issuer_id = $1 and r.serial = c.serial)
           and (issuer_id is null or exists (
             select 1 from certificate i join registration g on g.id = i.registration_id
              where i.id = c.issuer_certificate_id and g.block_to is null))`,
        [issuerId],
      )
      for (const { serial } of rows) {
        const isDouble = await isUsedTwice(issuerId, serial)
        if (!isDouble) expect(listed).not.toContain(BigInt(serial))
      }
    }
    expect([...reasons].sort()).toEqual(['Cessation Of Operation', 'Superseded'])
  })

  test('a serial of the list stands under every issuer name its certificates have', async () => {
    const { rows } = await client.query<{ serial: string }>(
      `select c.serial from certificate c join revocation r on r.certificate_id = c.id where c.auto_id = $1`,
      [story.agent],
    )
    const serial = BigInt(rows[0]?.serial ?? 0)
    const issuer = makeCertificate({ subject: 'Another name of the person' })
    const { der } = makeCertificate({ subject: 'A leaf', issuer, serial })
    await client.query('create temp table twin as select * from certificate where false')
    await client.query('insert into twin select * from certificate where auto_id = $1', [
      story.agent,
    ])
    await client.query(
      `update twin set id = id || '-twin', auto_id = '0x' || repeat('ee', 32), tbs = $1, tbs_fingerprint = '0x00',
         issuer_name = 'CN=Another name'`,
      [parseCertificate(der).tbs],
    )
    await client.query('insert into certificate select * from twin')
    try {
      await download(`/crl/${story.person}.crl`, 'twins.crl')
      const text = await readCrl('twins.crl')
      expect(text).toContain('verify OK')
      expect(text.match(/Serial Number/g)).toHaveLength(2)
      expect(text).toContain('Another name of the person')
    } finally {
      await client.query(`delete from certificate where id in (select id from twin)`)
    }
  })

  test('is another once its rows are, also when a reorganisation left their numbers alike', async () => {
    const revoke = (serial: string) =>
      client.query(
        `insert into revocation (id, issuer_id, serial, block, reason) values ($1::text, $2, $1::text, 281, 'REVOKED')`,
        [serial, story.organisation],
      )
    const exchange = (from: string, to: string) =>
      client.query('update block set id = $2 where id = $1', [from, to])
    const serials = async () => {
      await download(`/crl/${story.organisation}.crl`, 'branch.crl')
      const text = await readCrl('branch.crl')
      return [...text.matchAll(/Serial Number: ([0-9A-F]+)/g)].map(([, hex]) => hex)
    }
    const { rows } = await client.query<{ id: string }>('select id from block where height = 281')
    const [own = '', other] = [rows[0]?.id, `0x${'cd'.repeat(32)}`]
    await revoke('0x1111111111')
    expect(await serials()).toContain('1111111111')
    await client.query(`delete from revocation where id = '0x1111111111'`)
    await revoke('0x2222222222')
    await exchange(own, other)
    try {
      const after = await serials()
      expect(after).toContain('2222222222')
      expect(after).not.toContain('1111111111')
    } finally {
      await exchange(other, own)
      await client.query(`delete from revocation where id = '0x2222222222'`)
    }
  })

  test('an identity that revoked nothing has an empty list; one that never was has none', async () => {
    const CLIENT = '0xda7c531f555c50c5f5af89459b1f33ba61a16f9d516c0526dbf160f68a4d28b0'
    await download(`/crl/${CLIENT}.crl`, 'empty.crl')
    expect(await readCrl('empty.crl')).toContain('No Revoked Certificates')
    const unknown = await fetch(`${service.url}/crl/0x${'ab'.repeat(32)}.crl`)
    expect(unknown.status).toBe(404)
    expect(unknown.headers.get('content-type')).toBe('application/problem+json')
    expect((await fetch(`${service.url}/crl/nonsense.crl`)).status).toBe(400)
  })

  test('is not sent again while nothing changed', async () => {
    const first = await fetch(`${service.url}/crl/${story.person}.crl`)
    await first.arrayBuffer()
    const etag = first.headers.get('etag') ?? ''
    expect(first.headers.get('last-modified')).not.toBeNull()
    const again = await fetch(`${service.url}/crl/${story.person}.crl`, {
      headers: { 'if-none-match': etag },
    })
    expect(again.status).toBe(304)
    const other = await fetch(`${service.url}/crl/${story.person}.crl`, {
      headers: { 'if-none-match': '"x"' },
    })
    expect(other.status).toBe(200)
    await other.arrayBuffer()
  })
})

async function isUsedTwice(issuerId: string, serial: string): Promise<boolean> {
  const { rows } = await client.query(
    `select 1 from certificate where (issuer_id = $1 or (issuer_id is null and auto_id = $1)) and serial = $2`,
    [issuerId, serial],
  )
  return rows.length > 1
}

test('100,000 entries stream, and openssl verifies and counts them', async () => {
  await client.query(
    `insert into revocation (id, issuer_id, serial, block, reason)
     select $1 || '-0x' || to_hex(n + 268435456), $1, '0x' || to_hex(n + 268435456), 200 + n % 70, 'REVOKED'
       from generate_series(1, 100000) n`,
    [story.service],
  )
  service.head.invalidate()
  const before = process.memoryUsage().rss
  const body = await download(`/crl/${story.service}.crl`, 'large.crl')
  expect(body.length).toBeGreaterThan(2_000_000)
  const text = await readCrl('large.crl')
  expect(text).toContain('verify OK')
  expect(text.match(/Serial Number/g)).toHaveLength(100_000)
  expect(process.memoryUsage().rss - before).toBeLessThan(400_000_000)
}, 120_000)
