import { useState } from 'react'
import type { RevocationListQuery } from '../gql/graphql'
import { t } from '../text/text'
import { PageButtons } from './pager'
import { BlockRef } from './ref'
import { Empty } from './states'
import { Table } from './table'
import { Time } from './time'
import { Evidence } from './verification'

const PAGE = 25

type Props = { readonly entries: RevocationListQuery['revocationList']['entries'] }

/** A revocation list, a page at a time: lists may have thousands of entries. */
export function RevocationTable({ entries }: Props) {
  const [page, setPage] = useState(0)
  if (entries.length === 0) return <Empty title={t('issuer.noneRevoked')} icon="check" />
  const last = Math.ceil(entries.length / PAGE) - 1
  const shown = Math.min(page, last)
  const rows = entries.slice(shown * PAGE, (shown + 1) * PAGE)
  return (
    <>
      <Table
        caption={t('issuer.list')}
        rows={rows}
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
      {last === 0 ? null : (
        <PageButtons
          first={shown * PAGE + 1}
          shown={rows.length}
          total={entries.length}
          onFirst={shown === 0 ? undefined : () => setPage(0)}
          onPrevious={shown === 0 ? undefined : () => setPage(shown - 1)}
          onNext={shown === last ? undefined : () => setPage(shown + 1)}
        />
      )}
    </>
  )
}
