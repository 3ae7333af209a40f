import { generateKeyPairSync, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { createAuthenticator, signChallenge } from '../../../src/client/challenge'
import { endlessAnswer } from '../../support/endless-answer'

test.each([
  ['P-256', 'sha256'],
  ['P-384', 'sha384'],
  ['P-521', 'sha512'],
])('a challenge is signed with the digest of its curve: %s with %s', (namedCurve, digest) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
  const signature = Buffer.from(signChallenge(privateKey, 'a challenge'), 'base64')
  expect(verify(digest, Buffer.from('a challenge'), publicKey, signature)).toBe(true)
  expect(verify(digest, Buffer.from('another'), publicKey, signature)).toBe(false)
})

const ID = `0x${'1'.repeat(64)}`

/** Asks about a signature of a service that answers so; what it was asked comes back. */
async function attempt(
  verifySignature: unknown,
  more: object = {},
  autoId = ID,
  signature?: string,
) {
  const asked: unknown[] = []
  const { privateKey } = generateKeyPairSync('ed25519')
  const authenticator = createAuthenticator({
    serviceUrl: 'https://service.example',
    audience: 'https://me.example',
    fetch: async (_url, init) => {
      asked.push(JSON.parse(String(init?.body)).variables.policy)
      return Response.json({ data: { verifySignature } })
    },
    ...more,
  })
  const challenge = authenticator.createChallenge()
  const signed = signature ?? signChallenge(privateKey, challenge)
  await authenticator.authenticate(autoId, challenge, signed)
  return asked
}

const PASSED = { code: 'REGISTERED', outcome: 'PASSED', message: '', evidence: null }
const GOOD_HOP = { autoId: { id: ID }, checks: [PASSED] }

function answerOf(identity: object, valid = false) {
  const whole = { verdict: 'INVALID', trustAnchor: null, chain: [GOOD_HOP], failures: [] }
  return { valid, signatureValid: true, message: '', identity: { ...whole, ...identity } }
}

test('the service is asked with the trust anchors, so that one taken over by another key lets nobody in', async () => {
  const [root, other] = ['root', 'other']
  const ask = (identity: object, valid: boolean) =>
    attempt(answerOf(identity, valid), { trustAnchors: [root] })
  const good = await ask({ verdict: 'VALID', trustAnchor: { id: root } }, true)
  expect(good).toEqual([{ trustAnchors: [root] }])
  const takenOver = { verdict: 'INDETERMINATE', trustAnchor: { id: root } }
  await expect(ask(takenOver, false)).rejects.toMatchObject({ code: 'PEER_UNKNOWN' })
  const elsewhere = { verdict: 'INVALID', trustAnchor: { id: other } }
  await expect(ask(elsewhere, false)).rejects.toMatchObject({ code: 'PEER_UNANCHORED' })
  const nowhere = { verdict: 'VALID', trustAnchor: null }
  await expect(ask(nowhere, true)).rejects.toMatchObject({ code: 'PEER_UNANCHORED' })
})

test('an answer without an end is no verdict, and is not read on', async () => {
  const { response, read } = endlessAnswer()
  const outcome = attempt(null, { fetch: async () => response })
  await expect(outcome).rejects.toMatchObject({
    code: 'STATUS_UNAVAILABLE',
    message: expect.stringMatching(/too long$/),
  })
  expect(read.megabytes).toBeLessThan(10)
})

const failed = (code: string, kind?: string) => ({
  code,
  outcome: 'FAILED',
  message: `${code} failed`,
  evidence: kind === undefined ? null : { kind },
})

test.each([
  ['NOT_REVOKED', failed('NOT_REVOKED', 'REVOKED'), 'PEER_REVOKED', 'PEER_REVOKED'],
  ['NOT_REVOKED by a genesis', failed('NOT_REVOKED'), 'PEER_REVOKED', 'PEER_REVOKED'],
  [
    'a renewal that revokes',
    failed('NOT_REVOKED', 'RENEWED'),
    'PEER_SUPERSEDED',
    'PEER_SUPERSEDED',
  ],
  ['REGISTERED', failed('REGISTERED'), 'PEER_DEACTIVATED', 'PEER_UNKNOWN'],
  ['IN_FORCE', failed('IN_FORCE'), 'PEER_SUPERSEDED', 'PEER_SUPERSEDED'],
  ['WITHIN_VALIDITY', failed('WITHIN_VALIDITY'), 'PEER_EXPIRED', 'PEER_EXPIRED'],
  ['ISSUER_KEY_UNCHANGED', failed('ISSUER_KEY_UNCHANGED'), 'PEER_UNKNOWN', 'PEER_UNKNOWN'],
])(
  'a peer, or its issuer, is refused with the code TLS peers get: %s',
  async (_, check, own, issuers) => {
    const hop = { autoId: { id: 'at fault' }, checks: [PASSED, check] }
    const { message } = check
    await expect(attempt(answerOf({ chain: [hop, GOOD_HOP] }))).rejects.toMatchObject({
      code: own,
      message,
      subject: 'at fault',
    })
    await expect(attempt(answerOf({ chain: [GOOD_HOP, hop] }))).rejects.toMatchObject({
      code: issuers,
      message,
      subject: 'at fault',
    })
  },
)

test('of several faults the peer’s own comes first, and of those its revocation', async () => {
  const both = { checks: [failed('REGISTERED'), failed('WITHIN_VALIDITY'), failed('NOT_REVOKED')] }
  const gone = { checks: [failed('REGISTERED')] }
  await expect(attempt(answerOf({ chain: [both, gone] }))).rejects.toMatchObject({
    code: 'PEER_REVOKED',
  })
})

test('a peer the registry never knew is unknown; a wrong signature is told before anything else of a known one', async () => {
  const unknown = { ...answerOf({ chain: [] }), signatureValid: false, message: 'none such' }
  await expect(attempt(unknown)).rejects.toMatchObject({
    code: 'PEER_UNKNOWN',
    message: 'none such',
  })
  const impostor = {
    ...answerOf({ chain: [{ checks: [failed('NOT_REVOKED')] }] }),
    signatureValid: false,
  }
  await expect(attempt(impostor)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' })
})

test('what the service could not check is told in its words', async () => {
  const message = 'The signature cannot be checked here.'
  const answer = answerOf({ verdict: 'INDETERMINATE', failures: [{ message }] })
  await expect(attempt(answer)).rejects.toMatchObject({ code: 'PEER_UNKNOWN', message })
})

test('what is no Auto ID or no base64 is refused as such, and nobody is asked', async () => {
  const fetch = async () => expect.fail('asked')
  for (const autoId of ['', '0x12', `${ID}0`, 'alice']) {
    await expect(attempt(null, { fetch }, autoId)).rejects.toMatchObject({ code: 'PEER_UNKNOWN' })
  }
  for (const signature of ['%', 'abcde', 'AAAA'.repeat(2_000)]) {
    await expect(attempt(null, { fetch }, ID, signature)).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
    })
  }
})

// Its answer is not signed: whoever is on the way could let anybody in.
test.each([
  ['http://registry.example', false],
  ['http://10.0.0.1:4350', false],
  ['ftp://registry.example', false],
  ['https://registry.example', true],
  ['http://localhost:4350', true],
  ['http://127.0.0.1:4350', true],
  ['http://[::1]:4350', true],
])('the service is asked over https, or on this machine: %s', (serviceUrl, isTaken) => {
  const create = () => createAuthenticator({ serviceUrl, audience: 'me' })
  if (isTaken) expect(create().createChallenge()).toContain('me')
  else expect(create).toThrow(TypeError)
})
