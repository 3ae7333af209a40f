/** Ratios of this run beside those of a committed one: the figures themselves belong to a machine, ratios do not. */

import type { Measurement } from './measurement'

/** Shared machines halve a ratio by themselves only in a very bad minute; less than that says nothing. */
const WORST_SHARE = 0.5

/** Of times and sizes a fall is no loss, and floors are the machine's own. */
function isOurRate({ name, unit }: Measurement): boolean {
  return /\/(CPU )?s$/.test(unit) && !name.includes('.floor')
}

/** The rates whose ratio fell below half of the baseline's. Of those the baseline does not have nothing is said. */
export function fallen(
  measured: readonly Measurement[],
  baseline: readonly Measurement[],
): readonly Measurement[] {
  return measured.filter((figure) => {
    const before = baseline.find(({ name }) => name === figure.name)
    if (before === undefined || !isOurRate(figure)) return false
    return !(figure.ratio >= before.ratio * WORST_SHARE)
  })
}
