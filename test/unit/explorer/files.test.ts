import { describe, expect, it } from 'vitest'
import { toCsv } from '../../../src/explorer/logic/csv'
import { certificatesIn, packPem, toPem, unpackPem } from '../../../src/explorer/logic/pem'

const der = Uint8Array.from({ length: 300 }, (_, index) => index % 256)

describe('toCsv', () => {
  it('quotes commas, quotes and line breaks (RFC 4180 section 2)', () => {
    expect(toCsv(['a', 'b'], [['x,y', 'say "hi"\n']])).toBe('a,b\r\n"x,y","say ""hi""\n"\r\n')
  })

  it('defuses cells that a spreadsheet would run as formulas', () => {
    expect(toCsv(['n'], [['=1+1'], ['@x'], ['-2'], ['plain']])).toBe(
      "n\r\n'=1+1\r\n'@x\r\n'-2\r\nplain\r\n",
    )
  })
})

describe('certificatesIn', () => {
  it('takes the certificates out of a text, in order, and leaves keys', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'
    expect(certificatesIn(`junk\n${toPem(der)}${key}${toPem(der)}`)).toBe(toPem(der) + toPem(der))
  })

  it('finds nothing in a text without a certificate, or too long for one', () => {
    expect(certificatesIn('0x1234')).toBeUndefined()
    expect(certificatesIn(toPem(der) + ' '.repeat(70_000))).toBeUndefined()
  })
})

describe('packPem', () => {
  it('is undone by unpackPem, for chains too', () => {
    const chain = toPem(der) + toPem(der.slice(0, 100))
    expect(packPem(chain)).toMatch(/^[\w.-]+$/)
    expect(unpackPem(packPem(chain))).toBe(chain)
  })

  it('is refused when the link was damaged', () => {
    expect(unpackPem('***')).toBeUndefined()
    expect(unpackPem('')).toBeUndefined()
  })
})
