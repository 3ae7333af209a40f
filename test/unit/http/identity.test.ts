import { describe, expect, it } from 'vitest'
import { momentOf } from '../../../src/http/identity'

const asked = (query: string) => momentOf(new URLSearchParams(query))

describe('the moment of a request', () => {
  it.each([
    ['', null],
    ['block=0', { block: 0 }],
    ['time=1000', { timeMs: 1000 }],
    ['time=2026-11-19T19:25:00%2B01:00', { timeMs: Date.parse('2026-11-19T18:25:00Z') }],
  ])('"%s" is read', (query, moment) => {
    expect(asked(query)).toEqual(moment)
  })

  // One reader on the way may take the first, another the last.
  it.each([
    'block=270&block=280',
    'block=270&block=270',
    'time=1000&time=2000',
    'block=1&time=1000',
    'block=-1',
    'block=1e3',
    'block=',
    'time=yesterday',
    'time=2026-11-19T19:25:00',
  ])('"%s" is refused, not guessed', (query) => {
    expect(() => asked(query)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }))
  })
})
