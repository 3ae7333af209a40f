/** Tokens and provenance over the recorded chain: the story's cases, each with its answer and its reason. */

import { execFile } from 'node:child_process'
import { createHash, createPrivateKey } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anchorFinder, identityReader, signerFinder } from '../../src/api/authority'
import { createSession, type Session } from '../../src/api/session'
import { decodePemCertificates } from '../../src/pki/pem'
import type { IdentityAt, ReadIdentity } from '../../src/tokens/identity'
import { verifyProvenance } from '../../src/tokens/provenance'
import type { ProvenanceSources } from '../../src/tokens/provenance-types'
import { type TokenQuestion, verifyToken } from '../../src/tokens/token'
import { openTestApi, type TestApi } from '../support/api'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { makeTimestamp, STAMP_ROOT } from '../support/timestamps'

const run = promisify(execFile)
/** Two minutes after the head's own clock. */
const NOW = Date.parse('2026-11-19T19:29:00Z')

type Story = {
  organisation: string
  person: string
  agent: string
  service: string
  client: string
  partner: string
  proofs: { content: string; jws: string }[]
}

let database: TestDatabase
let api: TestApi
let readIdentity: ReadIdentity
let sources: ProvenanceSources
let story: Story
let keys: { pkcs8Pem: string; usedFor: { autoId: string }[] }[]

beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url)
  api = openTestApi(database.url, { nowMs: () => NOW })
  readIdentity = (autoId, at) => inSession((session) => identityReader(session)(autoId, at))
  sources = {
    readIdentity,
    findAnchors: (digest) => inSession((session) => anchorFinder(session)(digest)),
    findSigner: (fingerprint) => inSession((session) => signerFinder(session)(fingerprint)),
  }
  story = JSON.parse(await readFile('chains/dev/story.json', 'utf8')) as Story
  keys = JSON.parse(await readFile('test/fixtures/dev/keys.json', 'utf8'))
})

afterAll(async () => {
  await api?.close()
  await database?.close()
})

/** As the resolvers ask, in a snapshot of its own. */
async function inSession<T>(ask: (session: Session) => Promise<T>): Promise<T> {
  const snapshot = await api.openSnapshot({ minBlock: null, maxLagSeconds: null })
  try {
    return await ask(createSession(snapshot, NOW, () => 0))
  } finally {
    await snapshot.close()
  }
}

async function rootOfBlock(height: number): Promise<string> {
  const query = `query ($h: Int!) { events(filter: { fromBlock: $h, toBlock: $h }) { nodes { autoId { id } } } }`
  type Answer = { events: { nodes: { autoId: { id: string } }[] } }
  const { events } = await api.ask<Answer>(query, { h: height })
  return events.nodes[0]?.autoId.id ?? ''
}

function pemOf(autoId: string): string {
  const found = keys.find(({ usedFor }) => usedFor.some((use) => use.autoId === autoId))
  if (found === undefined) throw new Error(`no key of ${autoId}`)
  return found.pkcs8Pem
}

const seconds = (at: string) => Date.parse(at) / 1000

type TokenParts = {
  iss: string
  sub?: string
  scope?: string
  aud?: string
  iat?: string
  exp?: string
  grant?: string
  alg?: string
  key?: string
}

function token(parts: TokenParts): Promise<string> {
  const { iss, sub, scope, aud, grant } = parts
  const algorithms: Record<string, string> = { [story.person]: 'ES256', [story.agent]: 'EdDSA' }
  return new SignJWT({
    ...(scope === undefined ? {} : { scope }),
    ...(grant === undefined ? {} : { grant }),
  })
    .setProtectedHeader({ alg: parts.alg ?? algorithms[iss] ?? 'RS256', kid: iss, typ: 'JWT' })
    .setIssuer(`https://registry.example/autoid/${iss}`)
    .setSubject(sub ?? iss)
    .setAudience(aud ?? 'https://api.agents.example')
    .setIssuedAt(seconds(parts.iat ?? '2026-11-19T19:28:00Z'))
    .setExpirationTime(seconds(parts.exp ?? '2026-11-19T19:38:00Z'))
    .sign(createPrivateKey(pemOf(parts.key ?? iss)))
}

const ask = (jwt: string, more: Partial<TokenQuestion> = {}) =>
  verifyToken(
    { jwt, at: null, clockMs: NOW, audience: null, trustAnchors: null, ...more },
    readIdentity,
  )
