import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentBytes, DerError, DerReader, readSingle, TAG } from '../../../src/pki/der'
import * as values from '../../../src/pki/der-values'
import * as writer from '../../../src/pki/der-writer'

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

/** Code of the failure, or 'none'. */
function codeOf(read: () => unknown): string {
  try {
    read()
    return 'none'
  } catch (error) {
    if (error instanceof DerError) return error.code
    throw error
  }
}

describe('DerReader', () => {
  it.each([
    ['a short form', '04 01 ff', 'none'],
    ['a long form that is needed', `04 81 80 ${'00'.repeat(128)}`, 'none'],
    ['an indefinite length', '04 80 00 00', 'DER_BAD_LENGTH'],
    ['a long form below 128', '04 81 01 ff', 'DER_BAD_LENGTH'],
    ['a padded long form', `04 82 00 80 ${'00'.repeat(128)}`, 'DER_BAD_LENGTH'],
    ['a length of five octets', '04 85 01 00 00 00 00', 'DER_BAD_LENGTH'],
    ['contents cut short', '04 02 ff', 'DER_TRUNCATED'],
    ['a length cut short', '04 82 01', 'DER_TRUNCATED'],
    ['a lone identifier', '04', 'DER_TRUNCATED'],
    ['nothing', '', 'DER_TRUNCATED'],
    ['end-of-contents octets', '00 00', 'DER_UNEXPECTED_TAG'],
    ['a high tag number', '1f 01 00', 'DER_UNEXPECTED_TAG'],
  ])('judges %s (X.690 §8.1.3, §10.1)', (_, hex, code) => {
    expect(codeOf(() => new DerReader(bytes(hex)).readAny())).toBe(code)
  })

  it('never reads past the container', () => {
    const outer = new DerReader(bytes('30 03 04 05 01 ff ff ff'))
    const inner = outer.enter(TAG.sequence, 'outer')
    expect(codeOf(() => inner.readAny())).toBe('DER_TRUNCATED')
  })

  it('says where the bytes go wrong', () => {
    try {
      readSingle(bytes('30 02 05 00 00'), TAG.sequence, 'thing')
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ code: 'DER_TRAILING_DATA', offset: 4 })
    }
  })
})

