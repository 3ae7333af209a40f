/** What is no token at all, or one that somebody else has made or changed. */

import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
} from 'node:crypto'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AuthorityFixture, openAuthorityFixture } from '../support/authority'
import { pemOf, story } from '../support/story'
import { askingOf, seconds, token } from '../support/tokens'

let fixture: AuthorityFixture
beforeAll(async () => {
  fixture = await openAuthorityFixture()
})
afterAll(() => fixture?.close())

const { codesOf } = askingOf(() => fixture)

describe('verifyToken', () => {
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

  // RFC 7797 §7: with b64 false the signature is over other bytes than the ones read, so JWTs must not use it.
  test('a header with an extension nobody here reads, or members of the wrong kind, is malformed, not an error', async () => {
    const signed = async (header: object) => {
      const claims = (await token({ iss: story.client })).split('.')[1]
      const head = Buffer.from(JSON.stringify({ alg: 'RS256', ...header })).toString('base64url')
      const bytes = Buffer.from(`${head}.${claims}`)
      const signature = sign('sha256', bytes, pemOf(story.client)).toString('base64url')
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
    const spki = createPublicKey(pemOf(story.client)).export({
      format: 'pem',
      type: 'spki',
    })
    const forged = (header: object, signer: (bytes: Buffer) => Buffer) => {
      const head = Buffer.from(JSON.stringify(header)).toString('base64url')
      const bytes = Buffer.from(`${head}.${good.split('.')[1]}`)
      return `${bytes.toString()}.${signer(bytes).toString('base64url')}`
    }
    const hmac = (bytes: Buffer) => createHmac('sha256', spki).update(bytes).digest()
    const own = (bytes: Buffer) => sign('sha256', bytes, pemOf(story.organisation))
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
})
