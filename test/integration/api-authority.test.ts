/** verifyToken, verifyProvenance and claims by GraphQL over the recorded chain. */

import { createHash, createPrivateKey } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { graphql } from 'graphql'
import { SignJWT } from 'jose'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildApiSchema } from '../../src/api/schema'
import { createSession } from '../../src/api/session'
import { startServer } from '../../src/server'
import { createSnapshotSource } from '../../src/store/read/snapshot'
import { DEFAULT_ASSURANCE_POLICY } from '../../src/tokens/assurance'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { serverOptions } from '../support/server-options'

const NOW = Date.parse('2026-11-19T19:29:00Z')

let database: TestDatabase
let pool: pg.Pool
let story: Record<string, string> & { proofs: never }
let proofs: { content: string; jws: string }[]
let keys: { pkcs8Pem: string; usedFor: { autoId: string }[] }[]

beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url)
  pool = new pg.Pool({ connectionString: database.url })
  story = JSON.parse(await readFile('chains/dev/story.json', 'utf8'))
  proofs = story.proofs
  keys = JSON.parse(await readFile('test/fixtures/dev/keys.json', 'utf8'))
})

afterAll(async () => {
  await pool?.end()
  await database?.close()
})

async function ask(source: string, variableValues: Record<string, unknown>) {
  const snapshot = await createSnapshotSource(
    [pool],
    () => NOW,
  )({ minBlock: null, maxLagSeconds: null })
  try {
    const session = createSession(snapshot, NOW, () => 0)
    const contextValue = {
      session,
      assurancePolicy: DEFAULT_ASSURANCE_POLICY,
      limits: { maxPemBytes: 262_144, maxChainDepth: 64, maxPageSize: 100 },
    }
    const { data, errors } = await graphql({
      schema: buildApiSchema(),
      source,
      contextValue,
      variableValues,
    })
    if (errors !== undefined) throw errors[0]
    return data as Record<string, never>
  } finally {
    await snapshot.close()
  }
}

function keyOf(autoId: string) {
  const found = keys.find(({ usedFor }) => usedFor.some((use) => use.autoId === autoId))
  return createPrivateKey(found?.pkcs8Pem ?? '')
}

const sign = (claims: Record<string, unknown>, issuer: string, alg: string) =>
  new SignJWT({
    iss: `https://registry.example/autoid/${issuer}`,
    iat: NOW / 1000 - 60,
    exp: NOW / 1000 + 600,
    ...claims,
  })
    .setProtectedHeader({ alg, kid: issuer })
    .sign(keyOf(issuer))

const PROVENANCE = `query ($proof: String!, $sha256: String) {
  verifyProvenance(proof: $proof, sha256: $sha256) {
    verdict failures { code } findings { code } signer contentMatches model modelOutcome claimedAt timeEvidence provenAt
    anchor { height } asOf { height final } } }`

test('verifyProvenance gives each proof of the story its answer and reason', async () => {
  const answers = []
  for (const { content, jws } of proofs) {
    const sha256 = createHash('sha256').update(content).digest('hex')
    answers.push((await ask(PROVENANCE, { proof: jws, sha256 }))['verifyProvenance'])
  }
  expect(answers).toMatchObject([
    {
      verdict: 'VALID',
      anchor: { height: 274 },
      contentMatches: true,
      model: 'urn:model:example/open-writer:7b:v2',
      modelOutcome: 'MATCH',
      asOf: { height: 274, final: true },
    },
    {
      verdict: 'VALID',
      anchor: { height: 275 },
      provenAt: new Date('2026-11-19T19:25:48.434Z').toISOString(),
    },
    {
      verdict: 'INVALID',
      failures: [{ code: 'SIGNER_NOT_GOOD' }, { code: 'TIME_BACKDATED' }],
      anchor: { height: 277 },
    },
    {
      verdict: 'INDETERMINATE',
      failures: [{ code: 'TIME_ONLY_CLAIMED' }],
      timeEvidence: 'NONE',
      provenAt: null,
    },
  ])
})

