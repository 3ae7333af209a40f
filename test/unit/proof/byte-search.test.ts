import fc from 'fast-check'
import { expect, it } from 'vitest'
import { findAll } from '../../../src/proof/byte-search'

it('finds what Buffer.indexOf finds, place after place', () => {
  const bytes = (minLength: number, maxLength: number) =>
    fc.array(fc.integer({ min: 0, max: 1 }), { minLength, maxLength }).map((a) => Buffer.from(a))
  fc.assert(
    fc.property(bytes(0, 60), bytes(1, 5), (all, part) => {
      const places: number[] = []
      for (let at = all.indexOf(part); at >= 0; at = all.indexOf(part, at + 1)) places.push(at)
      expect(findAll(all, part)).toEqual(places)
    }),
  )
})

it('finds no part that is longer than the bytes', () => {
  expect(findAll(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 3))).toEqual([])
})
