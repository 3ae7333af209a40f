import { generateKeyPairSync, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { signChallenge } from '../../../src/client/challenge'

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
