import { useEffect, useRef, useState } from 'react'
import { ChildrenDocument } from '../gql/graphql'
import { useLive } from '../logic/live-query'
import { pointInTime, useMoment } from '../logic/moment'
import { t, tn } from '../text/text'
import { StatusBadge } from './badges'
import { Icon } from './icon'
import { IdentityRef } from './ref'
import { Failure, Skeleton } from './states'

const PAGE = 200
/** Of the list as it stands: a line, and the most lines that fit. */
const LINE_HEIGHT = 24
const MOST_LINES = 12

type Props = { readonly issuer: string; readonly total: number }

/** What an identity has issued, closed until asked for. */
export function Children({ issuer, total }: Props) {
  const [isOpen, setOpen] = useState(false)
  if (total === 0) return null
  return (
    <div>
      <button
        type="button"
        className="button button--quiet button--small"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name={isOpen ? 'below' : 'right'} size={13} />
        {tn('chain.issued', total)}
      </button>
      {isOpen ? <ChildPages issuer={issuer} total={total} /> : null}
    </div>
  )
}

/** More pages than these are not asked for again with every block; a button reads them anew. */
const LIVE_PAGES = 5

/** The children of an issuer, a page at a time; each opens its own. Another moment starts at its first page. */
export function ChildPages(props: Props) {
  const [reading, setReading] = useState(0)
  const point = pointInTime(useMoment())
  return (
    <PagesOnce
      key={`${JSON.stringify(point)} ${reading}`}
      {...props}
      onAgain={() => setReading(reading + 1)}
    />
  )
}

type OnceProps = Props & { readonly onAgain: () => void }

function PagesOnce({ issuer, total, onAgain }: OnceProps) {
  const isLive = pointInTime(useMoment()) === undefined
  const [cursors, setCursors] = useState<readonly (string | undefined)[]>([undefined])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the keyboard
    <ul className="children" tabIndex={0} aria-label={tn('chain.issued', total)}>
      {cursors.map((after, index) => (
        <ChildPage
          key={after ?? 'first'}
          issuer={issuer}
          after={after}
          expected={total}
          isLast={index === cursors.length - 1}
          isLive={isLive && cursors.length <= LIVE_PAGES}
          onMore={(cursor) => setCursors([...cursors, cursor])}
        />
      ))}
      {isLive && cursors.length > LIVE_PAGES ? (
        <li className="children__note">
          <span className="muted small">{t('chain.asRead')}</span>{' '}
          <button type="button" className="button button--small" onClick={onAgain}>
            {t('chain.again')}
          </button>
        </li>
      ) : null}
    </ul>
  )
}

type PageProps = {
  readonly issuer: string
  readonly after: string | undefined
  /** How many there are in all, for the place that is kept. */
  readonly expected: number
  readonly isLast: boolean
  readonly isLive: boolean
  readonly onMore: (cursor: string) => void
}

function ChildPage({ issuer, after, expected, isLast, isLive, onMore }: PageProps) {
  const point = pointInTime(useMoment())
  const state = useLive(
    ChildrenDocument,
    {
      issuer,
      first: PAGE,
      ...(after === undefined ? {} : { after }),
      ...(point ? { at: point } : {}),
    },
    { isLive },
  )
  if (state.error !== undefined) {
    return (
      <li>
        <Failure error={state.error} onRetry={state.retry} />
      </li>
    )
  }
  const page = state.data?.autoIds
  if (page === undefined) {
    return (
      <li>
        <Skeleton lines={Math.min(expected, MOST_LINES)} height={LINE_HEIGHT} />
      </li>
    )
  }
  const next = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : undefined
  return (
    <>
      {page.edges.map(({ node }) => (
        <li key={node.id}>
          <IdentityRef {...node} /> <StatusBadge status={node.status} />
          <Children issuer={node.id} total={node.issued.totalCount} />
        </li>
      ))}
      {isLast && next != null ? <More onMore={() => onMore(next)} /> : null}
    </>
  )
}

/** The next page comes when the end of this one is scrolled to; the button is for who does not scroll. */
function More({ onMore }: { readonly onMore: () => void }) {
  const place = useRef<HTMLLIElement>(null)
  const latest = useRef(onMore)
  latest.current = onMore
  useEffect(() => {
    const element = place.current
    if (element === null) return
    const root = element.closest('.children')
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && latest.current(),
      { root, rootMargin: '200px' },
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return (
    <li ref={place}>
      <button type="button" className="button button--small" onClick={onMore}>
        {t('chain.more')}
      </button>
    </li>
  )
}
