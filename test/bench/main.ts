/**
 * `npm run bench -- [--json FILE] [--quick] [NAME…]`: every figure beside a reference measured in the same run, because
 * machines are noisy and only ratios last. `--quick` takes smaller loads (CI).
 */

import { writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import type { Bench, Measurement } from './measurement'

/** Each file exports `benches`; loaded only when one of its names is asked for. */
const families: Record<string, () => Promise<{ benches: Record<string, Bench> }>> = {
  path: async () => {
    const { benchPaths } = await import('./path-bench.js')
    return { benches: { 'path.validate': ({ quick }) => benchPaths(quick ? 300 : 1_000) } }
  },
  ingest: async () => {
    const [reading, whole] = [await import('./ingest-bench.js'), await import('./index-bench.js')]
    return { benches: { ...reading.benches, ...whole.benches } }
  },
  verify: () => import('./verify-bench.js'),
  ocsp: () => import('./ocsp-bench.js'),
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'string' }, quick: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const results: Measurement[] = []
  console.log(
    `${cpus()[0]?.model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
  )
  for (const [family, load] of Object.entries(families)) {
    const wanted = positionals.filter((name) => name === family || name.startsWith(`${family}.`))
    if (positionals.length > 0 && wanted.length === 0) continue
    const { benches } = await load()
    for (const [name, bench] of Object.entries(benches)) {
      if (wanted.length > 0 && !wanted.includes(name) && !wanted.includes(family)) continue
      for (const measurement of await bench({ quick: values.quick })) {
        results.push(measurement)
        console.log(describe(measurement))
      }
    }
  }
  if (results.length === 0) throw new Error(`no benchmark is called ${positionals.join(', ')}`)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`)
}

function describe(m: Measurement): string {
  const figure = `${m.name.padEnd(28)} ${format(m.value).padStart(10)} ${m.unit}`
  return `${figure.padEnd(56)} ${m.reference}: ${format(m.referenceValue)} · ratio ${m.ratio.toFixed(2)}`
}

function format(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
}

main().catch((error: Error) => {
  console.error(error.stack)
  process.exitCode = 1
})
