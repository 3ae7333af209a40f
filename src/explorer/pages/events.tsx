import type { EventFilter, EventKind } from '../gql/graphql'
import { EventsDocument } from '../gql/graphql'
import { useLive } from '../logic/live-query'
import { type PointInTime, pinned, pointInTime, useMoment } from '../logic/moment'
import { oneOf } from '../logic/one-of'
import { among } from '../logic/unread'
import { t } from '../text/text'
import { ConnectionCard } from '../ui/connection'
import { Choice, Filters, Unread, useFilters } from '../ui/fields'
import { EventTable } from '../ui/lists'
import { Page } from '../ui/page'
import { usePage } from '../ui/pager'
import { WhereFields, whereOf, whereReaders } from '../ui/where-fields'

const kinds: readonly EventKind[] = ['REGISTERED', 'RENEWED', 'REVOKED', 'DEACTIVATED']
const readers = { kind: among(kinds), ...whereReaders }

/** The registry's timeline. */
export default function Events() {
  const { get, choose, type } = useFilters()
  const page = usePage()
  const point = pointInTime(useMoment())
  const state = useLive(
    EventsDocument,
    { filter: filterOf(get, point), ...page, ...pinned(point) },
    { isLive: point === undefined },
  )
  return (
    <Page title={t('nav.events')} lead={t('events.lead')}>
      <Filters>
        <Choice
          label={t('list.event')}
          value={get('kind')}
          any={t('filters.any')}
          options={kinds.map((kind) => [kind, t(`event.${kind}`)])}
          onChange={(value) => choose('kind', value)}
        />
        <WhereFields get={get} type={type} />
      </Filters>
      <Unread readers={readers} />
      <ConnectionCard state={state} pick={(data) => data.events} empty={t('events.empty')}>
        {(rows) => <EventTable rows={rows} />}
      </ConnectionCard>
    </Page>
  )
}

function filterOf(get: (name: string) => string, point: PointInTime | undefined): EventFilter {
  const kind = oneOf(get('kind'), kinds)
  return { ...(kind ? { kind } : {}), ...whereOf(get, point) }
}
