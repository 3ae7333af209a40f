import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodePem, decodePemCertificates, encodePem, PemError } from '../../../src/pki/pem'

describe('PEM (RFC 7468)', () => {
  it('decodes what it encodes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 500 }), (der) => {
        expect(decodePem(encodePem('CERTIFICATE', der))).toEqual([{ label: 'CERTIFICATE', der }])
      }),
    )
  })

  it('takes several blocks and skips what stands between them', () => {
    const text = `subject=x\n${encodePem('CERTIFICATE', Uint8Array.of(1))}\r\nnote\n${encodePem('X509 CRL', Uint8Array.of(2))}`
    expect(decodePem(text).map(({ label }) => label)).toEqual(['CERTIFICATE', 'X509 CRL'])
    expect(decodePemCertificates(text)).toEqual([Uint8Array.of(1)])
  })

  it.each([
    ['cut short', '-----BEGIN CERTIFICATE-----\nAQ=='],
    ['with labels that differ', '-----BEGIN CERTIFICATE-----\nAQ==\n-----END X509 CRL-----'],
    ['with other characters', '-----BEGIN CERTIFICATE-----\nA*Q=\n-----END CERTIFICATE-----'],
    ['without padding', '-----BEGIN CERTIFICATE-----\nAQ\n-----END CERTIFICATE-----'],
    ['empty', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----'],
  ])('refuses a block %s', (_, text) => {
    expect(() => decodePem(text)).toThrow(PemError)
  })

  it('refuses text without a certificate, and more text than anybody needs', () => {
    expect(() => decodePemCertificates('nothing here')).toThrow(PemError)
    expect(() => decodePem('x'.repeat(5_000_000))).toThrow(PemError)
  })
})
