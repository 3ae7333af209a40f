import type { EventLineFragment, FailedLineFragment, IdentityLineFragment } from '../gql/graphql'
import { maybeText, t } from '../text/text'
import { CallBadge, EventBadge, StatusBadge } from './badges'
import { BlockRef, Hex, IdentityRef } from './ref'
import { type Column, Table } from './table'
import { Time } from './time'

export function IdentityTable({ rows }: { readonly rows: readonly IdentityLineFragment[] }) {
  const columns: readonly Column<IdentityLineFragment>[] = [
    { title: t('list.name'), className: 'table__name', cell: (row) => <IdentityRef {...row} /> },
    { title: t('list.status'), cell: (row) => <StatusBadge status={row.status} /> },
    { title: t('list.kind'), cell: (row) => t(`kind.${row.kind}`) },
    {
      title: t('list.issuer'),
      className: 'table__name',
      cell: (row) =>
        row.issuer == null ? (
          <span className="muted">{t('list.itself')}</span>
        ) : (
          <IdentityRef {...row.issuer} />
        ),
    },
    {
      title: t('list.expires'),
      cell: (row) =>
        row.certificate == null ? '–' : <Time value={row.certificate.notAfter} show="day" />,
    },
    {
      title: t('list.id'),
      cell: (row) => <Hex value={row.id} what={t('list.id')} />,
    },
  ]
  return <Table caption={t('nav.autoids')} columns={columns} rows={rows} keyOf={(row) => row.id} />
}

type EventsProps = {
  readonly rows: readonly EventLineFragment[]
  readonly marked?: string
  /** Left out on an identity's own page. */
  readonly hasIdentity?: boolean
  readonly hasBlock?: boolean
  /** For the dashboard: no extrinsic. */
  readonly isShort?: boolean
}

export function EventTable(props: EventsProps) {
  const { rows, marked, hasIdentity = true, hasBlock = true, isShort = false } = props
  const columns: readonly Column<EventLineFragment>[] = [
    { title: t('list.event'), cell: (row) => <EventBadge kind={row.kind} /> },
    ...(hasIdentity
      ? [
          {
            title: t('list.identity'),
            className: 'table__name',
            cell: (row: EventLineFragment) => <IdentityRef {...row.autoId} />,
          },
        ]
      : []),
    { title: t('list.certificate'), cell: (row) => <CertificateCell row={row} /> },
    ...(hasBlock
      ? [
          {
            title: t('list.block'),
            cell: (row: EventLineFragment) => <BlockRef height={row.block.height} />,
          },
          {
            title: t('list.time'),
            className: 'nowrap',
            cell: (row: EventLineFragment) => <Time value={row.block.timestamp} />,
          },
        ]
      : []),
    ...(isShort
      ? []
      : [
          {
            title: t('list.extrinsic'),
            cell: (row: EventLineFragment) => (
              <ExtrinsicCell hash={row.extrinsicHash} path={row.callPath} />
            ),
          },
        ]),
  ]
  return (
    <Table
      caption={t('nav.events')}
      columns={columns}
      rows={rows}
      keyOf={(row) => row.id}
      isMarked={(row) => row.id === marked}
    />
  )
}

function CertificateCell({ row }: { readonly row: EventLineFragment }) {
  if (row.certificate == null) return <>–</>
  return (
    <Hex
      value={row.certificate.serial}
      what={t('certificate.serial')}
      to={`/certificate/${row.certificate.tbsFingerprint}`}
    />
  )
}

function ExtrinsicCell({ hash, path }: { readonly hash: string | null; readonly path: string }) {
  if (hash === null || hash === '') return <span className="muted">{t('list.genesis')}</span>
  return (
    <>
      <Hex value={hash} what={t('list.extrinsic')} to={`/extrinsic/${hash}`} />
      {path === '' ? null : <span className="chip">{t('list.nested', { path })}</span>}
    </>
  )
}

type FailedProps = {
  readonly rows: readonly FailedLineFragment[]
  /** Left out on the page of a block or an extrinsic. */
  readonly hasBlock?: boolean
}

export function FailedTable({ rows, hasBlock = true }: FailedProps) {
  const columns: readonly Column<FailedLineFragment>[] = [
    { title: t('list.call'), cell: (row) => t(`call.${row.call}`) },
    { title: t('list.outcome'), cell: (row) => <CallBadge status={row.status} /> },
    { title: t('list.reason'), cell: (row) => <Reason row={row} /> },
    {
      title: t('list.identity'),
      cell: (row) =>
        row.autoIdId == null ? (
          '–'
        ) : (
          <Hex value={row.autoIdId} what={t('list.id')} to={`/autoid/${row.autoIdId}`} />
        ),
    },
    ...(hasBlock
      ? [
          {
            title: t('list.block'),
            cell: (row: FailedLineFragment) => <BlockRef height={row.block.height} />,
          },
          {
            title: t('list.time'),
            className: 'nowrap',
            cell: (row: FailedLineFragment) => <Time value={row.block.timestamp} />,
          },
        ]
      : []),
    {
      title: t('list.extrinsic'),
      cell: (row) => <ExtrinsicCell hash={row.extrinsicHash} path={row.callPath} />,
    },
  ]
  return <Table caption={t('nav.failed')} columns={columns} rows={rows} keyOf={(row) => row.id} />
}

function Reason({ row }: { readonly row: FailedLineFragment }) {
  const error = row.error ?? undefined
  return (
    <>
      <div>
        {error === undefined
          ? t(`callStatus.${row.status}.meaning`)
          : (maybeText(`palletError.${error}`) ?? error)}
      </div>
      {error === undefined ? null : <code className="muted">{error}</code>}
      {row.derived ? <span className="chip">{t('list.derived')}</span> : null}
    </>
  )
}
