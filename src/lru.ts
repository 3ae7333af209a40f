/** Told of each look-up in a cache of that name. */
export type CountCache = (cache: string, result: 'hit' | 'miss') => void

/** A map that forgets what was used least recently. */
export class Lru<K, V> {
  private readonly entries = new Map<K, V>()

  constructor(
    private readonly limit: number,
    private readonly onEvict: (value: V) => void = () => undefined,
  ) {}

  get(key: K): V | undefined {
    const value = this.entries.get(key)
    if (value === undefined) return undefined
    this.entries.delete(key)
    this.entries.set(key, value)
    return value
  }

  set(key: K, value: V): void {
    const replaced = this.entries.get(key)
    if (replaced !== undefined) this.drop(key, replaced)
    this.entries.set(key, value)
    if (this.entries.size <= this.limit) return
    const oldest = this.entries.entries().next()
    if (!oldest.done) this.drop(...oldest.value)
  }

  clear(): void {
    for (const [key, value] of this.entries) this.drop(key, value)
  }

  private drop(key: K, value: V): void {
    this.entries.delete(key)
    this.onEvict(value)
  }
}
