import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes } from '../../../src/bytes'
import {
  encodeBitString,
  encodeElement,
  encodeGeneralizedTime,
  encodeOid,
  encodeSequence,
  encodeTime,
} from '../../../src/pki/der-writer'
import { decodePalletCertificate } from '../../../src/registry/pallet-certificate'
import {
  ED25519,
  extension,
  KEYS,
  makeTbs,
  NOW,
  name,
  type TbsParts,
} from '../../support/registry-builder'

const ascii = (value: string) => new Uint8Array(Buffer.from(value, 'latin1'))
const utc = (value: string) => encodeElement(0x17, ascii(value))
const generalized = (value: string) => encodeElement(0x18, ascii(value))

function accepted(parts: TbsParts | Uint8Array = {}) {
  const bytes = parts instanceof Uint8Array ? parts : makeTbs(parts)
  const result = decodePalletCertificate(bytes)
  if (!result.ok) throw new Error(result.reason)
  return result.certificate
}

function refused(parts: TbsParts | Uint8Array): string {
  const bytes = parts instanceof Uint8Array ? parts : makeTbs(parts)
  const result = decodePalletCertificate(bytes)
  return result.ok ? 'accepted' : result.reason
}

describe('serial', () => {
  it.each([
    ['positive', [0x00, 0x80, 0x01], 32769n],
    ['negative, read as positive (block 198)', [0x80, 0x01], 32769n],
    ['not minimal (block 200)', [0x00, 0x00, 0x2a], 42n],
    ['zero (block 197)', [0x00], 0n],
    ['empty', [], 0n],
    ['2^256-1 in 33 octets (block 196)', [0, ...Array(32).fill(0xff)], 2n ** 256n - 1n],
  ])('takes one that is %s', (_title, octets, value) => {
    expect(accepted({ serial: Uint8Array.from(octets as number[]) }).serial).toBe(value)
  })

  it('refuses one above 256 bits', () => {
    expect(refused({ serial: Uint8Array.from([1, ...Array(32).fill(0)]) })).toMatch(/256 bits/)
  })
})

describe('common name', () => {
  it('takes the raw bytes of the first, of any string type (blocks 159, 162, 163)', () => {
    const two = encodeSequence(
      encodeElement(0x31, encodeSequence(encodeOid('2.5.4.10'), encodeElement(0x0c, ascii('org')))),
      encodeElement(
        0x31,
        encodeSequence(encodeOid('2.5.4.3'), encodeElement(0x1e, Uint8Array.of(0, 65))),
      ),
      encodeElement(0x31, encodeSequence(encodeOid('2.5.4.3'), encodeElement(0x0c, ascii('no')))),
    )
    const { subjectCommonName, details } = accepted({ subject: two })
    expect([...subjectCommonName]).toEqual([0, 65])
    expect(details).toMatchObject({ commonNameTag: 30, commonNameCount: 2 })
  })

  it('takes an empty one (block 168), one that is not UTF-8 (158) and one with NUL (157)', () => {
    expect(accepted({ subject: name('') }).subjectCommonName).toHaveLength(0)
    for (const bytes of [Uint8Array.of(0xff, 0xfe), Uint8Array.of(65, 0, 66)]) {
      expect(accepted({ subject: name(bytes) }).subjectCommonName).toEqual(bytes)
    }
  })

  it('refuses a subject without one (block 169) and an empty subject (170)', () => {
    expect(refused({ subject: encodeSequence() })).toMatch(/common name/)
    const other = encodeSequence(encodeOid('2.5.4.10'), encodeElement(0x0c, ascii('org')))
    expect(refused({ subject: encodeSequence(encodeElement(0x31, other)) })).toMatch(/common name/)
  })

  it('ignores what follows an attribute that does not parse', () => {
    const good = encodeElement(
      0x31,
      encodeSequence(encodeOid('2.5.4.3'), encodeElement(0x0c, ascii('first'))),
    )
    const bad = encodeElement(0x31, Uint8Array.of(0x30, 0x7f))
    expect(accepted({ subject: encodeSequence(good, bad) }).subjectCommonName).toEqual(
      ascii('first'),
    )
    expect(refused({ subject: encodeSequence(bad, good) })).toMatch(/common name/)
  })
})

