/** What operators watch exists: alerts and dashboard name metrics that are rendered. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createMetrics } from '../../../src/ops/metrics'
import { createProcessorMetrics } from '../../../src/ops/processor-metrics'

async function renderedNames(): Promise<ReadonlySet<string>> {
  const metrics = createMetrics(async () => null)
  metrics.observeRequest('graphql', 200, 0.1)
  metrics.observeOperation('query', 'ok', 0.1)
  metrics.observeComplexity(10)
  metrics.countCache('ocsp', 'hit')
  const text = `${await metrics.render()}\n${await createProcessorMetrics().render()}`
  const ofType = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name, type]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [String(name)],
  )
  return new Set(ofType)
}

// Renaming a gauge in `src/ops/metrics.ts` (tried with `lag_blocks`) leaves an alert that never fires: it is named here.
test.each(['ops/alerts.yml', 'ops/grafana/dashboard.json'])(
  '%s names only metrics that the API or the processor renders',
  async (file) => {
    const names = new Set(readFileSync(file, 'utf8').match(/\bauto_registry_[a-z0-9_]+/g))
    // A role of Postgres, not a metric.
    names.delete('auto_registry_reader')
    expect(names.size).toBeGreaterThan(5)
    const rendered = await renderedNames()
    expect([...names].filter((name) => !rendered.has(name))).toEqual([])
  },
)

// Without `USER node` the processes run as root.
test('the image runs as another user than root', () => {
  const users = readFileSync('Dockerfile', 'utf8').match(/^USER .+$/gm)
  expect(users?.at(-1)).toMatch(/^USER (?!root\b|0\b)\S+$/)
})