const codesOf = async (jwt: string, more: Partial<TokenQuestion> = {}) => {
  const { verdict, faults } = await ask(jwt, more)
  return [verdict, ...faults.map(({ code, link }) => `${code}@${link}`)]
}

describe('verifyToken', () => {
  test('takes a token by a good identity and names its authority and anchor', async () => {
    const answer = await ask(await token({ iss: story.client, scope: 'read write' }), {
      audience: 'https://api.agents.example',
      trustAnchors: [story.organisation],
    })
    expect(answer).toMatchObject({
      verdict: 'VALID',
      faults: [],
      authority: [
        { issuer: story.client, scope: ['read', 'write'], trustAnchor: story.organisation },
      ],
      asOf: { height: 282, isFinal: false },
    })
  })

  test('follows a delegation from the organisation over the person to the client', async () => {
    const first = await token({
      iss: story.organisation,
      sub: story.person,
      scope: 'read write admin',
      iat: '2026-11-19T19:26:00Z',
      exp: '2026-11-19T20:00:00Z',
    })
    const second = await token({
      iss: story.person,
      sub: story.client,
      scope: 'read write',
      iat: '2026-11-19T19:27:00Z',
      exp: '2026-11-19T19:50:00Z',
      grant: first,
    })
    const third = await token({ iss: story.client, scope: 'read', grant: second })
    const answer = await ask(third, { audience: 'https://api.agents.example' })
    expect(answer.verdict).toBe('VALID')
    expect(answer.authority.map(({ issuer }) => issuer)).toEqual([
      story.client,
      story.person,
      story.organisation,
    ])
  })

  test('scopes may only shrink, lifetimes nest, and only the grantee may use a grant', async () => {
    const grant = (more: Partial<TokenParts> = {}) =>
      token({
        iss: story.person,
        sub: story.client,
        scope: 'read',
        iat: '2026-11-19T19:27:00Z',
        exp: '2026-11-19T19:40:00Z',
        ...more,
      })
    const wide = await token({ iss: story.client, scope: 'read write', grant: await grant() })
    expect(await codesOf(wide)).toEqual(['INVALID', 'TOKEN_SCOPE_EXCEEDS@0'])
    const long = await token({
      iss: story.client,
      scope: 'read',
      exp: '2026-11-19T19:41:00Z',
      grant: await grant(),
    })
    expect(await codesOf(long)).toEqual(['INVALID', 'TOKEN_LIFETIME_EXCEEDS@0'])
    const early = await token({
      iss: story.client,
      scope: 'read',
      iat: '2026-11-19T19:26:59Z',
      grant: await grant(),
    })
    expect(await codesOf(early)).toEqual(['INVALID', 'TOKEN_LIFETIME_EXCEEDS@0'])
    const other = await token({ iss: story.service, scope: 'read', grant: await grant() })
    expect(await codesOf(other)).toEqual(['INVALID', 'TOKEN_NOT_GRANTEE@0'])
    const expired = await token({
      iss: story.client,
      scope: 'read',
      exp: '2026-11-19T19:28:30Z',
      grant: await grant({ exp: '2026-11-19T19:28:30Z' }),
    })
    expect(await codesOf(expired)).toEqual(['INVALID', 'TOKEN_EXPIRED@0', 'TOKEN_EXPIRED@1'])
  })

  test('every link is verified: a revoked grantor ends the chain, and was good before', async () => {
    const grant = await token({
      iss: story.agent,
      sub: story.client,
      scope: 'read',
      iat: '2026-11-19T19:25:45Z',
      exp: '2026-11-19T19:40:00Z',
    })
    const use = await token({
      iss: story.client,
      scope: 'read',
      iat: '2026-11-19T19:25:46Z',
      grant,
    })
    expect(await codesOf(use)).toEqual(['INVALID', 'TOKEN_ISSUER_NOT_GOOD@1'])
    const then = { at: { block: 275 }, clockMs: 1795116348434 }
    expect(await codesOf(use, then)).toEqual(['VALID'])
  })

  test.each([
    [
      'an altered payload',
      async (good: string) =>
        `${good.split('.')[0]}.${Buffer.from('{"iss":"x"}').toString('base64url')}.${good.split('.')[2]}`,
      ['INVALID', 'TOKEN_MALFORMED@0'],
    ],
    [
      'an altered signature',
      async (good: string) => `${good.slice(0, -10)}AAAAAAAAAA`,
      ['INVALID', 'TOKEN_SIGNATURE@0'],
    ],
    ['no token at all', async () => 'hello', ['INVALID', 'TOKEN_MALFORMED@0']],
    ['100,000 characters', async () => 'a'.repeat(100_000), ['INVALID', 'TOKEN_MALFORMED@0']],
    [
      'alg none',
      async (good: string) =>
        `${Buffer.from('{"alg":"none"}').toString('base64url')}.${good.split('.')[1]}.AAAA`,
      ['INVALID', 'TOKEN_SIGNATURE@0'],
    ],
  ])('refuses %s', async (_, alter, expected) => {
    expect(await codesOf(await alter(await token({ iss: story.client })))).toEqual(expected)
  })

  test('refuses another key, another audience, another anchor, the future and an unknown issuer', async () => {
    expect(await codesOf(await token({ iss: story.client, key: story.service }))).toEqual([
      'INVALID',
      'TOKEN_SIGNATURE@0',
    ])
    const good = await token({ iss: story.client })
    expect(await codesOf(good, { audience: 'https://other.example' })).toEqual([
      'INVALID',
      'TOKEN_AUDIENCE@0',
    ])
    expect(await codesOf(good, { trustAnchors: [story.partner] })).toEqual([
      'INVALID',
      'TOKEN_ANCHOR@0',
    ])
    const future = await token({ iss: story.client, iat: '2026-11-19T19:35:00Z' })
    expect(await codesOf(future)).toEqual(['INVALID', 'TOKEN_NOT_YET_VALID@0'])
    const unknown = `0x${'ab'.repeat(32)}`
    expect(await codesOf(await token({ iss: unknown, key: story.client }))).toEqual([
      'INVALID',
      'TOKEN_ISSUER_UNKNOWN@0',
    ])
  })

  test('an anchor that another key may have taken over counts for nobody until that is known', async () => {
    const jwt = await token({ iss: story.client })
    const question = { jwt, at: null, clockMs: NOW, audience: null }
    const takenOver: ReadIdentity = async (autoId, at) => {
      const identity = await readIdentity(autoId, at)
      return identity === null ? null : { ...identity, isAnchorDoubtful: true }
    }
    const asked = { ...question, trustAnchors: [story.organisation] }
    expect(await verifyToken(asked, takenOver)).toMatchObject({
      verdict: 'INDETERMINATE',
      faults: [{ code: 'TOKEN_ISSUER_UNDETERMINED', link: 0 }],
    })
    const unasked = { ...question, trustAnchors: null }
    expect((await verifyToken(unasked, takenOver)).verdict).toBe('VALID')
  })

  test('a root taken over in block 130 is doubtful as an anchor, and was not before', async () => {
    const root = await rootOfBlock(130)
    expect(await readIdentity(root, { block: 126 })).toMatchObject({ isAnchorDoubtful: false })
    expect(await readIdentity(root, { block: 131 })).toMatchObject({
      trustAnchor: root,
      isAnchorDoubtful: true,
    })
  })

  test('a grant for some audiences is passed on for no others', async () => {
    const grant = await token({ iss: story.person, sub: story.client, aud: 'https://a.example' })
    const same = await token({ iss: story.client, aud: 'https://a.example', grant })
    expect(await codesOf(same)).toEqual(['VALID'])
    const other = await token({ iss: story.client, aud: 'https://b.example', grant })
    expect(await codesOf(other)).toEqual(['INVALID', 'TOKEN_AUDIENCE@0'])
  })

  test('an issuer that is good again was not good when it issued: the token is invalid', async () => {
    const jwt = await token({ iss: story.client, iat: '2026-11-19T19:25:00Z' })
    expect(await codesOf(jwt)).toEqual(['VALID'])
    const question = { jwt, at: null, clockMs: NOW, audience: null, trustAnchors: null }
    const once = (change: Partial<IdentityAt>) =>
      verifyToken(question, async (autoId, at) => {
        const identity = await readIdentity(autoId, at)
        return identity === null || at === null ? identity : { ...identity, ...change }
      })
    const revoked = await once({ verdict: 'INVALID' })
    expect(revoked.faults).toMatchObject([{ code: 'TOKEN_ISSUER_NOT_GOOD' }])
    expect(revoked.faults[0]?.message).toContain('when it was issued, 2026-11-19T19:25:00.000Z')
    expect(await once({ verdict: 'INDETERMINATE' })).toMatchObject({ verdict: 'INDETERMINATE' })
    const otherKey = await once({ spki: new Uint8Array(32) })
    expect(otherKey.faults).toMatchObject([{ code: 'TOKEN_SIGNATURE' }])
    const early = await token({ iss: story.client, iat: '2026-11-19T19:20:00Z' })
    expect(await codesOf(early)).toEqual(['INVALID', 'TOKEN_ISSUER_UNKNOWN@0'])
  })

  test('a credential or a proof does not do as a token; the key id of a DID document does', async () => {
    const sign = (claims: object, header: object) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'RS256', ...header })
        .setIssuer(story.client)
        .setIssuedAt(seconds('2026-11-19T19:28:00Z'))
        .setExpirationTime(seconds('2026-11-19T19:38:00Z'))
        .sign(createPrivateKey(pemOf(story.client)))
    const kid = `did:web:registry.example:autoid:${story.client}#key-1`
    expect(await codesOf(await sign({}, { kid }))).toEqual(['VALID'])
    const malformed = ['INVALID', 'TOKEN_MALFORMED@0']
    expect(await codesOf(await sign({ vc: {} }, {}))).toEqual(malformed)
    for (const typ of ['vc+jwt', 'application/vp+jwt', 'autoid-provenance+jwt']) {
      expect(await codesOf(await sign({}, { typ }))).toEqual(malformed)
    }
  })

  test('JSON deeper than any token needs is malformed, not an error', async () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
    const text = (depth: number) => {
      const claims = `{"iss":"${story.client}","iat":1,"exp":2,"x":${nested(depth)}}`
      return `e30.${Buffer.from(claims).toString('base64url')}.AAAA`
    }
    expect(await codesOf(text(31))).not.toContain('TOKEN_MALFORMED@0')
    expect(await codesOf(text(33))).toEqual(['INVALID', 'TOKEN_MALFORMED@0'])
    expect(await codesOf(text(20_000))).toEqual(['INVALID', 'TOKEN_MALFORMED@0'])
  })

  test('stops at eight links', async () => {
    let nested: string | undefined
    for (let depth = 0; depth < 9; depth++) {
      nested = await token({
        iss: story.person,
        sub: story.person,
        scope: 'a',
        ...(nested === undefined ? {} : { grant: nested }),
      })
    }
    expect((await codesOf(nested ?? '')).at(1)).toBe('TOKEN_TOO_DEEP@8')
  })
})

