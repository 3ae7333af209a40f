/**
 * Maps block heights to 0–1000 across a picture. Lives of identities are bursts of events with long
 * pauses between, so distances between moments of interest are compressed to their logarithm.
 */
export function makeScale(moments: readonly number[], first: number, last: number) {
  const stops = [...new Set([first, ...moments, last])]
    .filter((height) => height >= first && height <= last)
    .sort((a, b) => a - b)
  const positions = place(stops)
  const toX = (height: number) => interpolate(stops, positions, height)
  const toHeight = (x: number) => Math.round(interpolate(positions, stops, x))
  return { toX, toHeight }
}

function place(stops: readonly number[]): number[] {
  const lengths = stops.map((stop, at) =>
    at === 0 ? 0 : Math.log2(2 * (1 + stop - (stops[at - 1] ?? stop))),
  )
  const total = lengths.reduce((sum, length) => sum + length, 0)
  let sum = 0
  return lengths.map((length) => {
    sum += length
    return total === 0 ? 0 : (sum / total) * 1000
  })
}

function interpolate(from: readonly number[], to: readonly number[], value: number): number {
  const next = from.findIndex((each) => each >= value)
  if (next === -1) return to.at(-1) ?? 0
  if (next === 0) return to[0] ?? 0
  const [a, b] = [from[next - 1] ?? 0, from[next] ?? 0]
  const [x, y] = [to[next - 1] ?? 0, to[next] ?? 0]
  return b === a ? y : x + ((value - a) / (b - a)) * (y - x)
}

type Block = { readonly height: number }

type LifeParts<Certificate, Registration> = {
  readonly registrations: readonly (Registration & {
    readonly registeredAt: Block
    readonly deactivatedAt?: Block | null | undefined
    readonly certificates: readonly (Certificate & { readonly inForceFrom: Block })[]
  })[]
}

/** The registrations as they were at the block `height`; undefined: as they are. */
export function registrationsUntil<Certificate, Registration>(
  life: LifeParts<Certificate, Registration>,
  height = Number.POSITIVE_INFINITY,
) {
  const hadHappened = (block: Block) => block.height <= height
  return life.registrations
    .filter(({ registeredAt }) => hadHappened(registeredAt))
    .map((registration) => {
      const { deactivatedAt } = registration
      const isOver = deactivatedAt != null && hadHappened(deactivatedAt)
      return {
        ...registration,
        deactivatedAt: isOver ? deactivatedAt : null,
        certificates: registration.certificates.filter((each) => hadHappened(each.inForceFrom)),
      }
    })
}
