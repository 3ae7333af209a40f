import { describe, expect, it } from 'vitest'
import { followsMoment, pinned, untilMoment } from '../../../src/explorer/logic/moment'

describe('a list cut at a moment', () => {
  it('ends with the block, or before it where less was asked for', () => {
    expect(untilMoment({ block: 106 })).toEqual({ toBlock: 106 })
    expect(untilMoment({ block: 106 }, 90)).toEqual({ toBlock: 90 })
    expect(untilMoment({ block: 106 }, 200)).toEqual({ toBlock: 106 })
  })

  it('holds what happened at the time itself: the end of the API is exclusive', () => {
    expect(untilMoment({ time: '2026-09-02T00:00:12.000Z' }, 90)).toEqual({
      toBlock: 90,
      toTime: '2026-09-02T00:00:12.001Z',
    })
  })

  it('is whole at the head', () => {
    expect(untilMoment(undefined)).toEqual({})
    expect(untilMoment(undefined, 90)).toEqual({ toBlock: 90 })
    expect(pinned(undefined)).toEqual({ isPinned: false })
    expect(pinned({ block: 1 })).toEqual({ isPinned: true, at: { block: 1 } })
  })
})

describe('followsMoment', () => {
  it.each([
    '/autoids',
    '/autoid/0x1',
    '/certificate/0x1',
    '/verify',
    '/token',
    '/events',
    '/failed/',
  ])('%s shows the moment of its address', (path) => expect(followsMoment(path)).toBe(true))

  it.each([
    '/',
    '/preflight',
    '/provenance',
    '/quarantined',
    '/block/1',
    '/extrinsic/0x1',
    '/nonsense',
  ])('%s does not, and says so', (path) => expect(followsMoment(path)).toBe(false))
})
