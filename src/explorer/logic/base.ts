/** Where this registry's pages and answers stand, as the address says: nothing, or `/r/{name}` for a further one. */
export function baseOf(pathname: string): string {
  return /^\/r\/[^/]+/.exec(pathname)?.[0] ?? ''
}

export const base = baseOf(globalThis.location?.pathname ?? '')

/** `path` of a page as a whole link, to be copied or printed. */
export function pageUrl(path: string): string {
  return new URL(`${base}${path}`, location.origin).href
}
