import {
  IssuerDocument,
  IssuerExpiringDocument,
  type IssuerExpiringQuery,
  type IssuerQuery,
  RevocationListDocument,
} from '../gql/graphql'
import { revocationListUrl } from '../logic/file-url'
import { startOfDayAfter } from '../logic/format'
import { type Loaded, useLive } from '../logic/live-query'
import { type PointInTime, pointInTime, useMoment } from '../logic/moment'
import { t, tn } from '../text/text'
import { Card } from '../ui/card'
import { ChildPages } from '../ui/children'
import { Icon } from '../ui/icon'
import { CsvButton } from '../ui/issued-csv'
import { IdentityTable } from '../ui/lists'
import { Ref } from '../ui/ref'
import { RevocationTable } from '../ui/revocation-table'
import { Stat, Stats } from '../ui/stat'
import { Cut, Empty, Loading, Skeleton, Waiting } from '../ui/states'

const SOON_MS = 90 * 86_400_000

type Props = { readonly issuer: string; readonly point: PointInTime | undefined }

/** What an identity has issued, at one moment: counts, tree, expiring, revocation list, and both as files. */
export function IssuerView({ issuer }: { readonly issuer: string }) {
  const point = pointInTime(useMoment())
  return <AtMoment key={JSON.stringify(point)} issuer={issuer} point={point} />
}

function AtMoment({ issuer, point }: Props) {
  const variables = { issuer, ...(point ? { at: point } : {}) }
  const isLive = point === undefined
  const figures = useLive(IssuerDocument, variables, { isLive })
  const revocations = useLive(RevocationListDocument, variables, { isLive })
  const from = figures.data?.issuerStatistics.asOf.timestamp
  const soon = startOfDayAfter(clockOf(point, from) + SOON_MS)
  const isPaused = from === undefined
  const expiring = useLive(IssuerExpiringDocument, { ...variables, soon }, { isLive, isPaused })
  // Answers come in any order: nothing is shown before all are there that could move it.
  const parts = isPaused ? [figures, revocations] : [figures, revocations, expiring]
  if (parts.some((part) => part.isLoading)) {
    return (
      <Loading>
        <Skeleton lines={1} height={FIRST_LOAD_HEIGHT} />
      </Loading>
    )
  }
  return (
    <>
      {figures.data === undefined ? (
        <Waiting state={figures} {...ROWS} />
      ) : (
        <Figures data={figures.data} expiring={expiring.data?.autoIds.totalCount} />
      )}
      <div className="row no-print">
        <CsvButton issuer={issuer} point={point} />
        <a className="button" href={revocationListUrl(issuer)} download>
          <Icon name="down" /> {t(isLive ? 'issuer.crl' : 'issuer.crlNow')}
        </a>
      </div>
      <Card title={t('issuer.tree')}>
        <Tree issuer={issuer} state={figures} />
      </Card>
      <Card title={t('issuer.expiring')} isFlush>
        {expiring.data === undefined ? (
          <Waiting state={isPaused ? figures : expiring} {...ROWS} />
        ) : (
          <Expiring issuer={issuer} soon={soon} found={expiring.data} />
        )}
      </Card>
      <Card title={t('issuer.list')} isFlush>
        {revocations.data === undefined ? (
          <Waiting state={revocations} {...ROWS} />
        ) : (
          <RevocationTable entries={revocations.data.revocationList.entries} />
        )}
      </Card>
    </>
  )
}

/** As tall as a window, so that what stands below it is out of sight. */
const FIRST_LOAD_HEIGHT = 900
/** What a list stands for until it is there. */
const ROWS = { lines: 4, height: 44 }

/** What "soon" counts from: the moment shown, where it is a block its own clock. */
function clockOf(point: PointInTime | undefined, from: string | undefined): number {
  if (point === undefined || from === undefined) return Date.now()
  return Date.parse('time' in point ? point.time : from)
}

type FiguresProps = { readonly data: IssuerQuery; readonly expiring: number | undefined }

function Figures({ data, expiring }: FiguresProps) {
  const statistics = data.issuerStatistics
  return (
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
      <Stat label={t('issuer.expiring')} value={expiring} />
    </Stats>
  )
}

type TreeProps = { readonly issuer: string; readonly state: Loaded<IssuerQuery> }

function Tree({ issuer, state }: TreeProps) {
  if (state.data === undefined) return <Waiting state={state} {...ROWS} />
  const { issued } = state.data.issuerStatistics
  if (issued === 0) return <Empty title={t('issuer.none')} icon="leaf" />
  return <ChildPages issuer={issuer} total={issued} />
}

type ExpiringProps = {
  readonly issuer: string
  readonly soon: string
  readonly found: IssuerExpiringQuery
}

function Expiring({ issuer, soon, found }: ExpiringProps) {
  const { edges, totalCount } = found.autoIds
  if (edges.length === 0) return <Empty title={t('issuer.noneExpiring')} icon="clock" />
  const all = `/autoids?issuer=${issuer}&status=ACTIVE&order=EXPIRES_AT_ASC&expires=${soon.slice(0, 10)}`
  return (
    <>
      <IdentityTable rows={edges.map((edge) => edge.node)} />
      <Cut shown={edges.length} total={totalCount}>
        <Ref to={all}>{t('issuer.allExpiring')}</Ref>
      </Cut>
    </>
  )
}