const prove = (proof: string, content: string | null, more = {}) =>
  verifyProvenance(
    {
      proof,
      sha256: content === null ? null : createHash('sha256').update(content).digest('hex'),
      timestamps: [],
      timestampAnchors: [],
      trustAnchors: null,
      clockMs: NOW,
      ...more,
    },
    sources,
  )
const storyProof = (index: number) => story.proofs[index] ?? { content: '', jws: '' }

describe('verifyProvenance: the story of blocks 267-277', () => {
  test('a proof anchored while the agent was good is valid, and says that the agent was revoked since', async () => {
    const { jws, content } = storyProof(0)
    expect(await prove(jws, content, { trustAnchors: [story.organisation] })).toMatchObject({
      verdict: 'VALID',
      failures: [],
      findings: [{ code: 'MODEL_ATTESTED' }, { code: 'REVOKED_SINCE' }],
      signer: story.agent,
      contentMatches: true,
      model: 'urn:model:example/open-writer:7b:v2',
      time: { evidence: 'ANCHOR', provenAtMs: 1795116342434, anchor: { height: 274 } },
      trustAnchor: story.organisation,
    })
  })

  test('an anchor inside a batch counts as well', async () => {
    const { jws, content } = storyProof(1)
    expect(await prove(jws, content)).toMatchObject({
      verdict: 'VALID',
      time: { anchor: { height: 275 } },
    })
  })

  test('a back-dated proof, anchored after the revocation, is invalid: its own date proves nothing', async () => {
    const { jws, content } = storyProof(2)
    const answer = await prove(jws, content)
    expect(answer).toMatchObject({
      verdict: 'INVALID',
      time: { evidence: 'ANCHOR', anchor: { height: 277 } },
    })
    expect(answer.failures.map(({ code }) => code)).toEqual(['SIGNER_NOT_GOOD', 'TIME_BACKDATED'])
    expect(answer.failures[0]?.message).toContain(
      'revocation list since block 276, by a revocation',
    )
  })

  test('a proof never anchored is indeterminate: its time is only claimed', async () => {
    const { jws, content } = storyProof(3)
    const answer = await prove(jws, content)
    expect(answer).toMatchObject({
      verdict: 'INDETERMINATE',
      time: { evidence: 'NONE', provenAtMs: null },
    })
    expect(answer.failures.map(({ code }) => code)).toEqual(['TIME_ONLY_CLAIMED'])
  })

  test('other content, a changed proof, another type or another anchor are invalid', async () => {
    const { jws, content } = storyProof(0)
    expect((await prove(jws, `${content}!`)).failures).toMatchObject([{ code: 'CONTENT_MISMATCH' }])
    // A proof with another signature has other bytes, hence no anchor either.
    const changed = await prove(`${jws.slice(0, -8)}AAAAAAAA`, content)
    expect(changed).toMatchObject({ verdict: 'INVALID' })
    expect(changed.failures.map(({ code }) => code)).toContain('PROOF_SIGNATURE')
    expect((await prove(await token({ iss: story.client }), content)).failures).toMatchObject([
      { code: 'PROOF_MALFORMED' },
    ])
    const anchors = await prove(jws, content, { trustAnchors: [story.partner] })
    expect(anchors.failures).toMatchObject([{ code: 'SIGNER_UNANCHORED' }])
    const takenOver: ReadIdentity = async (autoId, at) => {
      const identity = await readIdentity(autoId, at)
      return identity === null ? null : { ...identity, isAnchorDoubtful: true }
    }
    const sha256 = createHash('sha256').update(content).digest('hex')
    const nothing = { timestamps: [], timestampAnchors: [], clockMs: NOW }
    const doubtful = await verifyProvenance(
      { ...nothing, proof: jws, sha256, trustAnchors: [story.organisation] },
      { ...sources, readIdentity: takenOver },
    )
    expect(doubtful).toMatchObject({
      verdict: 'INDETERMINATE',
      failures: [{ code: 'SIGNER_UNDETERMINED' }],
    })
    expect((await prove(jws, null)).contentMatches).toBeNull()
  })
})

