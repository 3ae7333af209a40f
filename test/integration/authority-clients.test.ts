/** `sign`, `verify` and the challenge-response helper against the real schema on the recorded chain. */

import { createPrivateKey } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { graphql } from 'graphql'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { buildApiSchema } from '../../src/api/schema'
import { createSession } from '../../src/api/session'
import { main as signMain } from '../../src/cli/sign'
import { main as verifyMain } from '../../src/cli/verify'
import { createAuthenticator, signChallenge } from '../../src/client/challenge'
import { encodePem } from '../../src/pki/pem'
import { createSnapshotSource } from '../../src/store/read/snapshot'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'

let database: TestDatabase
let pool: pg.Pool
let server: Server
let url: string
let directory: string
let story: Record<string, string>
let keys: { pkcs8Pem: string; usedFor: { autoId: string }[] }[]

beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url)
  pool = new pg.Pool({ connectionString: database.url })
  story = JSON.parse(await readFile('chains/dev/story.json', 'utf8'))
  keys = JSON.parse(await readFile('test/fixtures/dev/keys.json', 'utf8'))
  directory = await mkdtemp(path.join(tmpdir(), 'proof-test-'))
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => void answer(body).then((text) => response.end(text)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const name of ['client', 'person', 'organisation', 'partner']) {
    await writeFile(file(`${name}.pem`), await pemOf(story[name] ?? ''))
  }
  await writeFile(file('client.key'), keyText(story['client'] ?? ''))
  await writeFile(
    file('chain.pem'),
    (await readFile(file('client.pem'), 'utf8')) + (await readFile(file('person.pem'), 'utf8')),
  )
  await writeFile(file('post.txt'), 'A post.\n')
})

afterAll(async () => {
  server?.close()
  await pool?.end()
  await database?.close()
  await rm(directory, { recursive: true, force: true })
})

const file = (name: string) => path.join(directory, name)

async function answer(body: string): Promise<string> {
  const { query, variables } = JSON.parse(body)
  const now = Date.now()
  const snapshot = await createSnapshotSource(
    [pool],
    () => now,
  )({ minBlock: null, maxLagSeconds: null })
  const contextValue = {
    session: createSession(snapshot, now, () => 0),
    limits: { maxPemBytes: 262_144, maxChainDepth: 64, maxPageSize: 100 },
  }
  const result = await graphql({
    schema: buildApiSchema(),
    source: query,
    variableValues: variables,
    contextValue,
  })
  await snapshot.close()
  return JSON.stringify(result)
}

function keyText(autoId: string): string {
  return keys.find(({ usedFor }) => usedFor.some((use) => use.autoId === autoId))?.pkcs8Pem ?? ''
}

async function pemOf(autoId: string): Promise<string> {
  const { rows } = await pool.query<{ der: Buffer }>(
    'select der from certificate where auto_id = $1',
    [autoId],
  )
  return encodePem('CERTIFICATE', rows[0]?.der ?? new Uint8Array())
}

async function run(main: (argv: readonly string[]) => Promise<number>, ...argv: string[]) {
  let output = ''
  const keep = (text: unknown) => {
    output += String(text)
    return true
  }
  const out = vi.spyOn(process.stdout, 'write').mockImplementation(keep)
  const err = vi.spyOn(process.stderr, 'write').mockImplementation(keep)
  try {
    return { code: await main(argv), output }
  } finally {
    out.mockRestore()
    err.mockRestore()
  }
}

