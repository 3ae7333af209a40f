/**
 * `npm run bench -- [--json FILE] [--quick] [--against FILE] [NAME…]`: every figure beside a reference measured in the
 * same run, because machines are noisy and only ratios last. A name is a family's, a bench's or a figure's.
 * `--quick` takes smaller loads (CI); `--against` compares ratios with those of an earlier `--json`, runs just its
 * benches unless others are named, and fails where one fell below half, twice.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { fallen } from './baseline'
import { type Entry, pickMeasurements, selectBenches } from './catalogue'
import type { Bench, Measurement } from './measurement'

/** Each file exports `benches`; loaded only when one of its names is asked for. */
const families: Record<Entry['family'], () => Promise<{ benches: Record<string, Bench> }>> = {
  path: () => import('./path-bench.js'),
  ingest: async () => {
    const [reading, whole] = [await import('./ingest-bench.js'), await import('./index-bench.js')]
    return { benches: { ...reading.benches, ...whole.benches } }
  },
  verify: async () => {
    const [verdicts, answers] = [
      await import('./verify-bench.js'),
      await import('./answers-bench.js'),
    ]
    return { benches: { ...verdicts.benches, ...answers.benches } }
  },
  ocsp: () => import('./ocsp-bench.js'),
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      json: { type: 'string' },
      against: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const baseline = values.against === undefined ? [] : readBaseline(values.against)
  const names = positionals.length > 0 ? positionals : baseline.map(({ name }) => name)
  const entries = selectBenches(names)
  console.log(
    `${cpus()[0]?.model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
  )
  const results: Measurement[] = []
  for (const entry of entries) {
    const measured = await measure(entry, names, values.quick)
    // Once may be a bad minute of the machine.
    const isWorse = fallen(measured, baseline).length > 0
    results.push(
      ...(isWorse ? better(measured, await measure(entry, names, values.quick)) : measured),
    )
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`)
  report(fallen(results, baseline), baseline)
}

function readBaseline(file: string): readonly Measurement[] {
  return JSON.parse(readFileSync(file, 'utf8')) as readonly Measurement[]
}

async function measure(
  entry: Entry,
  names: readonly string[],
  quick: boolean,
): Promise<readonly Measurement[]> {
  const bench = (await families[entry.family]()).benches[entry.bench]
  if (bench === undefined) throw new Error(`${entry.bench} is catalogued, but nobody measures it`)
  const measured = pickMeasurements(entry, names, await bench({ quick }))
  for (const each of measured) console.log(describe(each))
  return measured
}

function better(
  first: readonly Measurement[],
  second: readonly Measurement[],
): readonly Measurement[] {
  return first.map((one) => {
    const other = second.find(({ name }) => name === one.name)
    return other !== undefined && other.ratio > one.ratio ? other : one
  })
}

function report(worse: readonly Measurement[], baseline: readonly Measurement[]): void {
  for (const { name, ratio } of worse) {
    const before = baseline.find((each) => each.name === name)
    console.error(`${name}: ratio ${ratio.toFixed(2)} is below half of ${before?.ratio.toFixed(2)}`)
  }
  if (worse.length > 0) process.exitCode = 1
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
