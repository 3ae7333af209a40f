import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/bytes'
import { encodeCertificateAction } from '../../../src/registry/action'

const id = `0x${'ab'.repeat(32)}`

describe('encodeCertificateAction', () => {
  it('is id, nonce as U256 little-endian, and one octet of the action', () => {
    const bytes = encodeCertificateAction(id, 0x0102n, 'REVOKE')
    expect(toHex(bytes)).toBe(`${id}0201${'00'.repeat(30)}00`)
    expect(encodeCertificateAction(id, 2n ** 256n - 1n, 'DEACTIVATE')).toHaveLength(65)
    expect(encodeCertificateAction(id, 0n, 'DEACTIVATE').at(-1)).toBe(1)
  })

  it('has no encoding for a nonce above 2^256-1', () => {
    expect(() => encodeCertificateAction(id, 2n ** 256n, 'REVOKE')).toThrow(RangeError)
  })
})
