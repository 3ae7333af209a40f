import type { SearchKind, SearchQuery } from '../gql/graphql'
import { maybeText, t } from '../text/text'
import { shortHex } from './format'

/** A search result and the page it leads to. */
export type Hit = {
  readonly kind: SearchKind
  readonly title: string
  /** What the text was found to be, such as its serial number. */
  readonly note: string
  readonly path: string
}

type Answer = SearchQuery['search'][number]

/** Paths come from the service and are used as links: only paths of this page are followed. */
export function hitOf(hit: Answer): Hit[] {
  if (!hit.path.startsWith('/') || hit.path.startsWith('//')) return []
  const note = maybeText(`matched.${hit.matched}`) ?? hit.matched
  return [{ kind: hit.kind, title: titleOf(hit), note, path: hit.path }]
}

/** Names are the registry's; the words around numbers are the catalogue's, not the service's. */
function titleOf({ kind, label, path, certificate }: Answer): string {
  const key = path.split(/[/=]/).at(-1) ?? ''
  switch (kind) {
    case 'AUTO_ID':
      return label
    case 'CERTIFICATE':
      return certificate == null ? label : t('hit.certificate', certificate)
    case 'BLOCK':
      return Number(key).toLocaleString()
    case 'ACCOUNT':
    case 'EXTRINSIC':
    case 'PUBLIC_KEY':
      return shortHex(key)
  }
}
