import { describe, expect, it } from 'vitest'
import { makeScale, registrationsUntil } from '../../../src/explorer/logic/timeline'

describe('makeScale', () => {
  it('keeps the order of blocks and reaches both ends', () => {
    const scale = makeScale([100, 101, 105], 98, 1_000_000)
    expect(scale.toX(98)).toBe(0)
    expect(scale.toX(1_000_000)).toBe(1000)
    const xs = [98, 100, 101, 105, 500_000].map(scale.toX)
    expect([...xs].sort((a, b) => a - b)).toEqual(xs)
  })

  it('leaves neighbouring events apart however long the pause after them', () => {
    const scale = makeScale([100, 101], 98, 10_000_000)
    expect(scale.toX(101) - scale.toX(100)).toBeGreaterThan(30)
  })

  it('leads back from the picture to the block', () => {
    const scale = makeScale([10, 20], 8, 500)
    for (const height of [8, 10, 15, 20, 300, 500]) {
      expect(scale.toHeight(scale.toX(height))).toBe(height)
    }
  })

  it('stands still where there is only one block', () => {
    const scale = makeScale([0], 0, 0)
    expect(scale.toX(0)).toBe(0)
    expect(scale.toHeight(500)).toBe(0)
  })
})

describe('a life up to a block', () => {
  const block = (height: number) => ({ height })
  const life = {
    registrations: [
      {
        ordinal: 1,
        registeredAt: block(5),
        deactivatedAt: block(9),
        certificates: [{ inForceFrom: block(5) }, { inForceFrom: block(7) }],
      },
      { ordinal: 2, registeredAt: block(12), deactivatedAt: null, certificates: [] },
    ],
  }

  it('holds nothing that happened later', () => {
    const past = registrationsUntil(life, 7)
    expect(past).toHaveLength(1)
    expect(past[0]).toMatchObject({ ordinal: 1, deactivatedAt: null })
    expect(past[0]?.certificates).toHaveLength(2)
  })

  it('holds what happened in that very block, and all of it without one', () => {
    expect(registrationsUntil(life, 9)[0]?.deactivatedAt).toEqual(block(9))
    expect(registrationsUntil(life, 4)).toEqual([])
    expect(registrationsUntil(life)).toHaveLength(2)
  })
})
