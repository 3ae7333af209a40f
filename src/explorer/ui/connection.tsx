import type { ReactNode } from 'react'
import type { PageFieldsFragment } from '../gql/graphql'
import type { Loaded } from '../logic/live-query'
import { t } from '../text/text'
import { Pager } from './pager'
import { Empty, Failure, Loading, Skeleton } from './states'

type Connection<Node> = {
  readonly totalCount: number
  readonly pageInfo: PageFieldsFragment
  readonly edges: readonly { readonly node: Node }[]
}

type Props<Data, Node> = {
  readonly state: Loaded<Data>
  readonly pick: (data: Data) => Connection<Node>
  readonly empty: string
  /** Under `empty`; absent: to loosen the filters. */
  readonly hint?: string
  readonly children: (rows: readonly Node[]) => ReactNode
}

const ROW_HEIGHT = 30

/** A page of a connection in a card, with its loading, failed and empty faces. */
export function ConnectionCard<Data, Node>({ children, ...rest }: Props<Data, Node>) {
  const { state } = rest
  return (
    <div
      className={state.isOther ? 'card card--flush is-moving' : 'card card--flush'}
      aria-busy={state.isLoading || state.isOther}
    >
      <Body {...rest}>{children}</Body>
    </div>
  )
}

function Body<Data, Node>({ state, pick, empty, hint, children }: Props<Data, Node>) {
  if (state.error !== undefined && state.data === undefined) {
    return <Failure error={state.error} onRetry={state.retry} />
  }
  if (state.data === undefined) {
    return (
      <Loading>
        <div className="table-loading">
          <Skeleton lines={16} height={ROW_HEIGHT} />
        </div>
      </Loading>
    )
  }
  const connection = pick(state.data)
  const rows = connection.edges.map((edge) => edge.node)
  const { pageInfo, totalCount } = connection
  if (totalCount === 0) return <Empty title={empty} hint={hint ?? t('state.empty.hint')} />
  return (
    <>
      {rows.length === 0 ? <Empty title={t('pager.beyond')} /> : children(rows)}
      <Pager info={pageInfo} total={totalCount} shown={rows.length} />
    </>
  )
}
