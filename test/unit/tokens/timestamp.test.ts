import { describe, expect, it } from 'vitest'
import { contextTag } from '../../../src/pki/der'
import {
  encodeBoolean,
  encodeElement,
  encodeExplicit,
  encodeInteger,
  encodeSequence,
} from '../../../src/pki/der-writer'
import { verifyTimestamp } from '../../../src/tokens/timestamp'
import { AT, type Made, makeExtension } from '../../support/certificates'
import {
  extendedUsage,
  issuerSerial,
  makeAuthority,
  makeTimestamp,
  namedAtOnce,
  namedBy,
  namedBySha1,
  namedBySha256,
  STAMP_ROOT,
  TIME_STAMPING,
} from '../../support/timestamps'

const stamped = Buffer.from('some bytes')
const authority = makeAuthority()
const other = makeAuthority(extendedUsage([TIME_STAMPING]), 8n)
const judged = (by: Made, naming?: readonly Uint8Array[]) => {
  const token = makeTimestamp({
    stamped,
    timeMs: AT.getTime(),
    authority: by,
    ...(naming && { naming }),
  })
  return verifyTimestamp(token, stamped, [STAMP_ROOT.der])
}
const GOOD = { ok: true, timeMs: AT.getTime() }
const SHA1 = '1.3.14.3.2.26'
const SHA512 = '2.16.840.1.101.3.4.2.3'
const MD5 = '1.2.840.113549.2.5'

describe('the authority of a time-stamp is meant for that alone, critically (RFC 3161 §2.3)', () => {
  it('is taken so', () => {
    expect(judged(authority)).toMatchObject(GOOD)
  })

  it.each([
    ['not critical', extendedUsage([TIME_STAMPING], false)],
    ['meant for more', extendedUsage([TIME_STAMPING, '1.3.6.1.5.5.7.3.1'])],
    ['meant for any purpose', extendedUsage(['2.5.29.37.0'])],
    ['meant for another one', extendedUsage(['1.3.6.1.5.5.7.3.1'])],
    ['without a purpose', makeExtension('2.5.29.99', Buffer.from('0500', 'hex'))],
  ])('%s it is refused', (_, usage) => {
    expect(judged(makeAuthority(usage)).ok).toBe(false)
  })
})

describe('a time-stamp names the certificate it is signed with (RFC 3161 §2.4.2, RFC 5816)', () => {
  it.each([
    ['SHA-1 (ESSCertID)', [namedBySha1(authority)]],
    ['SHA-256, the default (ESSCertIDv2)', [namedBySha256(authority)]],
    ['SHA-512', [namedBy(authority, 'sha512', SHA512)]],
    ['both attributes', [namedBySha1(authority), namedBySha256(authority)]],
    ['issuer and serial, too', [namedBySha256(authority, issuerSerial('Root', 7n))]],
  ])('by %s: taken', (_, naming) => {
    expect(judged(authority, naming)).toMatchObject(GOOD)
  })

  it.each([
    ['nothing', []],
    ['the SHA-1 of another', [namedBySha1(other)]],
    ['the SHA-256 of another', [namedBySha256(other)]],
    ['both, one of them of another', [namedBySha1(authority), namedBySha256(other)]],
    ['both, the older of another', [namedBySha1(other), namedBySha256(authority)]],
    ['its own and another at once', [namedAtOnce(authority, other)]],
    ['another serial', [namedBySha256(authority, issuerSerial('Root', 8n))]],
    ['another issuer', [namedBySha256(authority, issuerSerial('Toor', 7n))]],
    ['MD5', [namedBy(authority, 'md5', MD5)]],
    ['SHA-1 where a digest may be chosen', [namedBy(authority, 'sha1', SHA1)]],
  ])('by %s: refused', (_, naming) => {
    const outcome = judged(authority, naming)
    expect(outcome.ok).toBe(false)
    expect(outcome).toMatchObject({ message: expect.stringMatching(/certificate|has 2 values/) })
  })
})

describe('what was stamped is known to exist by genTime and its accuracy, not before (RFC 3161 §2.4.2)', () => {
  const at = (options: { genTime?: string; fields?: readonly Uint8Array[] }) => {
    const { genTime, fields = [] } = options
    const time = genTime === undefined ? {} : { genTime: encodeElement(0x18, Buffer.from(genTime)) }
    const token = makeTimestamp({ stamped, timeMs: AT.getTime(), authority, fields, ...time })
    const outcome = verifyTimestamp(token, stamped, [STAMP_ROOT.der])
    return outcome.ok ? outcome.timeMs - AT.getTime() : outcome.message
  }
  const small = (tag: number, value: number) => encodeInteger(BigInt(value), contextTag(tag, false))
  const accuracy = (...fields: Uint8Array[]) => encodeSequence(...fields)

  it('the upper limit counts', () => {
    expect(at({})).toBe(0)
    expect(at({ fields: [accuracy(encodeInteger(3_600n))] })).toBe(3_600_000)
    expect(at({ fields: [accuracy(encodeInteger(2n), small(0, 500))] })).toBe(2_500)
    expect(at({ fields: [accuracy(small(0, 1), small(1, 1))] })).toBe(2)
    expect(at({ fields: [accuracy()] })).toBe(0)
  })

  it('fractions of a second are not cut off, and end in no zero (X.690 §11.7)', () => {
    expect(at({ genTime: '20260601120000.25Z' })).toBe(250)
    expect(at({ genTime: '20260601120000.0001Z' })).toBe(1)
    expect(at({ genTime: '20260601120000.250Z' })).toContain('no genTime')
    expect(at({ genTime: '20260601120000.Z' })).toContain('no genTime')
  })

  it('what else TSTInfo may hold is read past; what it may not hold is refused', () => {
    const nonce = encodeInteger(7n)
    const tsa = encodeExplicit(0, encodeExplicit(4, encodeSequence()))
    const limit = accuracy(encodeInteger(1n))
    expect(at({ fields: [limit, encodeBoolean(true), nonce, tsa] })).toBe(1_000)
    expect(at({ fields: [encodeBoolean(true), nonce] })).toBe(0)
    expect(at({ fields: [nonce] })).toBe(0)
    for (const fields of [[nonce, limit], [accuracy(small(0, 1_000))], [accuracy(small(0, 0))]]) {
      expect(at({ fields })).toEqual(expect.any(String))
    }
  })

  it('an extension of the token that is critical is refused', () => {
    const extension = (isCritical: boolean) =>
      encodeElement(
        contextTag(1),
        encodeSequence(makeExtension('1.2.3.4', Uint8Array.of(5, 0), isCritical)).subarray(2),
      )
    expect(at({ fields: [extension(false)] })).toBe(0)
    expect(at({ fields: [extension(true)] })).toEqual(expect.stringContaining('critical'))
  })
})
