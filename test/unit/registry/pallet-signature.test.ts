import { constants, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { concatBytes, fromHex } from '../../../src/bytes'
import {
  encodeBitString,
  encodeElement,
  encodeNull,
  encodeOid,
  encodeSequence,
} from '../../../src/pki/der-writer'
import { verifyPalletSignature } from '../../../src/registry/pallet-signature'
import { ED25519, KEYS, signEd25519, signWith } from '../../support/registry-builder'

const data = new TextEncoder().encode('data')
const algorithm = (oid: string, ...parameters: Uint8Array[]) =>
  encodeSequence(encodeOid(oid), ...parameters)
const SHA1_RSA = algorithm('1.2.840.113549.1.1.5', encodeNull())
const SHA256_RSA = algorithm('1.2.840.113549.1.1.11', encodeNull())

const check = (spki: Uint8Array, signatureAlgorithm: Uint8Array, signature: Uint8Array) =>
  verifyPalletSignature({ spki, signatureAlgorithm, data, signature })

function pssSignature() {
  const { privateKey, spki } = KEYS.rsa2048
  const padding = constants.RSA_PKCS1_PSS_PADDING
  const signature = sign('sha256', data, { key: privateKey, padding, saltLength: 32 })
  return { key: spki, signature: new Uint8Array(signature) }
}

describe('verifyPalletSignature', () => {
  it('takes Ed25519, with NULL parameters as the SDK sends them, too (block 192)', () => {
    const signature = signEd25519(KEYS.a, data)
    expect(check(KEYS.a.spki, ED25519, signature)).toEqual({ ok: true })
    const withNull = algorithm('1.3.101.112', encodeNull())
    expect(check(KEYS.a.spki, withNull, signature)).toEqual({ ok: true })
  })

  it('refuses the signature of another key, and a flipped bit', () => {
    const signature = signEd25519(KEYS.a, data)
    expect(check(KEYS.b.spki, ED25519, signature)).toMatchObject({ ok: false, code: 'SIG_BAD' })
    signature[3] = (signature[3] ?? 0) ^ 1
    expect(check(KEYS.a.spki, ED25519, signature)).toMatchObject({ ok: false, code: 'SIG_BAD' })
  })

  it.each([
    ['sha1', '1.2.840.113549.1.1.5'],
    ['sha1', '1.3.14.3.2.29'],
    ['sha256', '1.2.840.113549.1.1.11'],
    ['sha384', '1.2.840.113549.1.1.12'],
    ['sha512', '1.2.840.113549.1.1.13'],
  ])('takes RSA-2048 with %s (%s), with and without NULL', (digest, oid) => {
    const signature = signWith(KEYS.rsa2048, digest, data)
    expect(check(KEYS.rsa2048.spki, algorithm(oid, encodeNull()), signature)).toEqual({ ok: true })
    expect(check(KEYS.rsa2048.spki, algorithm(oid), signature)).toEqual({ ok: true })
  })

  it('takes RSA-1024 with SHA-1 (block 187) and refuses it with SHA-256 (block 188)', () => {
    const { spki } = KEYS.rsa1024
    expect(check(spki, SHA1_RSA, signWith(KEYS.rsa1024, 'sha1', data))).toEqual({ ok: true })
    expect(check(spki, SHA256_RSA, signWith(KEYS.rsa1024, 'sha256', data))).toMatchObject({
      ok: false,
      code: 'SIG_UNSUPPORTED_ALGORITHM',
    })
  })

  it('goes by the algorithm argument: a digest that was not the one signed with is refused', () => {
    const signature = signWith(KEYS.rsa2048, 'sha512', data)
    expect(check(KEYS.rsa2048.spki, SHA256_RSA, signature)).toMatchObject({ ok: false })
  })

  it('does not look at the algorithm of an RSA key', () => {
    const key = KEYS.rsa2048.spki.subarray(24)
    const odd = encodeSequence(algorithm('1.2.3.4'), encodeBitString(key))
    const signature = signWith(KEYS.rsa2048, 'sha256', data)
    expect(check(odd, SHA256_RSA, signature)).toEqual({ ok: true })
  })

  it('takes RSA-PSS by its hash alone: mask and salt length of the parameters do not matter', () => {
    const { key: spki, signature } = pssSignature()
    const hash = encodeElement(0xa0, algorithm('2.16.840.1.101.3.4.2.1', encodeNull()))
    const salt = encodeElement(0xa2, encodeElement(0x02, Uint8Array.of(20)))
    const pss = (...parts: Uint8Array[]) =>
      algorithm('1.2.840.113549.1.1.10', encodeSequence(...parts))
    expect(check(spki, pss(hash), signature)).toEqual({ ok: true })
    expect(check(spki, pss(hash, salt), signature)).toEqual({ ok: true })
    // SHA-1 is the default, and ring has no RSA-PSS with it.
    expect(check(spki, pss(), signature)).toMatchObject({ code: 'SIG_UNSUPPORTED_ALGORITHM' })
    const bare = algorithm('1.2.840.113549.1.1.10')
    expect(check(spki, bare, signature)).toMatchObject({ code: 'SIG_UNSUPPORTED_ALGORITHM' })
  })

  it('takes ECDSA P-256 with SHA-256 and SHA-384, and refuses a compressed point', () => {
    for (const [digest, oid] of [
      ['sha256', '1.2.840.10045.4.3.2'],
      ['sha384', '1.2.840.10045.4.3.3'],
    ] as const) {
      const signature = signWith(KEYS.p256, digest, data)
      expect(check(KEYS.p256.spki, algorithm(oid), signature)).toEqual({ ok: true })
    }
    const point = KEYS.p256.spki.subarray(-65)
    const parity = (point[64] ?? 0) & 1
    const compressed = concatBytes(Uint8Array.of(2 + parity), point.subarray(1, 33))
    const curve = algorithm('1.2.840.10045.2.1', encodeOid('1.2.840.10045.3.1.7'))
    const spki = encodeSequence(curve, encodeBitString(compressed))
    const signature = signWith(KEYS.p256, 'sha256', data)
    expect(check(spki, algorithm('1.2.840.10045.4.3.2'), signature)).toMatchObject({ ok: false })
  })

  it('refuses what ring has not: ECDSA with SHA-512, MD5, an unknown algorithm, no algorithm (block 19)', () => {
    const signature = signWith(KEYS.p256, 'sha512', data)
    for (const oid of ['1.2.840.10045.4.3.4', '1.2.840.113549.1.1.4', '1.2.3.4']) {
      expect(check(KEYS.p256.spki, algorithm(oid), signature)).toMatchObject({ ok: false })
    }
    expect(check(KEYS.a.spki, fromHex('0x0500'), signature)).toMatchObject({ ok: false })
    expect(check(KEYS.a.spki, new Uint8Array(), signature)).toMatchObject({ ok: false })
    expect(check(fromHex('0x0500'), ED25519, signature)).toMatchObject({ ok: false })
  })

  it('refuses RSA keys with an even modulus or an exponent ring would not take', () => {
    const signature = signWith(KEYS.rsa2048, 'sha256', data)
    const rsa = (modulus: Uint8Array, exponent: Uint8Array) => {
      const key = encodeSequence(encodeElement(0x02, modulus), encodeElement(0x02, exponent))
      return encodeSequence(algorithm('1.2.840.113549.1.1.1', encodeNull()), encodeBitString(key))
    }
    const even = concatBytes(Uint8Array.of(0, 0xff), new Uint8Array(255))
    const odd = concatBytes(Uint8Array.of(0, 0xff), new Uint8Array(254), Uint8Array.of(1))
    for (const spki of [
      rsa(even, Uint8Array.of(1, 0, 1)),
      rsa(odd, Uint8Array.of(1)),
      rsa(odd, Uint8Array.of(4)),
      rsa(odd, Uint8Array.of(0x7f, 1, 1, 1, 1, 1)),
    ]) {
      expect(check(spki, SHA256_RSA, signature)).toMatchObject({
        code: 'SIG_UNSUPPORTED_ALGORITHM',
      })
    }
  })
})
