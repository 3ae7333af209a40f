import type { SearchKind, SearchQuery } from '../gql/graphql'

/** A search result and the page it leads to. */
export type Hit = {
  readonly kind: SearchKind
  readonly title: string
  /** What the text was found to be, such as `serial`. */
  readonly note: string
  readonly path: string
}

/** Paths come from the service and are used as links: only paths of this page are followed. */
export function hitOf(hit: SearchQuery['search'][number]): Hit[] {
  if (!hit.path.startsWith('/') || hit.path.startsWith('//')) return []
  return [{ kind: hit.kind, title: hit.label, note: hit.matched, path: hit.path }]
}
