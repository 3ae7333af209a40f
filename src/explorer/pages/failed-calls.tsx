import type { CallStatus, FailedCallFilter, RegistryCall } from '../gql/graphql'
import { FailedCallsDocument } from '../gql/graphql'
import { useLive } from '../logic/live-query'
import { pinned, pointInTime, useMoment } from '../logic/moment'
import { oneOf } from '../logic/one-of'
import { among } from '../logic/unread'
import { t } from '../text/text'
import { ConnectionCard } from '../ui/connection'
import { Choice, Filters, Unread, useFilters } from '../ui/fields'
import { FailedTable } from '../ui/lists'
import { Page } from '../ui/page'
import { usePage } from '../ui/pager'
import { Ref } from '../ui/ref'
import { WhereFields, whereOf, whereReaders } from '../ui/where-fields'

const calls: readonly RegistryCall[] = ['REGISTER', 'RENEW', 'REVOKE', 'DEACTIVATE']
const statuses: readonly CallStatus[] = ['FAILED', 'REVERTED', 'NOT_EXECUTED']
const errors = [
  'AutoId.UnknownIssuer',
  'AutoId.UnknownAutoId',
  'AutoId.InvalidCertificate',
  'AutoId.InvalidSignature',
  'AutoId.CertificateSerialAlreadyIssued',
  'AutoId.ExpiredCertificate',
  'AutoId.CertificateRevoked',
  'AutoId.CertificateAlreadyRevoked',
  'AutoId.NonceOverflow',
  'AutoId.AutoIdIdentifierAlreadyExists',
  'AutoId.AutoIdIdentifierMismatch',
  'AutoId.PublicKeyMismatch',
] as const
const readers = { call: among(calls), status: among(statuses), ...whereReaders }

/** Calls that changed nothing, and why: where "why was my renewal refused?" is answered. */
export default function FailedCalls() {
  const { get, choose, type } = useFilters()
  const page = usePage()
  const point = pointInTime(useMoment())
  const state = useLive(
    FailedCallsDocument,
    { filter: { ...filterOf(get), ...whereOf(get, point) }, ...page, ...pinned(point) },
    { isLive: point === undefined },
  )
  return (
    <Page title={t('nav.failed')} lead={<Lead />}>
      <Filters>
        <Choice
          label={t('list.call')}
          value={get('call')}
          any={t('filters.any')}
          options={calls.map((call) => [call, t(`call.${call}`)])}
          onChange={(value) => choose('call', value)}
        />
        <Choice
          label={t('list.outcome')}
          value={get('status')}
          any={t('filters.any')}
          options={statuses.map((status) => [status, t(`callStatus.${status}`)])}
          onChange={(value) => choose('status', value)}
        />
        <Choice
          label={t('list.reason')}
          value={get('error')}
          any={t('filters.any')}
          options={choices(get('error')).map((error) => [error, error])}
          onChange={(value) => choose('error', value)}
        />
        <WhereFields get={get} type={type} />
      </Filters>
      <Unread readers={readers} />
      <ConnectionCard state={state} pick={(data) => data.failedCalls} empty={t('failed.empty')}>
        {(rows) => <FailedTable rows={rows} />}
      </ConnectionCard>
    </Page>
  )
}

function Lead() {
  return (
    <>
      {t('failed.lead')} <Ref to="/preflight">{t('failed.preflight')}</Ref>{' '}
      <Ref to="/quarantined">{t('failed.quarantined')}</Ref>
    </>
  )
}

function filterOf(get: (name: string) => string): FailedCallFilter {
  const call = oneOf(get('call'), calls)
  const status = oneOf(get('status'), statuses)
  return {
    ...(call ? { call } : {}),
    ...(status ? { status } : {}),
    ...(get('error') ? { error: get('error') } : {}),
  }
}

/** The pallet's errors, and whatever other one the address names. */
function choices(error: string): readonly string[] {
  return error === '' || errors.some((each) => each === error) ? errors : [...errors, error]
}
