import { describe, expect, it } from 'vitest'
import {
  amount,
  axisTime,
  colonHex,
  relativeTime,
  shortHex,
  utcTime,
} from '../../../src/explorer/logic/format'
import { parseMoment, withMoment } from '../../../src/explorer/logic/moment'

describe('format', () => {
  it('writes amounts of the token without rounding them up', () => {
    expect(amount('10815700043146', 18, 'AI3')).toBe('0.00001 AI3')
    expect(amount('1000000000000000000', 18, 'AI3')).toBe('1 AI3')
    expect(amount('1', 18, 'AI3')).toBe('< 0.000001 AI3')
    expect(amount('0', 18, 'AI3')).toBe('0 AI3')
  })

  it('writes hex short, and as octets', () => {
    expect(shortHex('0x51')).toBe('0x51')
    expect(shortHex(`0x${'ab'.repeat(32)}`)).toBe('0xabababab…ababab')
    expect(colonHex('0x1ab')).toBe('01:AB')
  })

  it('marks an axis of time as finely as its marks are apart', () => {
    const noon = Date.parse('2026-09-22T12:00:00Z')
    const day = 86_400_000
    expect(axisTime(noon, 30 * day)).toContain('2026')
    expect(axisTime(noon, day)).toMatch(/22/)
    expect(axisTime(noon, day)).not.toMatch(/2026|:/)
    expect(axisTime(noon, day / 24)).toMatch(/22.*:00/)
  })

  it('tells the distance to now, and UTC as it is', () => {
    const now = Date.parse('2026-11-23T10:00:00Z')
    expect(relativeTime('2026-11-20T10:00:00.000Z', now)).toBe('3 days ago')
    expect(relativeTime('2026-11-23T10:00:10.000Z', now)).toBe('now')
    expect(utcTime('2026-11-23T10:00:00.000Z')).toBe('2026-11-23 10:00:00.000 UTC')
  })
})

describe('parseMoment', () => {
  it('reads a block, a time, or the head', () => {
    expect(parseMoment('?block=12')).toEqual({ kind: 'block', block: 12 })
    expect(parseMoment('?time=2026-11-23T10:00:00Z')).toEqual({
      kind: 'time',
      time: '2026-11-23T10:00:00.000Z',
    })
    expect(parseMoment('')).toEqual({ kind: 'head' })
  })

  it('never takes a moment it cannot read for the head', () => {
    expect(parseMoment('?block=-1').kind).toBe('bad')
    expect(parseMoment('?block=1e3').kind).toBe('bad')
    expect(parseMoment('?time=yesterday').kind).toBe('bad')
  })
})

describe('withMoment', () => {
  it('keeps the moment on links, beside what they carry', () => {
    const moment = { kind: 'block', block: 7 } as const
    expect(withMoment('/autoid/0x1?view=issuer', moment)).toBe('/autoid/0x1?view=issuer&block=7')
    expect(withMoment('/autoid/0x1', { kind: 'head' })).toBe('/autoid/0x1')
  })
})
