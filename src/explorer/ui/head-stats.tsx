import type { StatusFieldsFragment } from '../gql/graphql'
import { t, tn } from '../text/text'
import { Name } from './name'
import { Ref } from './ref'
import { Stat, Stats } from './stat'
import { Notice } from './states'
import { Time } from './time'

/** Where the index stands, in figures. */
export function HeadStats({ status }: { readonly status: StatusFieldsFragment | undefined }) {
  const lag = status?.finalityLagBlocks
  return (
    <>
      <Trouble status={status} />
      <Stats>
        <Stat
          label={t('dashboard.head')}
          value={
            status && (
              <Ref to={`/block/${status.head.height}`}>{status.head.height.toLocaleString()}</Ref>
            )
          }
          note={status && <Time value={status.head.timestamp} show="relative" />}
        />
        <Stat
          label={t('dashboard.finalized')}
          value={status?.finalized.height}
          note={lag === undefined ? undefined : tn('dashboard.finalityLag', lag)}
        />
        <Stat
          label={t('dashboard.active')}
          value={status?.counts.registered}
          note={status && tn('dashboard.ofIdentities', status.counts.autoIds)}
        />
        <Stat label={t('nav.events')} value={status?.counts.events} />
        <Stat label={t('nav.failed')} value={status?.counts.failedCalls} />
        <Stat
          label={t('dashboard.lag')}
          value={status === undefined ? undefined : tn('dashboard.blocks', status.lagBlocks)}
          note={
            status && t(status.lagBlocks > LAG_TO_SHOW ? 'dashboard.behind' : 'dashboard.upToDate')
          }
        />
      </Stats>
    </>
  )
}

const LAG_TO_SHOW = 3

/** What an operator must see at once. */
function Trouble({ status }: { readonly status: StatusFieldsFragment | undefined }) {
  if (status === undefined) return null
  const { counts, error } = status
  return (
    <>
      {error == null ? null : (
        <Notice tone="bad" icon="warning">
          <strong>{t('trouble.error')}</strong> <Name value={error.message} />
        </Notice>
      )}
      {counts.quarantined === 0 ? null : (
        <Notice tone="warn" icon="warning">
          <Ref to="/quarantined">{tn('trouble.quarantined', counts.quarantined)}</Ref>
        </Notice>
      )}
    </>
  )
}