test('verifyToken lists the chain of authority, and refuses an audience it is not for', async () => {
  const { person = '', client = '' } = story
  const grant = await sign(
    { sub: client, scope: 'read write', iat: NOW / 1000 - 120 },
    person,
    'ES256',
  )
  const jwt = await sign({ sub: client, scope: 'read', aud: 'api', grant }, client, 'RS256')
  const query = `query ($jwt: String!, $audience: String) { verifyToken(jwt: $jwt, audience: $audience) {
    verdict faults { code link } authority { issuer scope expiresAt trustAnchor } at asOf { height } } }`
  expect((await ask(query, { jwt, audience: 'api' }))['verifyToken']).toMatchObject({
    verdict: 'VALID',
    faults: [],
    authority: [
      { issuer: client, scope: ['read'] },
      { issuer: person, trustAnchor: story['organisation'] },
    ],
    asOf: { height: 282 },
  })
  expect((await ask(query, { jwt, audience: 'other' }))['verifyToken']).toMatchObject({
    verdict: 'INVALID',
    faults: [{ code: 'TOKEN_AUDIENCE', link: 0 }],
  })
})

const CLAIMS = `query ($autoId: ID!, $credentials: [String!], $policy: JSON) {
  claims(autoId: $autoId, credentials: $credentials, policy: $policy) {
    verdict claims { kind name value statedBy verification how } assurance { score policy terms { kind weight met explanation } } } }`

test('claims says of each claim whose word it is and how it was verified; the score explains its terms', async () => {
  const { person = '', service = '', agent = '', partner = '' } = story
  const vc = {
    vc: {
      type: ['VerifiableCredential', 'ServiceAudit'],
      credentialSubject: { id: service, level: 2 },
    },
    sub: service,
  }
  const good = await sign(vc, person, 'ES256')
  const byRevoked = await sign(vc, agent, 'EdDSA')
  const aboutOther = await sign({ ...vc, sub: partner }, person, 'ES256')
  const forged = `${good.slice(0, -8)}AAAAAAAA`
  const answer = (
    await ask(CLAIMS, { autoId: service, credentials: [good, byRevoked, aboutOther, forged] })
  )['claims'] as unknown as {
    claims: { kind: string; name: string; value: string; verification: string; statedBy: string }[]
    assurance: { score: number; terms: { kind: string; met: boolean }[] }
  }
  expect(answer).toMatchObject({ verdict: 'VALID' })
  const of = (kind: string) => answer.claims.filter((claim) => claim.kind === kind)
  expect(of('ALTERNATIVE_NAME').map(({ name, value }) => `${name} ${value}`)).toEqual([
    'DNS localhost',
    'DNS api.agents.example',
    'IP 127.0.0.1',
  ])
  expect(of('ALTERNATIVE_NAME')[0]).toMatchObject({ statedBy: person, verification: 'ATTESTED' })
  expect(of('CREDENTIAL').map(({ verification }) => verification)).toEqual([
    'VERIFIED',
    'REFUTED',
    'REFUTED',
    'REFUTED',
  ])
  expect(of('CREDENTIAL')[0]).toMatchObject({ name: 'ServiceAudit', statedBy: person })
  expect(answer.assurance.score).toBe(1)
  const without = (await ask(CLAIMS, { autoId: service }))['claims'] as unknown as typeof answer
  expect(without.assurance.score).toBe(0.9)
  expect(without.assurance.terms.filter(({ met }) => !met)).toMatchObject([
    { kind: 'VERIFIED_CREDENTIAL' },
  ])
})