describe('validity', () => {
  it.each([
    ['UTCTime', utc('260901000000Z'), Date.UTC(2026, 8, 1)],
    ['UTCTime of the nineties', utc('991231235959Z'), Date.UTC(1999, 11, 31, 23, 59, 59)],
    ['UTCTime without seconds', utc('2609010000Z'), Date.UTC(2026, 8, 1)],
    ['UTCTime with an offset', utc('260901000000+0100'), Date.UTC(2026, 7, 31, 23)],
    ['UTCTime of minus half an hour, read as plus', utc('260901003000-0030'), Date.UTC(2026, 8, 1)],
    ['GeneralizedTime', generalized('20260901000000Z'), Date.UTC(2026, 8, 1)],
    ['GeneralizedTime with a fraction', generalized('20260901000000.25Z'), NOW + 250],
    ['GeneralizedTime with a point and no digit', generalized('20260901000000.Z'), NOW],
  ])('reads %s', (_title, time, ms) => {
    expect(accepted({ notBefore: time }).notBefore).toBe(ms)
  })

  it('reads 99991231235959Z, no expiry (block 210)', () => {
    const ms = Date.UTC(9999, 11, 31, 23, 59, 59)
    expect(accepted({ notAfter: encodeGeneralizedTime(ms) }).notAfter).toBe(ms)
  })

  it.each([
    ['before 1970 (block 209)', encodeTime(Date.UTC(1960, 0, 1))],
    ['on a day no calendar has', utc('260230000000Z')],
    ['in month 13', utc('261301000000Z')],
    ['with second 60', utc('260901000060Z')],
    ['without a zone', utc('260901000000')],
    ['local', generalized('20260901000000')],
    ['with a comma', generalized('20260901000000,5Z')],
    ['with four digits of a fraction', generalized('20260901000000.1234Z')],
    ['of another type', encodeElement(0x0c, ascii('260901000000Z'))],
  ])('refuses a time %s', (_title, time) => {
    expect(refused({ notBefore: time })).not.toBe('accepted')
  })
})

describe('the certificate argument', () => {
  it('may have bytes after the TBSCertificate (block 182)', () => {
    const tbs = makeTbs()
    expect(accepted(concatBytes(tbs, Uint8Array.of(1, 2, 3))).tbsLength).toBe(tbs.length)
  })

  it('may be of version 1 (block 181), or of one that does not exist', () => {
    expect(accepted({ version: new Uint8Array() }).details.version).toBe(0)
    const seven = encodeElement(0xa0, encodeElement(0x02, Uint8Array.of(7)))
    expect(accepted({ version: seven }).details.version).toBe(7)
  })

  it('may have the same extension twice (block 180), but nothing after the extensions', () => {
    const twice = [extension('2.5.29.14', ascii('x')), extension('2.5.29.14', ascii('y'))]
    expect(accepted({ extensions: twice }).details.extensions).toHaveLength(2)
    const list = encodeElement(0xa3, encodeSequence(...twice))
    expect(refused({ tail: concatBytes(list, encodeElement(0x05)) })).toMatch(/extensions/)
  })

  it('must not be a whole certificate (block 21)', () => {
    const whole = encodeSequence(makeTbs(), ED25519, encodeBitString(new Uint8Array(64)))
    expect(refused(whole)).toMatch(/unexpected tag/)
  })

  it('must be DER (block 20): no indefinite length, no cut', () => {
    expect(refused(ascii('no certificate'))).not.toBe('accepted')
    expect(refused(new Uint8Array())).toMatch(/end too early/)
    expect(refused(makeTbs().subarray(0, 60))).toMatch(/cut short/)
    expect(refused(Uint8Array.of(0x30, 0x80, 0, 0))).toMatch(/indefinite/)
  })

  it('may write lengths longer than need be', () => {
    const tbs = makeTbs({ subject: name('x') })
    const length = tbs[1] ?? 0
    expect(length).toBeLessThan(0x80)
    const long = concatBytes(Uint8Array.of(0x30, 0x82, 0, length), tbs.subarray(2))
    expect(accepted(long).serial).toBe(1n)
  })

  it('keeps the key as submitted, without bytes left in it after the BIT STRING', () => {
    expect(accepted().subjectPublicKeyInfo).toEqual(KEYS.a.spki)
  })

  it('never throws, and never takes longer than its length, on any bytes', () => {
    const tbs = makeTbs({ extensions: [extension('2.5.29.14', ascii('x'))] })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(tbs.length - 1), fc.nat(255)), { maxLength: 4 }),
        fc.nat(tbs.length),
        (changes, length) => {
          const mutated = Uint8Array.from(tbs)
          for (const [at, value] of changes) mutated[at] = value
          decodePalletCertificate(mutated.subarray(0, length))
        },
      ),
      { seed: 1, numRuns: 3000 },
    )
  })
})
