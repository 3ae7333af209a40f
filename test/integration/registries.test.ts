/** One API over several registries: each answered from its own database, none held up or coloured by another. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseTbs } from '../../src/pki/certificate'
import { encodeCertId, encodeOcspRequest } from '../../src/pki/ocsp-request'
import { parseOcspResponse } from '../../src/pki/ocsp-response'
import { type RunningServer, type ServerOptions, startServer } from '../../src/server'
import { loadIndex, planOf } from '../bench/pg-load'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { serverOptions } from '../support/server-options'
import { type SwitchedProxy, startSwitchedProxy } from '../support/switched-proxy'

/** Stands for the built explorer. */
const PAGE = '<!doctype html><title>pages</title>'
/** A minute after the recorded head. */
const now = Date.parse('2026-11-19T19:27:30.434Z')

/** Revoked in the recorded chain; in its twin nobody revoked it. */
type Subject = { readonly autoId: string; readonly ocspPath: string }

const databases: Record<string, TestDatabase> = {}
let proxy: SwitchedProxy
let dataDir: string
let server: RunningServer
let subject: Subject

const shared = (): ServerOptions => ({
  ...serverOptions('', dataDir),
  logLevel: 'silent',
  nowMs: () => now,
})

const further = (name: string, databaseUrl: string) => ({
  name,
  databaseUrl,
  databaseReadUrls: [],
  maxHeadAgeSeconds: 0,
  responderKey: null,
  responderCert: null,
  rpcEndpoints: [],
  nodeExplorerUrl: null,
})

const urlOf = (name: string) => databases[name]?.url ?? ''

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'auto-registry-test-'))
  for (const name of ['main', 'twin', 'made']) databases[name] = await createTestDatabase()
  await indexDevChain(urlOf('main'))
  await indexDevChain(urlOf('twin'))
  await loadIndex(urlOf('made'), planOf(60))
  subject = await forgetRevocation(urlOf('twin'))
  proxy = await startSwitchedProxy(urlOf('made'))
  const explorerDir = path.join(dataDir, 'explorer')
  await mkdir(explorerDir)
  await writeFile(path.join(explorerDir, 'index.html'), PAGE)
  server = await startServer({
    ...shared(),
    explorerDir,
    databaseUrl: urlOf('main'),
    registries: [
      further('twin', urlOf('twin')),
      further('made', urlOf('made')),
      further('away', proxy.url),
    ],
  })
})

afterAll(async () => {
  await server?.close()
  await proxy?.close()
  for (const database of Object.values(databases)) await database.close()
  await rm(dataDir, { recursive: true, force: true })
})

/** The twin has the same blocks, head hash and ids: a cache shared by any of those would answer for the other. */
async function forgetRevocation(url: string): Promise<Subject> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  type Row = { auto_id: string; issuer_id: string; serial: string; tbs: Buffer; spki: Buffer }
  const { rows } = await client.query<Row>(
    `select v.auto_id, v.issuer_id, v.serial, c.tbs, i.public_key as spki
       from revocation r
       join auto_id_version v on v.issuer_id = r.issuer_id and v.serial = r.serial
       join certificate c on c.id = v.certificate_id
       join certificate i on i.id = c.issuer_certificate_id
       join auto_id_version u on u.auto_id = v.issuer_id and u.block_to is null and u.active and u.issuer_id is null
      where v.block_to is null and v.active and r.reason = 'REVOKED' and v.not_after > $1
      order by v.auto_id limit 1`,
    [new Date(now)],
  )
  const [row] = rows
  if (row === undefined) throw new Error('the recorded chain revoked nothing')
  await client.query('delete from revocation where issuer_id = $1 and serial = $2', [
    row.issuer_id,
    row.serial,
  ])
  await client.end()
  const { issuer, serialBytes } = parseTbs(row.tbs)
  const request = encodeOcspRequest([encodeCertId('sha1', issuer, row.spki, serialBytes)])
  const base64 = encodeURIComponent(Buffer.from(request).toString('base64'))
  return { autoId: row.auto_id, ocspPath: `ocsp/${base64}` }
}

