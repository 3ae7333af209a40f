import { describe, expect, it } from 'vitest'
import { concatBytes, fromHex } from '../../../src/bytes'
import { deriveIdentifier, sdkSanIdentifier } from '../../../src/registry/identifier'
import { identifierOfCall } from '../../../src/registry/pallet-certificate'
import { leafCall, registerCall, renewCall } from '../../support/registry-builder'

const text = (value: string) => new TextEncoder().encode(value)

describe('deriveIdentifier', () => {
  it('hashes the common name of a root (block 2: basic-root-rsa.dev)', () => {
    expect(deriveIdentifier(null, text('basic-root-rsa.dev'))).toBe(
      '0xc6876ff74b39cb191bf90c3be32d259e7bcfc342281aa102418e6903d62159af',
    )
  })

  it('hashes issuer id bytes and common name of a leaf', () => {
    const issuer = `0x${'ab'.repeat(32)}`
    const leaf = deriveIdentifier(issuer, text('x'))
    expect(leaf).toBe(deriveIdentifier(null, concatBytes(fromHex(issuer), text('x'))))
    expect(leaf).not.toBe(deriveIdentifier(null, text('x')))
  })
})

describe('sdkSanIdentifier', () => {
  it('is the hex of the identifier as text for a root', () => {
    const written = sdkSanIdentifier(null, 'root')
    expect(Buffer.from(written, 'hex').toString()).toBe(deriveIdentifier(null, text('root')))
  })

  it('differs from the identifier on chain for a leaf: the SDK hashes the issuer as hex text', () => {
    const issuer = deriveIdentifier(null, text('root'))
    const written = Buffer.from(sdkSanIdentifier(issuer, 'leaf'), 'hex').toString()
    expect(written).toBe(deriveIdentifier(null, text(`${issuer}leaf`)))
    expect(written).not.toBe(deriveIdentifier(issuer, text('leaf')))
  })
})

describe('identifierOfCall', () => {
  it('follows from the certificate of a registration, and is the argument of any other call', () => {
    const root = identifierOfCall(registerCall({ commonName: 'root' })) ?? ''
    expect(root).toBe(deriveIdentifier(null, text('root')))
    expect(identifierOfCall(leafCall(root))).toBe(deriveIdentifier(root, text('leaf')))
    expect(identifierOfCall(renewCall(root, { commonName: 'other' }))).toBe(root)
  })

  it('is null for a registration whose certificate yields none', () => {
    const call = registerCall()
    expect(identifierOfCall({ ...call, certificate: Uint8Array.of(1) } as typeof call)).toBeNull()
  })
})
