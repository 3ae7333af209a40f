/** The processor follows a node's chain: history, forks, restarts, finality. */

import { afterEach, describe, expect, it } from 'vitest'
import { connectChain } from '../../src/chain/connect'
import type { Devnet } from '../../src/devnet/devnet'
import type { Fault, FaultRequest } from '../../src/devnet/faults'
import {
  devnetOf,
  endAll,
  expectCanonical,
  follow,
  hashAt,
  recorded,
} from '../support/followed-chain'
import { MemoryDatabase } from '../support/memory-database'
import { until } from '../support/until'

afterEach(endAll)

describe.each(['http', 'ws'] as const)('createProcessor over %s', (transport) => {
  const urlOf = (devnet: Devnet) => (transport === 'http' ? devnet.url : devnet.wsUrl)

  it('indexes the recorded chain from genesis to its head, both event layouts, and names what is final', async () => {
    const devnet = await devnetOf()
    const { database, errors, confirmations } = await follow([urlOf(devnet)])
    await until(() => database.head.height === 282 && database.finalizedHeight === 278)
    expectCanonical(database, 282)
    expect(errors).toEqual([])
    const best = { nodeHeight: 282, nodeHash: hashAt(282) }
    expect(confirmations[0]).toMatchObject(best)
    expect(confirmations[0]?.height).toBeLessThan(282)
    for (const block of database.blocks) {
      const expected = recorded.find(({ hash }) => hash === block.hash)
      expect([block.eventCount, block.specVersion]).toEqual([
        expected?.eventCount,
        expected?.specVersion,
      ])
    }
    expect(database.blocks[0]?.stateRead).toEqual({
      entries: [],
      removed: [],
      revocationLists: [],
    })
  })

  it('follows the fork: the orphaned branch first, then the longer one, undoing exactly what it must', async () => {
    const devnet = await devnetOf({ initialHeight: 277 })
    const { database, errors, confirmations } = await follow([urlOf(devnet)])
    await until(() => database.head.height === 277)
    for (let i = 0; i < 4; i++) {
      devnet.advance()
      await until(() => database.head.hash === devnet.head().hash)
    }
    expect(database.head.hash).toBe(hashAt(281, 'fork-near-head'))
    devnet.advance(4)
    await until(() => database.head.hash === hashAt(282))
    expectCanonical(database, 282)
    expect(database.deepestReorg).toBe(3)
    expect(errors).toEqual([])
    await until(() => confirmations.at(-1)?.hash === hashAt(282))
    expect(confirmations.at(-1)).toMatchObject({
      height: 282,
      finalizedHeight: 278,
      nodeHeight: 282,
    })
  })

  it('follows a reorganisation to a lower head and back', async () => {
    const devnet = await devnetOf()
    const { database } = await follow([urlOf(devnet)])
    await until(() => database.head.height === 282)
    devnet.setHead(280, 'fork-near-head')
    await until(() => database.head.hash === hashAt(280, 'fork-near-head'))
    devnet.setHead(282, 'canonical')
    await until(() => database.head.hash === hashAt(282))
    expectCanonical(database, 282)
  })

  it('resumes where the database stands, without repeating or missing a block', async () => {
    const devnet = await devnetOf({ initialHeight: 120, finalityLag: 50 })
    const database = new MemoryDatabase()
    const first = await follow([urlOf(devnet)], { database })
    await until(() => database.head.height === 120)
    expect(database.finalizedHeight).toBe(70)
    await first.stop()
    devnet.advance(30)
    await follow([urlOf(devnet)], { database })
    await until(() => database.head.height === 150 && database.finalizedHeight === 100)
    expectCanonical(database, 150)
  })

  it('takes blocks for final at a depth of its own when told so', async () => {
    const devnet = await devnetOf({ initialHeight: 100 })
    const finality = { type: 'DEPTH', blocks: 30 } as const
    const { database } = await follow([urlOf(devnet)], { processor: { finality } })
    await until(() => database.head.height === 100 && database.finalizedHeight === 70)
    devnet.advance(5)
    await until(() => database.finalizedHeight === 75)
  })

  it('goes on after the node was away', async () => {
    const devnet = await devnetOf({ initialHeight: 40 })
    const { database, errors, confirmations } = await follow([urlOf(devnet)])
    await until(() => database.head.height === 40)
    devnet.setFault(() => ({ type: 'drop' }))
    await until(() => errors.length > 1)
    const confirmed = confirmations.length
    devnet.advance(3)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(database.head.height).toBe(40)
    expect(confirmations.length).toBe(confirmed)
    devnet.setFault(undefined)
    await until(() => database.head.height === 43)
    expectCanonical(database, 43)
    expect(errors.every(({ code }) => code === 'UNAVAILABLE')).toBe(true)
  })
})

describe('what the processor makes of a node', () => {
  it('refuses a chain without an AutoId pallet of the known shape', async () => {
    const metadata = ({ method }: FaultRequest): Fault | undefined =>
      method === 'state_getMetadata'
        ? {
            type: 'result',
            change: (hex) => String(hex).replaceAll(hexOf('AutoId'), hexOf('AutoIx')),
          }
        : undefined
    const without = await devnetOf({ fault: metadata })
    await expect(connectChain({ endpoints: [without.url] })).rejects.toMatchObject({
      code: 'WRONG_CHAIN',
      message: expect.stringContaining('no AutoId pallet'),
    })
    const changed = await devnetOf({
      fault: ({ method }) =>
        method === 'state_getMetadata'
          ? {
              type: 'result',
              change: (hex) => String(hex).replaceAll(hexOf('issuer_id'), hexOf('issuer_ix')),
            }
          : undefined,
    })
    await expect(connectChain({ endpoints: [changed.url] })).rejects.toMatchObject({
      code: 'WRONG_CHAIN',
      message: expect.stringContaining('register_auto_id is not as known'),
    })
  })

  it('stops when the database was indexed from another chain', async () => {
    const devnet = await devnetOf({ initialHeight: 20, finalityLag: 0 })
    const database = new MemoryDatabase()
    const first = await follow([devnet.url], { database })
    await until(() => database.finalizedHeight === 20)
    await first.stop()
    const last = database.blocks[20]
    if (last !== undefined) database.blocks[20] = { ...last, hash: `0x${'33'.repeat(32)}` }
    const { done } = await follow([devnet.url], { database })
    expect(await done).toMatchObject({ code: 'WRONG_CHAIN' })
  })
})

function hexOf(text: string): string {
  return Buffer.from(text, 'ascii').toString('hex')
}
