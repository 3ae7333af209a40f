import { useMemo, useState } from 'react'
import {
  ChildrenDocument,
  type IdentityLineFragment,
  IssuerDocument,
  type IssuerQuery,
} from '../gql/graphql'
import { client } from '../logic/client'
import { toCsv } from '../logic/csv'
import { revocationListUrl } from '../logic/file-url'
import { useLive } from '../logic/live-query'
import { type PointInTime, pointInTime, useMoment } from '../logic/moment'
import { plainName } from '../logic/name-parts'
import { saveText } from '../logic/save'
import { t, tn } from '../text/text'
import { Card } from '../ui/card'
import { ChildPages } from '../ui/children'
import { Icon } from '../ui/icon'
import { IdentityTable } from '../ui/lists'
import { BlockRef } from '../ui/ref'
import { Stat, Stats } from '../ui/stat'
import { Empty, Failure, Loading, Skeleton } from '../ui/states'
import { Table } from '../ui/table'
import { Time } from '../ui/time'
import { Evidence } from '../ui/verification'

const SOON_MS = 90 * 86_400_000
const DAY_MS = 86_400_000

/** What an identity has issued: counts, tree, expiring, revocation list, and both as files. */
export function IssuerView({ issuer }: { readonly issuer: string }) {
  const point = pointInTime(useMoment())
  const soon = useMemo(() => soonAfter(point), [point])
  const variables = { issuer, soon, ...(point ? { at: point } : {}) }
  const state = useLive(IssuerDocument, variables, { isLive: point === undefined })
  if (state.error !== undefined && state.data === undefined) {
    return <Failure error={state.error} onRetry={state.retry} />
  }
  if (state.data === undefined) {
    return (
      <Loading>
        <Skeleton lines={10} height={44} />
      </Loading>
    )
  }
  return <Loaded issuer={issuer} data={state.data} point={point} />
}

/** Rounded to the day, so that the question stays the same from render to render. */
function soonAfter(point: PointInTime | undefined): string {
  const from = point !== undefined && 'time' in point ? Date.parse(point.time) : Date.now()
  return new Date(Math.ceil((from + SOON_MS) / DAY_MS) * DAY_MS).toISOString()
}

type LoadedProps = {
  readonly issuer: string
  readonly data: IssuerQuery
  readonly point: PointInTime | undefined
}

function Loaded({ issuer, data, point }: LoadedProps) {
  const statistics = data.issuerStatistics
  const expiring = data.expiring.edges.map((edge) => edge.node)
  return (
    <>
      <Stats>
        <Stat
          label={t('issuer.issued')}
          value={statistics.issued}
          note={tn('issuer.certificates', statistics.certificates)}
        />
        {statistics.issuedByStatus.map(({ status, count }) => (
          <Stat key={status} label={t(`status.${status}`)} value={count} />
        ))}
        <Stat
          label={t('issuer.listed')}
          value={statistics.revoked}
          note={tn('issuer.superseded', statistics.superseded)}
        />
        <Stat label={t('issuer.expiring')} value={data.expiring.totalCount} />
      </Stats>
      <div className="row no-print">
        <CsvButton issuer={issuer} point={point} />
        <a className="button" href={revocationListUrl(issuer)} download>
          <Icon name="down" /> {t('issuer.crl')}
        </a>
      </div>
      <Card title={t('issuer.tree')}>
        {statistics.issued === 0 ? (
          <Empty title={t('issuer.none')} icon="leaf" />
        ) : (
          <ChildPages issuer={issuer} total={statistics.issued} />
        )}
      </Card>
      <Card title={t('issuer.expiring')} isFlush>
        {expiring.length === 0 ? (
          <Empty title={t('issuer.noneExpiring')} icon="clock" />
        ) : (
          <IdentityTable rows={expiring} />
        )}
      </Card>
      <Card title={t('issuer.list')} isFlush>
        <RevocationTable list={data.revocationList} />
      </Card>
    </>
  )
}

function RevocationTable({ list }: { readonly list: IssuerQuery['revocationList'] }) {
  if (list.entries.length === 0) return <Empty title={t('issuer.noneRevoked')} icon="check" />
  return (
    <Table
      caption={t('issuer.list')}
      rows={list.entries}
      keyOf={(row) => row.serial}
      columns={[
        {
          title: t('certificate.serial'),
          cell: (row) => <span className="mono">{row.serial}</span>,
        },
        { title: t('list.reason'), cell: (row) => t(`reason.${row.reason}`) },
        { title: t('list.block'), cell: (row) => <BlockRef height={row.revokedAt.height} /> },
        { title: t('list.time'), cell: (row) => <Time value={row.revokedAt.timestamp} /> },
        { title: t('verify.evidence'), cell: (row) => <Evidence event={row.evidence} /> },
      ]}
    />
  )
}

type CsvProps = { readonly issuer: string; readonly point: PointInTime | undefined }

function CsvButton({ issuer, point }: CsvProps) {
  const [isBusy, setBusy] = useState(false)
  const [failed, setFailed] = useState(false)
  const save = async () => {
    setBusy(true)
    const rows = await allChildren(issuer, point)
    setBusy(false)
    setFailed(rows === undefined)
    if (rows !== undefined) saveText(`issued-by-${issuer}.csv`, 'text/csv', csvOf(rows))
  }
  return (
    <>
      <button type="button" className="button" disabled={isBusy} onClick={save}>
        <Icon name="down" /> {t(isBusy ? 'issuer.csvBusy' : 'issuer.csv')}
      </button>
      {failed ? (
        <span className="ink-bad" role="alert">
          {t('issuer.csvFailed')}
        </span>
      ) : null}
    </>
  )
}

const PAGE = 100

/** All pages of an issuer's children; undefined when one of them failed: half a list is no list. */
async function allChildren(issuer: string, point: PointInTime | undefined) {
  const rows: IdentityLineFragment[] = []
  let after: string | undefined
  do {
    const variables = {
      issuer,
      first: PAGE,
      ...(after === undefined ? {} : { after }),
      ...(point ? { at: point } : {}),
    }
    const answer = await client.query(ChildrenDocument, variables).toPromise()
    const page = answer.data?.autoIds
    if (page === undefined || answer.error !== undefined) return undefined
    rows.push(...page.edges.map((edge) => edge.node))
    after = page.pageInfo.hasNextPage ? (page.pageInfo.endCursor ?? undefined) : undefined
  } while (after !== undefined)
  return rows
}

function csvOf(rows: readonly IdentityLineFragment[]): string {
  const header = [
    'id',
    'commonName',
    'kind',
    'status',
    'serial',
    'notBefore',
    'notAfter',
    'tbsSha256',
  ]
  return toCsv(
    header,
    rows.map((row) => [
      row.id,
      plainName(row.commonName),
      row.kind,
      row.status,
      row.certificate?.serial ?? '',
      row.certificate?.notBefore ?? '',
      row.certificate?.notAfter ?? '',
      row.certificate?.tbsFingerprint ?? '',
    ]),
  )
}
