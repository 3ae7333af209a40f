/** Certificates, keys, DID and status list over the recorded chain, by stock clients. */

import { execFile } from 'node:child_process'
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { inflateSync } from 'node:zlib'
import * as jose from 'jose'
import * as openid from 'openid-client'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase } from '../support/postgres'
import { type RecordedService, startRecordedService } from '../support/recorded-service'
import { startService } from '../support/relying-party-service'
import { pemOf, story } from '../support/story'

const run = promisify(execFile)

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

const keyOf = (autoId: string) => createPrivateKey(pemOf(autoId))

describe('certificates', () => {
  test('openssl reads every form; the chain verifies to its root', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'cert-test-'))
    const save = async (name: string) => {
      const response = await get(`/autoid/${story.service}${name}`)
      expect(response.status).toBe(200)
      await writeFile(path.join(directory, `x${name}`), Buffer.from(await response.arrayBuffer()))
    }
    for (const name of ['.pem', '.der', '.chain.pem', '.p7c']) await save(name)
    const openssl = async (...args: string[]) =>
      (await run('openssl', args, { cwd: directory })).stdout
    const fingerprint = await openssl('x509', '-in', 'x.pem', '-noout', '-fingerprint', '-sha256')
    expect(
      await openssl('x509', '-inform', 'DER', '-in', 'x.der', '-noout', '-fingerprint', '-sha256'),
    ).toBe(fingerprint)
    const chain = (await readFile(path.join(directory, 'x.chain.pem'), 'utf8')).split(
      /(?<=END CERTIFICATE-----\n)/,
    )
    expect(chain).toHaveLength(3)
    await writeFile(path.join(directory, 'root.pem'), chain[2] ?? '')
    expect(
      await openssl(
        'verify',
        '-x509_strict',
        '-CAfile',
        'root.pem',
        '-untrusted',
        'x.chain.pem',
        'x.pem',
      ),
    ).toBe('x.pem: OK\n')
    const bundle = await openssl(
      'pkcs7',
      '-inform',
      'DER',
      '-in',
      'x.p7c',
      '-print_certs',
      '-noout',
    )
    expect(bundle.match(/subject=/g)).toHaveLength(3)
    await rm(directory, { recursive: true })
  })

  test('a deactivated identity has no certificate in force now, and had one then', async () => {
    const { rows } = await client.query<{ auto_id: string; block_from: number }>(
      'select auto_id, block_from from auto_id_version where block_to is null and not active limit 1',
    )
    const gone = rows[0]
    expect((await get(`/autoid/${gone?.auto_id}.pem`)).status).toBe(404)
    const before = await get(`/autoid/${gone?.auto_id}.pem?block=${(gone?.block_from ?? 0) - 1}`)
    expect(before.status).toBe(200)
    expect(await before.text()).toContain('BEGIN CERTIFICATE')
  })
})

describe('keys for JOSE and OIDC', () => {
  test('the JWK carries kid, x5c and x5t#S256 of the certificate in force', async () => {
    const { keys } = (await json(`/autoid/${story.service}.jwks.json`)) as unknown as {
      keys: Record<string, never>[]
    }
    const [key] = keys as unknown as {
      kid: string
      x5c: string[]
      'x5t#S256': string
      kty: string
    }[]
    const der = Buffer.from(key?.x5c[0] ?? '', 'base64')
    expect(key).toMatchObject({ kid: story.service, kty: 'RSA', use: 'sig' })
    expect(key?.['x5t#S256']).toBe(createHash('sha256').update(der).digest('base64url'))
    expect(new X509Certificate(der).subject).toContain('CN=')
    expect(key?.x5c).toHaveLength(3)
  })

  test('jose verifies a token of the identity by URL alone', async () => {
    const jwks = jose.createRemoteJWKSet(new URL(`${service.url}/autoid/${story.person}.jwks.json`))
    const token = await new jose.SignJWT({ scope: 'read' })
      .setProtectedHeader({ alg: 'ES256', kid: story.person })
      .setIssuer(`${service.url}/autoid/${story.person}`)
      .setAudience('api')
      .setExpirationTime('5m')
      .sign(keyOf(story.person))
    const { payload } = await jose.jwtVerify(token, jwks, {
      issuer: `${service.url}/autoid/${story.person}`,
      audience: 'api',
    })
    expect(payload['scope']).toBe('read')
    const forged = `${token.slice(0, -6)}AAAAAA`
    await expect(jose.jwtVerify(forged, jwks)).rejects.toThrow()
  })

  test('a revoked identity has no key now, so jose refuses its token; at an earlier block it had', async () => {
    expect(await json(`/autoid/${story.agent}.jwks.json`)).toEqual({ keys: [] })
    const then = (await json(`/autoid/${story.agent}.jwks.json?block=275`)) as unknown as {
      keys: unknown[]
    }
    expect(then.keys).toHaveLength(1)
    const jwks = jose.createRemoteJWKSet(new URL(`${service.url}/autoid/${story.agent}.jwks.json`))
    const token = await new jose.SignJWT({})
      .setProtectedHeader({ alg: 'EdDSA', kid: story.agent })
      .setExpirationTime('5m')
      .sign(keyOf(story.agent))
    await expect(jose.jwtVerify(token, jwks)).rejects.toThrow('no applicable key')
  })

  test('openid-client discovers the identity as an issuer and verifies its ID token', async () => {
    const issuer = new URL(`${service.url}/autoid/${story.person}`)
    const config = await openid.discovery(issuer, 'client', undefined, openid.None(), {
      execute: [openid.allowInsecureRequests],
    })
    expect(config.serverMetadata()).toMatchObject({
      issuer: issuer.href,
      jwks_uri: `${issuer.href}.jwks.json`,
    })
    const idToken = await new jose.SignJWT({ nonce: 'n' })
      .setProtectedHeader({ alg: 'ES256', kid: story.person })
      .setIssuer(issuer.href)
      .setSubject(story.person)
      .setAudience('client')
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(keyOf(story.person))
    openid.useIdTokenResponseType(config)
    const callback = new URL(`https://client.example/cb#id_token=${idToken}`)
    const claims = await openid.implicitAuthentication(config, callback, 'n')
    expect(claims).toMatchObject({ iss: issuer.href, sub: story.person })
    const forged = new URL(`https://client.example/cb#id_token=${idToken.slice(0, -6)}AAAAAA`)
    await expect(openid.implicitAuthentication(config, forged, 'n')).rejects.toThrow()
  })
})

