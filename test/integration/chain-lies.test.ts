/** What a node that lies, or whose answers are mixed up, can have indexed: nothing. */

import { afterEach, describe, expect, it } from 'vitest'
import type { Answers, Fault, FaultRequest } from '../../src/devnet/faults'
import { readRecording } from '../../src/devnet/recording'
import { eventSegmentKey } from '../../src/proof/registry-storage'
import {
  devnetOf,
  endAll,
  expectCanonical,
  expectTrue,
  follow,
  hashAt,
} from '../support/followed-chain'
import { MemoryDatabase } from '../support/memory-database'
import { DEV_CHAIN } from '../support/recorded-chain'
import { until } from '../support/until'

const metadataOfSpec2 = readRecording(DEV_CHAIN).runtimes.get(2)?.metadata

afterEach(endAll)

describe('what the processor makes of a node', () => {
  const lying =
    (method: string, change: (result: never) => unknown) =>
    (request: FaultRequest): Fault | undefined =>
      request.method === method && request.batchSize > 1
        ? { type: 'result', change: change as (result: unknown) => unknown }
        : undefined

  it.each([
    [
      'a header that does not hash to the hash asked for',
      lying('chain_getBlock', (r: { block: { header: object } }) => ({
        block: { ...r.block, header: { ...r.block.header, stateRoot: `0x${'11'.repeat(32)}` } },
      })),
      /does not hash/,
    ],
    [
      'extrinsics that are not those of the header',
      lying('chain_getBlock', (r: { block: { extrinsics: string[] } }) => ({
        block: { ...r.block, extrinsics: r.block.extrinsics.slice(1) },
      })),
      /not those of its header/,
    ],
    [
      'a count of events that is not theirs',
      lying('state_queryStorageAt', (r: { changes: [string, string | null][] }[]) => [
        {
          ...r[0],
          changes: r[0]?.changes.map(([k, v], i) => (i === 1 ? [k, '0x03000000'] : [k, v])),
        },
      ]),
      /events/,
    ],
    [
      'another runtime than the state records',
      (request: FaultRequest): Fault | undefined =>
        request.method === 'state_getRuntimeVersion'
          ? { type: 'result', change: (r) => ({ ...(r as object), specVersion: 2 }) }
          : undefined,
      /runtime/,
    ],
    [
      'something that is no block',
      lying('chain_getBlock', () => ({ block: null })),
      /something else where a block/,
    ],
  ])('indexes nothing from %s, and goes on with the next endpoint', async (_what, fault, why) => {
    const liar = await devnetOf({ initialHeight: 60 })
    const fresh = new MemoryDatabase()
    const alone = await follow([liar.url], {
      database: fresh,
      connect: { batchSize: 50 },
      afterConnect: () => liar.setFault(fault),
    })
    await until(() => alone.errors.some(({ message }) => why.test(message)))
    expect(alone.errors.every(({ code }) => code === 'INCONSISTENT_NODE')).toBe(true)
    expect(fresh.head.height).toBe(-1)
    await alone.stop()
    liar.setFault(undefined)
    const honest = await devnetOf({ initialHeight: 60 })
    const both = await follow([liar.url, honest.url], {
      database: fresh,
      connect: { batchSize: 50 },
      afterConnect: () => liar.setFault(fault),
    })
    await until(() => fresh.head.height === 60)
    expectCanonical(fresh, 60)
    expect(both.errors.length).toBeGreaterThan(0)
  })

  const changing =
    (change: (answers: Answers) => Answers) =>
    ({ batchSize }: FaultRequest): Fault | undefined =>
      batchSize > 1 ? { type: 'answers', change } : undefined
  const rotated = (answers: Answers) => [...answers.slice(1), ...answers.slice(0, 1)]

  // Over HTTP the client sorts by id only when it sees another order; over WebSocket always.
  it.each(['url', 'wsUrl'] as const)('takes answers of a batch in any order, by %s', async (by) => {
    const devnet = await devnetOf({ fault: changing((answers) => [...answers].reverse()) })
    const { database, errors } = await follow([devnet[by]])
    await until(() => database.head.height === 282)
    expectCanonical(database, 282)
    expect(errors).toEqual([])
  })

  /** Block 230 has 263 events: segments of 100, 100 and 63. */
  const segment = (last: boolean, change: (value: string) => string | null) =>
    readingOf((key, value) =>
      key === (last ? eventSegmentKey(2) : eventSegmentKey(1)) && value !== null
        ? change(value)
        : value,
    )
  const readingOf =
    (change: (key: string, value: string | null) => string | null) =>
    ({ method }: FaultRequest): Fault | undefined =>
      method === 'state_queryStorageAt'
        ? {
            type: 'result',
            change: (result) =>
              (result as { changes: [string, string | null][] }[]).map((set) => ({
                ...set,
                changes: set.changes.map(([key, value]) => [key, change(key, value)]),
              })),
          }
        : undefined
  /** Each question about state is answered with the answer to the one before about the same keys. */
  const late = () => {
    const before = new Map<string, [{ block: string }]>()
    return ({ method, params }: FaultRequest): Fault | undefined =>
      method === 'state_queryStorageAt'
        ? {
            type: 'result',
            change: (result) => {
              const keys = JSON.stringify(params[0])
              const given = before.get(keys) ?? (result as [{ block: string }])
              before.set(keys, result as [{ block: string }])
              return given
            },
          }
        : undefined
  }

  const answering =
    (of: string, change: (result: never) => unknown) =>
    ({ method }: FaultRequest): Fault | undefined =>
      method === of ? { type: 'result', change: change as (result: unknown) => unknown } : undefined

  // Tried without `assertLinked`: nothing is reported, and the index stands still, though the node may be honest again.
  it.each(['url', 'wsUrl'] as const)(
    'indexes no true block of another branch at a known height, by %s',
    async (by) => {
      const other = hashAt(280, 'fork-near-head')
      const devnet = await devnetOf()
      const { database, errors } = await follow([devnet[by]], {
        afterConnect: () =>
          devnet.setFault(({ method, params }) =>
            method === 'chain_getBlockHash' && params[0] === 280
              ? { type: 'result', change: () => other }
              : undefined,
          ),
      })
      await until(() => errors.length > 0 || database.head.height === 282)
      expect(errors[0]?.message).toMatch(/does not follow/)
      expect(database.blocks.map(({ hash }) => hash)).not.toContain(other)
      devnet.setFault(undefined)
      await until(() => database.head.height === 282)
      expectCanonical(database, 282)
    },
  )

  // Tried without: the block named in an answer about state, the refusal of an answer without a result: the lies are
  // indexed. Ids, numbers and segments have two checks or more each. Tried without the check of a runtime against its
  // metadata, against the state and by its name, and of the final head: each lie is not refused for what it is.
  describe.each(['url', 'wsUrl'] as const)('by %s', (by) => {
    it.each([
      [
        'with ids exchanged within a batch',
        changing((answers) => rotated(answers).map((a, i) => ({ ...a, id: answers[i]?.id }))),
        /./,
      ],
      [
        'with an id that nobody asked by',
        changing(([first, ...rest]) => [{ ...first, id: 1e9 }, ...rest]),
        /unknown request|Missing result|timed out/,
      ],
      [
        'that answers one call of a batch twice and another never',
        changing(([, second, ...rest]) => [second ?? { id: 0 }, second ?? { id: 0 }, ...rest]),
        /unknown request|Missing result/,
      ],
      [
        'with an answer missing in a batch',
        changing((answers) => answers.slice(1)),
        /Invalid length|timed out/,
      ],
      [
        'with an answer that holds no result',
        changing(([first, ...rest]) => [{ id: first?.id }, ...rest]),
        /something else|no storage|no runtime/,
      ],
      [
        'with a last segment of events cut short',
        segment(true, (value) => `0x04${value.slice(4, 60)}`),
        /events of block 230/,
      ],
      [
        'with the last segment of events missing',
        segment(true, () => null),
        /segment 2 is missing/,
      ],
      [
        'with a segment of events in the middle that is empty',
        segment(false, () => '0x00'),
        /block 230/i,
      ],
      ['with the state of another block', late(), /another block/],
      [
        'with metadata of another runtime',
        answering('state_getMetadata', () => metadataOfSpec2),
        /gave metadata of \S+ 2 for runtime \S+ 1/,
      ],
      [
        'with version and metadata of another runtime than the state records',
        ({ method }: FaultRequest): Fault | undefined => {
          if (method === 'state_getMetadata')
            return { type: 'result', change: () => metadataOfSpec2 }
          if (method !== 'state_getRuntimeVersion') return undefined
          return { type: 'result', change: (id) => ({ ...(id as object), specVersion: 2 }) }
        },
        /names runtime 2 for a block whose state records 1/,
      ],
      [
        'with another chain’s name for the runtime',
        answering('state_getRuntimeVersion', (id: object) => ({ ...id, specName: 'other' })),
        /names runtime other/,
      ],
      [
        'with a header that is not that of the final head',
        ({ method, params }: FaultRequest): Fault | undefined =>
          method === 'chain_getHeader' && params.length > 0
            ? { type: 'result', change: (r) => ({ ...(r as object), number: '0x5' }) }
            : undefined,
        /does not hash to the finalized head/,
      ],
    ])(
      'indexes nothing from a node %s, and is in step once it is honest',
      async (_, fault, why) => {
        const liar = await devnetOf({ initialHeight: 240 })
        const { database, errors } = await follow([liar[by]], {
          connect: { batchSize: 100, timeoutMs: 300 },
          afterConnect: () => liar.setFault(fault),
        })
        await until(() => errors.some(({ message }) => why.test(message)))
        for (const { hash, height } of database.blocks) expect(hash).toBe(hashAt(height))
        expectTrue(database)
        liar.setFault(undefined)
        await until(() => database.head.height === 240)
        expectCanonical(database, 240)
        expectTrue(database)
      },
    )
  })
})
