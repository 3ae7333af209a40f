import {
  type BlockFieldsFragment,
  ClaimsDocument,
  type ClaimsQuery,
  EventsDocument,
  IdentityDocument,
  IdentityLifeDocument,
  type IdentityLifeQuery,
  type IdentityQuery,
  IdentityVerdictDocument,
  type IdentityVerdictQuery,
} from '../gql/graphql'
import { useAddress } from '../logic/address'
import { type Loaded, useLive } from '../logic/live-query'
import { pinned, pointInTime, untilMoment, useMoment } from '../logic/moment'
import { registrationsUntil } from '../logic/timeline'
import { t, tn } from '../text/text'
import { Card } from '../ui/card'
import { CertificateView } from '../ui/certificate-view'
import { Chain } from '../ui/chain'
import { Claims } from '../ui/claims'
import { IdentityFacts, IdentityHead } from '../ui/identity-head'
import { EventTable } from '../ui/lists'
import { Lives } from '../ui/lives'
import { Page } from '../ui/page'
import { Ref } from '../ui/ref'
import { Cut, Empty, Failure, Skeleton, Waiting } from '../ui/states'
import { TimeMachine } from '../ui/time-machine'
import { Findings, VerdictStrip } from '../ui/verification'
import { IssuerView } from './issuer'

/** One identity at one moment: the address's, or the head. */
export default function Identity({ id }: { readonly id: string }) {
  const { get } = useAddress()
  const point = pointInTime(useMoment())
  const isLive = point === undefined
  const at = point ? { at: point } : {}
  const identity = useLive(IdentityDocument, { id, ...at }, { isLive })
  const life = useLive(IdentityLifeDocument, { id })
  const shown = identity.data?.autoId ?? undefined
  const known = shown ?? life.data?.autoId ?? undefined
  const title = known?.commonName ?? t('identity.title')
  if (life.data?.autoId === null && identity.data?.autoId === null) return <Unknown id={id} />
  return (
    <Page
      title={title}
      heading={<IdentityHead id={id} known={known} status={statusOf(identity)} />}
    >
      {get('view') === 'issuer' ? (
        <IssuerView issuer={id} />
      ) : (
        <Story id={id} identity={identity} life={life} />
      )}
    </Page>
  )
}

/** "Not registered" is an answer: while there is none, it is not said. */
function statusOf({ data, error }: Loaded<IdentityQuery>) {
  if (data !== undefined) return data.autoId?.status ?? 'none'
  return error === undefined ? 'loading' : 'unknown'
}

function Unknown({ id }: { readonly id: string }) {
  return (
    <Page title={t('identity.unknown')}>
      <div className="card">
        <Empty title={t('identity.unknown')} hint={<code>{id}</code>} />
      </div>
    </Page>
  )
}

type StoryProps = {
  readonly id: string
  readonly identity: Loaded<IdentityQuery>
  readonly life: Loaded<IdentityLifeQuery>
}

function Story({ id, identity, life }: StoryProps) {
  const point = pointInTime(useMoment())
  const variables = { subject: { autoId: id }, ...(point ? { at: point } : {}) }
  const verdict = useLive(IdentityVerdictDocument, variables, { isLive: point === undefined })
  const claims = useLive(
    ClaimsDocument,
    { id, ...(point ? { at: point } : {}) },
    { isLive: point === undefined },
  )
  const result = verdict.data?.verify
  const isMoving = verdict.isOther || identity.isOther || claims.isOther
  // Answers come in any order: until both that decide the heights are there, nothing is shown that could move.
  const isWaiting =
    (result === undefined && verdict.error === undefined) ||
    (life.data === undefined && life.error === undefined) ||
    (claims.data === undefined && claims.error === undefined)
  if (isWaiting) return <FirstLoad />
  return (
    <div className={isMoving ? 'stack is-moving' : 'stack'} aria-busy={isMoving}>
      <Verdict state={verdict} />
      <TimeMachine life={life} asOf={result?.asOf} />
      <div className="grid grid--side">
        <div className="stack">
          <Card title={t('chain.title')}>
            {result === undefined ? (
              <Waiting state={verdict} lines={6} />
            ) : (
              <Chain links={result.chain} />
            )}
          </Card>
          <Card title={t('claims.title')} isFlush>
            <ClaimsPart state={claims} />
          </Card>
        </div>
        <Card title={t('findings.title')}>
          {result === undefined ? (
            <Waiting state={verdict} lines={4} />
          ) : (
            <Findings findings={result.findings} />
          )}
        </Card>
      </div>
      <Record id={id} identity={identity} life={life} asOf={result?.asOf} />
    </div>
  )
}

