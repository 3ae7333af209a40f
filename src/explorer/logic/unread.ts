/** Says whether a value of the address is understood. */
type Reader = (value: string) => boolean

/** By the name of a parameter. */
export type Readers = Readonly<Record<string, Reader>>

/** Names of the parameters of an address whose values are not understood. */
export function unreadOf(get: (name: string) => string, readers: Readers): readonly string[] {
  return Object.keys(readers).filter((name) => {
    const value = get(name)
    return value !== '' && readers[name]?.(value) !== true
  })
}

export function among(allowed: readonly string[]): Reader {
  return (value) => allowed.includes(value)
}

export function isTime(value: string): boolean {
  return !Number.isNaN(Date.parse(value))
}

/** A whole number of an address, or undefined. */
export function whole(value: string): number | undefined {
  return /^\d{1,10}$/.test(value) ? Number(value) : undefined
}

export function isWhole(value: string): boolean {
  return whole(value) !== undefined
}