describe('auto-registry sign and verify', () => {
  test('a proof is small, verifies online, and says how to anchor it', async () => {
    const id = story['client'] ?? ''
    const signed = await run(
      signMain,
      file('post.txt'),
      '--id',
      id,
      '--key',
      file('client.key'),
      '--model',
      'urn:model:x',
      '--out',
      file('post.proof'),
    )
    expect(signed).toMatchObject({
      code: 0,
      output: expect.stringMatching(/remark_with_event\(0x[0-9a-f]{64}\)/),
    })
    expect((await stat(file('post.proof'))).size).toBeLessThan(1_000)
    const verified = await run(verifyMain, file('post.proof'), file('post.txt'), '--service', url)
    expect(verified.code).toBe(0)
    expect(verified.output).toMatch(/^VALID\nsigner +0xda7c.*\nmodel +urn:model:x\n/)
    expect(verified.output).toContain('TIME_ONLY_CLAIMED')
  })

  test('offline it is never better than INDETERMINATE, and says what was not checked', async () => {
    const argv = [file('post.proof'), file('post.txt'), '--chain', file('chain.pem')]
    const good = await run(verifyMain, ...argv, '--root', file('organisation.pem'))
    expect(good.code).toBe(2)
    expect(good.output).toContain('REVOCATION_NOT_CHECKED')
    const otherRoot = await run(verifyMain, ...argv, '--root', file('partner.pem'))
    expect(otherRoot).toMatchObject({
      code: 1,
      output: expect.stringContaining('SIGNER_UNANCHORED'),
    })
  })

  test("offline a proof in another identity's name is INVALID, whatever root its certificates have", async () => {
    const sign = ['--key', file('client.key'), '--out', file('forged.proof')]
    await run(signMain, file('post.txt'), '--id', story['person'] ?? '', ...sign)
    const argv = [file('forged.proof'), file('post.txt'), '--chain', file('chain.pem')]
    expect(await run(verifyMain, ...argv, '--root', file('organisation.pem'))).toMatchObject({
      code: 1,
      output: expect.stringMatching(/SIGNER_MISMATCH: its certificates are those of 0xda7c/),
    })
  })

  test('online only the roots named by --anchor count, and rules that would not be asked are refused', async () => {
    const argv = [file('post.proof'), file('post.txt'), '--service', url]
    const anchored = await run(verifyMain, ...argv, '--anchor', story['organisation'] ?? '')
    expect(anchored.code).toBe(0)
    expect(await run(verifyMain, ...argv, '--anchor', story['partner'] ?? '')).toMatchObject({
      code: 1,
      output: expect.stringContaining('SIGNER_UNANCHORED'),
    })
    await expect(run(verifyMain, ...argv, '--root', file('partner.pem'))).rejects.toThrow(
      /^--root goes without --service/,
    )
    // A token of nobody is handed on and found unusable.
    const stamp = ['--timestamp', file('client.key'), '--timestamp-root', file('organisation.pem')]
    const stamped = await run(verifyMain, ...argv, ...stamp)
    expect(stamped.output).toContain('TIMESTAMP_NOT_USABLE')
  })

  test('other content is INVALID online and offline', async () => {
    await writeFile(file('other.txt'), 'Another post.\n')
    expect(
      (await run(verifyMain, file('post.proof'), file('other.txt'), '--service', url)).code,
    ).toBe(1)
    const offline = await run(
      verifyMain,
      file('post.proof'),
      file('other.txt'),
      '--chain',
      file('chain.pem'),
      '--root',
      file('organisation.pem'),
    )
    expect(offline).toMatchObject({ code: 1, output: expect.stringContaining('CONTENT_MISMATCH') })
  })

  // Printed as it came, the model cleared the screen and wrote VALID there.
  test.each(['online', 'offline'])(
    '%s, what the signer wrote prints as text: no line, colour or direction of its own',
    async (how) => {
      const model = 'm\n\u001b[2J\u001b[HVALID\nsigner \u202e0x'
      const id = ['--id', story['client'] ?? '', '--key', file('client.key')]
      await run(signMain, file('post.txt'), ...id, '--model', model, '--out', file('ink.proof'))
      await writeFile(file('other.txt'), 'Another post.\n')
      const where =
        how === 'online'
          ? ['--service', url]
          : ['--chain', file('chain.pem'), '--root', file('organisation.pem')]
      const { code, output } = await run(verifyMain, file('ink.proof'), file('other.txt'), ...where)
      expect(code).toBe(1)
      expect(output).toMatch(/^INVALID\n/)
      expect(output).toContain('m\\u{a}\\u{1b}[2J\\u{1b}[HVALID\\u{a}signer \\u{202e}0x')
      expect(output.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
      expect(output.match(/^VALID|^signer /gm)?.length ?? 0).toBeLessThanOrEqual(1)
    },
  )

  // Without the look at the verdict the exit code is 0, as for VALID.
  test.each(['GOOD', null, 'constructor'])(
    'a verdict of %s is an error, not a verdict',
    async (verdict) => {
      const body = JSON.stringify({
        data: { verifyProvenance: { verdict, failures: [], findings: [] } },
      })
      const other = createServer((_, response) => response.end(body))
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
      const { port } = other.address() as AddressInfo
      const argv = [file('post.proof'), file('post.txt'), '--service', `http://127.0.0.1:${port}`]
      await expect(run(verifyMain, ...argv)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      other.close()
    },
  )

  test('a service that is away is an error, not a verdict', async () => {
    await expect(
      run(verifyMain, file('post.proof'), file('post.txt'), '--service', 'http://127.0.0.1:9'),
    ).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  test.each([
    ['no arguments', []],
    ['an unknown option', ['x', '--id', 'y', '--nonsense']],
  ])('%s: one line that says the usage', async (_, argv) => {
    await expect(run(signMain, ...argv)).rejects.toThrow(/^usage: sign FILE/)
  })
})

describe('challenge-response', () => {
  const challengeOf = (options = {}) =>
    createAuthenticator({
      serviceUrl: url,
      audience: 'https://me.example',
      trustAnchors: [story['organisation'] ?? ''],
      ...options,
    })
  const signed = (autoId: string, challenge: string) =>
    signChallenge(createPrivateKey(keyText(autoId)), challenge)

  test.each(['client', 'service', 'person'])('lets in the %s, once', async (name) => {
    const id = story[name] ?? ''
    const authenticator = challengeOf()
    const challenge = authenticator.createChallenge()
    const signature = signed(id, challenge)
    await authenticator.authenticate(id, challenge, signature)
    await expect(authenticator.authenticate(id, challenge, signature)).rejects.toMatchObject({
      code: 'CHALLENGE_INVALID',
    })
  })

  test.each([
    [
      'deactivated',
      'basic-leaf-1',
      '0x0c33be7e4c399c48bef2e6c61a6a94bcb3c54fe715ca3f57bcc9c70ad2fc512e',
      'PEER_DEACTIVATED',
    ],
    [
      'below an issuer that left',
      'chain-2',
      '0xd69a31c29a69d5c8cfc51ed19e7c657202689634bf23b03cf93e2df378ca5a2d',
      'PEER_UNKNOWN',
    ],
    [
      'below another key than signed it',
      'dea-leaf',
      '0xb817fa6de440fdbd1145b683ddf35c6993d0c9a13eccbe6e2ad9c9f1fede2d47',
      'PEER_UNKNOWN',
    ],
  ])('refuses one that is %s (%s)', async (_, __, id, code) => {
    const authenticator = challengeOf({ trustAnchors: undefined })
    const challenge = authenticator.createChallenge()
    const attempt = authenticator.authenticate(id, challenge, signed(id, challenge))
    await expect(attempt).rejects.toMatchObject({ code })
  })

  test('refuses the revoked agent, another key, another root, an old challenge and one that is not ours', async () => {
    const { agent = '', client = '', service = '', partner = '' } = story
    const attempt = async (id: string, signer: string, options = {}) => {
      const authenticator = challengeOf(options)
      const challenge = authenticator.createChallenge()
      return authenticator.authenticate(id, challenge, signed(signer, challenge))
    }
    await expect(attempt(agent, agent)).rejects.toMatchObject({
      code: 'PEER_REVOKED',
      subject: agent,
      message: expect.stringContaining('revocation list'),
    })
    const nobody = `0x${'0'.repeat(64)}`
    await expect(attempt(nobody, client)).rejects.toMatchObject({ code: 'PEER_UNKNOWN' })
    await expect(attempt(client, service)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' })
    await expect(attempt(client, client, { trustAnchors: [partner] })).rejects.toMatchObject({
      code: 'PEER_UNANCHORED',
    })
    await expect(
      attempt(client, client, { serviceUrl: 'http://127.0.0.1:9' }),
    ).rejects.toMatchObject({ code: 'STATUS_UNAVAILABLE' })
    let now = 1_000_000
    const slow = challengeOf({ nowMs: () => now })
    const challenge = slow.createChallenge()
    now += 61_000
    await expect(
      slow.authenticate(client, challenge, signed(client, challenge)),
    ).rejects.toMatchObject({ code: 'CHALLENGE_INVALID' })
    const foreign = challengeOf().createChallenge()
    await expect(
      challengeOf().authenticate(client, foreign, signed(client, foreign)),
    ).rejects.toMatchObject({ code: 'CHALLENGE_INVALID' })
  })
})
