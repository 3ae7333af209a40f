import { describe, expect, it } from 'vitest'
import { dayOf, spanOf, startOf } from '../../../src/explorer/logic/span'

describe('the span of an address', () => {
  it('takes times, either end alone too, and leaves out what is none', () => {
    expect(spanOf('2026-11-01', '2026-11-02T00:00:00Z')).toEqual({
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-11-02T00:00:00.000Z',
    })
    expect(spanOf('', '2026-11-02')).toEqual({ to: '2026-11-02T00:00:00.000Z' })
    expect(spanOf('soon', '')).toEqual({})
  })
})

describe('whole days', () => {
  it('begin at midnight, and the last one is included', () => {
    const [from, to] = [startOf('2026-11-01', 0), startOf('2026-11-03', 1)]
    expect(dayOf(from, 0)).toBe('2026-11-01')
    expect(dayOf(to, -1)).toBe('2026-11-03')
    expect(Date.parse(startOf('2026-11-01', 1)) - Date.parse(from)).toBe(86_400_000)
  })

  it('are none where no date is given', () => {
    expect(startOf('', 0)).toBe('')
    expect(dayOf(undefined, 0)).toBe('')
  })
})
