import { constants, createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { p256 } from '@noble/curves/nist'
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

/** A P-256 signature with an r that begins 30 3E: the public key is recovered from it. */
function signedWithDerLookalike(data: Uint8Array) {
  const digest = createHash('sha256').update(data).digest()
  for (let tries = 0; tries < 10_000; tries++) {
    const r = Buffer.concat([
      Buffer.from('303e', 'hex'),
      createHash('sha256').update(`r${tries}`).digest().subarray(0, 30),
    ])
    const compact = Buffer.concat([r, Buffer.alloc(31), Buffer.of(1)])
    try {
      const point = p256.Signature.fromCompact(compact).addRecoveryBit(0).recoverPublicKey(digest)
      const head = spki(keys.p256.publicKey).subarray(0, 26)
      const publicKey = new Uint8Array(Buffer.concat([head, point.toRawBytes(false)]))
      return { publicKey, signature: new Uint8Array(compact) }
    } catch {
      // Not every r is the abscissa of a point.
    }
  }
  throw new Error('no r found')
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

  it.each([
    ['rsassaPss-sha256', undefined, true],
    ['rsassaPss-sha256', 0, true],
    ['rsassaPss-sha256', 32, true],
    ['PS256', 32, true],
    ['PS256', undefined, false],
    ['PS256', 0, false],
  ])(
    '%s with a salt of %s octets (absent: the longest, as Node signs): %s (RFC 7518 §3.5)',
    (algorithm, saltLength, isGood) => {
      for (const pair of ['rsa', 'rsaOdd'] as const) {
        const padding = constants.RSA_PKCS1_PSS_PADDING
        const options = {
          key: keys[pair].privateKey,
          padding,
          ...(saltLength === undefined ? {} : { saltLength }),
        }
        const signature = new Uint8Array(sign('sha256', message, options))
        const input = { spki: spki(keys[pair].publicKey), signature, algorithm }
        const digest = createHash('sha256').update(message).digest()
        const verdicts = [
          verifyMessageSignature({ ...input, data: message, isDigest: false }),
          verifyMessageSignature({ ...input, data: digest, isDigest: true }),
        ]
        expect(verdicts.map(({ outcome }) => outcome.ok)).toEqual([isGood, isGood])
        const other = createHash('sha256').update('another').digest()
        expect(verifyMessageSignature({ ...input, data: other, isDigest: true }).outcome.ok).toBe(
          false,
        )
      }
    },
  )

  it('takes any salt of an RSA-PSS key whose algorithm is not named', () => {
    const pair = generateKeyPairSync('rsa-pss', { modulusLength: 2048 })
    const signature = new Uint8Array(sign('sha256', message, pair.privateKey))
    const input = { spki: spki(pair.publicKey), signature, algorithm: null, isDigest: false }
    const verdict = (data: Buffer) => verifyMessageSignature({ ...input, data }).outcome.ok
    expect([verdict(message), verdict(Buffer.from('another'))]).toEqual([true, false])
  })

  it('tries r ‖ s, too, for what begins like DER of its length', () => {
    // One r in 65,536 begins 30 3E, so r is chosen and the key recovered.
    const { publicKey, signature } = signedWithDerLookalike(message)
    expect([signature[0], signature[1], signature.length]).toEqual([0x30, 0x3e, 64])
    const digest = createHash('sha256').update(message).digest()
    const input = { spki: publicKey, signature, algorithm: 'ES256' }
    const ok = (data: Uint8Array, isDigest: boolean, bytes = signature) =>
      verifyMessageSignature({ ...input, data, isDigest, signature: bytes }).outcome.ok
    expect([ok(message, false), ok(digest, true)]).toEqual([true, true])
    const flipped = Uint8Array.from(signature)
    flipped[63] = 2
    expect([ok(message, false, flipped), ok(digest, true, flipped)]).toEqual([false, false])
    expect(ok(Buffer.from('another'), false)).toBe(false)
  })

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
