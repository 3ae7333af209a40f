import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { toCsv } from '../../../src/explorer/logic/csv'
import { hashOfFile, proofOfFile } from '../../../src/explorer/logic/file-hash'
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

  it('defuses what begins after a separator that other countries open such files by', () => {
    expect(toCsv(['n'], [['a;=1+1'], ['a; @x'], ['a|b;c'], ['\uff1d1']])).toBe(
      "n\r\na;'=1+1\r\na;' @x\r\na|b;c\r\n'\uff1d1\r\n",
    )
  })
})

describe('certificatesIn', () => {
  it('takes the certificates out of a text, in order, and leaves keys', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'
    expect(certificatesIn(`junk\n${toPem(der)}${key}${toPem(der)}`)).toBe(toPem(der) + toPem(der))
  })

  it.each([
    ['is no base64', toPem(der).replace('AAEC', 'A*EC')],
    ['is empty', '-----BEGIN CERTIFICATE-----\n\n-----END CERTIFICATE-----\n'],
    ['has no end', toPem(der).split('-----END')[0] ?? ''],
    ['is of a kind of its own', toPem(der).replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE')],
  ])('takes none where one of them %s: the verdict would be about another one', (_, broken) => {
    expect(certificatesIn(broken + toPem(der))).toBeUndefined()
    expect(certificatesIn(toPem(der) + broken)).toBeUndefined()
  })

  it('takes the older label of the same thing', () => {
    expect(certificatesIn(toPem(der).replaceAll('CERTIFICATE', 'X509 CERTIFICATE'))).toBe(
      toPem(der),
    )
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

describe('proofOfFile', () => {
  const cms = Buffer.concat([Buffer.from([0x30]), Buffer.alloc(262_143, 7)])

  it('takes a CMS signature of the largest size allowed, as base64', async () => {
    expect(await proofOfFile(new File([cms], 'post.p7s'))).toBe(cms.toString('base64'))
  })

  it('takes a compact JWS and CMS in PEM as they are, and anything else for content', async () => {
    expect(await proofOfFile(new File([' a.b.c\n'], 'post.jws'))).toBe('a.b.c')
    const pem = '-----BEGIN CMS-----\nMAA=\n-----END CMS-----'
    expect(await proofOfFile(new File([pem], 'post.pem'))).toBe(pem)
    expect(await proofOfFile(new File(['hello'], 'post.txt'))).toBeUndefined()
    expect(await proofOfFile(new File([cms, 'x'], 'post.p7s'))).toBeUndefined()
  })
})

describe('hashOfFile', () => {
  it('is the SHA-256 of all of the file', async () => {
    const bytes = Buffer.alloc(300_000, 5)
    expect(await hashOfFile(new Blob([bytes]))).toBe(
      createHash('sha256').update(bytes).digest('hex'),
    )
  })
})
