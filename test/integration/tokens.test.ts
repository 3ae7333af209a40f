/** Tokens of the recorded chain's identities, alone and by delegation. */

import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
} from 'node:crypto'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { IdentityAt } from '../../src/tokens/identity'
import { type TokenQuestion, verifyToken } from '../../src/tokens/token'
import {
  type AuthorityFixture,
  doubting,
  NOW,
  openAuthorityFixture,
  type Story,
} from '../support/authority'

let fixture: AuthorityFixture
let story: Story

beforeAll(async () => {
  fixture = await openAuthorityFixture()
  story = fixture.story
})

afterAll(() => fixture?.close())

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
    .sign(createPrivateKey(fixture.pemOf(parts.key ?? iss)))
}

const ask = (jwt: string, more: Partial<TokenQuestion> = {}) =>
  verifyToken(
    { jwt, at: null, clockMs: NOW, audience: null, trustAnchors: null, ...more },
    fixture.readIdentity,
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
    const takenOver = doubting(fixture.readIdentity)
    const asked = { ...question, trustAnchors: [story.organisation] }
    expect(await verifyToken(asked, takenOver)).toMatchObject({
      verdict: 'INDETERMINATE',
      faults: [{ code: 'TOKEN_ISSUER_UNDETERMINED', link: 0 }],
    })
    const unasked = { ...question, trustAnchors: null }
    expect((await verifyToken(unasked, takenOver)).verdict).toBe('VALID')
  })

  test('a root taken over in block 130 is doubtful as an anchor, and was not before', async () => {
    const query = `{ events(filter: { fromBlock: 130, toBlock: 130 }) { nodes { autoId { id } } } }`
    type Answer = { events: { nodes: { autoId: { id: string } }[] } }
    const root = (await fixture.api.ask<Answer>(query)).events.nodes[0]?.autoId.id ?? ''
    expect(await fixture.readIdentity(root, { block: 126 })).toMatchObject({
      isAnchorDoubtful: false,
    })
    expect(await fixture.readIdentity(root, { block: 131 })).toMatchObject({
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
        const identity = await fixture.readIdentity(autoId, at)
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
        .sign(createPrivateKey(fixture.pemOf(story.client)))
    const kid = `did:web:registry.example:autoid:${story.client}#key-1`
    expect(await codesOf(await sign({}, { kid }))).toEqual(['VALID'])
    const malformed = ['INVALID', 'TOKEN_MALFORMED@0']
    expect(await codesOf(await sign({ vc: {} }, {}))).toEqual(malformed)
    for (const typ of ['vc+jwt', 'application/vp+jwt', 'autoid-provenance+jwt']) {
      expect(await codesOf(await sign({}, { typ }))).toEqual(malformed)
    }
  })

  // RFC 7797 §7: with b64 false the signature is over other bytes than the ones read, so JWTs must not use it.
  test('a header with an extension nobody here reads, or members of the wrong kind, is malformed, not an error', async () => {
    const signed = async (header: object) => {
      const claims = (await token({ iss: story.client })).split('.')[1]
      const head = Buffer.from(JSON.stringify({ alg: 'RS256', ...header })).toString('base64url')
      const bytes = Buffer.from(`${head}.${claims}`)
      const signature = sign('sha256', bytes, fixture.pemOf(story.client)).toString('base64url')
      return `${head}.${claims}.${signature}`
    }
    expect(await codesOf(await signed({}))).toEqual(['VALID'])
    const headers = [
      { b64: false, crit: ['b64'] },
      { b64: true, crit: ['b64'] },
      { b64: false },
      { crit: ['exp'], exp: 1 },
      { crit: [] },
      { kid: 5 },
      { kid: null },
      { typ: 5 },
      { typ: ['JWT'] },
      { alg: 5 },
    ]
    for (const header of headers) {
      const said = `${JSON.stringify(header)} ${(await codesOf(await signed(header))).join(' ')}`
      expect(said).toBe(`${JSON.stringify(header)} INVALID TOKEN_MALFORMED@0`)
    }
  })

  test('an algorithm of another key does not do: no HMAC with the public key, no key of the header', async () => {
    const good = await token({ iss: story.client })
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const spki = createPublicKey(fixture.pemOf(story.client)).export({
      format: 'pem',
      type: 'spki',
    })
    const forged = (header: object, signer: (bytes: Buffer) => Buffer) => {
      const head = Buffer.from(JSON.stringify(header)).toString('base64url')
      const bytes = Buffer.from(`${head}.${good.split('.')[1]}`)
      return `${bytes.toString()}.${signer(bytes).toString('base64url')}`
    }
    const hmac = (bytes: Buffer) => createHmac('sha256', spki).update(bytes).digest()
    const own = (bytes: Buffer) => sign('sha256', bytes, fixture.pemOf(story.organisation))
    for (const jwt of [
      forged({ alg: 'HS256' }, hmac),
      forged({ alg: 'RS256', jwk: publicKey.export({ format: 'jwk' }) }, own),
      forged({ alg: 'EdDSA' }, () => Buffer.alloc(64)),
    ]) {
      expect(await codesOf(jwt)).toEqual(['INVALID', 'TOKEN_SIGNATURE@0'])
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
