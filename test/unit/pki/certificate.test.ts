import { describe, expect, it } from 'vitest'
import { concatBytes } from '../../../src/bytes'
import {
  assembleCertificate,
  CertificateError,
  innerSignatureAlgorithm,
  parseCertificate,
  parseTbs,
  splitTbs,
} from '../../../src/pki/certificate'
import { DerError } from '../../../src/pki/der'
import {
  encodeElement,
  encodeExplicit,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from '../../../src/pki/der-writer'
import { renderCertificateText } from '../../../src/pki/text'
import * as make from '../../support/certificates'

const made = make.makeRoot([make.subjectAltName(make.textName(2, 'example.com'))])
const parsed = parseCertificate(made.der)

/** The code a malformed certificate is refused with. */
function codeOf(parse: () => unknown): string {
  try {
    parse()
    return 'none'
  } catch (error) {
    if (error instanceof DerError || error instanceof CertificateError) return error.code
    throw error
  }
}

/** A TBS with these fields after its key, and this version. */
function tbsWith(version: Uint8Array | undefined, ...tail: Uint8Array[]): Uint8Array {
  const { innerAlgorithm, issuer, subject, spki } = parsed
  const validity = encodeSequence(
    encodeElement(0x17, Buffer.from('260101000000Z')),
    encodeElement(0x18, Buffer.from('20500101000000Z')),
  )
  const head = version === undefined ? [] : [version]
  return encodeSequence(
    ...head,
    encodeInteger(1n),
    innerAlgorithm,
    issuer,
    validity,
    subject,
    spki,
    ...tail,
  )
}

const version = (value: bigint) => encodeExplicit(0, encodeInteger(value))
const extension = (oid: string, ...critical: Uint8Array[]) =>
  encodeSequence(encodeOid(oid), ...critical, encodeOctetString(Uint8Array.of(5, 0)))
const extensions = (...list: Uint8Array[]) => encodeExplicit(3, encodeSequence(...list))

describe('parseCertificate', () => {
  it('reads every field without copying', () => {
    expect(parsed).toMatchObject({ version: 3, serialNumber: 1n, hasUniqueIds: false })
    expect(parsed.notBefore).toEqual({ ms: Date.UTC(2026, 0, 1), isGeneralized: false })
    expect(parsed.extensions.map(({ oid, critical }) => [oid, critical])).toEqual([
      ['2.5.29.19', true],
      ['2.5.29.15', true],
      ['2.5.29.17', false],
    ])
    expect(parsed.subject.buffer).toBe(made.der.buffer)
  })

  it.each([
    ['bytes after it', concatBytes(made.der, Uint8Array.of(0)), 'DER_TRAILING_DATA'],
    ['its end missing', made.der.subarray(0, -1), 'DER_TRUNCATED'],
    ['nothing in it', Uint8Array.of(0x30, 0), 'DER_TRUNCATED'],
    ['another outer type', Uint8Array.of(0x31, 0), 'DER_UNEXPECTED_TAG'],
    ['more bytes than any certificate', new Uint8Array(2_000_000), 'CERT_TOO_LARGE'],
  ])('refuses %s', (_, der, code) => {
    expect(codeOf(() => parseCertificate(der))).toBe(code)
  })
})

describe('parseTbs', () => {
  it.each([
    ['v1 without a version field', tbsWith(undefined), 'none'],
    ['v2', tbsWith(version(1n)), 'none'],
    ['v3 without extensions', tbsWith(version(2n)), 'none'],
    [
      'v3 with unique identifiers',
      tbsWith(version(2n), encodeElement(0x81, Uint8Array.of(0, 1))),
      'none',
    ],
    [
      'unique identifiers that are no BIT STRING',
      tbsWith(version(2n), encodeElement(0x82, Uint8Array.of(9, 1))),
      'DER_BAD_VALUE',
    ],
    ['v1 written out', tbsWith(version(0n)), 'CERT_BAD_VERSION'],
    ['v4', tbsWith(version(3n)), 'CERT_BAD_VERSION'],
    ['extensions in v1', tbsWith(undefined, extensions(extension('1.2.3'))), 'CERT_BAD_VERSION'],
    [
      'unique identifiers in v1',
      tbsWith(undefined, encodeElement(0x81, Uint8Array.of(0, 1))),
      'CERT_BAD_VERSION',
    ],
    [
      'the same extension twice',
      tbsWith(version(2n), extensions(extension('1.2.3'), extension('1.2.3'))),
      'CERT_DUPLICATE_EXTENSION',
    ],
    ['no extension in the list', tbsWith(version(2n), extensions()), 'DER_BAD_VALUE'],
    [
      'critical FALSE written out',
      tbsWith(version(2n), extensions(extension('1.2.3', Uint8Array.of(1, 1, 0)))),
      'DER_BAD_VALUE',
    ],
    [
      'critical as 01',
      tbsWith(version(2n), extensions(extension('1.2.3', Uint8Array.of(1, 1, 1)))),
      'DER_BAD_VALUE',
    ],
    [
      'fields after the extensions',
      tbsWith(version(2n), extensions(extension('1.2.3')), encodeInteger(1n)),
      'DER_TRAILING_DATA',
    ],
  ])('judges %s', (_, tbs, code) => {
    expect(codeOf(() => parseTbs(tbs))).toBe(code)
  })

  it('leaves bytes after the TBS to the caller, who can cut them off', () => {
    const padded = concatBytes(parsed.tbs, Uint8Array.of(1, 2, 3))
    expect(codeOf(() => parseTbs(padded))).toBe('DER_TRAILING_DATA')
    const { tbs, trailing } = splitTbs(padded)
    expect(Buffer.compare(tbs, parsed.tbs)).toBe(0)
    expect([...trailing]).toEqual([1, 2, 3])
  })
})

describe('assembleCertificate', () => {
  it('rebuilds a certificate byte for byte from its TBS and signature', () => {
    expect(Buffer.compare(assembleCertificate(parsed.tbs, parsed.signature), made.der)).toBe(0)
  })

  it('takes the algorithm inside the TBS unless given another (§4.1.1.2)', () => {
    expect(Buffer.compare(innerSignatureAlgorithm(parsed.tbs), parsed.innerAlgorithm)).toBe(0)
    const withNull = encodeSequence(encodeOid('1.3.101.112'), Uint8Array.of(5, 0))
    const rebuilt = parseCertificate(assembleCertificate(parsed.tbs, parsed.signature, withNull))
    expect(Buffer.compare(rebuilt.outerAlgorithm, withNull)).toBe(0)
  })
})

describe('renderCertificateText', () => {
  it('shows names, dates, key and extensions', () => {
    const text = renderCertificateText(made.der)
    expect(text).toContain('Subject: CN=Root')
    expect(text).toContain('Not After : 2027-01-01T00:00:00Z')
    expect(text).toContain('Algorithm: Ed25519 (256 bit)')
    expect(text).toContain('CA:TRUE')
    expect(text).toContain('DNS:example.com')
  })

  it('shows an extension it cannot decode as what it is', () => {
    const odd = make.makeRoot([make.makeExtension('2.5.29.31', Uint8Array.of(5, 0))])
    expect(renderCertificateText(odd.der)).toMatch(/CRL Distribution Points:\n\s+malformed: /)
  })
})
