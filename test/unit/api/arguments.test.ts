import { describe, expect, test } from 'vitest'
import { account, fingerprint, hash32, serial, text } from '../../../src/api/arguments'
import { readFreshness } from '../../../src/api/freshness'
import { readTerms } from '../../../src/api/search-terms'
import { decodeSs58, encodeSs58 } from '../../../src/api/ss58'

const hash = `0x${'0a'.repeat(32)}`
/** Alice of Substrate's development chains, by its documentation. */
const alice = '0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d'

describe('hash32 and fingerprint', () => {
  test('give lower case', () => {
    expect(hash32(hash.toUpperCase().replace('0X', '0x'), 'id')).toBe(hash)
    expect(fingerprint('0A'.repeat(32), 'f')).toBe(hash)
    expect(fingerprint(Array(32).fill('0A').join(':'), 'f')).toBe(hash)
  })

  test.each(['', '0x', hash.slice(0, -1), `${hash}0`, hash.replace('a', 'g'), hash.slice(2)])(
    'refuse "%s" by name',
    (given) => {
      expect(() => hash32(given, 'id')).toThrow(/^id: /)
    },
  )
})

describe('serial', () => {
  test('has one form: no leading zeros, zero is 0x0', () => {
    expect(serial('0x0051', 's')).toBe('0x51')
    expect(serial('0x00', 's')).toBe('0x0')
    expect(serial('0xAB', 's')).toBe('0xab')
  })

  test.each(['51', '0x', '0xg', `0x1${'0'.repeat(64)}`, '-0x1'])('refuses "%s"', (given) => {
    expect(() => serial(given, 's')).toThrow(/^s: /)
  })
})

describe('SS58', () => {
  test.each([
    [42, '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'],
    [0, '15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5'],
  ])('prefix %i as Substrate writes it', (prefix, address) => {
    expect(encodeSs58(alice, prefix)).toBe(address)
    expect(decodeSs58(address)).toEqual({ accountId: alice, prefix })
  })

  test('every two-byte prefix comes back, 6094 among them', () => {
    for (const prefix of [63, 64, 255, 256, 6094, 16_383]) {
      expect(decodeSs58(encodeSs58(alice, prefix))).toEqual({ accountId: alice, prefix })
    }
    expect(() => encodeSs58(alice, 16_384)).toThrow(RangeError)
  })

  test('text with one letter changed is no address', () => {
    const address = encodeSs58(alice, 6094)
    for (let i = 0; i < address.length; i++) {
      const other = address[i] === 'A' ? 'B' : 'A'
      expect(decodeSs58(address.slice(0, i) + other + address.slice(i + 1))).toBeNull()
    }
  })

  test('an account is taken in either form, and nothing else', () => {
    expect(account(encodeSs58(alice, 42), 'a')).toBe(alice)
    expect(account(alice, 'a')).toBe(alice)
    expect(() => account('bob', 'a')).toThrow(/^a: /)
  })
})

describe('text', () => {
  test('refuses what the database cannot hold', () => {
    expect(text('x', 't')).toBe('x')
    expect(() => text('a\0b', 't')).toThrow(/^t: /)
    expect(() => text('a'.repeat(1_001), 't')).toThrow(/^t: /)
  })
})

describe('readFreshness', () => {
  const request = (headers: Record<string, string>, query = '') => ({
    headers: new Headers(headers),
    url: `http://x/graphql${query}`,
  })

  test('demands nothing by itself', () => {
    expect(readFreshness(request({}), undefined)).toEqual({ minBlock: null, maxLagSeconds: null })
  })

  test('the strictest of several demands counts', () => {
    const given = request(
      { 'min-block': '5', 'max-lag-seconds': '10' },
      '?minBlock=7&maxLagSeconds=20',
    )
    expect(readFreshness(given, { minBlock: 6, maxLagSeconds: 30 })).toEqual({
      minBlock: 7,
      maxLagSeconds: 10,
    })
  })

  test.each([-1, 1.5, 'x', '1e3', {}, 2 ** 31])('refuses %j', (minBlock) => {
    expect(() => readFreshness(request({}), { minBlock })).toThrow(/^minBlock: /)
  })
})

describe('readTerms', () => {
  const terms = (given: string) => readTerms(given, 10_000)

  test('a number may be a height, a serial or the begin of an id', () => {
    expect(terms(' 1234 ')).toMatchObject({
      height: 1234,
      serials: ['0x1234', '0x4d2'],
      hashPrefix: '0x1234',
      hash: null,
    })
    expect(terms('99999999999')).toMatchObject({ height: null })
  })

  test('32 bytes may be anything that has a hash', () => {
    expect(terms(hash)).toMatchObject({
      hash,
      account: hash,
      fingerprints: [hash],
      hashPrefix: null,
    })
  })

  test('an address is an account and nothing hexadecimal', () => {
    expect(terms(encodeSs58(alice, 6094))).toMatchObject({
      account: alice,
      hash: null,
      serials: [],
    })
  })

  test('blank text and NUL are nothing; too long a text is refused', () => {
    expect(terms(' \0 ')).toBeNull()
    expect(() => terms('x'.repeat(201))).toThrow(/^text: /)
    expect(() => terms('-----BEGIN CERTIFICATE-----\nAA')).toThrow(/^text: /)
  })
})
