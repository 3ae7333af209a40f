import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ApiContext } from '../../../src/api/context'
import { followVerification } from '../../../src/api/follow-verification'
import { createHeadHub } from '../../../src/api/head-hub'
import type { Session } from '../../../src/api/session'
import { DEFAULT_POLICY } from '../../../src/verify/policy'
import { blockAt, evidenceOf, historyOf, leaf, middle, root, timeOf } from '../../support/evidence'

const NOW = timeOf(100)
beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ['Date', 'setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** An index that stands still at block 100: only its clock runs. */
function standing(history = historyOf()) {
  const hub = createHeadHub()
  let asked = 0
  const session = () => {
    asked += 1
    const block = { ...blockAt(100), timestamp: new Date(timeOf(100)) }
    const moment = { height: 100, isHead: true, clockMs: Date.now(), block }
    return {
      momentOf: async () => moment,
      read: { evidence: async () => evidenceOf({ history, clockMs: moment.clockMs }) },
    } as unknown as Session
  }
  const context = { hub, limits: { maxPemBytes: 0 }, renewSession: async () => session() }
  return { hub, context: context as unknown as ApiContext, asked: () => asked }
}

const expiring = historyOf({
  certificates: [root, { ...middle, notAfterMs: NOW + 3_600_000 }, leaf],
})

describe('followVerification', () => {
  it('gives the first verdict at once', async () => {
    const { context } = standing()
    const source = followVerification(context, { autoId: leaf.autoId }, DEFAULT_POLICY)
    expect((await source.next()).value).toMatchObject({ verdict: 'VALID' })
    await source.return?.()
  })

  it('gives the next one by the clock alone, just after `until`', async () => {
    const { context } = standing(expiring)
    const source = followVerification(context, { autoId: leaf.autoId }, DEFAULT_POLICY)
    const { value: first } = await source.next()
    expect(first).toMatchObject({ verdict: 'VALID' })
    expect(first?.span().untilMs).toBe(NOW + 3_600_000)
    const next = source.next()
    let isHere = false
    next.then(() => {
      isHere = true
    })
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(isHere).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect((await next).value).toMatchObject({
      verdict: 'INVALID',
      indication: 'INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE',
    })
    await source.return?.()
  })

  it('is silent about moves that change nothing, and asks no more than once for each', async () => {
    const { context, hub, asked } = standing()
    const source = followVerification(context, { autoId: leaf.autoId }, DEFAULT_POLICY)
    await source.next()
    const next = source.next()
    for (let move = 0; move < 3; move++) {
      hub.publish()
      await vi.advanceTimersByTimeAsync(10)
    }
    expect(asked()).toBe(4)
    await source.return?.()
    expect(await next).toEqual({ done: true, value: undefined })
    expect(hub.followers).toBe(0)
  })
})
