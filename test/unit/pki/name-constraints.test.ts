import { describe, expect, it } from 'vitest'
import {
  isDnsPattern,
  isInAddressRange,
  isInDnsSubtree,
  isInHostSubtree,
  isInMailSubtree,
  mayExpandInto,
  parseMailbox,
  uriHost,
} from '../../../src/pki/name-matching'
import { matchesHost, namesPeer, parseAddress } from '../../../src/pki/peer-name'

describe('name forms (RFC 5280 §4.2.1.10)', () => {
  it.each([
    ['host.example.com', 'host.example.com', true],
    ['www.host.example.com', 'HOST.example.com', true],
    ['host1.example.com', 'host.example.com', false],
    ['badexample.com', 'example.com', false],
    ['anything.test', '', true],
  ])('dNSName %s in %s: %s', (name, base, isIn) => {
    expect(isInDnsSubtree(name, base)).toBe(isIn)
  })

  it('lets a wildcard be excluded by any name it may stand for', () => {
    expect(mayExpandInto('*.example.com', 'bar.example.com')).toBe(true)
    expect(mayExpandInto('*.example.com', 'bar.example.org')).toBe(false)
    expect(mayExpandInto('www.example.com', 'bar.www.example.com')).toBe(false)
  })

  it.each([
    ['a@example.com', 'a@example.com', true],
    ['A@example.com', 'a@example.com', false],
    ['a@EXAMPLE.com', 'a@example.com', true],
    ['a@example.com', 'example.com', true],
    ['a@mail.example.com', 'example.com', false],
    ['a@mail.example.com', '.example.com', true],
    ['a@example.com', '.example.com', false],
    ['*@example.com', '*@example.com', true],
    ['a@example.com', '*@example.com', false],
    ['a@example.com', 'x@y@example.com', undefined],
    ['a@example.com', '.', undefined],
  ])('rfc822Name %s in %s: %s', (name, base, isIn) => {
    const mailbox = parseMailbox(name)
    expect(mailbox && isInMailSubtree(mailbox, base)).toBe(isIn)
  })

  it.each(['a', 'a@', '@b.c', 'a@b@c', 'a b@c.d', 'a@b_c'])('takes %s for no mailbox', (text) => {
    expect(parseMailbox(text)).toBeUndefined()
  })

  it.each([
    ['http://example.com/x', 'example.com'],
    ['https://user@Example.com:8080', 'Example.com'],
    ['http://192.0.2.1/', undefined],
    ['http://[::1]/', undefined],
    ['urn:x:y', undefined],
    ['autoid:auto:00', undefined],
    ['http://user:pw@evil.com@example.com/', undefined],
  ])('finds the host of %s', (uri, host) => {
    expect(uriHost(uri)).toBe(host)
  })

  it('knows hosts from domains in URI constraints', () => {
    expect(isInHostSubtree('example.com', 'example.com')).toBe(true)
    expect(isInHostSubtree('www.example.com', 'example.com')).toBe(false)
    expect(isInHostSubtree('www.example.com', '.example.com')).toBe(true)
    expect(isInHostSubtree('example.com', 'a b')).toBeUndefined()
  })

  it('matches addresses under a mask and refuses masks with holes', () => {
    const range = Uint8Array.of(192, 0, 2, 0, 255, 255, 255, 0)
    expect(isInAddressRange(Uint8Array.of(192, 0, 2, 9), range)).toBe(true)
    expect(isInAddressRange(Uint8Array.of(192, 0, 3, 9), range)).toBe(false)
    expect(isInAddressRange(new Uint8Array(16), range)).toBe(false)
    const holed = Uint8Array.of(192, 0, 2, 0, 255, 0, 255, 0)
    expect(isInAddressRange(Uint8Array.of(192, 0, 2, 9), holed)).toBeUndefined()
    const half = Uint8Array.of(10, 0, 0, 0, 0xf0, 0, 0, 0)
    expect(isInAddressRange(Uint8Array.of(14, 1, 1, 1), half)).toBe(true)
    expect(isInAddressRange(Uint8Array.of(16, 1, 1, 1), half)).toBe(false)
  })

  it.each([
    ['*.example.com', true],
    ['a-b.example.com', true],
    ['a_b.example.com', false],
    ['.example.com', false],
    ['ba*.example.com', false],
    ['foo.*.example.com', false],
    ['8.8.8.8', false],
    ['*', false],
    ['-a.com', false],
    ['a..b', false],
  ])('judges %s as a dNSName: %s', (name, isSound) => {
    expect(isDnsPattern(name)).toBe(isSound)
  })
})

describe('peer names (RFC 9525 §6)', () => {
  it.each([
    ['example.com', 'EXAMPLE.com', true],
    ['example.com', 'example.com.', true],
    ['*.example.com', 'www.example.com', true],
    ['*.example.com', 'example.com', false],
    ['*.example.com', 'a.b.example.com', false],
    ['*.com', 'example.com', false],
    ['*', 'com', false],
    ['w*.example.com', 'www.example.com', false],
    ['192.0.2.1', '192.0.2.1', false],
  ])('presented %s for host %s: %s', (presented, host, isMatch) => {
    expect(matchesHost(presented, host)).toBe(isMatch)
  })

  it.each([
    ['192.0.2.1', 'c0000201'],
    ['::1', '00000000000000000000000000000001'],
    ['2001:DB8::8a2e:370:7334', '20010db8000000000000' + '8a2e03707334'],
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ])('reads the address %s', (text, hex) => {
    expect(Buffer.from(parseAddress(text) ?? []).toString('hex')).toBe(hex)
  })

  it.each(['192.0.2', '192.0.2.01', '256.0.0.1', '1::2::3', ':1', '1:2:3:4:5:6:7', '12345::', ''])(
    'takes %s for no address',
    (text) => {
      expect(parseAddress(text)).toBeUndefined()
    },
  )

  it('finds addresses and mailboxes among the presented names', () => {
    const names = [
      { kind: 'iPAddress' as const, octets: Uint8Array.of(192, 0, 2, 1) },
      { kind: 'rfc822Name' as const, value: 'me@example.com' },
    ]
    expect(namesPeer(names, { kind: 'IP', value: '192.0.2.1' })).toBe(true)
    expect(namesPeer(names, { kind: 'IP', value: '192.0.2.2' })).toBe(false)
    expect(namesPeer(names, { kind: 'RFC822', value: 'me@EXAMPLE.com' })).toBe(true)
    expect(namesPeer(names, { kind: 'RFC822', value: 'Me@example.com' })).toBe(false)
    expect(namesPeer(undefined, { kind: 'DNS', value: 'example.com' })).toBe(false)
  })
})
