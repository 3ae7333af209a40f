import { describe, expect, it } from 'vitest'
import { DerError } from '../../../src/pki/der'
import {
  encodeElement,
  encodeInteger,
  encodeOid,
  encodeSequence,
} from '../../../src/pki/der-writer'
import {
  decodeAuthorityKeyIdentifier,
  decodeCertificatePolicies,
  decodeInhibitAnyPolicy,
  decodeKeyUsage,
  decodeNameConstraints,
  decodePolicyConstraints,
} from '../../../src/pki/extensions'
import * as make from '../../support/certificates'

const bits = (hex: string) => encodeElement(0x03, Buffer.from(hex, 'hex'))

describe('decodeKeyUsage (§4.2.1.3)', () => {
  it('takes any bit set for a usage, and allows only what it knows', () => {
    expect([...decodeKeyUsage(bits('0780'))]).toEqual(['digitalSignature'])
    expect([...decodeKeyUsage(bits('06000040'))]).toEqual([])
  })

  it.each([
    ['no bit set', '0700'],
    ['no bits at all', '00'],
    ['unused bits set', '0781'],
  ])('refuses %s', (_, hex) => {
    expect(() => decodeKeyUsage(bits(hex))).toThrow(DerError)
  })
})

describe('decodeAuthorityKeyIdentifier (§4.2.1.1)', () => {
  const keyId = encodeElement(0x80, Uint8Array.of(1))
  const issuer = encodeElement(0xa1, make.textName(2, 'example.com'))
  const serial = encodeElement(0x82, Uint8Array.of(1))

  it.each([
    ['neither', [keyId]],
    ['both', [keyId, issuer, serial]],
  ])('takes %s of issuer and serial number', (_, fields) => {
    expect(decodeAuthorityKeyIdentifier(encodeSequence(...fields)).keyIdentifier).toHaveLength(1)
  })

  it.each([
    ['the issuer', [keyId, issuer]],
    ['the serial number', [keyId, serial]],
  ])('refuses %s alone (A.2)', (_, fields) => {
    expect(() => decodeAuthorityKeyIdentifier(encodeSequence(...fields))).toThrow(DerError)
  })
})

describe('decodeNameConstraints (§4.2.1.10)', () => {
  const range = (...octets: number[]) =>
    encodeSequence(
      encodeElement(0xa0, encodeSequence(encodeElement(0x87, Uint8Array.from(octets)))),
    )

  it.each([
    ['/8', [10, 0, 0, 0, 255, 0, 0, 0]],
    ['/12', [10, 16, 0, 0, 255, 240, 0, 0]],
    ['/0', [0, 0, 0, 0, 0, 0, 0, 0]],
  ])('takes a range of %s', (_, octets) => {
    expect(decodeNameConstraints(range(...octets)).permitted).toHaveLength(1)
  })

  it.each([
    ['a hole between octets', [10, 0, 0, 0, 255, 0, 255, 0]],
    ['a hole within an octet', [10, 0, 0, 0, 0b1010_0000, 0, 0, 0]],
    ['no mask', [10, 0, 0, 0]],
  ])('refuses a mask with %s (RFC 4632)', (_, octets) => {
    expect(() => decodeNameConstraints(range(...octets))).toThrow(DerError)
  })
})

describe('decodeCertificatePolicies (§4.2.1.4)', () => {
  const policy = (oid: string, qualifier: string) =>
    encodeSequence(
      encodeSequence(
        encodeOid(oid),
        encodeSequence(encodeSequence(encodeOid(qualifier), encodeElement(0x16))),
      ),
    )
  const CPS = '1.3.6.1.5.5.7.2.1'

  it('takes qualifiers of any kind, with anyPolicy only those of the section', () => {
    expect(decodeCertificatePolicies(policy('1.2.3', '1.2.3.4'))).toHaveLength(1)
    expect(decodeCertificatePolicies(policy('2.5.29.32.0', CPS))).toHaveLength(1)
    expect(() => decodeCertificatePolicies(policy('2.5.29.32.0', '1.2.3.4'))).toThrow(DerError)
  })
})

describe('SkipCerts (§4.2.1.11, §4.2.1.14)', () => {
  const explicit = (...octets: number[]) =>
    encodeSequence(encodeElement(0x80, Uint8Array.from(octets)))

  it('is at most 255, as no path is longer', () => {
    expect(decodePolicyConstraints(explicit(0, 255)).requireExplicitPolicy).toBe(255)
    expect(decodeInhibitAnyPolicy(encodeInteger(255n))).toBe(255)
    expect(() => decodePolicyConstraints(explicit(1, 0))).toThrow(DerError)
    expect(() => decodeInhibitAnyPolicy(encodeInteger(256n))).toThrow(DerError)
  })

  it('is never negative or padded', () => {
    expect(() => decodePolicyConstraints(explicit(255))).toThrow(DerError)
    expect(() => decodePolicyConstraints(explicit(0, 1))).toThrow(DerError)
  })
})
