import { describe, expect, test } from 'vitest'
import type { BlockRecord } from '../../../src/registry/types'
import { slicesOf } from '../../../src/store/index-batch'

const blocks = (count: number, extrinsicCount: number): BlockRecord[] =>
  Array.from({ length: count }, (_, height) => ({ height, extrinsicCount }) as BlockRecord)

const sizes = (all: readonly BlockRecord[]) => [...slicesOf(all)].map((slice) => slice.length)

describe('slicesOf', () => {
  test('cuts a long batch by blocks, in order and without loss', () => {
    const all = blocks(1_101, 2)
    expect(sizes(all)).toEqual([500, 500, 101])
    expect([...slicesOf(all)].flat()).toEqual(all)
  })

  test('cuts full blocks by extrinsics', () => {
    expect(sizes(blocks(6, 2_000))).toEqual([2, 2, 2])
  })

  test('takes a block that is over the limit by itself', () => {
    expect(sizes(blocks(3, 9_999))).toEqual([1, 1, 1])
  })

  test('gives nothing for nothing', () => {
    expect(sizes([])).toEqual([])
  })
})
