import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../src/pki/certificate'
import { certificateAdvisories } from '../../../src/registry/certificate-advisories'
import { readCertificate } from '../../../src/registry/certificate-content'
import { lowOrderSpki, type MakeOptions, makeCertificate } from '../../support/certificates'

const AUTO_ID = `0x${'1'.repeat(64)}`

function found(options: Partial<MakeOptions>): readonly string[] {
  const { tbs, outerAlgorithm, signature } = parseCertificate(
    makeCertificate({ subject: 'Target', ...options }).der,
  )
  const result = readCertificate({ tbs, signatureAlgorithm: outerAlgorithm, signature })
  if (!result.ok) throw new Error(result.reason)
  return certificateAdvisories(result.reading, AUTO_ID).map(([code]) => code)
}

describe('certificateAdvisories', () => {
  it('tells of a key under which anybody can sign, and of no other', () => {
    expect(found({ spki: lowOrderSpki() })).toContain('WEAK_KEY')
    expect(found({})).not.toContain('WEAK_KEY')
  })
})
