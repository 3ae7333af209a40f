/** The processor over devnet nodes and a database in memory: what it indexes, reports and confirms. */

import { expect } from 'vitest'
import { type ConnectOptions, connectChain } from '../../src/chain/connect'
import type { HeadConfirmation } from '../../src/chain/data-source'
import { createProcessor, type ProcessorOptions } from '../../src/chain/processor'
import { type Devnet, type DevnetOptions, startDevnet } from '../../src/devnet/devnet'
import type { AppError } from '../../src/errors'
import { MemoryDatabase, type MemoryStore } from './memory-database'
import { DEV_CHAIN, readExpected } from './recorded-chain'

/** The recorded chain, block by block. */
export const recorded = readExpected()
/** Of the recorded chain. */
export const hashAt = (height: number, branch = 'canonical') =>
  recorded.find((b) => b.number === height && b.branch === branch)?.hash

const cleanups: (() => unknown)[] = []

/** Ends what a test started, the last first: for `afterEach`. */
export async function endAll(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
}

/** To be ended with the test. */
export function endLater(cleanup: () => unknown): void {
  cleanups.push(cleanup)
}

export async function devnetOf(options: DevnetOptions = {}): Promise<Devnet> {
  const devnet = await startDevnet({ chainDir: DEV_CHAIN, ...options })
  endLater(() => devnet.close())
  return devnet
}

type Run = {
  database: MemoryDatabase
  errors: AppError[]
  confirmations: HeadConfirmation[]
  done: Promise<unknown>
  stop: () => Promise<unknown>
}

export async function follow(
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
  endLater(stop)
  return { database, errors, confirmations, done, stop }
}

export function expectCanonical(database: MemoryDatabase, height: number): void {
  expect(database.blocks.map(({ hash }) => hash)).toEqual(
    Array.from({ length: height + 1 }, (_, i) => hashAt(i)),
  )
}

/** What was indexed is what the blocks held: no block has another's events. */
export function expectTrue(database: MemoryDatabase): void {
  for (const block of database.blocks) {
    const expected = recorded.find(({ hash }) => hash === block.hash)
    expect([block.hash, block.eventCount]).toEqual([expected?.hash, expected?.eventCount])
  }
}
