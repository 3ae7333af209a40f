import { t } from '../text/text'
import { ContinuityBadge } from './badges'
import { KeyName } from './certificate-view'
import { BlockRef, Hex, Ref } from './ref'
import { Skeleton } from './states'
import { Table } from './table'
import { Time } from './time'
import type { Life } from './timeline'

type Props = { readonly registrations: Life['registrations'] | undefined }

/** The registrations of an identifier: who held it when, and whether the holder stayed the same. */
export function Lives({ registrations }: Props) {
  if (registrations === undefined) {
    return (
      <div className="table-loading">
        <Skeleton lines={2} height={30} />
      </div>
    )
  }
  return (
    <Table
      caption={t('identity.lives')}
      rows={registrations}
      keyOf={(row) => String(row.ordinal)}
      columns={[
        { title: t('lives.ordinal'), cell: (row) => row.ordinal },
        {
          title: t('lives.from'),
          cell: (row) => (
            <>
              <BlockRef height={row.registeredAt.height} /> ·{' '}
              <Time value={row.registeredAt.timestamp} show="day" />
            </>
          ),
        },
        {
          title: t('lives.to'),
          cell: (row) =>
            row.deactivatedAt == null ? (
              <span className="muted">{t('lives.lasting')}</span>
            ) : (
              <>
                <BlockRef height={row.deactivatedAt.height} /> ·{' '}
                <Time value={row.deactivatedAt.timestamp} show="day" />
              </>
            ),
        },
        {
          title: t('lives.continuity'),
          cell: (row) => <ContinuityBadge continuity={row.continuity} />,
        },
        {
          title: t('certificate.key'),
          cell: (row) => (
            <>
              <KeyName {...row.publicKey} />{' '}
              <Hex value={row.publicKey.sha256} what={t('key.sha256')} />
            </>
          ),
        },
        {
          title: t('lives.certificates'),
          cell: (row) => (
            <ul>
              {row.certificates.map((certificate) => (
                <li key={`${certificate.tbsFingerprint}-${certificate.inForceFrom.height}`}>
                  <Ref to={`/certificate/${certificate.tbsFingerprint}`}>
                    <span className="mono">{certificate.serial}</span>
                  </Ref>
                </li>
              ))}
            </ul>
          ),
        },
      ]}
    />
  )
}