describe('GET /autoid/{id}/did.json', () => {
  test('is a document of DID core whose did:web resolves to this very URL', async () => {
    const did = (await json(`/autoid/${story.service}/did.json`)) as Record<string, never>
    const id = String(did['id'])
    const parts = id.split(':')
    expect(parts.slice(0, 2)).toEqual(['did', 'web'])
    const [host, ...segments] = parts.slice(2).map(decodeURIComponent)
    expect(`http://${host}/${segments.join('/')}/did.json`).toBe(
      `${service.url}/autoid/${story.service}/did.json`,
    )
    const [method] = did['verificationMethod'] as unknown as Record<string, string>[]
    expect(method).toMatchObject({
      controller: id,
      type: 'JsonWebKey2020',
      id: expect.stringMatching(`^${id}#`),
    })
    expect(method?.['publicKeyJwk']).not.toHaveProperty('d')
    expect(did['authentication']).toEqual([method?.['id']])
    const ids = (did['service'] as unknown as { id: string }[]).map((one) => one.id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const one of did['alsoKnownAs'] as unknown as string[])
      expect(one).toMatch(/^[a-z][a-z0-9+.-]*:/)
  })

  test('a revoked identity has no verification method', async () => {
    expect(await json(`/autoid/${story.agent}/did.json`)).not.toHaveProperty('verificationMethod')
  })
})

describe('the token status list', () => {
  test("jose verifies it with the responder's key; the bits are the registry's", async () => {
    const token = await (await get('/status-list/0')).text()
    const jwks = jose.createLocalJWKSet(
      (await json('/responder.jwks.json')) as unknown as jose.JSONWebKeySet,
    )
    const { payload, protectedHeader } = await jose.jwtVerify(token, jwks, {
      typ: 'statuslist+jwt',
    })
    expect(protectedHeader.alg).toBe('ES256')
    expect(payload.sub).toBe(`${service.url}/status-list/0`)
    const { bits, lst } = payload['status_list'] as { bits: number; lst: string }
    expect(bits).toBe(1)
    const bytes = inflateSync(Buffer.from(lst, 'base64url'))
    const bitOf = async (autoId: string) => {
      const reference = (await json(`/status-list/of/${autoId}`)) as unknown as {
        status: { status_list: { idx: number; uri: string } }
      }
      expect(reference.status.status_list.uri).toBe(payload.sub)
      const { idx } = reference.status.status_list
      return ((bytes[idx >> 3] as number) >> (idx & 7)) & 1
    }
    expect(await bitOf(story.service)).toBe(0)
    expect(await bitOf(story.agent)).toBe(1)
    const { rows } = await client.query<{ bad: string; all: string }>(
      `select count(*) as all,
              count(*) filter (where c.block_to is not null or r.id is not null or g.block_to is not null) as bad
         from certificate c left join certificate i on i.id = c.issuer_certificate_id
         left join registration g on g.id = i.registration_id left join revocation r on r.issuer_id = coalesce(c.issuer_id, c.auto_id) and r.serial = c.serial`,
    )
    const ones = [...bytes].reduce(
      (sum, byte) => sum + byte.toString(2).replaceAll('0', '').length,
      0,
    )
    expect(ones).toBe(Number(rows[0]?.bad))
    expect(bytes.length).toBe(Math.ceil(Number(rows[0]?.all) / 8))
    expect((await get('/status-list/1')).status).toBe(404)
  })
})

describe('the service itself', () => {
  test('/healthz, /readyz and /responder.pem', async () => {
    expect(await json('/healthz')).toEqual({ status: 'ok' })
    expect(await json('/readyz')).toMatchObject({ status: 'ready', height: 282 })
    const pem = await (await get('/responder.pem')).text()
    const certificate = new X509Certificate(pem)
    expect(certificate.ca).toBe(false)
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.9'])
    expect(certificate.verify(certificate.publicKey)).toBe(true)
  })

  test('a database that is away is UNAVAILABLE, not an answer', async () => {
    const empty = await createTestDatabase()
    const without = await startService(empty.url)
    try {
      expect((await fetch(`${without.url}/readyz`)).status).toBe(503)
      const status = await fetch(`${without.url}/status/${story.service}`)
      expect(status.status).toBe(503)
      expect(status.headers.get('retry-after')).not.toBeNull()
    } finally {
      await without.close()
      await empty.close()
    }
  })
})
