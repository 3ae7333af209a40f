import { expect, test } from 'vitest'
import { oncePerArray } from '../../src/bytes'

test('a reading is done once for an array, and anew for another one of equal bytes', () => {
  const asked: Uint8Array[] = []
  const length = oncePerArray((bytes) => {
    asked.push(bytes)
    return bytes.length
  })
  const [a, b] = [Uint8Array.of(1), Uint8Array.of(1)]
  expect([length(a), length(a), length(b)]).toEqual([1, 1, 1])
  expect(asked).toEqual([a, b])
})

test('that there is nothing is remembered, too; a failure is not', () => {
  let asked = 0
  const none = oncePerArray(() => {
    asked += 1
    if (asked === 1) throw new RangeError('not yet')
    return undefined
  })
  const bytes = Uint8Array.of(1)
  expect(() => none(bytes)).toThrow('not yet')
  expect([none(bytes), none(bytes), asked]).toEqual([undefined, undefined, 2])
})
