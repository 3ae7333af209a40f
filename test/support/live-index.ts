/** An index of a test's own, the processors that fill it and the devnet nodes that they ask: all ended with the test. */

import { Client } from 'pg'
import { pino } from 'pino'
import { type Devnet, type DevnetOptions, startDevnet } from '../../src/devnet/devnet'
import { type ProcessorSettings, type RunningProcessor, startProcessor } from '../../src/main'
import { digestOf } from './dump'
import { createTestDatabase, type TestDatabase } from './postgres'
import { until } from './until'

export const chainDir = 'chains/dev'
export const silent = pino({ level: 'silent' })

export function settingsOf(databaseUrl: string, rpcEndpoints: readonly string[]) {
  return {
    databaseUrl,
    rpcEndpoints,
    rpcBatchSize: 100,
    rpcTimeoutSeconds: 5,
    finality: { type: 'NODE' } as const,
  }
}

export class LiveIndex {
  private readonly devnets: Devnet[] = []
  private readonly processors: RunningProcessor[] = []

  private constructor(
    private readonly database: TestDatabase,
    readonly client: Client,
  ) {}

  static async open(): Promise<LiveIndex> {
    const database = await createTestDatabase()
    const client = new Client({ connectionString: database.url })
    await client.connect()
    return new LiveIndex(database, client)
  }

  get databaseUrl(): string {
    return this.database.url
  }

  async node(options: DevnetOptions = { chainDir }): Promise<Devnet> {
    const devnet = await startDevnet(options)
    this.devnets.push(devnet)
    return devnet
  }

  start(...urls: string[]): Promise<RunningProcessor> {
    return this.startWith({}, ...urls)
  }

  async startWith(more: Partial<ProcessorSettings>, ...urls: string[]): Promise<RunningProcessor> {
    const settings = settingsOf(this.databaseUrl, urls)
    const processor = await startProcessor(
      { ...settings, headPollMs: 10, patienceMs: 1_000, ...more },
      silent,
    )
    this.processors.push(processor)
    return processor
  }

  async untilHeight(height: number): Promise<void> {
    await until(
      async () => (await this.status())?.['height'] >= height,
      `block ${height} in the index`,
    )
  }

  /** The row of `index_status`. */
  async status() {
    const { rows } = await this.client.query('select * from index_status')
    return rows[0]
  }

  /** Everything the database holds, the status included. */
  async contents(): Promise<unknown> {
    const chain = await this.client.query('select * from chain_info')
    const digest = await digestOf(this.client)
    return { digest, status: await this.status(), chain: chain.rows }
  }

  async close(): Promise<void> {
    for (const processor of this.processors) await processor.close().catch(() => undefined)
    for (const devnet of this.devnets) await devnet.close()
    await this.client.end()
    await this.database.close()
  }
}
