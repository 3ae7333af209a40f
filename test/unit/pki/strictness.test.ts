import { describe, expect, it } from 'vitest'
import {
  encodeElement,
  encodeInteger,
  encodeNull,
  encodeOid,
  encodeSequence,
} from '../../../src/pki/der-writer'
import { validatePath } from '../../../src/pki/path-validation'
import type { StrictnessName } from '../../../src/pki/strictness'
import * as make from '../../support/certificates'
import { AT, type MakeOptions, makeCertificate, makeRoot } from '../../support/certificates'

const root = makeRoot()
const CA = [make.basicConstraints(true), make.keyUsage(5, 6)]

function codes(options: Partial<MakeOptions>, strictness?: StrictnessName): string[] {
  const leaf = makeCertificate({ subject: 'Target', issuer: root, serial: 3n, ...options })
  const result = validatePath({
    leaf: leaf.der,
    intermediates: [],
    trustAnchors: [root.der],
    at: AT,
    ...(strictness === undefined ? {} : { strictness }),
  })
  return [...new Set(result.failures.map(({ code }) => code))]
}

describe('strictness', () => {
  it('is rfc5280 by default: sound serial numbers (§4.1.2.2), no demands on issuers', () => {
    expect(codes({})).toEqual([])
    expect(codes({ serial: 0n })).toEqual(['CERT_BAD_SERIAL'])
    expect(codes({ serial: -1n })).toEqual(['CERT_BAD_SERIAL'])
    expect(codes({ serial: 2n ** 159n - 1n })).toEqual([])
    expect(codes({ serial: 2n ** 160n })).toEqual(['CERT_BAD_SERIAL'])
  })

  it('refuses a key under which anybody can sign, under every name', () => {
    const spki = make.lowOrderSpki()
    for (const name of ['rfc5280', 'pkits', 'conforming', 'webpki', 'boringssl'] as const) {
      expect(codes({ spki }, name)).toContain('KEY_TOO_WEAK')
      expect(codes({}, name)).not.toContain('KEY_TOO_WEAK')
    }
  })

  it('lets odd serial numbers pass for the suites whose data has them', () => {
    expect(codes({ serial: -1n }, 'pkits')).toEqual([])
    expect(codes({ serial: -1n }, 'boringssl')).toEqual([])
  })

  it.each([
    ['0001', 'padded'],
    ['ff80', 'padded, negative'],
    ['00', 'zero'],
    [`7f${'00'.repeat(37)}`, 'of 38 octets'],
  ])('refuses a padded serial number under every name; %s is %s (X.690 §8.3.2)', (hex, kind) => {
    const serialBytes = Uint8Array.from(Buffer.from(hex, 'hex'))
    const isPadded = kind.startsWith('padded')
    for (const name of ['pkits', 'boringssl'] as const) {
      expect(codes({ serialBytes }, name)).toEqual(isPadded ? ['CERT_BAD_SERIAL'] : [])
    }
    expect(codes({ serialBytes })).toEqual(['CERT_BAD_SERIAL'])
  })

  it.each([
    ['rfc5280', 0n],
    ['rfc5280', -1n],
    ['webpki', 0n],
  ] as const)(
    'leaves the serial number of a configured anchor alone (§6.1.1 (d)): %s, %s',
    (strictness, serial) => {
      const odd = makeCertificate({ subject: 'Root', serial, extensions: CA })
      const leaf = makeCertificate({ subject: 'Target', issuer: odd, serial: 3n })
      const codesOf = (anchor: object) =>
        validatePath({
          leaf: leaf.der,
          intermediates: [],
          trustAnchors: [odd.der],
          at: AT,
          strictness,
          anchor,
        }).failures.map(({ code }) => code)
      expect(codesOf({})).not.toContain('CERT_BAD_SERIAL')
      expect(codesOf({ checkSerial: true })).toContain('CERT_BAD_SERIAL')
    },
  )

  it('refuses a padded serial number of an anchor, too', () => {
    const serialBytes = Uint8Array.of(0, 1)
    const padded = makeCertificate({ subject: 'Root', serialBytes, extensions: CA })
    const leaf = makeCertificate({ subject: 'Target', issuer: padded, serial: 3n })
    const input = { leaf: leaf.der, intermediates: [], trustAnchors: [padded.der], at: AT }
    expect(validatePath(input).failures.map(({ code }) => code)).toEqual(['CERT_BAD_SERIAL'])
  })

  it('demands key identifiers of conforming CAs (§4.2.1.1)', () => {
    expect(codes({}, 'conforming')).toContain('CERT_PROFILE')
  })

  it('demands subjectAltName and extended key usage in the web PKI', () => {
    expect(codes({}, 'webpki')).toContain('CERT_WEB_PROFILE')
  })

  it('interprets qualifiers of critical policies, or refuses (§4.2.1.4)', () => {
    const policy = (qualifier: string, isCritical: boolean) =>
      make.makeExtension(
        '2.5.29.32',
        encodeSequence(
          encodeSequence(
            encodeOid('1.2.3'),
            encodeSequence(encodeSequence(encodeOid(qualifier), encodeNull())),
          ),
        ),
        isCritical,
      )
    expect(codes({ extensions: [policy('1.2.3.4', false)] })).toEqual([])
    expect(codes({ extensions: [policy('1.3.6.1.5.5.7.2.1', true)] })).toEqual([])
    expect(codes({ extensions: [policy('1.2.3.4', true)] })).toEqual([
      'CERT_UNKNOWN_CRITICAL_EXTENSION',
    ])
  })

  it('lets only extensions of §6.1 be critical under boringssl', () => {
    const keyId = make.makeExtension('2.5.29.14', encodeElement(4, Uint8Array.of(1)), true)
    expect(codes({ extensions: [keyId] })).toEqual([])
    expect(codes({ extensions: [keyId] }, 'boringssl')).toEqual(['CERT_UNKNOWN_CRITICAL_EXTENSION'])
    expect(codes({ extensions: [make.keyUsage(0)] }, 'boringssl')).toEqual([])
  })

  it('refuses known extensions that do not decode, critical or not (§4.2)', () => {
    const broken = make.makeExtension('2.5.29.17', encodeInteger(1n))
    expect(codes({ extensions: [broken] })).toEqual(['CERT_BAD_EXTENSION'])
  })

  it('refuses an empty subject without a critical subjectAltName (§4.1.2.6)', () => {
    const names = [make.textName(2, 'example.com')]
    const critical = make.makeExtension('2.5.29.17', encodeSequence(...names), true)
    expect(codes({ subject: '', seed: 'x', extensions: [critical] })).toEqual([])
    expect(codes({ subject: '', seed: 'x', extensions: [make.subjectAltName(...names)] })).toEqual([
      'CERT_BAD_NAME',
    ])
  })
})
