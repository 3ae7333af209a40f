/** W3C credentials as JWTs, in both forms: inside `vc` (VC-JWT 1.1) and as the claims themselves (VC-JOSE-COSE). */
import { generateKeyPairSync } from 'node:crypto'
import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { credentialClaim } from '../../../src/tokens/claims'
import type { IdentityAt } from '../../../src/tokens/identity'

const CLOCK = Date.parse('2026-11-19T12:00:00Z')
const SUBJECT = `0x${'11'.repeat(32)}`
const ISSUER = `0x${'22'.repeat(32)}`
const OTHER = `0x${'33'.repeat(32)}`
const { publicKey, privateKey } = generateKeyPairSync('ed25519')

const issuer: IdentityAt = {
  autoId: ISSUER,
  verdict: 'VALID',
  fault: null,
  spki: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })),
  certificate: null,
  trustAnchor: ISSUER,
  isAnchorDoubtful: false,
  doubtful: [],
  asOf: { height: 1, hash: '0x01', timeMs: CLOCK, isFinal: true },
}

const CREDENTIAL = { type: ['VerifiableCredential', 'Audit'], credentialSubject: { id: SUBJECT } }

async function judged(claims: object, by: IdentityAt = issuer): Promise<string> {
  const jwt = await new SignJWT({ iss: ISSUER, ...claims })
    .setProtectedHeader({ alg: 'EdDSA' })
    .sign(privateKey)
  const claim = await credentialClaim(jwt, SUBJECT, null, CLOCK, async () => by)
  return claim.verification
}

/** The same credential in both forms. */
const both = async (more: object, outside: object = {}) => [
  await judged({ vc: { ...CREDENTIAL, ...more }, ...outside }),
  await judged({ ...CREDENTIAL, ...more, ...outside }),
]

describe('a credential of another good identity', () => {
  it('is verified, with or without sub', async () => {
    expect(await both({})).toEqual(['VERIFIED', 'VERIFIED'])
    expect(await both({}, { sub: SUBJECT })).toEqual(['VERIFIED', 'VERIFIED'])
    expect(await both({ issuer: ISSUER })).toEqual(['VERIFIED', 'VERIFIED'])
    expect(await both({ issuer: { id: ISSUER, name: 'x' } })).toEqual(['VERIFIED', 'VERIFIED'])
  })

  it('is not verified when another key may have taken over its issuer, or what stands above it', async () => {
    const root = `0x${'44'.repeat(32)}`
    expect(await judged(CREDENTIAL, { ...issuer, trustAnchor: root })).toBe('VERIFIED')
    for (const doubtful of [[ISSUER], [root]]) {
      expect(await judged(CREDENTIAL, { ...issuer, doubtful })).toBe('UNVERIFIED')
    }
  })

  it.each([
    ['validUntil', '2026-11-19T11:59:59Z'],
    ['expirationDate', '2026-11-19T11:59:59Z'],
    ['validUntil', 'soon'],
    ['validUntil', 1_900_000_000],
    ['validFrom', '2026-11-19T12:02:00Z'],
    ['issuanceDate', '2026-11-19T12:02:00Z'],
  ])('is refuted by its own %s %s', async (member, value) => {
    expect(await both({ [member]: value })).toEqual(['REFUTED', 'REFUTED'])
  })

  it.each([
    ['validUntil', '2026-11-19T12:00:01Z'],
    ['expirationDate', '2027-01-01T00:00:00+02:00'],
    ['validFrom', '2026-11-19T12:01:00Z'],
    ['issuanceDate', '2026-11-19T11:00:00Z'],
  ])('is verified within its own %s %s', async (member, value) => {
    expect(await both({ [member]: value })).toEqual(['VERIFIED', 'VERIFIED'])
  })

  it.each([
    ['subject', { credentialSubject: { id: OTHER } }, { sub: SUBJECT }],
    ['subject, of several', { credentialSubject: [{ id: SUBJECT }, { id: OTHER }] }, {}],
    ['issuer', { issuer: OTHER }, {}],
    ['issuer, an object', { issuer: { id: OTHER } }, {}],
  ])('is refuted when it names another %s inside', async (_, inside, outside) => {
    expect(await both(inside, outside)).toEqual(['REFUTED', 'REFUTED'])
  })

  it('is not verified when it has a status that nobody looked up', async () => {
    const credentialStatus = { type: 'BitstringStatusListEntry', statusListIndex: '4' }
    expect(await both({ credentialStatus })).toEqual(['UNVERIFIED', 'UNVERIFIED'])
    const status = { status_list: { idx: 4, uri: 'https://example.com/1' } }
    expect(await both({}, { status })).toEqual(['UNVERIFIED', 'UNVERIFIED'])
  })

  it('of the wrong kinds inside is refuted, not an error', async () => {
    expect(await judged({ vc: 5 })).toBe('REFUTED')
    expect(await judged({ vc: [], sub: SUBJECT })).toBe('REFUTED')
    expect(await both({ credentialSubject: null })).toEqual(['REFUTED', 'REFUTED'])
    expect(await both({ credentialSubject: [null] })).toEqual(['REFUTED', 'REFUTED'])
    expect(await both({ type: null })).toEqual(['REFUTED', 'REFUTED'])
    expect(await both({ issuer: 5 })).toEqual(['REFUTED', 'REFUTED'])
  })
})
