/** `value` when it is one of `allowed`: what stands in an address is anybody's text. */
export function oneOf<T extends string>(value: string, allowed: readonly T[]): T | undefined {
  return allowed.find((each) => each === value)
}
