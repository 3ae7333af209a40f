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

/** Runs two loads in turn (A B A B …) and gives the median rate a second of each. */
export async function alternate(
  rounds: number,
  a: () => Promise<number> | number,
  b: () => Promise<number> | number,
): Promise<{ a: number; b: number }> {
  const rates: { a: number[]; b: number[] } = { a: [], b: [] }
  for (let round = 0; round < rounds; round++) {
    rates.a.push(await a())
    rates.b.push(await b())
  }
  return { a: median(rates.a), b: median(rates.b) }
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
