import { describe, expect, it } from 'vitest'
import { parseAsn1 } from '../../../src/explorer/logic/asn1'

describe('parseAsn1', () => {
  it('shows nested elements with offsets, lengths and values', () => {
    // SEQUENCE { OBJECT IDENTIFIER 1.3.101.112, OCTET STRING { SEQUENCE { BOOLEAN TRUE } } }
    const bytes = Uint8Array.from([0x30, 12, 6, 3, 0x2b, 0x65, 0x70, 4, 5, 0x30, 3, 1, 1, 0xff])
    const [root] = parseAsn1(bytes) ?? []
    expect(root?.name).toBe('SEQUENCE')
    expect(root?.children[0]).toMatchObject({ offset: 2, length: 3, value: '1.3.101.112' })
    expect(root?.children[1]?.children[0]?.children[0]).toMatchObject({ value: 'TRUE' })
  })

  it('refuses lengths past the end, indefinite lengths and endless nesting', () => {
    expect(parseAsn1(Uint8Array.from([0x30, 5, 1]))).toBeUndefined()
    expect(parseAsn1(Uint8Array.from([0x30, 0x80, 0, 0]))).toBeUndefined()
    const deep = Uint8Array.from({ length: 240 }, (_, at) => (at % 2 === 0 ? 0x30 : 238 - at))
    expect(parseAsn1(deep)).toBeUndefined()
  })

  it('refuses more elements than a page can show', () => {
    const many = Uint8Array.from({ length: 10_000 }, (_, at) => (at % 2 === 0 ? 5 : 0))
    expect(parseAsn1(many)).toBeUndefined()
  })
})
