/** One figure and what it stands beside. */

export type Measurement = {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What the figure is compared with, measured in the same run. */
  readonly reference: string
  readonly referenceValue: number
  readonly ratio: number
}

export type BenchOptions = { readonly quick: boolean }
export type Bench = (options: BenchOptions) => Promise<readonly Measurement[]>

export function measurement(
  name: string,
  value: number,
  unit: string,
  reference: string,
  referenceValue: number,
): Measurement {
  return { name, value, unit, reference, referenceValue, ratio: value / referenceValue }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >>> 1] ?? Number.NaN
}

/** Runs loads in turn (A B A B …), so that a noisy minute hits all of them, and gives the median rate of each. */
export async function inTurn(
  rounds: number,
  loads: readonly (() => Promise<number> | number)[],
): Promise<number[]> {
  const rates: number[][] = loads.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, load] of loads.entries()) rates[index]?.push(await load())
  }
  return rates.map(median)
}

/** Two loads in turn. */
export async function alternate(
  rounds: number,
  a: () => Promise<number> | number,
  b: () => Promise<number> | number,
): Promise<{ a: number; b: number }> {
  const [first = Number.NaN, second = Number.NaN] = await inTurn(rounds, [a, b])
  return { a: first, b: second }
}

/** As `ratePerSecond`, by the CPU time of this process: what else the machine does takes none of it. */
export function ratePerCpuSecond(milliseconds: number, work: () => void): number {
  const started = process.cpuUsage()
  const used = () => {
    const { user, system } = process.cpuUsage(started)
    return (user + system) / 1e6
  }
  let count = 0
  while (used() * 1000 < milliseconds) {
    for (let i = 0; i < 32; i++) work()
    count += 32
  }
  return count / used()
}

/** Calls `work` for about `milliseconds` and returns calls a second. */
export function ratePerSecond(milliseconds: number, work: () => void): number {
  const started = performance.now()
  let count = 0
  while (performance.now() - started < milliseconds) {
    for (let i = 0; i < 8; i++) work()
    count += 8
  }
  return (count * 1000) / (performance.now() - started)
}
