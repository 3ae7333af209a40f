import { describe, expect, test } from 'vitest'
import { chooseBucket } from '../../../src/api/buckets'

const range = (from: string, to: string, bucket: Parameters<typeof chooseBucket>[2] = null) => {
  const chosen = chooseBucket(new Date(from), new Date(to), bucket)
  return [chosen.bucket, chosen.from.toISOString(), chosen.to.toISOString()]
}

describe('chooseBucket', () => {
  test.each([
    ['HOUR', '2026-01-01T10:00:00.000Z', '2026-01-31T13:00:00.000Z'],
    ['DAY', '2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'],
    ['WEEK', '2025-12-29T00:00:00.000Z', '2026-02-02T00:00:00.000Z'],
    ['MONTH', '2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'],
  ] as const)('widens to whole buckets of a %s', (bucket, from, to) => {
    expect(range('2026-01-01T10:30:00Z', '2026-01-31T12:00:00.001Z', bucket)).toEqual([
      bucket,
      from,
      to,
    ])
  })

  test('an end on the edge of a bucket adds none', () => {
    expect(range('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', 'DAY')[2]).toBe(
      '2026-01-02T00:00:00.000Z',
    )
  })

  test('without a wish: days, then weeks, then months as the range grows', () => {
    expect(range('2026-01-01T00:00:00Z', '2026-03-01T00:00:00Z')[0]).toBe('DAY')
    expect(range('2010-01-01T00:00:00Z', '2026-03-01T00:00:00Z')[0]).toBe('WEEK')
    expect(range('1970-01-01T00:00:00Z', '2026-03-01T00:00:00Z')[0]).toBe('MONTH')
  })

  test('refuses more buckets than anybody draws', () => {
    expect(() => range('2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z', 'HOUR')).toThrow(/^bucket: /)
  })
})
