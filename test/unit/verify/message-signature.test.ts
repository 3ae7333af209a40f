import { constants, createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { verifyMessageSignature } from '../../../src/verify/message-signature'

const message = Buffer.from('a challenge')
const keys = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  rsaOdd: generateKeyPairSync('rsa', { modulusLength: 2049 }),
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  p384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  p521: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  ed25519: generateKeyPairSync('ed25519'),
}
const spki = (key: KeyObject) => new Uint8Array(key.export({ format: 'der', type: 'spki' }))

type Case = {
  name: string
  pair: keyof typeof keys
  hash: string | null
  options?: object
}
const cases: Case[] = [
  ...(['rsa', 'rsaOdd'] as const).flatMap((pair) =>
    ['256', '384', '512'].flatMap((bits): Case[] => [
      { name: `RS${bits}`, pair, hash: `sha${bits}` },
      {
        name: `PS${bits}`,
        pair,
        hash: `sha${bits}`,
        options: {
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
        },
      },
    ]),
  ),
  ...(['der', 'ieee-p1363'] as const).flatMap((dsaEncoding): Case[] => [
    { name: 'ES256', pair: 'p256', hash: 'sha256', options: { dsaEncoding } },
    { name: 'ES384', pair: 'p384', hash: 'sha384', options: { dsaEncoding } },
    { name: 'ES512', pair: 'p521', hash: 'sha512', options: { dsaEncoding } },
  ]),
  { name: 'EdDSA', pair: 'ed25519', hash: null },
]

function signed({ pair, hash, options }: Case): Uint8Array {
  return sign(hash, message, { key: keys[pair].privateKey, ...options })
}

describe('verifyMessageSignature', () => {
  it.each(cases)('$name under $pair: good over the message, bad over another', (one) => {
    const input = {
      spki: spki(keys[one.pair].publicKey),
      signature: signed(one),
      algorithm: one.name,
      isDigest: false,
    }
    expect(verifyMessageSignature({ ...input, data: message }).outcome).toEqual({ ok: true })
    const other = verifyMessageSignature({ ...input, data: Buffer.from('another') })
    expect(other.outcome).toMatchObject({ ok: false, code: 'SIG_BAD' })
  })

  it.each(cases.filter((one) => one.hash !== null))(
    '$name under $pair: good over the digest, bad over another digest and over a flipped signature',
    (one) => {
      const digest = (bytes: Uint8Array) =>
        createHash(one.hash ?? '')
          .update(bytes)
          .digest()
      const signature = signed(one)
      const input = {
        spki: spki(keys[one.pair].publicKey),
        signature,
        algorithm: one.name,
        isDigest: true,
      }
      expect(verifyMessageSignature({ ...input, data: digest(message) }).outcome).toEqual({
        ok: true,
      })
      const other = verifyMessageSignature({ ...input, data: digest(Buffer.from('another')) })
      expect(other.outcome.ok).toBe(false)
      const flipped = Uint8Array.from(signature)
      flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
      const bad = verifyMessageSignature({ ...input, data: digest(message), signature: flipped })
      expect(bad.outcome.ok).toBe(false)
    },
  )

  it('chooses the usual algorithm of the key when none is named', () => {
    const one = cases.find(({ name }) => name === 'EdDSA') as Case
    const result = verifyMessageSignature({
      spki: spki(keys.ed25519.publicKey),
      data: message,
      signature: signed(one),
      algorithm: null,
      isDigest: false,
    })
    expect(result).toEqual({ outcome: { ok: true }, algorithm: 'EdDSA' })
  })

  it('refuses unknown algorithms, keys of another kind, digests of the wrong length and for Ed25519', () => {
    const input = { spki: spki(keys.rsa.publicKey), data: message, signature: new Uint8Array(256) }
    const run = (algorithm: string, isDigest = false, key = input.spki) =>
      verifyMessageSignature({ ...input, spki: key, algorithm, isDigest }).outcome
    expect(run('none')).toMatchObject({ ok: false, code: 'SIG_UNSUPPORTED_ALGORITHM' })
    expect(run('ES256')).toMatchObject({ ok: false, code: 'SIG_BAD_KEY' })
    expect(run('RS256', true)).toMatchObject({ ok: false, code: 'SIG_BAD_KEY' })
    const ed25519 = spki(keys.ed25519.publicKey)
    expect(run('EdDSA', true, ed25519)).toMatchObject({ code: 'SIG_UNSUPPORTED_ALGORITHM' })
    expect(run('RS256', false, new Uint8Array(10))).toMatchObject({ code: 'SIG_BAD_KEY' })
  })
})
