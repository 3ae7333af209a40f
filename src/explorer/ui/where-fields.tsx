import { type PointInTime, untilMoment } from '../logic/moment'
import { isWhole, whole } from '../logic/unread'
import { t } from '../text/text'
import { FilterField, type useFilters } from './fields'

type Filters = ReturnType<typeof useFilters>

/** Whom what happened was about, who paid for it, and in which blocks: the same for events and failed calls. */
export function WhereFields({ get, type }: Pick<Filters, 'get' | 'type'>) {
  const field = (name: string) => ({
    value: get(name),
    onChange: (value: string) => type(name, value),
  })
  return (
    <>
      <FilterField label={t('events.identity')} placeholder="0x…" {...field('id')} />
      <FilterField label={t('events.issuer')} placeholder="0x…" {...field('issuer')} />
      <FilterField label={t('events.signer')} {...field('signer')} />
      <FilterField label={t('events.from')} type="number" {...field('from')} />
      <FilterField label={t('events.to')} type="number" {...field('to')} />
    </>
  )
}

/** Of these fields the ones that may hold what cannot be understood. */
export const whereReaders = { from: isWhole, to: isWhole }

/** What these fields ask for, up to the moment of the page. */
export function whereOf(get: Filters['get'], point: PointInTime | undefined) {
  const fromBlock = whole(get('from'))
  return {
    ...(get('id') ? { autoId: get('id').toLowerCase() } : {}),
    ...(get('issuer') ? { issuerId: get('issuer').toLowerCase() } : {}),
    ...(get('signer') ? { signer: get('signer') } : {}),
    ...(fromBlock === undefined ? {} : { fromBlock }),
    ...untilMoment(point, whole(get('to'))),
  }
}
