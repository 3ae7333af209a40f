/** `GET /status/{id}` over the recorded chain. */

import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase } from '../support/postgres'
import { type RecordedService, startRecordedService } from '../support/recorded-service'
import { startService } from '../support/relying-party-service'
import { story } from '../support/story'

let service: RecordedService
let client: pg.Client

beforeAll(async () => {
  service = await startRecordedService()
  client = new pg.Client({ connectionString: service.databaseUrl })
  await client.connect()
})

afterAll(async () => {
  await client?.end()
  await service?.close()
})

const get = (target: string, headers: Record<string, string> = {}) =>
  fetch(`${service.url}${target}`, { headers })
const json = async (target: string) => (await get(target)).json() as Promise<Record<string, never>>

describe('GET /status/{id}', () => {
  test('is a few hundred bytes: good, until when, as of which block', async () => {
    const response = await get(`/status/${story.service}`)
    const text = await response.text()
    expect(text.length).toBeLessThan(500)
    expect(JSON.parse(text)).toMatchObject({
      id: story.service,
      good: true,
      status: 'ACTIVE',
      reason: null,
      revokedAt: null,
      validUntil: expect.stringMatching(/^20\d\d-.*Z$/),
      asOf: { height: 282, final: false },
    })
    expect(response.headers.get('cache-control')).toContain('max-age=6')
    const etag = response.headers.get('etag') ?? ''
    expect((await get(`/status/${story.service}`, { 'if-none-match': etag })).status).toBe(304)
  })

  test('a revoked identity is not good, with reason and block; before the revocation it was', async () => {
    expect(await json(`/status/${story.agent}`)).toMatchObject({
      good: false,
      status: 'REVOKED',
      reason: 'REVOKED',
      revokedAt: { height: 276, timestamp: '2026-11-19T19:25:54.434Z' },
      validUntil: null,
      fault: { id: story.agent, code: 'REVOKED' },
    })
    const before = await get(`/status/${story.agent}?block=275`)
    expect(before.headers.get('cache-control')).toContain('immutable')
    expect(await before.json()).toMatchObject({
      good: true,
      status: 'ACTIVE',
      asOf: { height: 275, final: true },
    })
    expect(await json(`/status/${story.agent}?time=2026-11-19T19:25:54.433Z`)).toMatchObject({
      good: true,
    })
    expect(await json(`/status/${story.agent}?time=2026-11-19T19:25:54.434Z`)).toMatchObject({
      good: false,
    })
  })

  test('what was true at a time is kept for good only once the block after that time is final, too', async () => {
    const { rows } = await client.query<{ height: number; timestamp: Date }>(
      `select b.height, b.timestamp from index_status s
         join block b on b.height between s.finalized_height - 1 and s.finalized_height order by b.height`,
    )
    const kept = await Promise.all(
      rows.map(async ({ timestamp, height }) => {
        const byTime = await get(`/status/${story.service}?time=${timestamp.getTime() + 1}`)
        const byBlock = await get(`/status/${story.service}?block=${height}`)
        expect(await byTime.json()).toMatchObject({ asOf: { height, final: true } })
        return [byTime, byBlock].map(({ headers }) => headers.get('cache-control'))
      }),
    )
    const forGood = 'public, max-age=86400, no-transform, immutable'
    expect(kept).toEqual([
      [forGood, forGood],
      ['public, max-age=6, no-transform, must-revalidate', forGood],
    ])
  })

  test('an identity whose issuer is not good is not good, and the issuer at fault is named', async () => {
    const { rows } = await client.query<{
      auto_id: string
      issuer_id: string
      issuer_active: boolean
    }>(
      `select v.auto_id, v.issuer_id, i.active as issuer_active from auto_id_version v
         join auto_id_version i on i.auto_id = v.issuer_id and i.block_to is null
        where v.block_to is null and v.active and not i.active
          and not exists (select 1 from revocation r where r.issuer_id = v.issuer_id and r.serial = v.serial)
          and v.not_after > now()`,
    )
    expect(rows.length).toBeGreaterThan(0)
    for (const { auto_id, issuer_id } of rows) {
      expect(await json(`/status/${auto_id}`)).toMatchObject({
        good: false,
        status: 'ACTIVE',
        fault: { id: issuer_id, code: 'DEACTIVATED' },
      })
    }
  })

  test('children of an identifier that another key took over are not good', async () => {
    // Blocks 130-135: a stranger has the root's name and issues under it; in 136 the first owner is back.
    const { rows } = await client.query<{ auto_id: string }>(
      `select v.auto_id from auto_id_version v join certificate c on c.id = v.certificate_id
         join certificate ic on ic.id = c.issuer_certificate_id
         join auto_id_version i on i.auto_id = v.issuer_id and i.block_from <= 136 and (i.block_to is null or i.block_to > 136)
        where v.active and v.block_from <= 136 and (v.block_to is null or v.block_to > 136) and i.active
          and ic.registration_id <> i.registration_id
          and not exists (select 1 from revocation r where r.issuer_id = v.issuer_id and r.serial = v.serial)`,
    )
    expect(rows.length).toBeGreaterThan(0)
    for (const { auto_id } of rows) {
      expect(await json(`/status/${auto_id}?block=136`)).toMatchObject({
        good: false,
        fault: { code: 'ISSUER_REPLACED' },
      })
    }
  })

  test.each([
    ['/status/0xABC', 400, 'BAD_USER_INPUT'],
    [`/status/0x${'00'.repeat(32)}`, 404, 'NOT_FOUND'],
    [`/status/${story.service}?block=283`, 404, 'POINT_IN_TIME_OUT_OF_RANGE'],
    [`/status/${story.service}?block=x`, 400, 'BAD_USER_INPUT'],
    [`/status/${story.service}?block=1&time=2026-01-01T00:00:00Z`, 400, 'BAD_USER_INPUT'],
    [`/status/${story.service}?time=2036-01-01T00:00:00Z`, 404, 'POINT_IN_TIME_OUT_OF_RANGE'],
    [`/status/${story.service}?time=1990-01-01T00:00:00Z`, 404, 'POINT_IN_TIME_OUT_OF_RANGE'],
    [`/status/${story.service}?time=yesterday`, 400, 'BAD_USER_INPUT'],
    [`/status/${story.service}?block=200`, 404, 'NOT_FOUND'],
  ])('%s is problem %i %s', async (target, status, code) => {
    const response = await get(target)
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({ status, code })
  })

  test('other methods are refused with the ones that are allowed', async () => {
    const response = await fetch(`${service.url}/status/${story.service}`, { method: 'DELETE' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, HEAD')
  })

  test('follows the index within a second of a new block', async () => {
    const other = await createTestDatabase()
    await indexDevChain(other.url, { to: 275, finalized: 270 })
    const early = await startService(other.url)
    try {
      const status = async () =>
        (await (await fetch(`${early.url}/status/${story.agent}`)).json()) as { good: boolean }
      expect((await status()).good).toBe(true)
      await indexDevChain(other.url, { to: 276, finalized: 270 })
      early.head.invalidate()
      expect((await status()).good).toBe(false)
    } finally {
      await early.close()
      await other.close()
    }
  })
})
