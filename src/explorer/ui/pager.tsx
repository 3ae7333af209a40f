import { t, tn } from '../text/text'
import { useFilters } from './fields'

type PageInfo = {
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly startCursor?: string | null | undefined
  readonly endCursor?: string | null | undefined
}

type Page = { first?: number; after?: string; last?: number; before?: string }

/** The page of a connection that the address asks for by `?after=` or `?before=`. */
export function usePage(size: number): Page {
  const { get } = useFilters()
  const before = get('before')
  const after = get('after')
  if (before !== '') return { last: size, before }
  return after === '' ? { first: size } : { first: size, after }
}

type Props = { readonly info: PageInfo; readonly total: number; readonly shown: number }

export function Pager({ info, total, shown }: Props) {
  const { get, go } = useCursors()
  const isLater = get('after') !== '' || get('before') !== ''
  return (
    <nav className="pager" aria-label={t('pager.label')}>
      <span className="muted small">
        {t('pager.shown', { shown })} {tn('pager.total', total)}
      </span>
      <span className="row">
        <button
          type="button"
          className="button button--small"
          disabled={!isLater}
          onClick={() => go({})}
        >
          {t('pager.first')}
        </button>
        <button
          type="button"
          className="button button--small"
          disabled={!info.hasPreviousPage || !info.startCursor}
          onClick={() => go({ before: info.startCursor ?? '' })}
        >
          {t('pager.previous')}
        </button>
        <button
          type="button"
          className="button button--small"
          disabled={!info.hasNextPage || !info.endCursor}
          onClick={() => go({ after: info.endCursor ?? '' })}
        >
          {t('pager.next')}
        </button>
      </span>
    </nav>
  )
}

function useCursors() {
  const { get, setAll } = useFilters()
  const go = (to: { after?: string; before?: string }) => {
    setAll({ after: to.after ?? '', before: to.before ?? '' })
    window.scrollTo({ top: 0 })
  }
  return { get, go }
}
