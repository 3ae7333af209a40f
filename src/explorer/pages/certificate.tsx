import { Link } from 'wouter'
import { CertificatePageDocument, type CertificatePageQuery } from '../gql/graphql'
import { fromBase64 } from '../logic/bytes'
import { useLive } from '../logic/live-query'
import { plainName } from '../logic/name-parts'
import { toPem } from '../logic/pem'
import { saveBytes, saveText } from '../logic/save'
import { t } from '../text/text'
import { StatusBadge } from '../ui/badges'
import { Card } from '../ui/card'
import { CertificateView } from '../ui/certificate-view'
import { Facts } from '../ui/facts'
import { Icon } from '../ui/icon'
import { Name } from '../ui/name'
import { Page } from '../ui/page'
import { Hex, IdentityRef } from '../ui/ref'
import { Empty, Failure, Loading, Notice, Skeleton } from '../ui/states'

type Shown = NonNullable<CertificatePageQuery['certificate']>

/** One certificate, by the SHA-256 of its DER or of its TBS. */
export default function Certificate({ fingerprint }: { readonly fingerprint: string }) {
  const state = useLive(CertificatePageDocument, { fingerprint })
  const shown = state.data?.certificate
  if (state.error !== undefined && state.data === undefined) {
    return (
      <Page title={t('certificate.one')}>
        <Failure error={state.error} onRetry={state.retry} />
      </Page>
    )
  }
  if (shown === undefined) {
    return (
      <Page title={t('certificate.one')}>
        <Loading>
          <div className="card">
            <Skeleton lines={16} height={28} />
          </div>
        </Loading>
      </Page>
    )
  }
  if (shown === null) {
    return (
      <Page title={t('certificate.unknown')}>
        <div className="card">
          <Empty title={t('certificate.unknown')} hint={<code>{fingerprint}</code>} />
        </div>
      </Page>
    )
  }
  return <Shown certificate={shown} />
}

function Shown({ certificate }: { readonly certificate: Shown }) {
  const { autoId } = certificate
  const subject = certificate.fingerprint ?? certificate.tbsFingerprint
  return (
    <Page
      title={autoId.commonName}
      heading={
        <div className="identity-head">
          <div className="stack stack--tight">
            <span className="muted small">{t('certificate.of')}</span>
            <h1 className="identity-head__name">
              <Name value={autoId.commonName} />
            </h1>
            <Hex value={certificate.serial} what={t('certificate.serial')} />
          </div>
          <div className="row no-print">
            <Link href={`/verify?subject=${subject}`} className="button button--main">
              <Icon name="check" /> {t('identity.verify')}
            </Link>
            <SaveButtons certificate={certificate} />
          </div>
        </div>
      }
    >
      {certificate.der == null ? (
        <Notice tone="warn" icon="warning">
          {t('certificate.noDer')}
        </Notice>
      ) : null}
      <Card title={t('certificate.place')}>
        <Place certificate={certificate} />
      </Card>
      <Card title={t('certificate.decoded')}>
        <CertificateView certificate={certificate} />
      </Card>
    </Page>
  )
}

function Place({ certificate }: { readonly certificate: Shown }) {
  const { autoId, issuer, issuerCertificate, registration } = certificate
  return (
    <Facts
      facts={[
        [
          t('list.identity'),
          <span key="a" className="row">
            <IdentityRef {...autoId} /> <StatusBadge status={autoId.status} />
          </span>,
        ],
        [t('lives.ordinal'), registration.ordinal],
        [t('list.issuer'), issuer == null ? t('list.itself') : <IdentityRef key="i" {...issuer} />],
        [
          t('certificate.issuerCertificate'),
          issuerCertificate == null ? null : (
            <Hex
              key="c"
              value={issuerCertificate.tbsFingerprint}
              what={t('certificate.tbsFingerprint')}
              to={`/certificate/${issuerCertificate.tbsFingerprint}`}
            />
          ),
        ],
      ]}
    />
  )
}

function SaveButtons({ certificate }: { readonly certificate: Shown }) {
  const der = certificate.der == null ? undefined : fromBase64(certificate.der)
  if (der === undefined) return null
  const name = plainName(certificate.autoId.commonName)
    .replace(/[^\w.-]+/g, '_')
    .slice(0, 60)
  return (
    <>
      <button
        type="button"
        className="button"
        onClick={() => saveText(`${name}.pem`, 'application/x-pem-file', toPem(der))}
      >
        <Icon name="down" /> PEM
      </button>
      <button
        type="button"
        className="button"
        onClick={() => saveBytes(`${name}.der`, 'application/pkix-cert', der)}
      >
        <Icon name="down" /> DER
      </button>
    </>
  )
}
