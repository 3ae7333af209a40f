/** The first questions to a node: which chain it serves, and whether this index can read it. */

import type { Hex } from '../bytes'
import { AppError } from '../errors'
import { checkAutoIdPallet } from './auto-id-pallet'
import type { Endpoint } from './endpoint'
import { EndpointPool } from './endpoint-pool'
import { hash32 } from './node-block'
import { Runtimes } from './runtimes'

export type ConnectOptions = {
  /** ws, wss, http or https URLs, tried in turn. */
  readonly endpoints: readonly string[]
  /** Most calls in one JSON-RPC batch; 1: no batches. Default 100. */
  readonly batchSize?: number
  /** Default 30 s. */
  readonly timeoutMs?: number
  /** How long to wait for a first answer. Default 10 s. */
  readonly patienceMs?: number
  /** Told of every failed call that is tried again, and of a node that lags. */
  readonly onError?: (error: AppError) => void
}

export type ConnectedChain = {
  readonly genesisHash: Hex
  readonly specName: string
  readonly ss58Prefix: number
  readonly tokenSymbol: string
  readonly tokenDecimals: number
  readonly pool: EndpointPool
  readonly runtimes: Runtimes
  readonly onError: (error: AppError) => void
  readonly close: () => void
}

/**
 * @throws {AppError} UNAVAILABLE when no endpoint answers in time; WRONG_CHAIN when the chain has no AutoId pallet of the
 *   known shape, or the endpoints serve different chains; BAD_USER_INPUT when the node refuses the batch size
 */
export async function connectChain(options: ConnectOptions): Promise<ConnectedChain> {
  const onError = options.onError ?? (() => {})
  let lastSaid = ''
  const patienceMs = options.patienceMs ?? 10_000
  const pool = new EndpointPool({
    urls: options.endpoints,
    batchSize: options.batchSize ?? 100,
    timeoutMs: Math.min(options.timeoutMs ?? 30_000, MAX_TIMER_MS),
    onError: (error) => {
      lastSaid = error.message
      onError(error)
    },
  })
  const runtimes = new Runtimes()
  const until = Date.now() + patienceMs
  try {
    const genesisHash = await withDeadline(pool.learnGenesis(patienceMs), patienceMs, () => {
      const what = `No node answered within ${patienceMs} ms at ${options.endpoints.join(', ')}`
      return lastSaid === '' ? `${what}.` : `${what}: ${lastSaid}`
    })
    const facts = await pool.run(
      (endpoint) => readFacts(endpoint, runtimes),
      () => Date.now() < until,
    )
    return { genesisHash, ...facts, pool, runtimes, onError, close: () => pool.close() }
  } catch (error) {
    pool.close()
    throw error
  }
}

const MAX_TIMER_MS = 600_000

async function readFacts(endpoint: Endpoint, runtimes: Runtimes) {
  const best = hash32(await endpoint.call<unknown>('chain_getHead'))
  const runtime = await runtimes.at(endpoint, best)
  const problem = checkAutoIdPallet(runtime)
  if (problem !== null) throw runtime.unknownShape(problem)
  const prefix = runtime.constant('System', 'SS58Prefix')
  const properties = await endpoint.call<Record<string, unknown> | null>('system_properties')
  return {
    specName: runtime.specName,
    ss58Prefix: typeof prefix === 'number' ? prefix : 42,
    tokenSymbol: firstOf(properties?.['tokenSymbol'], 'AI3'),
    tokenDecimals: firstOf(properties?.['tokenDecimals'], 18),
  }
}

/** Properties may be given one by one or as lists, one a token. */
function firstOf<T>(value: unknown, otherwise: T): T {
  const first: unknown = Array.isArray(value) ? value[0] : value
  return typeof first === typeof otherwise ? (first as T) : otherwise
}

/** A WebSocket that neither opens nor fails leaves the first call waiting for the whole of its time-out. */
async function withDeadline<T>(
  answer: Promise<T>,
  patienceMs: number,
  explain: () => string,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new AppError('UNAVAILABLE', explain())), patienceMs + 1_000)
  })
  answer.catch(() => {})
  try {
    return await Promise.race([answer, deadline])
  } finally {
    clearTimeout(timer)
  }
}
