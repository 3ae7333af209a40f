import { describe, expect, it } from 'vitest'
import { concatBytes } from '../../../src/bytes'
import { CallDataError, decodeCallData } from '../../../src/registry/call-data'
import { atEndOf, plainCalls } from '../../support/plain-calls'

describe('decodeCallData', () => {
  const calls = plainCalls()

  it('reads every plain call of the recorded chain as its metadata does', () => {
    const unread = calls.filter(({ call, bytes }) => atEndOf(bytes, call) === undefined)
    expect(unread).toEqual([])
    expect(new Set(calls.map(({ call }) => call.kind)).size).toBe(4)
    expect(calls.length).toBeGreaterThan(100)
  })

  it('refuses every shorter text and every longer one, and never fails in another way', () => {
    for (const kind of ['REGISTER', 'RENEW', 'REVOKE', 'DEACTIVATE']) {
      const found = calls.find(({ call }) => call.kind === kind)
      const bytes = found && atEndOf(found.bytes, found.call)
      if (bytes === undefined) throw new Error(`no ${kind}`)
      for (let length = 0; length < bytes.length; length++) {
        expect(() => decodeCallData(bytes.subarray(0, length))).toThrow(CallDataError)
      }
      expect(() => decodeCallData(concatBytes(bytes, Uint8Array.of(0)))).toThrow(CallDataError)
    }
  })

  it.each([
    ['a call index the pallet does not have', [40, 4]],
    ['a request of no known kind', [40, 0, 1]],
    ['neither root nor leaf', [40, 0, 0, 2]],
    ['a length over 2^30', [40, 0, 0, 0, 3, 255, 255, 255, 255]],
    ['another pallet’s batch', [8, 0, 4, 40, 2]],
  ])('refuses %s', (_title, bytes) => {
    expect(() => decodeCallData(Uint8Array.from(bytes))).toThrow(CallDataError)
  })
})
