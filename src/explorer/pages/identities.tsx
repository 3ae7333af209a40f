import type {
  AutoIdFilter,
  AutoIdKind,
  AutoIdOrder,
  AutoIdStatus,
  FindingCode,
  Severity,
} from '../gql/graphql'
import { IdentitiesDocument } from '../gql/graphql'
import { shortHex } from '../logic/format'
import { useLive } from '../logic/live-query'
import { pointInTime, useMoment } from '../logic/moment'
import { oneOf } from '../logic/one-of'
import { among, isTime } from '../logic/unread'
import { maybeText, t } from '../text/text'
import { ConnectionCard } from '../ui/connection'
import { Choice, FilterChip, FilterField, Filters, Unread, useFilters } from '../ui/fields'
import { IdentityTable } from '../ui/lists'
import { Page } from '../ui/page'
import { usePage } from '../ui/pager'

const statuses: readonly AutoIdStatus[] = [
  'ACTIVE',
  'NOT_YET_VALID',
  'EXPIRED',
  'REVOKED',
  'DEACTIVATED',
]
const kinds: readonly AutoIdKind[] = ['ROOT', 'LEAF']
const severities: readonly Severity[] = ['CRITICAL', 'WARNING', 'INFO']
const orders: readonly AutoIdOrder[] = [
  'REGISTERED_AT_DESC',
  'REGISTERED_AT_ASC',
  'CHANGED_AT_DESC',
  'EXPIRES_AT_ASC',
  'EXPIRES_AT_DESC',
]
const readers = {
  status: among(statuses),
  kind: among(kinds),
  severity: among(severities),
  order: among(orders),
  finding: isFinding,
  expires: isTime,
}

/** Every identity ever registered, by filters that stand in the address. */
export default function Identities() {
  const { get, choose, type } = useFilters()
  const point = pointInTime(useMoment())
  const page = usePage()
  const orderBy = oneOf(get('order'), orders) ?? 'REGISTERED_AT_DESC'
  const state = useLive(
    IdentitiesDocument,
    {
      filter: filterOf(get),
      ...page,
      orderBy,
      ...(point ? { at: point } : {}),
    },
    { isLive: point === undefined },
  )
  return (
    <Page title={t('nav.autoids')} lead={t('identities.lead')}>
      <Filters>
        <FilterField
          label={t('identities.name')}
          value={get('name')}
          onChange={(value) => type('name', value)}
        />
        <Choice
          label={t('list.status')}
          value={get('status')}
          any={t('filters.any')}
          options={statuses.map((status) => [status, t(`status.${status}`)])}
          onChange={(value) => choose('status', value)}
        />
        <Choice
          label={t('list.kind')}
          value={get('kind')}
          any={t('filters.any')}
          options={kinds.map((kind) => [kind, t(`kind.${kind}`)])}
          onChange={(value) => choose('kind', value)}
        />
        <FilterField
          label={t('identities.issuer')}
          value={get('issuer')}
          placeholder="0x…"
          onChange={(value) => type('issuer', value)}
        />
        <FilterField
          label={t('identities.expiresBefore')}
          type="date"
          value={get('expires')}
          onChange={(value) => type('expires', value)}
        />
        <Choice
          label={t('identities.severity')}
          value={get('severity')}
          any={t('filters.any')}
          options={severities.map((severity) => [severity, t(`severity.${severity}`)])}
          onChange={(value) => choose('severity', value)}
        />
        <Choice
          label={t('filters.order')}
          value={orderBy}
          options={orders.map((order) => [order, t(`order.${order}`)])}
          onChange={(value) => choose('order', value)}
        />
        <Hidden get={get} choose={choose} />
      </Filters>
      <Unread readers={readers} />
      <ConnectionCard state={state} pick={(data) => data.autoIds} empty={t('identities.empty')}>
        {(rows) => <IdentityTable rows={rows} />}
      </ConnectionCard>
    </Page>
  )
}

/** Filters that links bring along and no field shows: named, so that no list is cut without a word. */
function Hidden({ get, choose }: Pick<ReturnType<typeof useFilters>, 'get' | 'choose'>) {
  const finding = maybeText(`finding.${get('finding')}`)
  return (
    <>
      {finding === undefined ? null : (
        <FilterChip text={finding} onRemove={() => choose('finding', '')} />
      )}
      {get('key') === '' ? null : (
        <FilterChip
          text={t('identities.key', { key: shortHex(get('key')) })}
          onRemove={() => choose('key', '')}
        />
      )}
    </>
  )
}

function filterOf(get: (name: string) => string): AutoIdFilter {
  const status = oneOf(get('status'), statuses)
  const kind = oneOf(get('kind'), kinds)
  const findingSeverity = oneOf(get('severity'), severities)
  const finding = get('finding')
  const expires = new Date(get('expires'))
  return {
    ...(status ? { status } : {}),
    ...(kind ? { kind } : {}),
    ...(get('name') ? { commonNameContains: get('name') } : {}),
    ...(get('issuer') ? { issuerId: get('issuer').toLowerCase() } : {}),
    ...(findingSeverity ? { findingSeverity } : {}),
    ...(isFinding(finding) ? { finding } : {}),
    ...(get('key') ? { publicKeySha256: get('key').toLowerCase() } : {}),
    ...(Number.isNaN(expires.getTime()) ? {} : { expiresBefore: expires.toISOString() }),
  }
}

/** Any code that the catalogue has words for. */
function isFinding(code: string): code is FindingCode {
  return maybeText(`finding.${code}`) !== undefined
}
