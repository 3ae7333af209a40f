import { describe, expect, it } from 'vitest'
import { DerError } from '../../../src/pki/der'
import { encodeElement, encodeOid, encodeSequence, encodeSetOf } from '../../../src/pki/der-writer'
import { equalNames, normalizeName, parseName, renderName } from '../../../src/pki/names'

const UTF8 = 0x0c
const PRINTABLE = 0x13
const TELETEX = 0x14
const IA5 = 0x16
const BMP = 0x1e

function attribute(value: string | Buffer, tag = UTF8, oid = '2.5.4.3'): Uint8Array {
  return encodeSequence(encodeOid(oid), encodeElement(tag, Buffer.from(value)))
}

function name(...rdns: Uint8Array[][]): Uint8Array {
  return encodeSequence(...rdns.map((rdn) => encodeSetOf(...rdn)))
}

const cn = (value: string | Buffer, tag = UTF8) => name([attribute(value, tag)])

describe('equalNames (RFC 5280 §7.1)', () => {
  it.each([
    ['case', cn('Good CA'), cn('gOOD ca')],
    ['inner and outer spaces', cn('Good CA'), cn('  Good   CA ')],
    ['the string type', cn('Good CA', PRINTABLE), cn('Good CA', UTF8)],
    ['BMPString', cn('é'), cn(Buffer.from('00e9', 'hex'), BMP)],
    ['compatibility forms', cn('ﬁne'), cn('fine')],
    ['composition', cn('e\u0301'), cn('\u00e9')],
    ['zero-width characters', cn('Good\u200bCA'), cn('GoodCA')],
    [
      'order within one RDN',
      name([attribute('a'), attribute('b')]),
      name([attribute('b'), attribute('a')]),
    ],
  ])('does not mind %s', (_, a, b) => {
    expect(equalNames(a, b)).toBe(true)
  })

  it.each([
    ['other text', cn('Good CA'), cn('Good CB')],
    ['other attribute types', cn('x'), name([attribute('x', UTF8, '2.5.4.10')])],
    [
      'order of RDNs',
      name([attribute('a')], [attribute('b')]),
      name([attribute('b')], [attribute('a')]),
    ],
    [
      'grouping into RDNs',
      name([attribute('a'), attribute('b')]),
      name([attribute('a')], [attribute('b')]),
    ],
    ['a missing RDN', name([attribute('a')]), name([attribute('a')], [attribute('b')])],
    ['a space', cn('GoodCA'), cn('Good CA')],
  ])('tells apart %s', (_, a, b) => {
    expect(equalNames(a, b)).toBe(false)
  })

  it('is not fooled by values that imitate separators', () => {
    const two = name([attribute('a')], [attribute('b')])
    const one = name([attribute(`a/2.5.4.3=1:b`)])
    expect(normalizeName(one).key).not.toBe(normalizeName(two).key)
  })

  it('never takes a text for the bytes of another type that it spells out', () => {
    const bytes = cn('ab', TELETEX)
    expect(equalNames(bytes, cn('ab', TELETEX))).toBe(true)
    for (const text of ['20#6162', '#20:6162', '20:6162', '=#20:6162', 'ab']) {
      expect(equalNames(bytes, cn(text))).toBe(false)
    }
  })
})

describe('parseName', () => {
  it.each([
    ['PrintableString outside its alphabet', cn('A&B', PRINTABLE)],
    ['IA5String outside ASCII', cn(Buffer.from('e9', 'hex'), IA5)],
    ['UTF8String that is no UTF-8', cn(Buffer.from('ff', 'hex'))],
    ['BMPString of odd length', cn(Buffer.from('00', 'hex'), BMP)],
    ['BMPString with a surrogate', cn(Buffer.from('d800', 'hex'), BMP)],
    ['empty RDN', encodeSequence(encodeSetOf())],
    [
      'more attributes than anybody has',
      name(...Array.from({ length: 300 }, () => [attribute('x')])),
    ],
  ])('refuses %s', (_, der) => {
    expect(() => parseName(der)).toThrow(DerError)
  })
})

describe('renderName (RFC 4514)', () => {
  it('writes the most specific part first', () => {
    const der = name(
      [attribute('AU', PRINTABLE, '2.5.4.6')],
      [attribute('Org', UTF8, '2.5.4.10')],
      [attribute('Me')],
    )
    expect(renderName(der)).toBe('CN=Me,O=Org,C=AU')
  })

  it('escapes what would change the structure', () => {
    expect(renderName(cn('a,b+c"d\\e<f>g;h'))).toBe('CN=a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h')
    expect(renderName(cn('#x'))).toBe('CN=\\#x')
    expect(renderName(cn(' x '))).toBe('CN=\\ x\\ ')
  })

  it('escapes controls and bidirectional marks', () => {
    expect(renderName(cn('a\u0000b'))).toBe('CN=a\\00b')
    expect(renderName(cn('a\u202eb'))).toBe('CN=a\\E2\\80\\AEb')
  })

  it('writes unknown types and unreadable names in hex', () => {
    expect(renderName(name([attribute('x', UTF8, '1.2.3')]))).toBe('1.2.3=#0c0178')
    expect(renderName(Uint8Array.of(1, 2))).toBe('#0102')
  })

  it('writes the empty name as nothing', () => {
    expect(renderName(name())).toBe('')
  })
})