test('a credential an identity gives itself is its own word, and a JWT without the type is none', async () => {
  const { service = '', person = '' } = story
  const vc = { type: ['VerifiableCredential'], credentialSubject: { id: service } }
  const own = await sign({ vc, sub: service }, service, 'RS256')
  const untyped = await sign({ sub: service }, person, 'ES256')
  const answer = (await ask(CLAIMS, { autoId: service, credentials: [own, untyped] }))[
    'claims'
  ] as unknown as {
    claims: { kind: string; verification: string }[]
    assurance: { terms: { kind: string; met: boolean }[] }
  }
  const given = answer.claims.filter(({ kind }) => kind === 'CREDENTIAL')
  expect(given.map(({ verification }) => verification)).toEqual(['SELF_STATED', 'REFUTED'])
  const term = answer.assurance.terms.find(({ kind }) => kind === 'VERIFIED_CREDENTIAL')
  expect(term?.met).toBe(false)
})

test('an identity that is not valid scores nothing; a policy that cannot be read is refused by name', async () => {
  const { agent = '' } = story
  expect((await ask(CLAIMS, { autoId: agent }))['claims']).toMatchObject({
    verdict: 'INVALID',
    assurance: { score: 0 },
  })
  const policy = { name: 'mine', terms: [{ kind: 'MAGIC', weight: 1 }] }
  await expect(ask(CLAIMS, { autoId: agent, policy })).rejects.toThrow(
    /assurance policy: terms.0.kind/,
  )
  const own = {
    name: 'mine',
    terms: [
      { kind: 'TRUSTED_ANCHOR', weight: 2, issuers: [story['partner']] },
      { kind: 'VALID', weight: 2 },
    ],
  }
  expect((await ask(CLAIMS, { autoId: story['service'], policy: own }))['claims']).toMatchObject({
    assurance: { score: 0.5, policy: 'mine' },
  })
})

describe('ASSURANCE_POLICY', () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'policy-'))
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  const start = async (text: string) => {
    const assurancePolicy = path.join(directory, 'policy.json')
    await writeFile(assurancePolicy, text)
    return startServer({ ...serverOptions(database.url, directory), assurancePolicy })
  }

  test('names the file by which every answer without a policy of its own is scored', async () => {
    const house = {
      name: 'house rules',
      terms: [
        { kind: 'VALID', weight: 3 },
        { kind: 'TRUSTED_ANCHOR', weight: 1, issuers: [story['partner']] },
      ],
    }
    const server = await start(JSON.stringify(house))
    const scored = async (policy?: unknown) => {
      const response = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          query: CLAIMS,
          variables: { autoId: story['service'], credentials: [], ...(policy ? { policy } : {}) },
        }),
      })
      return ((await response.json()) as { data: { claims: unknown } }).data.claims
    }
    try {
      expect(await scored()).toMatchObject({
        assurance: {
          score: 0.75,
          policy: 'house rules',
          terms: [
            { kind: 'VALID', weight: 3, met: true },
            { kind: 'TRUSTED_ANCHOR', weight: 1, met: false },
          ],
        },
      })
      const own = { name: 'mine', terms: [{ kind: 'VALID', weight: 1 }] }
      expect(await scored(own)).toMatchObject({ assurance: { score: 1, policy: 'mine' } })
    } finally {
      await server.close()
    }
  })

  test.each([
    ['nonsense', /not valid JSON/],
    ['[]', /expected object/],
    ['{"name": "x", "terms": []}', /terms/],
    ['{"name": "x", "terms": [{"kind": "MAGIC", "weight": 1}]}', /terms\.0\.kind/],
    ['{"name": "x", "terms": [{"kind": "VALID", "weight": -1}]}', /terms\.0\.weight/],
    ['{"name": "x", "terms": [{"kind": "VALID", "weight": 1, "wieght": 2}]}', /wieght/],
    ['{"name": "x", "terms": [{"kind": "VALID", "weight": 0}]}', /weight/],
  ])('a file of %s stops the start with one line', async (text, problem) => {
    const error = await start(text).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'BAD_USER_INPUT' })
    expect((error as Error).message).toMatch(/^ASSURANCE_POLICY is "[^\n]+$/)
    expect((error as Error).message).toMatch(problem)
  })
})