/** A proof over the text `x`. */
const claim = (autoId: string, model?: string, iat?: number) =>
  new SignJWT({
    sub: autoId,
    sha256: createHash('sha256').update('x').digest('hex'),
    ...(model === undefined ? {} : { model }),
    ...(iat === undefined ? {} : { iat }),
  })
    .setProtectedHeader({
      alg: autoId === story.agent ? 'EdDSA' : 'RS256',
      kid: autoId,
      typ: 'autoid-provenance+jwt',
    })
    .sign(createPrivateKey(pemOf(autoId)))

test('a proof that claims a time yet to come is invalid, one within a minute is not', async () => {
  const future = await prove(await claim(story.client, undefined, NOW / 1000 + 61), 'x')
  expect(future).toMatchObject({
    verdict: 'INVALID',
    failures: [{ code: 'TIME_CLAIM_IMPOSSIBLE' }],
  })
  const skewed = await prove(await claim(story.client, undefined, NOW / 1000 + 60), 'x')
  expect(skewed.verdict).toBe('VALID')
})

describe('the model a proof claims', () => {
  test("is never valid when the signer's certificate names another one", async () => {
    const answer = await prove(await claim(story.agent, 'urn:model:example/other'), 'x')
    expect(answer.modelOutcome).toBe('MISMATCH')
    expect(answer.verdict).toBe('INVALID')
    expect(answer.failures.map(({ code }) => code)).toContain('MODEL_MISMATCH')
  })

  test('is only claimed when the certificate names none, and asked of nobody when not claimed', async () => {
    const unnamed = await prove(await claim(story.client, 'urn:model:x'), 'x')
    expect(unnamed).toMatchObject({ verdict: 'VALID', modelOutcome: 'NOT_NAMED' })
    expect(unnamed.findings.map(({ code }) => code)).toContain('MODEL_ONLY_CLAIMED')
    const silent = await prove(await claim(story.client), 'x')
    expect(silent).toMatchObject({ verdict: 'VALID', modelOutcome: 'NOT_CLAIMED' })
  })

  test('cannot be judged without a certificate to read', async () => {
    const blind: ReadIdentity = async (autoId, at) => {
      const identity = await readIdentity(autoId, at)
      return identity === null ? null : { ...identity, certificate: null }
    }
    const { jws, content } = storyProof(0)
    const nothing = { timestamps: [], timestampAnchors: [], trustAnchors: null }
    const question = { proof: jws, clockMs: NOW, ...nothing }
    const sha256 = createHash('sha256').update(content).digest('hex')
    expect(
      await verifyProvenance({ ...question, sha256 }, { ...sources, readIdentity: blind }),
    ).toMatchObject({ verdict: 'INDETERMINATE', failures: [{ code: 'MODEL_UNDETERMINED' }] })
  })
})

