import { describe, expect, it } from 'vitest'
import { runCase } from '../../../src/cli/conformance-cases'
import { makeCertificate } from '../../support/certificates'

function parse(serialHex: string) {
  const serialBytes = Uint8Array.from(Buffer.from(serialHex, 'hex'))
  const { der } = makeCertificate({ subject: 'Root', serialBytes })
  return runCase({ id: 'x', certDerBase64: Buffer.from(der).toString('base64') })
}

describe('runCase', () => {
  it.each([
    ['01', 'OK', 'an ordinary one'],
    ['0080', 'OK', 'one whose first octet only keeps it positive'],
    ['00', 'OK', 'zero'],
    ['80', 'OK', 'a negative one'],
    [`7f${'00'.repeat(37)}`, 'OK', 'one over 20 octets, which BoringSSL only warns of'],
    ['0001', 'MALFORMED', 'a padded one'],
    ['ff80', 'MALFORMED', 'a padded negative one'],
    ['', 'MALFORMED', 'none'],
  ])('parse case: the serial number %s is %s: %s', (hex, status) => {
    expect(parse(hex).status).toBe(status)
  })

  it('fails what is no case, under its id where it has one', () => {
    const failed = { verdict: 'FAILURE', codes: ['CASE_UNREADABLE'] }
    expect(runCase({ id: 'x' })).toEqual({ id: 'x', ...failed })
    expect(runCase(null)).toEqual({ id: '', ...failed })
  })
})
