import { describe, expect, test } from 'vitest'
import { renderDuration, renderProgress } from '../../../src/cli/progress'

describe('renderProgress', () => {
  test('tells how far, how fast and how long', () => {
    const line = renderProgress({ atMs: 0, height: 100 }, { atMs: 10_000, height: 1_100 }, 5_000)
    expect(line).toBe('indexed 1100 of 5000 (22 %), 100 blocks/s, 39 s left')
  })

  test('promises no end while nothing moves', () => {
    const line = renderProgress({ atMs: 0, height: -1 }, { atMs: 5_000, height: -1 }, 5_000)
    expect(line).toBe('indexed 0 of 5000 (0 %), 0 blocks/s')
  })
})

describe('renderDuration', () => {
  test.each([
    [0.2, '1 s'],
    [89, '89 s'],
    [91, '2 min'],
    [5_400, '1.5 h'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(renderDuration(seconds)).toBe(text)
  })
})
