/** Tokens of the recorded chain's identities, alone and by delegation. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { IdentityAt } from '../../src/tokens/identity'
import { verifyToken } from '../../src/tokens/token'
import { type AuthorityFixture, doubting, NOW, openAuthorityFixture } from '../support/authority'
import { story } from '../support/story'
import { askingOf, type TokenParts, token } from '../support/tokens'

let fixture: AuthorityFixture
beforeAll(async () => {
  fixture = await openAuthorityFixture()
})
afterAll(() => fixture?.close())

const { ask, codesOf } = askingOf(() => fixture)

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
