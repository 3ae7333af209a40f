/** A processor under supervision, and waiting until it has caught up with a node. */

import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { pino } from 'pino'
import type { Devnet } from '../../src/devnet/devnet'
import { type RunningProcessor, startProcessor } from '../../src/main'

const silent = pino({ level: 'silent' })

export type Endpoints = { readonly databaseUrl: string; readonly nodeUrl: string }

/** Starts the processor again when it ends by an error, as whoever runs it would. */
export class Supervised {
  private processor: RunningProcessor | null = null
  private isClosing = false
  private loop: Promise<void> = Promise.resolve()
  restarts = 0
  /** Ends by an error, starts that were refused included. */
  failures: unknown[] = []

  constructor(private readonly endpoints: Endpoints) {}

  start(): void {
    this.isClosing = false
    this.loop = this.run()
  }

  private async run(): Promise<void> {
    while (!this.isClosing) {
      try {
        this.processor = await startProcessor(settingsOf(this.endpoints), silent)
        if (this.isClosing) await this.processor.close()
        else await this.processor.ended
      } catch (error) {
        this.failures.push(error)
        if (!this.isClosing) await sleep(50)
      }
    }
  }

  /** Resolves after the batch under way. */
  async stop(): Promise<void> {
    this.isClosing = true
    await this.processor?.close().catch(() => undefined)
    await this.loop
    this.processor = null
  }

  async restart(): Promise<void> {
    this.restarts += 1
    await this.stop()
    this.start()
  }
}

function settingsOf({ databaseUrl, nodeUrl }: Endpoints) {
  return {
    databaseUrl,
    rpcEndpoints: [nodeUrl],
    rpcBatchSize: 100,
    rpcTimeoutSeconds: 2,
    finality: { type: 'NODE' } as const,
    headPollMs: 50,
    patienceMs: 30_000,
  }
}

type Position = { hash: string; finalized_hash: string }

/** Until the index stands at the node's best block and knows its final one, or the waiting is given up. */
export async function untilInStep(
  databaseUrl: string,
  devnet: Devnet,
  timeoutMs: number,
  failures: () => readonly unknown[] = () => [],
  givenUp?: AbortSignal,
): Promise<void> {
  const client = new Client({ connectionString: databaseUrl, application_name: 'chaos' })
  await client.connect()
  const deadline = Date.now() + timeoutMs
  try {
    while (givenUp?.aborted !== true) {
      const { rows } = await client.query<Position>('select hash, finalized_hash from index_status')
      const { hash, finalized_hash } = rows[0] ?? { hash: '', finalized_hash: '' }
      const [head, final] = [devnet.head(), devnet.finalized()]
      if (hash === head.hash && finalized_hash === final.hash) return
      if (Date.now() > deadline) {
        const last = failures().at(-1)
        throw new Error(
          `not in step after ${timeoutMs} ms: at ${hash}, final ${finalized_hash}; the node is at ${head.height} ${head.hash}, final ${final.hash}; last failure: ${String(last)}`,
        )
      }
      await sleep(15)
    }
  } finally {
    await client.end()
  }
}
