import { BlockDocument, type BlockQuery } from '../gql/graphql'
import { useHead } from '../logic/head'
import { useLive } from '../logic/live-query'
import { whole } from '../logic/unread'
import { t } from '../text/text'
import { Card } from '../ui/card'
import { Facts } from '../ui/facts'
import { EventTable, FailedTable } from '../ui/lists'
import { NodeLink } from '../ui/node-link'
import { Page } from '../ui/page'
import { Hex, Ref } from '../ui/ref'
import { Cut, Empty, Failure, Loading, Skeleton } from '../ui/states'
import { Time } from '../ui/time'

/** One block: its header, and what it changed in the registry. */
export default function Block({ height: given }: { readonly height: string }) {
  const height = whole(given)
  const title = t('block.title', { height: given })
  if (height === undefined) {
    return (
      <Page title={title}>
        <div className="card">
          <Empty title={t('block.bad')} />
        </div>
      </Page>
    )
  }
  return (
    <Page title={title} heading={<Heading height={height} />}>
      <Content height={height} />
    </Page>
  )
}

function Heading({ height }: { readonly height: number }) {
  const head = useHead().status?.head.height
  return (
    <div className="row row--apart">
      <h1>{t('block.title', { height: height.toLocaleString() })}</h1>
      <span className="row no-print">
        {head !== undefined && height > head ? (
          <Ref to={`/block/${head}`} className="button">
            {t('block.latest')}
          </Ref>
        ) : null}
        {head !== undefined && height > 0 && height <= head + 1 ? (
          <Ref to={`/block/${height - 1}`} className="button">
            {t('block.previous')}
          </Ref>
        ) : null}
        {head !== undefined && height < head ? (
          <Ref to={`/block/${height + 1}`} className="button">
            {t('block.next')}
          </Ref>
        ) : null}
      </span>
    </div>
  )
}

function Content({ height }: { readonly height: number }) {
  const state = useLive(BlockDocument, { height })
  if (state.error !== undefined && state.data === undefined) {
    return <Failure error={state.error} onRetry={state.retry} />
  }
  if (state.data === undefined) {
    return (
      <Loading>
        <Skeleton lines={8} height={44} />
      </Loading>
    )
  }
  const { block, events, failedCalls } = state.data
  if (block == null) {
    return (
      <div className="card">
        <Empty title={t('block.unknown')} hint={t('block.unknown.hint')} icon="clock" />
      </div>
    )
  }
  return (
    <>
      <Card title={t('block.header')} tools={<NodeLink hash={block.hash} />}>
        <Header block={block} />
      </Card>
      <Card title={t('block.events')} isFlush>
        {events.edges.length === 0 ? (
          <Empty title={t('block.noEvents')} icon="minus" />
        ) : (
          <>
            <EventTable rows={events.edges.map((edge) => edge.node)} hasBlock={false} />
            <Cut shown={events.edges.length} total={events.totalCount}>
              <Ref to={`/events?from=${block.height}&to=${block.height}`}>
                {t('dashboard.more')}
              </Ref>
            </Cut>
          </>
        )}
      </Card>
      {failedCalls.edges.length === 0 ? null : (
        <Card title={t('nav.failed')} isFlush>
          <FailedTable rows={failedCalls.edges.map((edge) => edge.node)} hasBlock={false} />
          <Cut shown={failedCalls.edges.length} total={failedCalls.totalCount}>
            <Ref to={`/failed?from=${block.height}&to=${block.height}`}>{t('failed.all')}</Ref>
          </Cut>
        </Card>
      )}
    </>
  )
}

function Header({ block }: { readonly block: NonNullable<BlockQuery['block']> }) {
  return (
    <Facts
      facts={[
        [t('list.time'), <Time key="t" value={block.timestamp} isFocusable />],
        [t('block.finality'), t(block.final ? 'block.final' : 'block.notFinal')],
        [t('block.hash'), <Whole key="h" value={block.hash} what={t('block.hash')} />],
        [t('block.parent'), <Whole key="p" value={block.parentHash} what={t('block.parent')} />],
        [
          t('block.stateRoot'),
          <Whole key="s" value={block.stateRoot} what={t('block.stateRoot')} />,
        ],
        [
          t('block.extrinsicsRoot'),
          <Whole key="x" value={block.extrinsicsRoot} what={t('block.extrinsicsRoot')} />,
        ],
        [t('block.specVersion'), block.specVersion],
        [t('block.extrinsics'), block.extrinsicCount],
        [t('block.chainEvents'), block.eventCount],
      ]}
    />
  )
}

type WholeProps = { readonly value: string | null | undefined; readonly what: string }

function Whole({ value, what }: WholeProps) {
  if (value == null) return <span className="muted">–</span>
  return <Hex value={value} what={what} isWhole />
}