/** As tall as a window, so that what stands below it is out of sight. */
function FirstLoad() {
  return (
    <div className="stack" aria-busy={true}>
      <div className="verdict-place">
        <Skeleton lines={1} height={VERDICT_HEIGHT} />
      </div>
      <Skeleton lines={1} height={FIRST_LOAD_HEIGHT} />
    </div>
  )
}

type RecordProps = StoryProps & { readonly asOf: BlockFieldsFragment | undefined }

/** What the registry has on record: certificate, registrations, events, entry. */
function Record({ id, identity, life, asOf }: RecordProps) {
  const shown = identity.data?.autoId ?? undefined
  const entry = life.data?.autoId
  const registrations = entry == null ? undefined : registrationsUntil(entry, asOf?.height)
  return (
    <>
      <Card title={t('identity.certificate')} tools={<RenewalLink identity={shown} />}>
        <CertificatePart state={identity} />
      </Card>
      <Card title={t('identity.lives')} isFlush>
        {registrations?.length === 0 ? (
          <Empty title={t('identity.notYet')} icon="clock" />
        ) : (
          <Lives registrations={registrations} />
        )}
      </Card>
      <Card
        title={t('identity.events')}
        isFlush
        tools={
          <span className="row no-print">
            <Ref to={`/failed?id=${id}`}>{t('nav.failed')}</Ref>
            <Ref to={`/events?id=${id}`}>{t('dashboard.more')}</Ref>
          </span>
        }
      >
        <Events id={id} total={entry?.events.totalCount} />
      </Card>
      {shown === undefined ? null : <IdentityFacts identity={shown} />}
    </>
  )
}

const EVENTS = 100

type EventsProps = { readonly id: string; readonly total: number | undefined }

/** The newest events up to the moment, however many came after it. */
function Events({ id, total }: EventsProps) {
  const point = pointInTime(useMoment())
  const state = useLive(
    EventsDocument,
    { filter: { autoId: id, ...untilMoment(point) }, first: EVENTS, ...pinned(point) },
    { isLive: point === undefined },
  )
  if (state.data === undefined) return <Waiting state={state} lines={4} />
  const { edges, totalCount } = state.data.events
  const later = point === undefined ? 0 : Math.max(0, (total ?? totalCount) - totalCount)
  return (
    <>
      {edges.length === 0 ? (
        <Empty title={t('identity.noEvents')} icon="clock" />
      ) : (
        <EventTable rows={edges.map((edge) => edge.node)} hasIdentity={false} />
      )}
      <Cut shown={edges.length} total={totalCount} />
      {later === 0 ? null : <p className="later muted small">{tn('identity.later', later)}</p>}
    </>
  )
}

function Verdict({ state }: { readonly state: Loaded<IdentityVerdictQuery> }) {
  if (state.error !== undefined) {
    return (
      <div className="card">
        <Failure error={state.error} onRetry={state.retry} />
      </div>
    )
  }
  return (
    <div className="verdict-place">
      {state.data === undefined ? (
        <Skeleton lines={1} height={VERDICT_HEIGHT} />
      ) : (
        <VerdictStrip result={state.data.verify} />
      )}
    </div>
  )
}

const VERDICT_HEIGHT = 90
const FIRST_LOAD_HEIGHT = 900

type Shown = NonNullable<IdentityQuery['autoId']>

function RenewalLink({ identity }: { readonly identity: Shown | undefined }) {
  if (identity === undefined) return null
  const { id, issuerId } = identity
  const issuer = issuerId == null ? '' : `&issuer=${issuerId}`
  return (
    <Ref className="small no-print" to={`/preflight?renews=${id}${issuer}`}>
      {t('identity.preflight')}
    </Ref>
  )
}

function ClaimsPart({ state }: { readonly state: Loaded<ClaimsQuery> }) {
  if (state.data === undefined) return <Waiting state={state} lines={4} />
  if (state.data.claims == null) return <Empty title={t('claims.none')} icon="clock" />
  return <Claims set={state.data.claims} />
}

function CertificatePart({ state }: { readonly state: Loaded<IdentityQuery> }) {
  const point = pointInTime(useMoment())
  if (state.data === undefined) return <Waiting state={state} lines={10} />
  const certificate = state.data.autoId?.certificate
  if (certificate == null) return <Empty title={t('identity.notYet')} icon="clock" />
  const { asOf } = state.data.autoId ?? {}
  return (
    <CertificateView
      certificate={certificate}
      at={point === undefined ? undefined : asOf?.timestamp}
    />
  )
}
