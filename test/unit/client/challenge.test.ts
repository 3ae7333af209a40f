import { generateKeyPairSync, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { createAuthenticator, signChallenge } from '../../../src/client/challenge'

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

test('the service is asked with the trust anchors, so that one taken over by another key lets nobody in', async () => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const [root, other] = ['root', 'other']
  const asked: unknown[] = []
  const attempt = (identity: object, valid: boolean) => {
    const answer = { valid, signatureValid: true, message: '', identity }
    const authenticator = createAuthenticator({
      serviceUrl: 'https://service.example',
      audience: 'https://me.example',
      trustAnchors: [root],
      fetch: async (_url, init) => {
        asked.push(JSON.parse(String(init?.body)).variables.policy)
        return Response.json({ data: { verifySignature: answer } })
      },
    })
    const challenge = authenticator.createChallenge()
    return authenticator.authenticate('id', challenge, signChallenge(privateKey, challenge))
  }
  await attempt({ verdict: 'VALID', trustAnchor: { id: root } }, true)
  expect(asked).toEqual([{ trustAnchors: [root] }])
  const takenOver = { verdict: 'INDETERMINATE', trustAnchor: { id: root } }
  await expect(attempt(takenOver, false)).rejects.toMatchObject({ code: 'PEER_UNKNOWN' })
  const elsewhere = { verdict: 'INVALID', trustAnchor: { id: other } }
  await expect(attempt(elsewhere, false)).rejects.toMatchObject({ code: 'PEER_UNANCHORED' })
  const nowhere = { verdict: 'VALID', trustAnchor: null }
  await expect(attempt(nowhere, true)).rejects.toMatchObject({ code: 'PEER_UNANCHORED' })
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