describe('values', () => {
  const element = (hex: string) => new DerReader(bytes(hex)).readAny()

  it.each([
    ['0', '02 01 00', 0n],
    ['127', '02 01 7f', 127n],
    ['128', '02 02 00 80', 128n],
    ['-1', '02 01 ff', -1n],
    ['-128', '02 01 80', -128n],
  ])('reads the integer %s', (_, hex, value) => {
    expect(values.integerValue(element(hex))).toBe(value)
  })

  it.each(['02 00', '02 02 00 01', '02 02 ff 80'])(
    'refuses the INTEGER %s (X.690 §8.3.2)',
    (hex) => {
      expect(codeOf(() => values.integerValue(element(hex)))).toBe('DER_BAD_VALUE')
    },
  )

  it('bounds small integers', () => {
    expect(values.smallInteger(element('02 01 05'), 5, 'x')).toBe(5)
    expect(codeOf(() => values.smallInteger(element('02 01 06'), 5, 'x'))).toBe('DER_BAD_VALUE')
    expect(codeOf(() => values.smallInteger(element('02 01 ff'), 5, 'x'))).toBe('DER_BAD_VALUE')
  })

  it('takes only 00 and FF for booleans (X.690 §11.1)', () => {
    expect(values.booleanValue(element('01 01 ff'))).toBe(true)
    expect(values.booleanValue(element('01 01 00'))).toBe(false)
    expect(codeOf(() => values.booleanValue(element('01 01 01')))).toBe('DER_BAD_VALUE')
    expect(codeOf(() => values.booleanValue(element('01 02 ff ff')))).toBe('DER_BAD_VALUE')
  })

  it.each([
    ['06 03 55 04 03', '2.5.4.3'],
    ['06 09 2a 86 48 86 f7 0d 01 01 0b', '1.2.840.113549.1.1.11'],
    ['06 01 00', '0.0'],
    ['06 02 88 37', '2.999'],
  ])('reads the OID %s', (hex, text) => {
    expect(values.oidValue(element(hex))).toBe(text)
  })

  it.each(['06 00', '06 02 80 01', '06 01 80', '06 02 55 84'])('refuses the OID %s', (hex) => {
    expect(codeOf(() => values.oidValue(element(hex)))).toBe('DER_BAD_VALUE')
  })

  it.each(['03 00', '03 01 01', '03 02 08 00', '03 02 01 01'])(
    'refuses the BIT STRING %s (X.690 §11.2)',
    (hex) => {
      expect(codeOf(() => values.bitStringValue(element(hex)))).toBe('DER_BAD_VALUE')
    },
  )

  const time = (tag: number, text: string) =>
    new DerReader(writer.encodeElement(tag, Buffer.from(text, 'latin1'))).readAny()

  it.each([
    [TAG.utcTime, '491231235959Z', '2049-12-31T23:59:59.000Z'],
    [TAG.utcTime, '500101000000Z', '1950-01-01T00:00:00.000Z'],
    [TAG.generalizedTime, '20500101000000Z', '2050-01-01T00:00:00.000Z'],
    [TAG.generalizedTime, '00010101000000Z', '0001-01-01T00:00:00.000Z'],
    [TAG.utcTime, '240229120000Z', '2024-02-29T12:00:00.000Z'],
  ])('reads tag %i time %s', (tag, text, iso) => {
    expect(new Date(values.timeValue(time(tag, text))).toISOString()).toBe(iso)
  })

  it.each([
    [TAG.utcTime, '2401010000Z'],
    [TAG.utcTime, '230229120000Z'],
    [TAG.utcTime, '240101000000+0000'],
    [TAG.utcTime, '240101240000Z'],
    [TAG.utcTime, '24010100000aZ'],
    [TAG.generalizedTime, '20240101000000.5Z'],
    [TAG.generalizedTime, '20241301000000Z'],
    [TAG.generalizedTime, '20240100000000Z'],
  ])('refuses tag %i time %s (§4.1.2.5)', (tag, text) => {
    expect(codeOf(() => values.timeValue(time(tag, text)))).toBe('DER_BAD_VALUE')
  })
})

describe('writer', () => {
  it('writes what the reader reads: integers', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 300n), max: 2n ** 300n }), (value) => {
        const element = new DerReader(writer.encodeInteger(value)).readAny()
        expect(values.integerValue(element)).toBe(value)
      }),
    )
  })

  it('writes what the reader reads: OIDs', () => {
    const arcs = fc.tuple(
      fc.integer({ min: 0, max: 2 }),
      fc.integer({ min: 0, max: 39 }),
      fc.array(fc.bigInt({ min: 0n, max: 2n ** 70n }), { maxLength: 5 }),
    )
    fc.assert(
      fc.property(arcs, ([first, second, rest]) => {
        const text = [first, second, ...rest].join('.')
        expect(values.oidValue(new DerReader(writer.encodeOid(text)).readAny())).toBe(text)
      }),
    )
  })

  it('writes what the reader reads: octets of any length, bits, times', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 70_000, size: 'max' }),
        fc.uniqueArray(fc.integer({ min: 0, max: 40 })),
        fc.integer({ min: -60_000_000_000, max: 200_000_000_000 }),
        (octets, bits, seconds) => {
          const string = new DerReader(writer.encodeOctetString(octets)).readAny()
          expect(Buffer.compare(contentBytes(string), octets)).toBe(0)
          const named = new DerReader(writer.encodeNamedBits(bits)).readAny()
          expect([...values.namedBits(named)]).toEqual([...bits].sort((a, b) => a - b))
          const moment = new DerReader(writer.encodeTime(seconds * 1000)).readAny()
          expect(values.timeValue(moment)).toBe(seconds * 1000)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('sorts a SET OF by encoding (X.690 §11.6)', () => {
    const [one, two] = [writer.encodeInteger(1n), writer.encodeInteger(2n)]
    expect(writer.encodeSetOf(two, one)).toEqual(writer.encodeSetOf(one, two))
  })

  it('refuses text that is no OID', () => {
    expect(() => writer.encodeOid('1')).toThrow(RangeError)
    expect(() => writer.encodeOid('1.02')).toThrow(RangeError)
  })
})
