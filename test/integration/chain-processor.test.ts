import { afterEach, describe, expect, it } from 'vitest'
import { type ConnectOptions, connectChain } from '../../src/chain/connect'
import type { HeadConfirmation } from '../../src/chain/data-source'
import { createProcessor, type ProcessorOptions } from '../../src/chain/processor'
import { type Devnet, type DevnetOptions, startDevnet } from '../../src/devnet/devnet'
import type { Answers, Fault, FaultRequest } from '../../src/devnet/faults'
import type { AppError } from '../../src/errors'
import { connectNode } from '../../src/node/rpc'
import { eventSegmentKey } from '../../src/proof/registry-storage'
import { BranchMaker } from '../chaos/branches'
import { recordingOf } from '../chaos/reference'
import { MemoryDatabase, type MemoryStore } from '../support/memory-database'
import { DEV_CHAIN, readExpected } from '../support/recorded-chain'

const expectedBlocks = readExpected()
const hashAt = (height: number, branch = 'canonical') =>
  expectedBlocks.find((b) => b.number === height && b.branch === branch)?.hash

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function devnetOf(options: DevnetOptions = {}): Promise<Devnet> {
  const devnet = await startDevnet({ chainDir: DEV_CHAIN, ...options })
  cleanups.push(() => devnet.close())
  return devnet
}

type Run = {
  database: MemoryDatabase
  errors: AppError[]
  confirmations: HeadConfirmation[]
  done: Promise<unknown>
  stop: () => Promise<unknown>
}

async function follow(
  endpoints: readonly string[],
  options: {
    database?: MemoryDatabase
    connect?: Partial<ConnectOptions>
    processor?: Partial<ProcessorOptions<MemoryStore>>
    afterConnect?: () => void
  } = {},
): Promise<Run> {
  const database = options.database ?? new MemoryDatabase()
  const errors: AppError[] = []
  const confirmations: HeadConfirmation[] = []
  const chain = await connectChain({
    endpoints,
    timeoutMs: 2_000,
    patienceMs: 3_000,
    onError: (error) => errors.push(error),
    ...options.connect,
  })
  options.afterConnect?.()
  const processor = createProcessor<MemoryStore>({
    chain,
    database,
    headPollMs: 40,
    onBlocks: async (store, blocks) => store.add(blocks),
    onHeadConfirmed: (confirmation) => confirmations.push(confirmation),
    ...options.processor,
  })
  const done = processor.run().catch((error: unknown) => error)
  const stop = () => {
    processor.stop()
    return done
  }
  cleanups.push(stop)
  return { database, errors, confirmations, done, stop }
}

