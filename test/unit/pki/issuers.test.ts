import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../src/pki/certificate'
import { readIssuer } from '../../../src/pki/issuers'
import { validatePath } from '../../../src/pki/path-validation'
import { AT, basicConstraints, keyUsage, makeCertificate } from '../../support/certificates'

const extensions = [basicConstraints(true), keyUsage(5, 6)]
const root = makeCertificate({ subject: 'root', extensions })
const leaf = makeCertificate({ subject: 'leaf', issuer: root, serial: 2n })

describe('readIssuer', () => {
  it('gives the same certificate again for the same bytes, whoever holds them', () => {
    const first = readIssuer(root.der)
    expect(readIssuer(Uint8Array.from(root.der))).toBe(first)
    expect(first).toEqual(parseCertificate(root.der))
  })

  it('never gives one certificate for the bytes of another', () => {
    const known = readIssuer(root.der)
    const flipped = Uint8Array.from(root.der, (byte, index) =>
      index === root.der.length - 1 ? byte ^ 1 : byte,
    )
    expect(readIssuer(flipped)).not.toBe(known)
    expect(readIssuer(flipped)).toEqual(parseCertificate(flipped))
  })

  it('keeps a copy: bytes that change afterwards change nothing', () => {
    const { der } = makeCertificate({ subject: 'another root', extensions })
    const bytes = Uint8Array.from(der)
    const kept = readIssuer(bytes)
    bytes.fill(0)
    expect(kept).toEqual(parseCertificate(der))
    expect(readIssuer(bytes)).toBe(bytes)
  })

  it('leaves bytes that are no certificate to path validation', () => {
    const bad = leaf.der.subarray(0, 40)
    expect(readIssuer(bad)).toBe(bad)
    const input = { leaf: leaf.der, intermediates: [], at: AT }
    expect(validatePath({ ...input, trustAnchors: [readIssuer(bad)] }).valid).toBe(false)
    expect(validatePath({ ...input, trustAnchors: [readIssuer(root.der)] }).valid).toBe(true)
  })

  it('still answers rightly after more issuers than are kept', () => {
    for (let serial = 1; serial <= 1100; serial++) {
      const der = Uint8Array.from(root.der)
      der[der.length - 1] = serial & 255
      der[der.length - 2] = serial >> 8
      readIssuer(der)
    }
    expect(readIssuer(root.der)).toEqual(parseCertificate(root.der))
  })
})