describe('a time-stamp within what is indexed', () => {
  const stampedAt = (time: string) => {
    const { jws, content } = storyProof(3)
    const token = makeTimestamp({ stamped: Buffer.from(jws, 'latin1'), timeMs: Date.parse(time) })
    return prove(jws, content, { timestamps: [token], timestampAnchors: [STAMP_ROOT.der] })
  }

  test('counts: a proof without anchor, stamped while its signer was good, is valid', async () => {
    expect(await stampedAt('2026-11-19T19:25:54Z')).toMatchObject({
      verdict: 'VALID',
      failures: [],
      time: { evidence: 'TIMESTAMP', provenAtMs: Date.parse('2026-11-19T19:25:54Z'), anchor: null },
      asOf: { height: 275 },
    })
  })

  test('stamped after the revocation it is invalid', async () => {
    const answer = await stampedAt('2026-11-19T19:25:55Z')
    expect(answer).toMatchObject({ verdict: 'INVALID', time: { evidence: 'TIMESTAMP' } })
    expect(answer.failures.map(({ code }) => code)).toContain('SIGNER_NOT_GOOD')
  })
})

describe('CMS and RFC 3161, made by openssl', () => {
  let directory: string
  const openssl = (...args: string[]) => run('openssl', args, { cwd: directory })
  const content = 'A file signed with CMS.\n'
  let cms: string

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'cms-test-'))
    const save = (name: string, text: string | Uint8Array) =>
      writeFile(path.join(directory, name), text)
    const client = await readIdentity(story.client, null)
    await save('client.der', client?.certificate ?? '')
    await openssl('x509', '-inform', 'DER', '-in', 'client.der', '-out', 'client.pem')
    await save('client.key', pemOf(story.client))
    await save('file.txt', content)
    await openssl(
      'cms',
      '-sign',
      '-binary',
      '-in',
      'file.txt',
      '-signer',
      'client.pem',
      '-inkey',
      'client.key',
      '-md',
      'sha256',
      '-outform',
      'PEM',
      '-out',
      'file.cms',
    )
    cms = await readFile(path.join(directory, 'file.cms'), 'utf8')
    await save('tsa.cnf', TSA_CONFIG)
    await save('serial', '01')
    await openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-subj',
      '/CN=Stamp root',
      '-days',
      '30',
      '-config',
      'tsa.cnf',
      '-extensions',
      'ca',
    )
    await openssl(
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      'tsa.key',
      '-out',
      'tsa.csr',
      '-subj',
      '/CN=Stamps',
      '-config',
      'tsa.cnf',
    )
    await openssl(
      'x509',
      '-req',
      '-in',
      'tsa.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-days',
      '30',
      '-out',
      'tsa.pem',
      '-extfile',
      'tsa.cnf',
      '-extensions',
      'stamper',
    )
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  async function stamp(bytes: Uint8Array): Promise<Uint8Array> {
    await writeFile(path.join(directory, 'stamped'), bytes)
    await openssl('ts', '-query', '-data', 'stamped', '-sha256', '-cert', '-out', 'q.tsq')
    await openssl(
      'ts',
      '-reply',
      '-config',
      'tsa.cnf',
      '-queryfile',
      'q.tsq',
      '-token_out',
      '-out',
      'token.der',
    )
    return new Uint8Array(await readFile(path.join(directory, 'token.der')))
  }

  test('a detached CMS signature by a registered certificate is a proof', async () => {
    expect(await prove(cms, content)).toMatchObject({
      verdict: 'VALID',
      signer: story.client,
      contentMatches: true,
      findings: [{ code: 'TIME_ONLY_CLAIMED' }],
    })
    expect((await prove(cms, 'other')).failures).toMatchObject([{ code: 'CONTENT_MISMATCH' }])
  })

  test('a CMS over SHA-512 is compared with that digest; without it the content is undetermined', async () => {
    const identity = ['-signer', 'client.pem', '-inkey', 'client.key', '-md', 'sha512']
    const output = ['-outform', 'PEM', '-out', 'file512.cms']
    await openssl('cms', '-sign', '-binary', '-in', 'file.txt', ...identity, ...output)
    const proof = await readFile(path.join(directory, 'file512.cms'), 'utf8')
    expect(await prove(proof, content)).toMatchObject({
      verdict: 'INDETERMINATE',
      failures: [{ code: 'CONTENT_UNDETERMINED' }],
      contentMatches: null,
    })
    const sha512 = (text: string) => createHash('sha512').update(text).digest('hex')
    expect(await prove(proof, content, { sha512: sha512(content) })).toMatchObject({
      verdict: 'VALID',
      contentMatches: true,
    })
    expect(await prove(proof, content, { sha512: sha512('other') })).toMatchObject({
      verdict: 'INVALID',
      failures: [{ code: 'CONTENT_MISMATCH' }],
    })
  })

  test('a signature by a certificate the registry never saw is no proof', async () => {
    await openssl(
      'cms',
      '-sign',
      '-binary',
      '-in',
      'file.txt',
      '-signer',
      'ca.pem',
      '-inkey',
      'ca.key',
      '-md',
      'sha256',
      '-outform',
      'PEM',
      '-out',
      'foreign.cms',
    )
    const foreign = await readFile(path.join(directory, 'foreign.cms'), 'utf8')
    const answer = await prove(foreign, content)
    expect(answer).toMatchObject({ verdict: 'INVALID', failures: [{ code: 'PROOF_MALFORMED' }] })
  })

  test('a time-stamp counts only under a trusted root, and only over these bytes', async () => {
    const { jws, content: post } = storyProof(3)
    const bytes = Buffer.from(jws, 'latin1')
    const root = decodePemCertificates(await readFile(path.join(directory, 'ca.pem'), 'utf8'))
    const unknownRoot = await prove(jws, post, { timestamps: [await stamp(bytes)] })
    expect(unknownRoot.findings.map(({ code }) => code)).toContain('TIMESTAMP_NOT_USABLE')
    expect(unknownRoot.findings.map(({ code }) => code)).not.toContain(
      'TIMESTAMP_REVOCATION_NOT_CHECKED',
    )
    expect(unknownRoot.time.evidence).toBe('NONE')
    const otherBytes = await prove(jws, post, {
      timestamps: [await stamp(Buffer.from('x'))],
      timestampAnchors: root,
    })
    expect(otherBytes.findings[0]).toMatchObject({ message: 'the token is about other bytes' })
  })

  test('a time-stamp later than the indexed head is undetermined, not an error', async () => {
    const root = decodePemCertificates(await readFile(path.join(directory, 'ca.pem'), 'utf8'))
    const { jws, content: post } = storyProof(3)
    const timestamps = [await stamp(Buffer.from(jws, 'latin1'))]
    expect(await prove(jws, post, { timestamps, timestampAnchors: root })).toMatchObject({
      verdict: 'INDETERMINATE',
      failures: [{ code: 'TIME_PAST_INDEX' }],
      findings: [{ code: 'TIMESTAMP_REVOCATION_NOT_CHECKED' }, { code: 'MODEL_ATTESTED' }],
      time: { evidence: 'TIMESTAMP' },
      asOf: { height: 282 },
    })
    // What is wrong whatever the time stays wrong.
    const other = await prove(jws, 'other', { timestamps, timestampAnchors: root })
    expect(other.verdict).toBe('INVALID')
  })
})

const TSA_CONFIG = `
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[stamper]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
basicConstraints = critical,CA:FALSE
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
default_tsa = stamps
[stamps]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_chain = no
ess_cert_id_alg = sha256
`
