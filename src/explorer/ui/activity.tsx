import { useMemo } from 'react'
import type { DashboardQuery, TimeBucket } from '../gql/graphql'
import { localDay, localHour } from '../logic/format'
import { t } from '../text/text'
import Chart, { type Series } from './chart'
import { Empty, Skeleton } from './states'

type Bucket = DashboardQuery['statistics']['buckets'][number]

const kinds = [
  ['registered', 'event.REGISTERED', '--chart-1'],
  ['renewed', 'event.RENEWED', '--chart-2'],
  ['revoked', 'event.REVOKED', '--chart-5'],
  ['deactivated', 'event.DEACTIVATED', '--chart-4'],
  ['failed', 'nav.failed', '--chart-3'],
] as const

type Props = {
  readonly buckets: readonly Bucket[] | undefined
  readonly bucket: TimeBucket
  readonly onBrush: (from: number, to: number) => void
}

const HEIGHT = 240

/** What happened over time: a chart for eyes, a legend with the sums, a table for screen readers. */
export default function Activity({ buckets, bucket, onBrush }: Props) {
  const times = useMemo(
    () => (buckets ?? []).map((each) => Date.parse(each.from) / 1000),
    [buckets],
  )
  const series = useMemo(
    (): Series[] =>
      kinds.map(([field, label, color]) => ({
        label: t(label),
        color,
        values: (buckets ?? []).map((each) => each[field]),
      })),
    [buckets],
  )
  if (buckets === undefined) return <Skeleton lines={1} height={HEIGHT} />
  const isQuiet = buckets.every((each) => kinds.every(([field]) => each[field] === 0))
  if (isQuiet) return <Empty title={t('dashboard.quiet')} icon="clock" />
  return (
    <figure className="stack stack--tight">
      <Chart times={times} series={series} onBrush={onBrush} />
      <figcaption className="row row--apart">
        <Legend series={series} />
        <span className="muted small">{t('dashboard.brush')}</span>
      </figcaption>
      <SpokenTable buckets={buckets} nameOf={bucket === 'HOUR' ? localHour : localDay} />
    </figure>
  )
}

function Legend({ series }: { readonly series: readonly Series[] }) {
  return (
    <ul className="legend">
      {series.map((each) => (
        <li key={each.label} className="legend__item">
          <span className="legend__ink" style={{ background: `var(${each.color})` }} />
          {each.label}
          <strong>{each.values.reduce((sum, value) => sum + value, 0).toLocaleString()}</strong>
        </li>
      ))}
    </ul>
  )
}

type SpokenProps = {
  readonly buckets: readonly Bucket[]
  readonly nameOf: (iso: string) => string
}

function SpokenTable({ buckets, nameOf }: SpokenProps) {
  return (
    <div className="hidden-visually">
      <table>
        <caption>{t('dashboard.activity')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('list.time')}</th>
            {kinds.map(([field, label]) => (
              <th key={field} scope="col">
                {t(label)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {buckets.map((bucket) => (
            <tr key={bucket.from}>
              <th scope="row">{nameOf(bucket.from)}</th>
              {kinds.map(([field]) => (
                <td key={field}>{bucket[field]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
