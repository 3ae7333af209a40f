import { describe, expect, it } from 'vitest'
import { firstRow, rowOf } from '../../../src/explorer/logic/rows'

const between = { shown: 25, total: 310, hasPreviousPage: true, hasNextPage: true, given: '' }

describe('the first row of a page', () => {
  it('is the first of the list where nothing comes before, whatever the address says', () => {
    expect(firstRow({ ...between, hasPreviousPage: false, given: '99.310' })).toBe(1)
  })

  it('is counted from the end on the last page', () => {
    expect(firstRow({ ...between, shown: 10, hasNextPage: false, given: '7.310' })).toBe(301)
  })

  it('is what the address says between them', () => {
    expect(firstRow({ ...between, given: rowOf(26, 310) })).toBe(26)
  })

  it.each(['', 'x', '26', '1.310', '300.310', '2.5.310', '-3.310', '26.309'])(
    'is not known from %j: none was counted, it cannot be, or the list has changed since',
    (given) => {
      expect(firstRow({ ...between, given })).toBeUndefined()
    },
  )

  it('stands in no address where it is the first, or not known', () => {
    expect(rowOf(1, 310)).toBe('')
    expect(rowOf(undefined, 310)).toBe('')
  })
})
