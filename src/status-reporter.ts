/** The processor's word on the node, written at most once a second and never in the way of a batch. */

import type { Pool } from 'pg'
import type { HeadConfirmation } from './chain/data-source'
import type { AppError } from './errors'
import type { Logger } from './log'
import { recordConfirmation, recordFailure } from './store/status'

const intervalMs = 1_000

export class StatusReporter {
  private pending: (() => Promise<void>) | null = null
  private timer: NodeJS.Timeout | null = null
  private writing: Promise<void> = Promise.resolve()
  private lastWriteMs = 0
  private mayWrite = false

  constructor(
    private readonly pool: Pool,
    private readonly log: Logger,
  ) {}

  /** The database has been found to be this chain's: until then nothing is written. */
  start(): void {
    this.mayWrite = true
  }

  confirmed({ hash, nodeHeight, nodeHash, at }: HeadConfirmation): void {
    const confirmation = { hash, nodeHeight, nodeHash, at: new Date(at) }
    this.schedule(() => recordConfirmation(this.pool, confirmation))
  }

  failed(error: AppError): void {
    this.log.warn({ code: error.code, ...error.facts }, error.message)
    const at = new Date()
    this.schedule(() => recordFailure(this.pool, error.message, at))
  }

  /** Writes what is still to be written. */
  async close(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer)
    this.flush()
    await this.writing
  }

  /** Only the newest counts. */
  private schedule(write: () => Promise<void>): void {
    if (!this.mayWrite) return
    this.pending = write
    if (this.timer !== null) return
    const waitMs = Math.max(0, this.lastWriteMs + intervalMs - Date.now())
    this.timer = setTimeout(() => this.flush(), waitMs)
  }

  private flush(): void {
    this.timer = null
    const write = this.pending
    this.pending = null
    if (write === null) return
    this.lastWriteMs = Date.now()
    this.writing = this.writing
      .then(write)
      .catch((error: unknown) => this.log.warn({ error: String(error) }, 'no status was written'))
  }
}
