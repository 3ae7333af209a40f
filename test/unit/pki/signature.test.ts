import {
  constants,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto'
import { ED25519_TORSION_SUBGROUP } from '@noble/curves/ed25519'
import { describe, expect, it } from 'vitest'
import { signatureAlgorithm } from '../../../src/pki/algorithm'
import {
  encodeBitString,
  encodeExplicit,
  encodeInteger,
  encodeNull,
  encodeOid,
  encodeSequence,
} from '../../../src/pki/der-writer'
import {
  forgeableBecause,
  publicKeyInfo,
  publicKeyJwk,
  spkiSha256,
} from '../../../src/pki/public-key'
import { verifySignature } from '../../../src/pki/signature'
import { verifyPalletSignature } from '../../../src/registry/pallet-signature'
import { jwsAlgorithmsOf } from '../../../src/tokens/jws'
import { verifyMessageSignature } from '../../../src/verify/message-signature'

const data = new TextEncoder().encode('to be signed')
const spki = (key: KeyObject) => new Uint8Array(key.export({ format: 'der', type: 'spki' }))

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' })
const ed = generateKeyPairSync('ed25519')

const RSA_SHA256 = encodeSequence(encodeOid('1.2.840.113549.1.1.11'), encodeNull())
const ECDSA_SHA256 = encodeSequence(encodeOid('1.2.840.10045.4.3.2'))
const ECDSA_SHA384 = encodeSequence(encodeOid('1.2.840.10045.4.3.3'))
const ECDSA_SHA512 = encodeSequence(encodeOid('1.2.840.10045.4.3.4'))
const ED25519 = encodeSequence(encodeOid('1.3.101.112'))

function pss(hashOid: string, maskOid: string, saltLength: bigint): Uint8Array {
  const hash = (oid: string) => encodeSequence(encodeOid(oid), encodeNull())
  return encodeSequence(
    encodeOid('1.2.840.113549.1.1.10'),
    encodeSequence(
      encodeExplicit(0, hash(hashOid)),
      encodeExplicit(1, encodeSequence(encodeOid('1.2.840.113549.1.1.8'), hash(maskOid))),
      encodeExplicit(2, encodeInteger(saltLength)),
    ),
  )
}
const SHA256 = '2.16.840.1.101.3.4.2.1'

const pssSignature = sign('sha256', data, {
  key: rsa.privateKey,
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength: 32,
})

const good: [string, KeyObject, Uint8Array, Uint8Array][] = [
  ['RSA PKCS#1 v1.5', rsa.publicKey, RSA_SHA256, sign('sha256', data, rsa.privateKey)],
  ['RSA-PSS', rsa.publicKey, pss(SHA256, SHA256, 32n), pssSignature],
  ['ECDSA P-256', p256.publicKey, ECDSA_SHA256, sign('sha256', data, p256.privateKey)],
  ['ECDSA P-384', p384.publicKey, ECDSA_SHA384, sign('sha384', data, p384.privateKey)],
  ['ECDSA P-521', p521.publicKey, ECDSA_SHA512, sign('sha512', data, p521.privateKey)],
  ['Ed25519', ed.publicKey, ED25519, sign(null, data, ed.privateKey)],
]

describe('verifySignature', () => {
  it.each(good)(
    'accepts %s, and nothing else under the same key',
    (_, key, algorithm, signature) => {
      const input = { spki: spki(key), signatureAlgorithm: algorithm, data, signature }
      expect(verifySignature(input)).toEqual({ ok: true })
      expect(verifySignature({ ...input, data: new Uint8Array(3) })).toMatchObject({
        code: 'SIG_BAD',
      })
      const flipped = Uint8Array.from(signature)
      flipped[flipped.length - 1] = (flipped[flipped.length - 1] ?? 0) ^ 1
      expect(verifySignature({ ...input, signature: flipped })).toMatchObject({
        ok: false,
        code: 'SIG_BAD',
      })
      expect(verifySignature({ ...input, signature: new Uint8Array(0) })).toMatchObject({
        ok: false,
      })
    },
  )

  it.each([
    ['an unknown algorithm', encodeSequence(encodeOid('1.2.3'))],
    [
      'NULL parameters with Ed25519 (RFC 8410 §3)',
      encodeSequence(encodeOid('1.3.101.112'), encodeNull()),
    ],
    [
      'NULL parameters with ECDSA (RFC 5758 §3.2)',
      encodeSequence(encodeOid('1.2.840.10045.4.3.2'), encodeNull()),
    ],
    ['PSS with a digest nobody knows', pss('1.2.3', SHA256, 32n)],
    ['PSS with a mask by a digest nobody knows', pss(SHA256, '1.2.3', 32n)],
    ['bytes that are no AlgorithmIdentifier', Uint8Array.of(1, 2, 3)],
  ])('does not verify %s', (_, algorithm) => {
    expect(
      verifySignature({
        spki: spki(ed.publicKey),
        signatureAlgorithm: algorithm,
        data,
        signature: data,
      }),
    ).toMatchObject({ ok: false, code: 'SIG_UNSUPPORTED_ALGORITHM' })
  })

  it('refuses a key of another kind than the algorithm’s', () => {
    const input = { signatureAlgorithm: RSA_SHA256, data, signature: new Uint8Array(256) }
    expect(verifySignature({ ...input, spki: spki(ed.publicKey) })).toMatchObject({
      code: 'SIG_BAD_KEY',
    })
    expect(verifySignature({ ...input, spki: new Uint8Array(9) })).toMatchObject({
      code: 'SIG_BAD_KEY',
    })
  })

  it('reads an Ed25519 key in its one encoding only (RFC 8410 §4)', () => {
    const signature = sign(null, data, ed.privateKey)
    const octets = spki(ed.publicKey).slice(-32)
    const ask = (key: Uint8Array, ...parameters: Uint8Array[]) => {
      const algorithm = encodeSequence(encodeOid('1.3.101.112'), ...parameters)
      const spki = encodeSequence(algorithm, encodeBitString(key))
      return verifySignature({ spki, signatureAlgorithm: ED25519, data, signature })
    }
    expect(ask(octets)).toEqual({ ok: true })
    expect(ask(octets.slice(1))).toMatchObject({ ok: false, code: 'SIG_BAD_KEY' })
    expect(ask(Uint8Array.of(...octets, 0))).toMatchObject({ ok: false, code: 'SIG_BAD_KEY' })
    expect(ask(octets, encodeNull())).toMatchObject({ ok: false, code: 'SIG_BAD_KEY' })
    // No point of the curve: y = 2.
    expect(ask(Uint8Array.of(2, ...new Uint8Array(31)))).toMatchObject({ ok: false })
  })

  describe('keys under which anybody can sign', () => {
    const { n = '' } = rsa.publicKey.export({ format: 'jwk' })
    const rsaKey = (e: string) => createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' })
    // To the power of one, a signature is the encoded message itself.
    const info = Buffer.from('3031300d060960864801650304020105000420', 'hex')
    const end = Buffer.concat([info, createHash('sha256').update(data).digest()])
    const padding = Buffer.alloc(256 - end.length - 3, 255)
    const encoded = Buffer.concat([Buffer.of(0, 1), padding, Buffer.of(0), end])
    const point = (hex: string) => {
      const x = Buffer.from(hex, 'hex').toString('base64url')
      return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    }
    // R = 0 and S = 0 satisfy the equation wherever eight times the key's point is 0 and the hash fits.
    const zero = Buffer.concat([Buffer.of(1), Buffer.alloc(63)])

    it.each([
      ['RSA with exponent 1', rsaKey('AQ'), RSA_SHA256, 'RS256', encoded],
      ['RSA with exponent 2', rsaKey('Ag'), RSA_SHA256, 'RS256', encoded],
      ['RSA with exponent 4', rsaKey('BA'), RSA_SHA256, 'RS256', encoded],
      ['Ed25519 at 0', point(`01${'00'.repeat(31)}`), ED25519, 'EdDSA', zero],
      ['Ed25519 at 0, by y = p + 1', point(`ee${'ff'.repeat(30)}7f`), ED25519, 'EdDSA', zero],
      ['Ed25519 at 0, its sign set', point(`01${'00'.repeat(30)}80`), ED25519, 'EdDSA', zero],
      ['Ed25519 of order 2', point(`ec${'ff'.repeat(30)}7f`), ED25519, 'EdDSA', zero],
      ['Ed25519 of order 4', point('00'.repeat(32)), ED25519, 'EdDSA', zero],
      ['Ed25519 of order 4, by y = p', point(`ed${'ff'.repeat(30)}7f`), ED25519, 'EdDSA', zero],
      [
        'Ed25519 of order 8',
        point('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85'),
        ED25519,
        'EdDSA',
        zero,
      ],
      [
        'Ed25519 of order 8, too',
        point('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'),
        ED25519,
        'EdDSA',
        zero,
      ],
    ])('%s signs nothing', async (_, key, signatureAlgorithm, algorithm, signature) => {
      const expected = { ok: false, code: 'SIG_BAD_KEY' }
      const messages = Array.from({ length: 40 }, (_, i) => (i === 0 ? data : Buffer.of(i)))
      for (const message of messages) {
        const input = { spki: spki(key), data: message, signature: new Uint8Array(signature) }
        expect(verifySignature({ ...input, signatureAlgorithm })).toMatchObject(expected)
        const question = { ...input, isDigest: false }
        for (const name of [algorithm, null]) {
          const { outcome } = verifyMessageSignature({ ...question, algorithm: name })
          expect(outcome).toMatchObject(expected)
        }
      }
      expect(jwsAlgorithmsOf(spki(key))).toEqual([])
    })

    it('what the chain accepted is still told: ring looks at no point’s order', () => {
      const key = spki(point(`01${'00'.repeat(31)}`))
      const input = {
        spki: key,
        signatureAlgorithm: ED25519,
        data,
        signature: new Uint8Array(zero),
      }
      expect(verifyPalletSignature(input)).toEqual({ ok: true })
      expect(verifyPalletSignature({ ...input, signature: new Uint8Array(64) }).ok).toBe(false)
    })

    it('all points of the curve whose eightfold is 0 are known, and no other one', () => {
      const known = ED25519_TORSION_SUBGROUP.map((hex) => forgeableBecause(spki(point(hex))))
      expect(known).toHaveLength(8)
      expect(known.every((reason) => reason !== null)).toBe(true)
      expect(forgeableBecause(spki(ed.publicKey))).toBeNull()
      for (const { publicKey } of [rsa, p256, p384, p521]) {
        expect(forgeableBecause(spki(publicKey))).toBeNull()
      }
    })
  })

  it('takes RSA parameters that are absent, as RFC 4055 §5 asks of readers', () => {
    expect(signatureAlgorithm(encodeSequence(encodeOid('1.2.840.113549.1.1.11')))?.scheme).toBe(
      'rsa-pkcs1',
    )
  })
})

describe('publicKeyInfo', () => {
  it.each([
    ['RSA', rsa.publicKey, 2048],
    ['EC-P256', p256.publicKey, 256],
    ['EC-P384', p384.publicKey, 384],
    ['EC-P521', p521.publicKey, 521],
    ['Ed25519', ed.publicKey, 256],
  ])('knows %s and its size', (algorithm, key, bits) => {
    expect(publicKeyInfo(spki(key))).toMatchObject({ algorithm, bits })
  })

  it('does not know curves by their parameters (RFC 5480 §2.1.1)', () => {
    const explicit = generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' })
    expect(publicKeyInfo(spki(explicit.publicKey)).algorithm).toBe('unknown')
  })

  it('does not know keys whose bits are not what they say', () => {
    const short = encodeSequence(ED25519, encodeBitString(new Uint8Array(31)))
    expect(publicKeyInfo(short).algorithm).toBe('unknown')
    expect(publicKeyJwk(short)).toBeNull()
  })

  it('gives JWK and fingerprint', () => {
    expect(publicKeyJwk(spki(ed.publicKey))).toMatchObject({ kty: 'OKP', crv: 'Ed25519' })
    const expected = createHash('sha256').update(spki(ed.publicKey)).digest('hex')
    expect(spkiSha256(spki(ed.publicKey))).toBe(expected)
  })
})
