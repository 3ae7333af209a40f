import { expect, test } from 'vitest'
import { interned } from '../../../src/store/interned-bytes'

test('equal bytes are one array, other bytes another', () => {
  const first = interned(Buffer.from('3000', 'hex'))
  expect(interned(Buffer.from('3000', 'hex'))).toBe(first)
  expect(interned(Buffer.from('3001', 'hex'))).not.toBe(first)
})

test('the array holds the bytes it was asked for, whatever becomes of the buffer they came in', () => {
  const buffer = Buffer.from('30020500', 'hex')
  const kept = interned(buffer)
  buffer.fill(0)
  expect(kept).toEqual(Uint8Array.of(0x30, 2, 5, 0))
})

test('bytes longer than any certificate in use are not kept', () => {
  const long = Buffer.alloc(4097, 1)
  expect(interned(long)).not.toBe(interned(long))
  expect(interned(long)).toEqual(new Uint8Array(long))
})