async function ask(base: string, query: string): Promise<{ data: unknown; codes: unknown[] }> {
  const response = await fetch(`${server.url}${base}graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  type Answer = { data?: unknown; errors?: { extensions: { code: string } }[] }
  const { data, errors = [] } = (await response.json()) as Answer
  return { data, codes: errors.map(({ extensions }) => extensions.code) }
}

async function json(target: string): Promise<Record<string, unknown>> {
  return (await (await fetch(`${server.url}${target}`)).json()) as Record<string, unknown>
}

async function ocspStatus(base: string): Promise<string | undefined> {
  const response = await fetch(`${server.url}${base}${subject.ocspPath}`)
  const { responses } = parseOcspResponse(new Uint8Array(await response.arrayBuffer()))
  return responses[0]?.certStatus.kind
}

/** Everything the subject is asked about, as one registry says it. */
async function sayings(base: string) {
  const query = `{ revocationStatus(of: { autoId: "${subject.autoId}" }) { status }
    autoId(id: "${subject.autoId}") { status }
    verify(subject: { autoId: "${subject.autoId}" }) { verdict } }`
  return {
    graphql: (await ask(base, query)).data,
    status: (await json(`${base}status/${subject.autoId}`))['status'],
    ocsp: await ocspStatus(base),
  }
}

describe('one API over several registries', () => {
  test('answers each from its own database, whatever was asked of another before', async () => {
    const revoked = {
      graphql: {
        revocationStatus: { status: 'REVOKED' },
        autoId: { status: 'REVOKED' },
        verify: { verdict: 'INVALID' },
      },
      status: 'REVOKED',
      ocsp: 'revoked',
    }
    const good = {
      graphql: {
        revocationStatus: { status: 'GOOD' },
        autoId: { status: 'ACTIVE' },
        verify: { verdict: 'VALID' },
      },
      status: 'ACTIVE',
      ocsp: 'good',
    }
    for (let round = 0; round < 3; round++) {
      expect(await sayings('/')).toEqual(revoked)
      expect(await sayings('/r/twin/')).toEqual(good)
    }
    const { data } = await ask('/r/made/', '{ status { head { height } counts { autoIds } } }')
    const { data: first } = await ask('/', '{ status { head { height } counts { autoIds } } }')
    expect(first).toMatchObject({ status: { head: { height: 282 } } })
    expect(data).not.toEqual(first)
    expect((await ask('/r/made/', `{ autoId(id: "${subject.autoId}") { id } }`)).data).toEqual({
      autoId: null,
    })
  })

  test('signs for each with a key of its own, so that no answer passes for that of another', async () => {
    const texts = await Promise.all(
      ['/', '/r/twin/', '/r/made/'].map(async (base) => {
        const response = await fetch(`${server.url}${base}responder.pem`)
        expect(response.status).toBe(200)
        return response.text()
      }),
    )
    expect(new Set(texts).size).toBe(3)
  })

  test('says where each is reached, in its documents and over GraphQL', async () => {
    const document = `autoid/${subject.autoId}/.well-known/openid-configuration`
    const twin = await json(`/r/twin/${document}`)
    expect(twin['issuer']).toBe(`${server.url}/r/twin/autoid/${subject.autoId}`)
    expect((await json(`/${document}`))['issuer']).toBe(`${server.url}/autoid/${subject.autoId}`)
    const links = await ask('/r/twin/', '{ registries { name path current } }')
    expect(links.data).toEqual({
      registries: [
        { name: 'main', path: '/', current: false },
        { name: 'twin', path: '/r/twin/', current: true },
        { name: 'made', path: '/r/made/', current: false },
        { name: 'away', path: '/r/away/', current: false },
      ],
    })
    const page = await fetch(`${server.url}/r/twin/graphql`, { headers: { accept: 'text/html' } })
    expect(await page.text()).toContain('"endpoint":"/r/twin/graphql"')
  })

  test('a name nobody has is not found, and is never answered by the first registry', async () => {
    const targets = ['graphql', `status/${subject.autoId}`, 'readyz', 'metrics', '']
    const bases = ['/r/other/', '/r//', '/r/main/', '/r/Twin/', '/r/%74win/']
    for (const base of bases) {
      for (const target of targets) {
        expect([base, (await fetch(`${server.url}${base}${target}`)).status]).toEqual([base, 404])
      }
    }
    expect((await fetch(`${server.url}/r`)).status).toBe(404)
    expect((await fetch(`${server.url}/r/`)).status).toBe(404)
  })

  test('the pages of the explorer stand under each registry, and under no other name', async () => {
    for (const page of ['/', '/verify', '/r/twin', '/r/twin/', '/r/twin/verify', '/r/away/']) {
      const answer = await fetch(server.url + page)
      expect([page, answer.status, await answer.text()]).toEqual([page, 200, PAGE])
    }
    const lost = await fetch(`${server.url}/r/twin/nonsense`, { headers: { accept: 'text/html' } })
    expect([lost.status, await lost.text()]).toEqual([404, PAGE])
    expect((await fetch(`${server.url}/r/twin/nonsense`)).status).toBe(404)
    expect((await fetch(`${server.url}/r/other/verify`)).status).toBe(404)
  })

  test('a database that is away, comes and goes concerns its own registry alone', async () => {
    const away = async () => ({
      ready: (await fetch(`${server.url}/r/away/readyz`)).status,
      status: (await fetch(`${server.url}/r/away/status/${subject.autoId}`)).status,
      ocsp: await ocspStatus('/r/away/').catch((error: Error) => error.message),
      codes: (await ask('/r/away/', '{ status { head { height } } }')).codes,
    })
    const others = async () =>
      Promise.all(['/', '/r/twin/', '/r/made/'].map((base) => fetch(`${server.url}${base}readyz`)))
    const gone = { ready: 503, status: 503, codes: ['UNAVAILABLE'] }
    expect(await away()).toMatchObject(gone)
    expect((await others()).map(({ status }) => status)).toEqual([200, 200, 200])
    const listed = (await json('/registries')) as { registries: { name: string; ready: boolean }[] }
    expect(listed.registries.map(({ name, ready }) => [name, ready])).toEqual([
      ['main', true],
      ['twin', true],
      ['made', true],
      ['away', false],
    ])
    expect(listed.registries[0]).toMatchObject({ path: '/', head: { height: 282 } })
    proxy.turn(true)
    expect(await away()).toMatchObject({ ready: 200, status: 404, ocsp: 'unknown', codes: [] })
    proxy.turn(false)
    expect(await away()).toMatchObject({ ...gone, ready: expect.any(Number) })
    expect(await sayings('/')).toMatchObject({ status: 'REVOKED', ocsp: 'revoked' })
    expect((await others()).map(({ status }) => status)).toEqual([200, 200, 200])
  })
})

describe('an API that starts while its database is away', () => {
  test('says so, and answers as soon as it comes', async () => {
    const late = await startSwitchedProxy(urlOf('main'))
    const waiting = await startServer({ ...shared(), databaseUrl: late.url })
    try {
      expect((await fetch(`${waiting.url}/healthz`)).status).toBe(200)
      expect((await fetch(`${waiting.url}/readyz`)).status).toBe(503)
      expect((await fetch(`${waiting.url}/status/${subject.autoId}`)).status).toBe(503)
      late.turn(true)
      expect((await fetch(`${waiting.url}/readyz`)).status).toBe(200)
      const answer = await fetch(`${waiting.url}/status/${subject.autoId}`)
      expect(await answer.json()).toMatchObject({ status: 'REVOKED' })
    } finally {
      await waiting.close()
      await late.close()
    }
  })

  test('answers from replicas meanwhile', async () => {
    const primary = await startSwitchedProxy(urlOf('main'))
    const databaseReadUrls = [urlOf('main')]
    const api = await startServer({ ...shared(), databaseUrl: primary.url, databaseReadUrls })
    try {
      expect((await fetch(`${api.url}/readyz`)).status).toBe(200)
      const answer = await fetch(`${api.url}/status/${subject.autoId}`)
      expect(await answer.json()).toMatchObject({ status: 'REVOKED' })
      const query = encodeURIComponent('{ status { head { height } } }')
      const response = await fetch(`${api.url}/graphql?query=${query}`)
      expect(await response.json()).toMatchObject({ data: { status: { head: { height: 282 } } } })
    } finally {
      await api.close()
      await primary.close()
    }
  })
})
