import { QuarantinedDocument } from '../gql/graphql'
import { useLive } from '../logic/live-query'
import { t } from '../text/text'
import { ConnectionCard } from '../ui/connection'
import { Name } from '../ui/name'
import { Page } from '../ui/page'
import { usePage } from '../ui/pager'
import { BlockRef, Hex } from '../ui/ref'
import { Table } from '../ui/table'
import { Time } from '../ui/time'

/** Extrinsics that could not be decoded: the index says so rather than guess what they did. */
export default function Quarantined() {
  const state = useLive(QuarantinedDocument, usePage())
  return (
    <Page title={t('quarantined.title')} lead={t('quarantined.lead')}>
      <ConnectionCard
        state={state}
        pick={(data) => data.quarantined}
        empty={t('quarantined.empty')}
        hint={t('quarantined.empty.hint')}
      >
        {(rows) => (
          <Table
            caption={t('quarantined.title')}
            rows={rows}
            keyOf={(row) => row.id}
            columns={[
              { title: t('list.block'), cell: (row) => <BlockRef height={row.block.height} /> },
              { title: t('list.time'), cell: (row) => <Time value={row.block.timestamp} /> },
              { title: t('extrinsic.index'), cell: (row) => row.extrinsicIndex },
              {
                title: t('list.extrinsic'),
                cell: (row) => <Hex value={row.extrinsicHash} what={t('list.extrinsic')} />,
              },
              { title: t('quarantined.length'), cell: (row) => row.length },
              { title: t('list.reason'), cell: (row) => <Name value={row.reason} /> },
            ]}
          />
        )}
      </ConnectionCard>
    </Page>
  )
}
