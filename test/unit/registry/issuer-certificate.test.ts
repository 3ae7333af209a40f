/** What certificates say about issuing, and how it is kept in a few characters. */

import { describe, expect, test } from 'vitest'
import { parseCertificate } from '../../../src/pki/certificate'
import { IssuerCertificate, unpackReading } from '../../../src/registry/issuer-certificate'
import {
  basicConstraints,
  keyUsage,
  makeCertificate,
  nameConstraints,
  nameOf,
  textName,
} from '../../support/certificates'
import { makeTbs, name } from '../../support/registry-builder'

const KEY_CERT_SIGN = 5
const CRL_SIGN = 6

function certificateWith(...extensions: Uint8Array[]): IssuerCertificate {
  const { der } = makeCertificate({ subject: 'Größe', extensions })
  return new IssuerCertificate(parseCertificate(der).tbs)
}

const read = (certificate: IssuerCertificate) => certificate.reading().strict

describe('the reading', () => {
  test('says what basicConstraints and keyUsage say, and where they are absent', () => {
    expect(read(certificateWith())).toMatchObject({ isCa: undefined, maySign: undefined })
    const issuer = certificateWith(basicConstraints(true, 2), keyUsage(KEY_CERT_SIGN))
    expect(read(issuer)).toMatchObject({ isCa: true, maySign: true, pathLenConstraint: 2 })
    const leaf = certificateWith(basicConstraints(false), keyUsage(CRL_SIGN))
    expect(read(leaf)).toMatchObject({ isCa: false, maySign: false, pathLenConstraint: null })
  })

  test('has the subject as DER', () => {
    expect(certificateWith().reading().subject).toEqual(new Uint8Array(nameOf('Größe')))
  })

  test('of what nobody can read says nothing', () => {
    const reading = new IssuerCertificate(Uint8Array.of(1, 2, 3)).reading()
    expect(reading).toEqual({ subject: undefined, strict: undefined })
  })
})

test('what strict readers refuse still has a subject', () => {
  const twice = makeTbs({ extensions: [basicConstraints(true), basicConstraints(true)] })
  const { subject, strict } = new IssuerCertificate(twice).reading()
  expect(subject).toBeDefined()
  expect(strict).toBeUndefined()
})

describe('packed', () => {
  const all = {
    'no extensions': certificateWith(),
    'a CA without limit': certificateWith(basicConstraints(true), keyUsage(KEY_CERT_SIGN)),
    'a CA with a path length of 0': certificateWith(basicConstraints(true, 0)),
    'no CA': certificateWith(basicConstraints(false), keyUsage(CRL_SIGN)),
    'what strict readers refuse': new IssuerCertificate(
      makeTbs({ extensions: [basicConstraints(true), basicConstraints(true)] }),
    ),
  }
  test.each(Object.entries(all))('%s comes back as it was', (_, certificate) => {
    const reading = certificate.reading()
    expect(reading.subject).toBeDefined()
    expect(unpackReading(certificate.packed() ?? '')).toEqual(reading)
    const again = new IssuerCertificate(Uint8Array.of(1), unpackReading(certificate.packed() ?? ''))
    expect(again.reading()).toEqual(reading)
  })

  test('is nothing before the first reading, and of what is long or unreadable', () => {
    const fresh = certificateWith(basicConstraints(true))
    expect(fresh.packed()).toBeNull()
    const constrained = certificateWith(nameConstraints([textName(2, 'example.org')]))
    expect(constrained.reading().strict?.nameConstraints).toBeDefined()
    expect(constrained.packed()).toBeNull()
    const long = new IssuerCertificate(makeTbs({ subject: name('n'.repeat(128)) }))
    expect(long.reading().subject?.length).toBeGreaterThan(128)
    expect(long.packed()).toBeNull()
    const unreadable = new IssuerCertificate(Uint8Array.of(1, 2, 3))
    unreadable.reading()
    expect(unreadable.packed()).toBeNull()
  })
})
