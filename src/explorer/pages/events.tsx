import type { EventFilter, EventKind } from '../gql/graphql'
import { EventsDocument } from '../gql/graphql'
import { useLive } from '../logic/live-query'
import { type PointInTime, pinned, pointInTime, untilMoment, useMoment } from '../logic/moment'
import { oneOf } from '../logic/one-of'
import { t } from '../text/text'
import { ConnectionCard } from '../ui/connection'
import { Choice, FilterField, Filters, useFilters, whole } from '../ui/fields'
import { EventTable } from '../ui/lists'
import { Page } from '../ui/page'
import { usePage } from '../ui/pager'

const kinds: readonly EventKind[] = ['REGISTERED', 'RENEWED', 'REVOKED', 'DEACTIVATED']
const PAGE_SIZE = 25

/** The registry's timeline. */
export default function Events() {
  const { get, set } = useFilters()
  const page = usePage(PAGE_SIZE)
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
          onChange={(value) => set('kind', value)}
        />
        <FilterField
          label={t('events.identity')}
          value={get('id')}
          placeholder="0x…"
          onChange={(value) => set('id', value)}
        />
        <FilterField
          label={t('events.signer')}
          value={get('signer')}
          onChange={(value) => set('signer', value)}
        />
        <FilterField
          label={t('events.from')}
          type="number"
          value={get('from')}
          onChange={(value) => set('from', value)}
        />
        <FilterField
          label={t('events.to')}
          type="number"
          value={get('to')}
          onChange={(value) => set('to', value)}
        />
      </Filters>
      <ConnectionCard state={state} pick={(data) => data.events} empty={t('events.empty')}>
        {(rows) => <EventTable rows={rows} />}
      </ConnectionCard>
    </Page>
  )
}

function filterOf(get: (name: string) => string, point: PointInTime | undefined): EventFilter {
  const kind = oneOf(get('kind'), kinds)
  const fromBlock = whole(get('from'))
  return {
    ...(kind ? { kind } : {}),
    ...(get('id') ? { autoId: get('id').toLowerCase() } : {}),
    ...(get('signer') ? { signer: get('signer') } : {}),
    ...(fromBlock === undefined ? {} : { fromBlock }),
    ...untilMoment(point, whole(get('to'))),
  }
}
