import { useAddress } from '../logic/address'
import { firstRow, rowOf } from '../logic/rows'
import { t } from '../text/text'

type PageInfo = {
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly startCursor?: string | null | undefined
  readonly endCursor?: string | null | undefined
}

type Page = { first?: number; after?: string; last?: number; before?: string }

const PAGE_SIZE = 25

/** The page of a connection that the address asks for by `?after=` or `?before=`. */
export function usePage(): Page {
  const { get } = useAddress()
  const before = get('before')
  const after = get('after')
  if (before !== '') return { last: PAGE_SIZE, before }
  return after === '' ? { first: PAGE_SIZE } : { first: PAGE_SIZE, after }
}

type Props = { readonly info: PageInfo; readonly total: number; readonly shown: number }

/** The pages of a connection, turned in the address: each is a step that Back undoes. */
export function Pager({ info, total, shown }: Props) {
  const { get, change } = useAddress()
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = info
  const first = firstRow({ shown, total, hasPreviousPage, hasNextPage, given: get('row') })
  const go = (to: { after?: string; before?: string; row?: string }) => {
    change({ after: '', before: '', row: '', ...to }, true)
    window.scrollTo({ top: 0 })
  }
  const row = (step: number) => (first === undefined ? '' : rowOf(first + step, total))
  const isLater = get('after') !== '' || get('before') !== ''
  return (
    <PageButtons
      first={first}
      shown={shown}
      total={total}
      onFirst={isLater ? () => go({}) : undefined}
      onPrevious={
        hasPreviousPage && startCursor
          ? () => go({ before: startCursor, row: row(-PAGE_SIZE) })
          : undefined
      }
      onNext={
        hasNextPage && endCursor ? () => go({ after: endCursor, row: row(shown) }) : undefined
      }
    />
  )
}

type Turn = (() => void) | undefined
type ButtonsProps = {
  /** Number of the first row shown; undefined: not known. */
  readonly first: number | undefined
  readonly shown: number
  readonly total: number
  /** Undefined: there is nothing to turn to. */
  readonly onFirst: Turn
  readonly onPrevious: Turn
  readonly onNext: Turn
}

export function PageButtons({ first, shown, total, ...turns }: ButtonsProps) {
  const buttons = [
    ['pager.first', turns.onFirst],
    ['pager.previous', turns.onPrevious],
    ['pager.next', turns.onNext],
  ] as const
  const last = (first ?? 1) + shown - 1
  return (
    <nav className="pager" aria-label={t('pager.label')}>
      <span className="muted small">
        {shown === 0
          ? t('pager.none', { total })
          : first === undefined
            ? t('pager.between', { shown, total })
            : t('pager.rows', { first, last, total })}
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
