import { lazy, Suspense } from 'react'
import {
  DashboardDocument,
  type DashboardQuery,
  ExpiringDocument,
  RecentDocument,
} from '../gql/graphql'
import { useAddress } from '../logic/address'
import { startOfDayAfter } from '../logic/format'
import { useHead } from '../logic/head'
import { type Loaded, useLive } from '../logic/live-query'
import { oneOf } from '../logic/one-of'
import { dayOf, type Span, spanOf, startOf } from '../logic/span'
import { among, isTime } from '../logic/unread'
import { maybeText, t } from '../text/text'
import { Breakdown } from '../ui/breakdown'
import { Card } from '../ui/card'
import { FilterField, Unread } from '../ui/fields'
import { HeadStats } from '../ui/head-stats'
import { EventTable } from '../ui/lists'
import { Page } from '../ui/page'
import { IdentityRef, Ref } from '../ui/ref'
import { Cut, Empty, Failure, Skeleton } from '../ui/states'
import { Time } from '../ui/time'
import { Toggle } from '../ui/toggle'

const Activity = lazy(() => import('../ui/activity'))

const SOON_MS = 30 * 86_400_000

const buckets = ['HOUR', 'DAY'] as const
const readers = { bucket: among(buckets), from: isTime, to: isTime }

/** The registry at a glance, moving with the chain. */
export default function Dashboard() {
  const { status } = useHead()
  const { get } = useAddress()
  const bucket = oneOf(get('bucket'), buckets) ?? 'DAY'
  const span = spanOf(get('from'), get('to'))
  const { state, isTooFine } = useFigures(bucket, span)
  return (
    <Page title={t('dashboard.title')} lead={t('dashboard.lead')}>
      <HeadStats status={status} />
      <Unread readers={readers} />
      <ActivityCard {...{ state, bucket, span, isTooFine }} />
      <Breakdown state={state} />
      <div className="grid grid--side">
        <Recent />
        <Expiring />
      </div>
    </Page>
  )
}

/** The figures by the hour or day, or by what the service finds short enough where these are too many. */
function useFigures(bucket: 'HOUR' | 'DAY', span: Span) {
  const asked = useLive(DashboardDocument, { bucket, ...span })
  const extensions = asked.error?.graphQLErrors[0]?.extensions
  const isTooFine = extensions?.['argument'] === 'bucket'
  const coarse = useLive(DashboardDocument, span, { isPaused: !isTooFine })
  return { state: isTooFine ? coarse : asked, isTooFine }
}

type StateProps = { readonly state: Loaded<DashboardQuery> }

type ActivityProps = StateProps & {
  readonly bucket: 'HOUR' | 'DAY'
  readonly span: Span
  readonly isTooFine: boolean
}

function ActivityCard({ state, bucket, span, isTooFine }: ActivityProps) {
  const { change } = useAddress()
  const statistics = state.data?.statistics
  return (
    <Card
      title={t('dashboard.activity')}
      tools={
        <span className="row no-print">
          {span.from !== undefined || span.to !== undefined ? (
            <button
              type="button"
              className="button button--small"
              onClick={() => change({ from: '', to: '' }, true)}
            >
              {t('dashboard.all')}
            </button>
          ) : null}
          <Toggle
            label={t('dashboard.bucket')}
            value={bucket}
            options={[
              ['DAY', t('dashboard.day')],
              ['HOUR', t('dashboard.hour')],
            ]}
            onChange={(value) => change({ bucket: value }, true)}
          />
        </span>
      }
    >
      <div className="activity">
        {state.error !== undefined && state.data === undefined ? (
          <Failure error={state.error} onRetry={state.retry} />
        ) : (
          <Suspense fallback={<Skeleton lines={1} height={CHART_HEIGHT} />}>
            <Activity
              buckets={statistics?.buckets}
              bucket={statistics?.bucket ?? bucket}
              onBrush={(from, to) => change(brushed(from, to), true)}
            />
          </Suspense>
        )}
      </div>
      {isTooFine && statistics !== undefined ? (
        <p className="muted small">
          {t('dashboard.tooFine', { bucket: maybeText(`dashboard.${statistics.bucket}`) ?? '' })}
        </p>
      ) : null}
      <SpanFields span={span} />
    </Card>
  )
}

const CHART_HEIGHT = 240

/** A brushed span of a week or less by the hour, a longer one by the day. */
function brushed(from: number, to: number) {
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString()
  return { from: iso(from), to: iso(to), bucket: to - from > HOURLY_S ? 'DAY' : 'HOUR' }
}

const HOURLY_S = 7 * 86_400

/** The span as dates, for who does not draw on the chart: whole days, the last included. */
function SpanFields({ span }: { readonly span: Span }) {
  const { change } = useAddress()
  return (
    <fieldset className="filters no-print">
      <legend className="hidden-visually">{t('dashboard.activity')}</legend>
      <FilterField
        label={t('dashboard.from')}
        type="date"
        value={dayOf(span.from, 0)}
        onChange={(day) => change({ from: startOf(day, 0) }, false)}
      />
      <FilterField
        label={t('dashboard.to')}
        type="date"
        value={dayOf(span.to, -1)}
        onChange={(day) => change({ to: startOf(day, 1) }, false)}
      />
    </fieldset>
  )
}

function Recent() {
  const state = useLive(RecentDocument, {})
  const rows = state.data?.events.edges.map((edge) => edge.node)
  return (
    <Card
      title={t('dashboard.recent')}
      isFlush
      tools={<Ref to="/events">{t('dashboard.more')}</Ref>}
    >
      {state.error !== undefined ? (
        <Failure error={state.error} onRetry={state.retry} />
      ) : rows === undefined ? (
        <div className="table-loading">
          <Skeleton lines={8} height={36} />
        </div>
      ) : rows.length === 0 ? (
        <Empty title={t('dashboard.nothing')} icon="clock" />
      ) : (
        <EventTable rows={rows} isShort />
      )}
    </Card>
  )
}

function Expiring() {
  const soon = startOfDayAfter(Date.now() + SOON_MS)
  const state = useLive(ExpiringDocument, { soon })
  const connection = state.data?.autoIds
  const all = `/autoids?status=ACTIVE&order=EXPIRES_AT_ASC&expires=${soon.slice(0, 10)}`
  return (
    <Card title={t('dashboard.expiring')}>
      {state.error !== undefined ? (
        <Failure error={state.error} onRetry={state.retry} />
      ) : connection === undefined ? (
        <Skeleton lines={5} height={30} />
      ) : connection.edges.length === 0 ? (
        <Empty title={t('issuer.noneExpiring')} icon="clock" />
      ) : (
        <>
          <ul className="stack stack--tight">
            {connection.edges.map(({ node }) => (
              <li key={node.id} className="row row--apart">
                <IdentityRef {...node} />
                {node.certificate == null ? null : (
                  <span className="muted small">
                    <Time value={node.certificate.notAfter} show="relative" />
                  </span>
                )}
              </li>
            ))}
          </ul>
          <Cut shown={connection.edges.length} total={connection.totalCount}>
            <Ref to={all}>{t('issuer.allExpiring')}</Ref>
          </Cut>
        </>
      )}
    </Card>
  )
}