async function until(done: () => boolean, ms = 15_000): Promise<void> {
  const end = Date.now() + ms
  while (!done() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(done()).toBe(true)
}

function expectCanonical(database: MemoryDatabase, height: number): void {
  expect(database.blocks.map(({ hash }) => hash)).toEqual(
    Array.from({ length: height + 1 }, (_, i) => hashAt(i)),
  )
}

/** What was indexed is what the blocks held: no block has another's events. */
function expectTrue(database: MemoryDatabase): void {
  for (const block of database.blocks) {
    const expected = expectedBlocks.find(({ hash }) => hash === block.hash)
    expect([block.hash, block.eventCount]).toEqual([expected?.hash, expected?.eventCount])
  }
}

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
      const expected = expectedBlocks.find(({ hash }) => hash === block.hash)
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
  const heads = new Set(['chain_getHeader', 'chain_getBlockHash', 'chain_getFinalizedHead'])
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

  // Tried without: the block named in an answer about state, the refusal of an answer without a result: the lies are
  // indexed. Ids, numbers and segments have two checks or more each.
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

  // With the URL itself in messages, the key stood in the public `status { error }` and in the answer to a proof.
  it.each([
    ['a status', { type: 'status', status: 401 }],
    ['words that repeat the key', { type: 'error', code: -1, message: 'bad key s3cr3t-k3y-0000' }],
  ] as const)('tells a node that refuses with %s by its host alone', async (_, fault) => {
    const devnet = await devnetOf({ fault: () => fault })
    const path = '/v2/s3cr3t-k3y-0000?token=t0ken-of-ours'
    const urls = [devnet.url, devnet.wsUrl].map((url) => url.replace('//', '//me:passw0rd@') + path)
    for (const url of urls) {
      const errors: AppError[] = []
      const onError = (error: AppError) => errors.push(error)
      const options = { endpoints: [url], timeoutMs: 300, patienceMs: 400, onError }
      await connectChain(options).catch(onError)
      const rpc = connectNode(options)
      cleanups.push(() => rpc.close())
      await rpc.call('chain_getHeader', []).catch(onError)
      expect(errors.length).toBeGreaterThan(1)
      const told = JSON.stringify(errors.map(({ message, facts }) => ({ message, facts })))
      expect(told).toContain(`127.0.0.1:${devnet.port}`)
      expect(told).not.toMatch(/s3cr3t|t0ken|passw0rd/)
    }
  })

  it('stops, and says what to do, when the node refuses batches', async () => {
    const devnet = await devnetOf({ batches: false })
    for (const url of [devnet.url, devnet.wsUrl]) {
      await expect(connectChain({ endpoints: [url], timeoutMs: 300 })).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        message: expect.stringContaining('Set RPC_BATCH_SIZE'),
      })
    }
    const { database } = await follow([devnet.url], { connect: { batchSize: 1 } })
    await until(() => database.head.height === 282)
  })

  it('stops, and says what to do, when the node limits batches', async () => {
    const devnet = await devnetOf({ batches: 20 })
    await expect(connectChain({ endpoints: [devnet.url] })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringMatching(/batches of 100 calls. Set RPC_BATCH_SIZE to fewer/),
    })
    const { database } = await follow([devnet.wsUrl], { connect: { batchSize: 20 } })
    await until(() => database.head.height === 282)
  })

  it('stops, asking for an archive node, when the state was pruned', async () => {
    const devnet = await devnetOf({ prunedBelow: 200 })
    const { database, done } = await follow([devnet.url])
    expect(await done).toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('archive'),
    })
    expect(database.head.height).toBe(-1)
  })

  it('reads storage one by one from a provider without state_queryStorageAt', async () => {
    const fault = ({ method }: FaultRequest): Fault | undefined =>
      method === 'state_queryStorageAt'
        ? { type: 'error', code: -32601, message: 'Method not found' }
        : undefined
    const devnet = await devnetOf({ fault })
    const { database } = await follow([devnet.url])
    await until(() => database.head.height === 282)
    expectCanonical(database, 282)
  })

  it('asks for fewer blocks at once when an answer is over the node’s limit', async () => {
    const fault = ({ method, batchSize }: FaultRequest): Fault | undefined =>
      method === 'chain_getBlock' && batchSize > 8
        ? { type: 'error', code: -32008, message: 'Response is too big' }
        : undefined
    const devnet = await devnetOf({ fault })
    const { database } = await follow([devnet.url])
    await until(() => database.head.height === 282)
    expectCanonical(database, 282)
  })

  it('asks for fewer blocks at once when larger answers cut the connection', async () => {
    const devnet = await devnetOf({ initialHeight: 60 })
    const { database } = await follow([devnet.wsUrl], {
      afterConnect: () =>
        devnet.setFault(({ method, batchSize }) =>
          method === 'chain_getBlock' && batchSize > 20 ? { type: 'drop' } : undefined,
        ),
    })
    await until(() => database.head.height === 60)
    expectCanonical(database, 60)
  })

  it('repeats what an overloaded node refuses with 503', async () => {
    const devnet = await devnetOf({ initialHeight: 60 })
    const { database, errors } = await follow([devnet.url])
    await until(() => database.head.height === 60)
    let refusals = 3
    devnet.setFault(() => (refusals-- > 0 ? { type: 'status', status: 503 } : undefined))
    devnet.advance(5)
    await until(() => database.head.height === 65)
    expect(errors.every(({ code, retryable }) => code === 'UNAVAILABLE' && retryable)).toBe(true)
  })

  it('gives up a call that hangs and repeats it', async () => {
    let hangs = 3
    const devnet = await devnetOf({ initialHeight: 30 })
    const { database, errors } = await follow([devnet.wsUrl], { connect: { timeoutMs: 300 } })
    await until(() => database.head.height === 30)
    devnet.setFault(({ method }) =>
      heads.has(method) && hangs-- > 0 ? { type: 'hang' } : undefined,
    )
    devnet.advance(5)
    await until(() => database.head.height === 35)
    expect(errors.some(({ message }) => /did not answer|timed out/.test(message))).toBe(true)
  })

  it('changes to another endpoint when its node stands still while the other goes on', async () => {
    const stuck = await devnetOf({ initialHeight: 50 })
    const alive = await devnetOf({ initialHeight: 50 })
    const { database } = await follow([stuck.url, alive.url], { processor: { stallMs: 200 } })
    await until(() => database.head.height === 50)
    alive.advance(10)
    await until(() => database.head.height === 60)
    expectCanonical(database, 60)
  })

  it('waits for a node that is behind what is final, undoing nothing', async () => {
    const ahead = await devnetOf({ initialHeight: 100, finalityLag: 0 })
    const database = new MemoryDatabase()
    const first = await follow([ahead.url], { database })
    await until(() => database.finalizedHeight === 100)
    await first.stop()
    const behind = await devnetOf({ initialHeight: 90, finalityLag: 0 })
    const { errors } = await follow([behind.url], { database })
    await until(() => errors.length > 2)
    expect(database.head.height).toBe(100)
    behind.advance(12)
    await until(() => database.head.height === 102)
    expectCanonical(database, 102)
  })

  // Without `isAheadOf` every poll of the node that stands still confirms a head that it does not know.
  it('takes no word for the head from a node between what is final and the head, and undoes nothing', async () => {
    const ahead = await devnetOf({ initialHeight: 100, finalityLag: 40 })
    const behind = await devnetOf({ initialHeight: 90, finalityLag: 25 })
    const { database, errors, confirmations } = await follow([ahead.url, behind.url])
    await until(() => database.head.height === 100 && database.finalizedHeight === 60)
    ahead.setFault(() => ({ type: 'drop' }))
    const isBehind = ({ message }: AppError) => /behind: at block 90, where 100/.test(message)
    await until(() => errors.some(isBehind))
    const confirmed = confirmations.length
    const reported = errors.filter(isBehind).length
    await until(() => errors.filter(isBehind).length > reported + 2)
    expect(confirmations.length).toBe(confirmed)
    // What it names as final is believed: it lies on this chain.
    expect([database.head.height, database.finalizedHeight]).toEqual([100, 65])
    behind.advance(10)
    await until(() => confirmations.length > confirmed)
    expect(confirmations.at(-1)).toMatchObject({ height: 100, nodeHeight: 100 })
  })

  it('takes the word of a node for the lower head of another branch', async () => {
    const devnet = await devnetOf()
    const { database, errors, confirmations } = await follow([devnet.url])
    await until(() => database.head.height === 282)
    devnet.setHead(280, 'fork-near-head')
    const lower = hashAt(280, 'fork-near-head')
    await until(() => confirmations.at(-1)?.hash === lower)
    expect(confirmations.at(-1)).toMatchObject({ height: 280, nodeHeight: 280, nodeHash: lower })
    expect(errors).toEqual([])
  })

  describe('several endpoints', () => {
    const maker = new BranchMaker(7)
    const loads = (count: number) => Array.from({ length: count }, () => ({ leaves: 1 }))
    const one = maker.grow(maker.start(), [{ roots: 2, issuers: 1 }, ...loads(24)])
    const other = maker.fork(one, 8, loads(20))
    const hashesOf = ({ blocks }: typeof one) => blocks.map(({ hash }) => hash)
    const serving = (branch: typeof one, fault?: DevnetOptions['fault']) =>
      devnetOf({
        chain: recordingOf(branch.blocks, null),
        finalityLag: 3,
        ...(fault === undefined ? {} : { fault }),
      })

    // Without the final block in the batch of hashes, the first run comes from the second endpoint and is indexed as final.
    it.each([
      ['on another branch below the final block', other, /has another block 22/],
      ['that has not come so far', { ...one, blocks: one.blocks.slice(0, 16) }, /no block 22 yet/],
    ])('use no block of one %s', async (_, second, why) => {
      let isBroken = false
      let blocksAsked = 0
      const first = await serving(one, ({ method }) =>
        isBroken && method === 'chain_getBlock'
          ? { type: 'error', code: -1, message: 'gone for now' }
          : undefined,
      )
      const wrong = await serving(second, ({ method, params }) => {
        if (method === 'chain_getBlock') blocksAsked += 1
        if (method === 'chain_getBlockHash' && params[0] === 22) isBroken = false
        return undefined
      })
      const { database, errors } = await follow([first.url, wrong.url], {
        connect: { batchSize: 40 },
        afterConnect: () => {
          isBroken = true
        },
      })
      await until(() => database.head.height === 25)
      expect(database.blocks.map(({ hash }) => hash)).toEqual(hashesOf(one))
      expect(errors.some(({ message }) => why.test(message))).toBe(true)
      expect(blocksAsked).toBe(0)
    })

    it('ask again which block is final, when no chain that is served holds the one that was named', async () => {
      let isGone = false
      const first = await serving(one, ({ method }) => {
        if (isGone) return { type: 'error', code: -1, message: 'gone' }
        if (method === 'chain_getBlock') isGone = true
        return undefined
      })
      const second = await serving(other)
      const { database, errors } = await follow([first.url, second.url])
      await until(() => database.head.height === other.blocks.length - 1)
      expect(database.blocks.map(({ hash }) => hash)).toEqual(hashesOf(other))
      expect(errors.some(({ message }) => /has another block 22/.test(message))).toBe(true)
    })
  })

  // With one probe the start is refused.
  it('takes a batch that was lost once for lost, not for refused', async () => {
    let losses = 2
    const devnet = await devnetOf({
      initialHeight: 10,
      fault: ({ batchSize }) => (batchSize > 1 && losses-- > 0 ? { type: 'hang' } : undefined),
    })
    const { database } = await follow([devnet.wsUrl], { connect: { timeoutMs: 400 } })
    await until(() => database.head.height === 10)
  })

  it('refuses endpoints of different chains, a node that is away, and what is no node', async () => {
    const devnet = await devnetOf()
    const fault = ({ method, params }: FaultRequest): Fault | undefined =>
      method === 'chain_getBlockHash' && params[0] === 0
        ? { type: 'result', change: () => `0x${'22'.repeat(32)}` }
        : undefined
    const other = await devnetOf({ fault })
    const run = await follow([devnet.url, other.url])
    await until(() => run.database.head.height === 282)
    devnet.setFault(() => ({ type: 'error', code: -1, message: 'gone' }))
    await until(() => run.errors.some(({ code }) => code === 'WRONG_CHAIN'))
    expect(run.database.head.height).toBe(282)
    for (const url of ['http://127.0.0.1:9', 'ws://127.0.0.1:9']) {
      await expect(connectChain({ endpoints: [url], patienceMs: 400 })).rejects.toMatchObject({
        code: 'UNAVAILABLE',
      })
    }
  })

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
