/** Figures that cost a scan are computed once for each head, whoever asks. */

export type OncePerHead = <T>(
  headHash: string,
  name: string,
  compute: () => Promise<T>,
) => Promise<T>

/** Distinct questions kept for a head. */
const MAX_KEPT = 200

export function createOncePerHead(count: (result: 'hit' | 'miss') => void = () => {}): OncePerHead {
  let current = ''
  let kept = new Map<string, Promise<unknown>>()
  return <T>(headHash: string, name: string, compute: () => Promise<T>): Promise<T> => {
    if (headHash !== current || kept.size >= MAX_KEPT) {
      current = headHash
      kept = new Map()
    }
    const known = kept.get(name)
    count(known === undefined ? 'miss' : 'hit')
    if (known !== undefined) return known as Promise<T>
    const cache = kept
    const computed = compute()
    cache.set(name, computed)
    // A failure belongs to the one who asked, not to those who come later.
    computed.catch(() => cache.delete(name))
    return computed
  }
}
