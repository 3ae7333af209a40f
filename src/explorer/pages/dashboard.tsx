import { lazy, Suspense, useMemo } from 'react'
import { Link } from 'wouter'
import {
  DashboardDocument,
  type DashboardQuery,
  ExpiringDocument,
  RecentDocument,
} from '../gql/graphql'
import { useHead } from '../logic/head'
import { type Loaded, useLive } from '../logic/live-query'
import { oneOf } from '../logic/one-of'
import { t } from '../text/text'
import { Breakdown } from '../ui/breakdown'
import { Card } from '../ui/card'
import { useFilters } from '../ui/fields'
import { HeadStats } from '../ui/head-stats'
import { EventTable } from '../ui/lists'
import { Page } from '../ui/page'
import { IdentityRef } from '../ui/ref'
import { Empty, Failure, Skeleton } from '../ui/states'
import { Time } from '../ui/time'
import { Toggle } from '../ui/toggle'

const Activity = lazy(() => import('../ui/activity'))

const SOON_MS = 30 * 86_400_000
const DAY_MS = 86_400_000

/** The registry at a glance, moving with the chain. */
export default function Dashboard() {
  const { status } = useHead()
  const { get } = useFilters()
  const bucket = oneOf(get('bucket'), ['HOUR', 'DAY']) ?? 'DAY'
  const span = spanOf(get)
  const state = useLive(DashboardDocument, { bucket, ...span })
  return (
    <Page title={t('dashboard.title')} lead={t('dashboard.lead')}>
      <HeadStats status={status} />
      <ActivityCard state={state} bucket={bucket} isZoomed={span.from !== undefined} />
      <Breakdown state={state} />
      <div className="grid grid--side">
        <Recent />
        <Expiring />
      </div>
    </Page>
  )
}

function spanOf(get: (name: string) => string): { from?: string; to?: string } {
  const [from, to] = [new Date(get('from')), new Date(get('to'))]
  if (Number.isNaN(from.getTime()) || Number.isNaN(to.getTime())) return {}
  return { from: from.toISOString(), to: to.toISOString() }
}

type StateProps = { readonly state: Loaded<DashboardQuery> }

type ActivityProps = StateProps & { readonly bucket: 'HOUR' | 'DAY'; readonly isZoomed: boolean }

function ActivityCard({ state, bucket, isZoomed }: ActivityProps) {
  const { set, setAll } = useFilters()
  return (
    <Card
      title={t('dashboard.activity')}
      tools={
        <span className="row no-print">
          {isZoomed ? (
            <button
              type="button"
              className="button button--small"
              onClick={() => setAll({ from: '', to: '' })}
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
            onChange={(value) => set('bucket', value)}
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
              buckets={state.data?.statistics.buckets}
              onBrush={(from, to) => setAll({ from: isoOf(from), to: isoOf(to), bucket: 'HOUR' })}
            />
          </Suspense>
        )}
      </div>
    </Card>
  )
}

const CHART_HEIGHT = 240

function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}

function Recent() {
  const state = useLive(RecentDocument, {})
  const rows = state.data?.events.edges.map((edge) => edge.node)
  return (
    <Card
      title={t('dashboard.recent')}
      isFlush
      tools={<Link href="/events">{t('dashboard.more')}</Link>}
    >
      {rows === undefined ? (
        <div className="table-loading">
          <Skeleton lines={8} height={36} />
        </div>
      ) : (
        <EventTable rows={rows} isShort />
      )}
    </Card>
  )
}

function Expiring() {
  const soon = useMemo(
    () => new Date(Math.ceil((Date.now() + SOON_MS) / DAY_MS) * DAY_MS).toISOString(),
    [],
  )
  const state = useLive(ExpiringDocument, { soon })
  const connection = state.data?.autoIds
  return (
    <Card title={t('dashboard.expiring')}>
      {connection === undefined ? (
        <Skeleton lines={5} height={30} />
      ) : connection.edges.length === 0 ? (
        <Empty title={t('issuer.noneExpiring')} icon="clock" />
      ) : (
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
      )}
    </Card>
  )
}
