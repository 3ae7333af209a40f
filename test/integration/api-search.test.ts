/** Search and figures by GraphQL over the recorded chain. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeSs58 } from '../../src/api/ss58'
import { openRecordedApi, type RecordedApi } from '../support/recorded-api'

let api: RecordedApi
beforeAll(async () => {
  api = await openRecordedApi()
})
afterAll(() => api?.close())

const rsaRoot = '0xc6876ff74b39cb191bf90c3be32d259e7bcfc342281aa102418e6903d62159af'

describe('search', () => {
  type Hit = { kind: string; path: string; matched: string; autoId: { id: string } | null }
  const hits = async (text: string) =>
    (
      await api.ask<{ search: Hit[] }>(
        'query ($t: String!) { search(text: $t) { kind path matched autoId { id } } }',
        { t: text },
      )
    ).search

  test('an id, in whole or its begin', async () => {
    expect((await hits(rsaRoot))[0]).toMatchObject({ kind: 'AUTO_ID', path: `/autoid/${rsaRoot}` })
    expect((await hits('0xC6876F'))[0]).toMatchObject({ kind: 'AUTO_ID', autoId: { id: rsaRoot } })
  })

  test('a common name, whatever the case; blanks find nothing', async () => {
    expect((await hits('BASIC-root-rsa'))[0]).toMatchObject({ autoId: { id: rsaRoot } })
    expect(await hits('   ')).toEqual([])
    expect(await hits("'; drop table block; --")).toEqual([])
  })

  test('names that begin with a text or contain it; of a whole name those that begin with it', async () => {
    const labels = async (text: string) => {
      const query = 'query ($t: String!) { search(text: $t, first: 100) { label matched } }'
      const { search } = await api.ask<{ search: { label: string; matched: string }[] }>(query, {
        t: text,
      })
      return search.filter(({ matched }) => matched === 'common name').map(({ label }) => label)
    }
    const found = await labels('tIM')
    expect(found.some((label) => /^tim/i.test(label))).toBe(true)
    expect(found.some((label) => /.tim/i.test(label))).toBe(true)
    expect(new Set(found).size).toBe(found.length)
    for (const label of found) expect(label).toMatch(/tim/i)
    expect((await labels('Basic-root-rsa.dev'))[0]).toBe('basic-root-rsa.dev')
    for (const label of await labels('Basic-root-rsa.dev')) expect(label).toMatch(/^basic-root-rsa/)
    expect(await labels('asic-root-RS')).toContain('basic-root-rsa.dev')
    expect(await labels('basic%rsa')).toEqual([])
    expect(await labels('b_sic-root-rsa.dev')).toEqual([])
    expect((await labels('b')).length).toBeGreaterThan(0)
    expect(await labels('%')).toEqual([])
  })

  test('fingerprint, serial, key, PEM', async () => {
    const { autoId } = await api.ask<{
      autoId: {
        certificate: { fingerprint: string; tbsFingerprint: string; serial: string; pem: string }
        publicKey: { sha256: string }
      }
    }>(
      `{ autoId(id: "${rsaRoot}") { publicKey { sha256 } certificate { fingerprint tbsFingerprint serial pem } } }`,
    )
    const { certificate, publicKey } = autoId
    const colons = certificate.fingerprint.slice(2).toUpperCase().match(/../g)?.join(':') ?? ''
    for (const text of [
      certificate.fingerprint,
      certificate.tbsFingerprint,
      certificate.pem,
      colons,
    ]) {
      expect((await hits(text)).map(({ path }) => path)).toContain(
        `/certificate/${certificate.fingerprint}`,
      )
    }
    expect((await hits(certificate.serial)).map(({ matched }) => matched)).toContain('serial')
    expect((await hits(publicKey.sha256)).map(({ kind }) => kind)).toContain('PUBLIC_KEY')
  })

  test('a block by height and hash, an extrinsic, an account by hex and SS58', async () => {
    const { events } = await api.ask<{
      events: {
        nodes: {
          extrinsicHash: string
          signer: string
          signerAddress: string
          block: { hash: string }
        }[]
      }
    }>('{ events(first: 1) { nodes { extrinsicHash signer signerAddress block { hash } } } }')
    const [event] = events.nodes
    if (event === undefined) throw new Error('no event')
    expect(event.signerAddress).toBe(encodeSs58(event.signer, 6094))
    expect((await hits('12')).map(({ path }) => path)).toContain('/block/12')
    expect((await hits(event.block.hash)).map(({ path }) => path)).toEqual(['/block/2'])
    expect((await hits(event.extrinsicHash)).map(({ kind }) => kind)).toEqual(['EXTRINSIC'])
    for (const text of [event.signer, event.signerAddress]) {
      expect((await hits(text)).map(({ path }) => path)).toEqual([`/events?signer=${event.signer}`])
    }
  })
})

describe('statistics', () => {
  test('buckets and parts add up to the whole', async () => {
    type Answer = {
      statistics: {
        buckets: Record<'registered' | 'renewed' | 'revoked' | 'deactivated' | 'failed', number>[]
        identitiesByStatus: { status: string; count: number }[]
        identitiesByKind: { count: number }[]
        findings: { count: number }[]
        findingCodes: { count: number }[]
        keyAlgorithms: { count: number }[]
      }
      status: { counts: Record<string, number> }
    }
    const { statistics, status } = await api.ask<Answer>(`{
      statistics(bucket: HOUR, to: "2026-11-20T00:00:00Z") {
        buckets { registered renewed revoked deactivated failed }
        identitiesByStatus { status count } identitiesByKind { count }
        findings { count } findingCodes { count } keyAlgorithms { count }
      }
      status { counts { autoIds registered events failedCalls findings } }
    }`)
    const { counts } = status
    const sum = (rows: readonly { count: number }[]) =>
      rows.reduce((all, { count }) => all + count, 0)
    const { buckets } = statistics
    const done = buckets.map((b) => b.registered + b.renewed + b.revoked + b.deactivated)
    expect(done.reduce((a, b) => a + b, 0)).toBe(counts['events'])
    expect(buckets.reduce((all, { failed }) => all + failed, 0)).toBe(counts['failedCalls'])
    expect(sum(statistics.identitiesByStatus)).toBe(counts['autoIds'])
    expect(sum(statistics.identitiesByKind)).toBe(counts['registered'])
    expect(sum(statistics.keyAlgorithms)).toBe(counts['registered'])
    expect(sum(statistics.findings)).toBe(counts['findings'])
    expect(sum(statistics.findingCodes)).toBe(counts['findings'])
  })

  test('of an issuer, by status, revoked told from superseded', async () => {
    const { issuerStatistics: figures } = await api.ask<{
      issuerStatistics: Record<string, number> & { issuedByStatus: { count: number }[] }
    }>(
      `query ($i: ID!) { issuerStatistics(issuer: $i) { issued issuedByStatus { count } revoked superseded certificates expiringSoon issuer { commonName } } }`,
      { i: await api.idOf('rev-root.dev') },
    )
    expect(figures.issuedByStatus.reduce((all, { count }) => all + count, 0)).toBe(
      figures['issued'],
    )
    expect(figures).toMatchObject({ issuer: { commonName: 'rev-root.dev' } })
    expect(figures['revoked']).toBeGreaterThan(0)
  })
})
