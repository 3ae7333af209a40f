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

/** The pages of a connection, turned in the address. */
export function Pager({ info, total, shown }: Props) {
  const { get, go } = useCursors()
  const isLater = get('after') !== '' || get('before') !== ''
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = info
  return (
    <PageButtons
      shown={shown}
      total={total}
      onFirst={isLater ? () => go({}) : undefined}
      onPrevious={hasPreviousPage && startCursor ? () => go({ before: startCursor }) : undefined}
      onNext={hasNextPage && endCursor ? () => go({ after: endCursor }) : undefined}
    />
  )
}

type Turn = (() => void) | undefined
type ButtonsProps = {
  readonly shown: number
  readonly total: number
  /** Undefined: there is nothing to turn to. */
  readonly onFirst: Turn
  readonly onPrevious: Turn
  readonly onNext: Turn
}

export function PageButtons({ shown, total, onFirst, onPrevious, onNext }: ButtonsProps) {
  const buttons = [
    ['pager.first', onFirst],
    ['pager.previous', onPrevious],
    ['pager.next', onNext],
  ] as const
  return (
    <nav className="pager" aria-label={t('pager.label')}>
      <span className="muted small">
        {t('pager.shown', { shown })} {tn('pager.total', total)}
      </span>
      <span className="row">
        {buttons.map(([text, turn]) => (
          <button
            key={text}
            type="button"
            className="button button--small"
            disabled={turn === undefined}
            onClick={turn}
          >
            {t(text)}
          </button>
        ))}
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
