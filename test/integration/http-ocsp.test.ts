/** OCSP as a protocol (RFC 6960, 5019, 9654): what is refused, how long an answer stands, which is kept ready. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
import {
  certIdOf,
  type Issued,
  isNamable,
  openRecordedOcsp,
  type RecordedOcsp,
} from '../support/recorded-ocsp'
import { startService } from '../support/relying-party-service'
import { story } from '../support/story'

let ocsp: RecordedOcsp
beforeAll(async () => {
  ocsp = await openRecordedOcsp()
})
afterAll(() => ocsp?.close())

describe('the protocol', () => {
  test('GET answers from the URL, cacheable: ETag, Expires, max-age, 304', async () => {
    const request = Buffer.from(
      encodeOcspRequest([certIdOf(ocsp.newestOf(story.service))]),
    ).toString('base64')
    const url = `${ocsp.service.url}/ocsp/${encodeURIComponent(request)}`
    const first = await fetch(url)
    const body = Buffer.from(await first.arrayBuffer())
    expect(parseOcspResponse(body).responses[0]?.certStatus.kind).toBe('good')
    const etag = first.headers.get('etag') ?? ''
    expect(first.headers.get('cache-control')).toMatch(
      /^public, max-age=\d+, no-transform, must-revalidate$/,
    )
    expect(Date.parse(first.headers.get('expires') ?? '')).toBeGreaterThan(Date.now())
    const again = await fetch(`${ocsp.service.url}/ocsp/${request}`)
    expect(Buffer.from(await again.arrayBuffer()).equals(body)).toBe(true)
    const slashed = await fetch(`${ocsp.service.url}/ocsp//${request}`)
    expect(Buffer.from(await slashed.arrayBuffer()).equals(body)).toBe(true)
    const unchanged = await fetch(url, { headers: { 'if-none-match': etag } })
    expect(unchanged.status).toBe(304)
    expect((await unchanged.arrayBuffer()).byteLength).toBe(0)
  })

  test('GET is last modified at thisUpdate (RFC 5019 §6.2); by that date alone no answer counts as unchanged', async () => {
    const request = encodeOcspRequest([certIdOf(ocsp.newestOf(story.service))])
    const url = `${ocsp.service.url}/ocsp/${encodeURIComponent(Buffer.from(request).toString('base64'))}`
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
    const certId = certIdOf(ocsp.newestOf(story.service))
    for (const length of [1, 32, 128]) {
      const nonce = new Uint8Array(length).fill(7)
      const body = new Uint8Array(encodeOcspRequest([certId], nonce))
      const response = await fetch(`${ocsp.service.url}/ocsp`, { method: 'POST', body })
      expect(response.headers.get('cache-control')).toBe('no-store')
      const parsed = parseOcspResponse(new Uint8Array(await response.arrayBuffer()))
      expect(
        Buffer.from(parsed.nonce ?? [])
          .subarray(-length)
          .equals(Buffer.from(nonce)),
      ).toBe(true)
    }
    for (const length of [0, 129]) {
      await expect(ocsp.ask([certId], new Uint8Array(length))).rejects.toThrow(
        new OcspStatusError(1),
      )
    }
  })

  test('thisUpdate is when the head was last confirmed; nextUpdate is near while the block is not final', async () => {
    const { rows } = await ocsp.client.query<{ confirmed_at: Date }>(
      'select confirmed_at from index_status',
    )
    const confirmed = Math.floor((rows[0]?.confirmed_at.getTime() ?? 0) / 1000) * 1000
    const [final] = await ocsp.ask([certIdOf(ocsp.newestOf(story.service))])
    expect(final?.thisUpdateMs).toBe(confirmed)
    const recent = ocsp.certificates
      .filter((row) => row.block_to === null && row.id > '0000000280')
      .at(-1) as Issued
    const [notFinal] = await ocsp.ask([certIdOf(recent)])
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
    const response = await fetch(`${ocsp.service.url}/ocsp`, {
      method: 'POST',
      body: new Uint8Array(body),
    })
    expect(response.status).toBe(200)
    expect(Buffer.from(await response.arrayBuffer()).toString('hex')).toBe('30030a0101')
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  test('answers malformedRequest to more than 32 certificates and to a path that is no Base64', async () => {
    const certId = certIdOf(ocsp.newestOf(story.service))
    await expect(ocsp.ask(Array.from({ length: 33 }, () => certId))).rejects.toThrow(
      new OcspStatusError(1),
    )
    const response = await fetch(`${ocsp.service.url}/ocsp/%zz!`)
    expect(Buffer.from(await response.arrayBuffer()).toString('hex')).toBe('30030a0101')
  })

  test('answers malformedRequest to hashes that are not as long as those of their algorithm', async () => {
    const { issuer, serialBytes } = parseTbs(ocsp.newestOf(story.service).tbs)
    const whole = encodeCertId(
      'sha256',
      issuer,
      ocsp.newestOf(story.service).issuer_spki as Buffer,
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
    expect(await ocsp.ask([certIdWith(issuerNameHash, issuerKeyHash)])).toMatchObject([
      { certStatus: { kind: 'good' } },
    ])
    const padded = Buffer.concat([issuerKeyHash, Buffer.alloc(4_000)])
    for (const certId of [
      certIdWith(issuerNameHash, padded),
      certIdWith(issuerNameHash.subarray(1), issuerKeyHash),
    ]) {
      await expect(ocsp.ask([certId])).rejects.toThrow(new OcspStatusError(1))
    }
  })

  // Without the limit a stranger fills 20,000 places with 16 KiB each.
  test('a short request without a nonce is answered by what is kept, a long one is signed anew', async () => {
    const certId = certIdOf(ocsp.newestOf(story.service))
    const answer = async (certIds: readonly Uint8Array[]) => {
      const body = new Uint8Array(encodeOcspRequest(certIds))
      const response = await fetch(`${ocsp.service.url}/ocsp`, { method: 'POST', body })
      return Buffer.from(await response.arrayBuffer()).toString('hex')
    }
    expect(await answer([certId])).toBe(await answer([certId]))
    const long = Array.from({ length: 10 }, () => certId)
    expect(await answer(long)).not.toBe(await answer(long))
  })

  // Without the check in createHotAnswers the second answer is the first one again.
  test('an answer kept ready is not given once the head is older than MAX_HEAD_AGE', async () => {
    const { rows } = await ocsp.client.query<{ time: Date }>(
      'select max(timestamp) as time from block',
    )
    let nowMs = rows[0]?.time.getTime() ?? 0
    const strict = await startService(ocsp.service.databaseUrl, {
      maxHeadAgeSeconds: 600,
      nowMs: () => nowMs,
    })
    try {
      // Revoked in a final block: kept for half an hour.
      const revoked = ocsp.certificates.find(
        (row) => row.block_to !== null && isNamable(row.tbs),
      ) as Issued
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
    const strict = await startService(ocsp.service.databaseUrl, { maxHeadAgeSeconds: 600 })
    try {
      const body = new Uint8Array(encodeOcspRequest([certIdOf(ocsp.newestOf(story.service))]))
      const response = await fetch(`${strict.url}/ocsp`, { method: 'POST', body })
      expect(Buffer.from(await response.arrayBuffer()).toString('hex')).toBe('30030a0103')
      expect((await fetch(`${strict.url}/readyz`)).status).toBe(503)
    } finally {
      await strict.close()
    }
  })
})
