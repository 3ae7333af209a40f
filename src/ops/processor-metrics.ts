/** Prometheus metrics of the processor: what it committed, from which a scrape reckons its rate. */

import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'

export type CommittedBatch = {
  readonly blocks: number
  /** New rows: registrations and renewals. */
  readonly certificates: number
  /** From begin to commit, repetitions included. */
  readonly seconds: number
}

export type ProcessorMetrics = {
  readonly contentType: string
  readonly render: () => Promise<string>
  readonly observeBatch: (batch: CommittedBatch) => void
}

const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

export function createProcessorMetrics(): ProcessorMetrics {
  const registry = new Registry()
  const prefix = 'auto_registry_processor_'
  collectDefaultMetrics({ register: registry, prefix })
  const counter = (name: string, help: string) =>
    new Counter({ name: `${prefix}${name}`, help, registers: [registry] })
  const blocks = counter('blocks_total', 'Blocks committed, again after a reorganisation')
  const certificates = counter('certificates_total', 'Certificates committed with them')
  const batches = new Histogram({
    name: `${prefix}batch_seconds`,
    help: 'Batches, from begin to commit',
    buckets: SECONDS,
    registers: [registry],
  })
  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    observeBatch: (batch) => {
      blocks.inc(batch.blocks)
      certificates.inc(batch.certificates)
      batches.observe(batch.seconds)
    },
  }
}
