/** Prometheus metrics of the API process. Figures about the index are read when somebody scrapes. */

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { CountCache } from '../lru'

/** What a scrape shows of the index; null where nothing is known yet. */
export type IndexFigures = {
  readonly height: number
  readonly finalizedHeight: number
  readonly nodeHeight: number | null
  /** Seconds since the node last confirmed our head. */
  readonly confirmedSecondsAgo: number | null
  readonly reorgCount: number
  readonly deepestReorg: number
  readonly hasError: boolean
  readonly audit: {
    readonly block: number
    readonly checked: number
    readonly differences: number
    readonly secondsAgo: number
  } | null
  /** The last attempt, when it failed. */
  readonly auditFailure: { readonly secondsAgo: number } | null
}

export type Metrics = {
  readonly contentType: string
  /** The text exposition; reads the index's figures first. A failing read sets `auto_registry_up` to 0. */
  readonly render: () => Promise<string>
  readonly observeRequest: (route: string, status: number, seconds: number) => void
  readonly observeOperation: (operation: string, outcome: 'ok' | 'error', seconds: number) => void
  readonly observeComplexity: (complexity: number) => void
  readonly countCache: CountCache
}

const SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export function createMetrics(readFigures: () => Promise<IndexFigures | null>): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'auto_registry_' })
  const refresh = indexGauges(registry)
  const requests = histogram(registry, 'http_request_seconds', 'HTTP answers', ['route', 'status'])
  const operations = histogram(registry, 'graphql_operation_seconds', 'GraphQL operations', [
    'operation',
    'outcome',
  ])
  const complexity = new Histogram({
    name: 'auto_registry_graphql_complexity',
    help: 'Price of GraphQL operations before they run',
    buckets: [10, 50, 100, 500, 1000, 2500, 5000, 10000],
    registers: [registry],
  })
  const caches = new Counter({
    name: 'auto_registry_cache_total',
    help: 'Look-ups in caches',
    labelNames: ['cache', 'result'],
    registers: [registry],
  })
  return {
    contentType: registry.contentType,
    render: async () => {
      refresh(await readFigures().catch(() => null))
      return registry.metrics()
    },
    observeRequest: (route, status, seconds) =>
      requests.observe({ route, status: String(status) }, seconds),
    observeOperation: (operation, outcome, seconds) =>
      operations.observe({ operation, outcome }, seconds),
    observeComplexity: (price) => complexity.observe(price),
    countCache: (cache, result) => caches.inc({ cache, result }),
  }
}

function histogram<T extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: T[],
): Histogram<T> {
  const options = { name: `auto_registry_${name}`, help, labelNames, buckets: SECONDS }
  return new Histogram({ ...options, registers: [registry] })
}

function indexGauges(registry: Registry): (figures: IndexFigures | null) => void {
  const gauge = (name: string, help: string) =>
    new Gauge({ name: `auto_registry_${name}`, help, registers: [registry] })
  const up = gauge('up', '1 when the index could be read')
  const rows: [Gauge, (figures: IndexFigures) => number | null | undefined][] = [
    [gauge('head_height', 'Highest indexed block'), (f) => f.height],
    [gauge('finalized_height', 'Highest block known final'), (f) => f.finalizedHeight],
    [gauge('node_height', "The node's best block"), (f) => f.nodeHeight],
    [gauge('lag_blocks', 'Blocks behind the node'), (f) => f.nodeHeight && f.nodeHeight - f.height],
    [gauge('finality_lag_blocks', 'Blocks not final yet'), (f) => f.height - f.finalizedHeight],
    [gauge('head_age_seconds', 'Since the head was confirmed'), (f) => f.confirmedSecondsAgo],
    [gauge('reorgs_total', 'Reorganisations followed'), (f) => f.reorgCount],
    [gauge('deepest_reorg_blocks', 'Deepest reorganisation'), (f) => f.deepestReorg],
    [gauge('ingestion_failing', '1 while an error is retried'), (f) => (f.hasError ? 1 : 0)],
    [gauge('audit_block', 'Block of the last audit'), (f) => f.audit?.block],
    [gauge('audit_checked', 'Entries of the last audit'), (f) => f.audit?.checked],
    [gauge('audit_differences', 'Differences it found'), (f) => f.audit?.differences],
    [gauge('audit_age_seconds', 'Since the last audit'), (f) => f.audit?.secondsAgo],
    [gauge('audit_failing', '1 while the last attempt of an audit failed'), isAuditFailing],
    [gauge('audit_failure_age_seconds', 'Since that attempt'), (f) => f.auditFailure?.secondsAgo],
  ]
  return (figures) => {
    up.set(figures ? 1 : 0)
    for (const [row, read] of rows) {
      const value = figures && read(figures)
      // A gauge of prom-client begins at 0, and 0 differences or seconds would be good news.
      if (value == null) row.remove()
      else row.set(value)
    }
  }
}

function isAuditFailing({ audit, auditFailure }: IndexFigures): number | null {
  if (auditFailure !== null) return 1
  return audit === null ? null : 0
}
