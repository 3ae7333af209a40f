/** Several endpoints of one chain, tried in turn: work goes on with the one that last served it. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Hex } from '../bytes'
import { AppError } from '../errors'
import { Endpoint } from './endpoint'

export type PoolOptions = {
  readonly urls: readonly string[]
  readonly batchSize: number
  readonly timeoutMs: number
  /** Told of every failed try, before it is repeated. */
  readonly onError: (error: AppError) => void
}

type Member = {
  readonly endpoint: Endpoint
  /** The check of its chain and batches, once begun. */
  checked: Promise<void> | null
  /** Why it can never serve; null while it may. */
  excluded: AppError | null
}

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 10_000
/** All probes together end before a start gives up, which would not say why. */
const PROBE_TIMEOUT_MS = 3_000
/** A batch that is lost once says nothing; a node that refuses batches answers none. */
const MAX_PROBES = 3

export class EndpointPool {
  private readonly members: Member[]
  private readonly stopping = new AbortController()
  private current = 0
  private genesis: Hex | null = null

  constructor(private readonly options: PoolOptions) {
    this.members = options.urls.map((url) => ({
      endpoint: new Endpoint({ url, batchSize: options.batchSize, timeoutMs: options.timeoutMs }),
      checked: null,
      excluded: null,
    }))
  }

  get isStopped(): boolean {
    return this.stopping.signal.aborted
  }

  /** Calls back on new best heads of any endpoint that announces them, until the returned function is called. */
  onNewHead(notify: () => void): () => void {
    const stops = this.members.map(({ endpoint }) => endpoint.onNewHead(notify))
    return () => {
      for (const stop of stops) stop()
    }
  }

  close(): void {
    this.stopping.abort()
    for (const { endpoint } of this.members) endpoint.close()
  }

  /**
   * The chain's genesis hash, learned once from the first endpoint that answers; endpoints of another chain are excluded.
   *
   * @throws {AppError} after `patienceMs` without an answer, or when no endpoint can serve
   */
  async learnGenesis(patienceMs: number): Promise<Hex> {
    const until = Date.now() + patienceMs
    return this.run(
      async (endpoint) => endpoint.call<Hex>('chain_getBlockHash', [0]),
      () => Date.now() < until,
    ).then(() => {
      if (this.genesis === null) throw new TypeError('an endpoint served without being checked')
      return this.genesis
    })
  }

  /**
   * Does a piece of work with one endpoint, and again with the next one when it fails; after all have failed, pauses
   * longer and longer. The work must check what it is given: throwing INCONSISTENT_NODE moves on to the next endpoint.
   *
   * @param work told how often it was begun, from 1
   * @param mayRetry asked after every round of failures; default: always
   * @throws {AppError} when no endpoint may ever serve, when `mayRetry` says no, or after `close`
   */
  async run<T>(
    work: (endpoint: Endpoint, attempt: number) => Promise<T>,
    mayRetry: () => boolean = () => true,
  ): Promise<T> {
    let pauseMs = FIRST_PAUSE_MS
    for (let failures = 1; ; failures++) {
      const member = this.pick()
      try {
        await this.check(member)
        return await work(member.endpoint, failures)
      } catch (error) {
        if (this.isStopped) throw stopped()
        if (!(error instanceof AppError)) throw error
        this.options.onError(error)
        if (!mayServeLater(error)) member.excluded = error
        this.moveOn(member)
        const hasTriedAll = failures % this.members.length === 0
        if (hasTriedAll && !mayRetry()) throw error
        if (hasTriedAll && this.members.some(({ excluded }) => excluded === null)) {
          await this.pause(pauseMs)
          pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
        }
      }
    }
  }

  /** Most calls an endpoint takes in one batch. */
  get batchSize(): number {
    return this.options.batchSize
  }

  /**
   * Goes on with the endpoint whose best block is the highest, when it is more than `tolerance` above what is known.
   * Endpoints that do not answer are passed over.
   */
  async preferAhead(knownHeight: number, tolerance: number): Promise<void> {
    if (this.members.length === 1) return
    let best = knownHeight + tolerance
    await Promise.all(
      this.members.map(async (member, position) => {
        if (member.excluded !== null) return
        try {
          const header = await member.endpoint.call<{ number: string }>('chain_getHeader')
          const height = Number(header.number)
          if (height <= best) return
          await this.check(member)
          best = height
          this.current = position
        } catch {
          // It may answer the next time.
        }
      }),
    )
  }

  /** @param wake ends the pause early when aborted */
  async pause(ms: number, wake?: AbortSignal): Promise<void> {
    const { signal } = this.stopping
    const until = wake === undefined ? signal : AbortSignal.any([signal, wake])
    await sleep(ms, undefined, { signal: until }).catch(() => {})
    if (this.isStopped) throw stopped()
  }

  private pick(): Member {
    for (let i = 0; i < this.members.length; i++) {
      const position = (this.current + i) % this.members.length
      const member = this.members[position]
      if (member !== undefined && member.excluded === null) {
        this.current = position
        return member
      }
    }
    const reason = this.members.find(({ excluded }) => excluded !== null)?.excluded
    throw (
      reason ?? new AppError('BAD_USER_INPUT', 'No RPC endpoint is configured: set RPC_ENDPOINT.')
    )
  }

  private moveOn(from: Member): void {
    if (this.members[this.current] === from) {
      this.current = (this.current + 1) % this.members.length
    }
  }

  private async check(member: Member): Promise<void> {
    member.checked ??= this.checkEndpoint(member.endpoint)
    try {
      await member.checked
    } catch (error) {
      member.checked = null
      throw error
    }
  }

  private async checkEndpoint(endpoint: Endpoint): Promise<void> {
    const genesis = await endpoint.call<unknown>('chain_getBlockHash', [0])
    if (typeof genesis !== 'string' || !/^0x[0-9a-f]{64}$/.test(genesis)) {
      throw new AppError('WRONG_CHAIN', `${endpoint.host} is no Substrate node: it has no block 0.`)
    }
    if (this.genesis !== null && this.genesis !== genesis) {
      throw new AppError(
        'WRONG_CHAIN',
        `${endpoint.host} serves another chain: its genesis is ${genesis}, not ${this.genesis}.`,
        { host: endpoint.host, genesis, expected: this.genesis },
      )
    }
    await this.checkBatches(endpoint)
    this.genesis = genesis
  }

  /** Over WebSocket a refused batch is never answered: only a probe tells that from a slow node. */
  private async checkBatches(endpoint: Endpoint): Promise<void> {
    const { batchSize } = this.options
    if (batchSize === 1) return
    const probe = Array.from({ length: batchSize }, () => ({
      method: 'chain_getBlockHash',
      params: [0],
    }))
    for (let attempt = 1; ; attempt++) {
      try {
        await endpoint.callMany(probe, PROBE_TIMEOUT_MS)
        return
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'UNAVAILABLE') throw error
        // The single call before was answered; one more tells whether the node still is there.
        await endpoint.call('chain_getBlockHash', [0])
        if (attempt === MAX_PROBES) throw endpoint.batchRefused(batchSize, error)
      }
    }
  }
}

/** An unreachable, lagging or lying node may be mended; another chain, a bad setting or pruned state is not by waiting. */
function mayServeLater(error: AppError): boolean {
  return error.code === 'INCONSISTENT_NODE' || (error.code === 'UNAVAILABLE' && error.retryable)
}

function stopped(): AppError {
  return new AppError('UNAVAILABLE', 'The processor is stopping.', {}, { retryable: false })
}
