/** Runs cases from a seed on, the targets in turn, and watches time and memory. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { seededRandom } from '../../src/devnet/maker/random'
import type { Target } from './target'

export type FuzzReport = {
  readonly failures: readonly string[]
  /** Cases by target, and how many of them were taken rather than refused. */
  readonly cases: Readonly<Record<string, { ran: number; taken: number; slowestMs: number }>>
  /** What stays after collection, from a quarter of the cases on: by then every memory of ours is in use. */
  readonly heapGrowthMiB: number
}

/** A single case over this is a fault, whatever else the machine does. */
const MAX_CASE_MS = 10_000

/** Caches fill, the JIT's feedback grows; a leak of a KiB a case is found in a long run. */
const MAX_HEAP_GROWTH_MIB = 64

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heapMiB(): number {
  collect()
  return process.memoryUsage().heapUsed / 2 ** 20
}

export async function fuzz(
  targets: readonly Target[],
  seed: number,
  count: number,
  onProgress: (done: number) => void = () => undefined,
): Promise<FuzzReport> {
  const failures: string[] = []
  const cases = Object.fromEntries(
    targets.map(({ name }) => [name, { ran: 0, taken: 0, slowestMs: 0 }]),
  )
  let warm = heapMiB()
  for (let i = 0; i < count; i++) {
    const target = targets[i % targets.length]
    const figures = target === undefined ? undefined : cases[target.name]
    if (target === undefined || figures === undefined) break
    const began = performance.now()
    try {
      if (await target.run(seededRandom(seed + i))) figures.taken += 1
    } catch (error) {
      const said = error instanceof Error ? (error.stack ?? error.message) : String(error)
      failures.push(`${target.name}, seed ${seed + i}: ${said.slice(0, 1_500)}`)
    }
    const ms = performance.now() - began
    figures.ran += 1
    figures.slowestMs = Math.max(figures.slowestMs, Math.round(ms))
    if (ms > MAX_CASE_MS) failures.push(`${target.name}, seed ${seed + i}: ${Math.round(ms)} ms`)
    if (failures.length >= 20) break
    if (i + 1 === Math.floor(count / 4)) warm = heapMiB()
    if ((i + 1) % 50_000 === 0) onProgress(i + 1)
  }
  const heapGrowthMiB = Math.round(heapMiB() - warm)
  if (heapGrowthMiB > MAX_HEAP_GROWTH_MIB) {
    failures.push(`the heap grew by ${heapGrowthMiB} MiB after a quarter of ${count} cases`)
  }
  return { failures, cases, heapGrowthMiB }
}
