/** Tokens signed with the keys of the recorded chain's identities, and what `verifyToken` says of them. */

import { createPrivateKey } from 'node:crypto'
import { SignJWT } from 'jose'
import { type TokenQuestion, verifyToken } from '../../src/tokens/token'
import { type AuthorityFixture, NOW } from './authority'
import { pemOf, story } from './story'

export type TokenParts = {
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

export const seconds = (at: string) => Date.parse(at) / 1000

export function token(parts: TokenParts): Promise<string> {
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

/** Questions about tokens, put when the fixture is open. */
export function askingOf(fixture: () => AuthorityFixture) {
  const ask = (jwt: string, more: Partial<TokenQuestion> = {}) =>
    verifyToken(
      { jwt, at: null, clockMs: NOW, audience: null, trustAnchors: null, ...more },
      fixture().readIdentity,
    )
  /** The verdict, then each fault with its link. */
  const codesOf = async (jwt: string, more: Partial<TokenQuestion> = {}) => {
    const { verdict, faults } = await ask(jwt, more)
    return [verdict, ...faults.map(({ code, link }) => `${code}@${link}`)]
  }
  return { ask, codesOf }
}
