import type { DashboardQuery } from '../gql/graphql'
import type { Loaded } from '../logic/live-query'
import { maybeText, t } from '../text/text'
import { severityLooks, statusLooks } from './badges'
import { type Bar, Bars } from './bars'
import { Card } from './card'
import { Name } from './name'
import { Empty, Failure, Loading, Skeleton } from './states'

type StateProps = { readonly state: Loaded<DashboardQuery> }

/** What the registry is made of, each figure a link to the list behind it. */
export function Breakdown({ state }: StateProps) {
  const statistics = state.data?.statistics
  if (state.error !== undefined) {
    return (
      <Card title={t('dashboard.figures')}>
        <Failure error={state.error} onRetry={state.retry} />
      </Card>
    )
  }
  return (
    <div className="grid grid--three grid--even">
      <BarCard
        title={t('dashboard.byStatus')}
        bars={statistics?.identitiesByStatus.map(({ status, count }) => ({
          key: status,
          label: t(`status.${status}`),
          value: count,
          tone: statusLooks[status].tone,
          to: `/autoids?status=${status}`,
        }))}
      />
      <BarCard
        title={t('dashboard.topIssuers')}
        bars={statistics?.topIssuers.slice(0, ROWS).flatMap(({ issuer, count }) =>
          issuer == null
            ? []
            : [
                {
                  key: issuer.id,
                  label: <Name value={issuer.commonName} isLine />,
                  value: count,
                  to: `/autoid/${issuer.id}?view=issuer`,
                },
              ],
        )}
      />
      <BarCard
        title={t('dashboard.keys')}
        bars={statistics?.keyAlgorithms.slice(0, ROWS).map(({ algorithm, bits, count }) => ({
          key: `${algorithm}-${bits}`,
          label: bits == null ? algorithm : t('key.name', { algorithm, bits: String(bits) }),
          value: count,
        }))}
      />
      <BarCard
        title={t('dashboard.findings')}
        bars={statistics?.findings.map(({ severity, count }) => ({
          key: severity,
          label: t(`severity.${severity}`),
          value: count,
          tone: severityLooks[severity].tone,
          to: `/autoids?severity=${severity}`,
        }))}
      />
      <BarCard
        title={t('dashboard.findingCodes')}
        bars={statistics?.findingCodes.slice(0, ROWS).map(({ code, severity, count }) => ({
          key: code,
          label: maybeText(`finding.${code}`) ?? code,
          value: count,
          tone: severityLooks[severity].tone,
          to: `/autoids?finding=${code}`,
        }))}
      />
      <BarCard
        title={t('dashboard.errors')}
        bars={statistics?.errors.slice(0, ROWS).map(({ error, count }) => ({
          key: error,
          label: error.replace(/^AutoId\./, ''),
          value: count,
          to: `/failed?error=${error}`,
        }))}
      />
    </div>
  )
}

const ROWS = 6

type BarCardProps = { readonly title: string; readonly bars: readonly Bar[] | undefined }

function BarCard({ title, bars }: BarCardProps) {
  return (
    <Card title={title}>
      <div className="bar-card">
        {bars === undefined ? (
          <Loading>
            <Skeleton lines={5} height={30} />
          </Loading>
        ) : bars.length === 0 ? (
          <Empty title={t('dashboard.nothing')} icon="minus" />
        ) : (
          <Bars bars={bars} />
        )}
      </div>
    </Card>
  )
}
