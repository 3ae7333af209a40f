import type { ReactNode } from 'react'
import {
  CertificatePageDocument,
  type CertificatePageQuery,
  IdentityVerdictDocument,
} from '../gql/graphql'
import { fromBase64 } from '../logic/bytes'
import { useLive } from '../logic/live-query'
import { type PointInTime, pointInTime, useMoment } from '../logic/moment'
import { plainName } from '../logic/name-parts'
import { toPem } from '../logic/pem'
import { saveBytes, saveText } from '../logic/save'
import { t } from '../text/text'
import { StatusBadge } from '../ui/badges'
import { Card } from '../ui/card'
import { CertificateView } from '../ui/certificate-view'
import { ChainAndFindings } from '../ui/chain-and-findings'
import { Facts } from '../ui/facts'
import { Icon } from '../ui/icon'
import { Name } from '../ui/name'
import { Page } from '../ui/page'
import { Hex, IdentityRef, Ref } from '../ui/ref'
import { Empty, Failure, Loading, Notice, Skeleton } from '../ui/states'
import { Failures, VerdictStrip } from '../ui/verification'

type Shown = NonNullable<CertificatePageQuery['certificate']>

/** One certificate at one moment, by the SHA-256 of its DER or of its TBS. */
export default function Certificate({ fingerprint }: { readonly fingerprint: string }) {
  const point = pointInTime(useMoment())
  const state = useLive(
    CertificatePageDocument,
    { fingerprint, ...(point ? { at: point } : {}) },
    { isLive: point === undefined },
  )
  const shown = state.isOther ? undefined : state.data?.certificate
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
    const title = t(point === undefined ? 'certificate.unknown' : 'certificate.unknownThen')
    return (
      <Page title={title}>
        <div className="card">
          <Empty title={title} hint={<code>{fingerprint}</code>} />
        </div>
      </Page>
    )
  }
  return <Shown certificate={shown} point={point} />
}

type ShownProps = { readonly certificate: Shown; readonly point: PointInTime | undefined }

function Shown({ certificate, point }: ShownProps) {
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
            <Ref to={`/verify?subject=${subject}`} className="button button--main">
              <Icon name="check" /> {t('identity.verify')}
            </Ref>
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
      <Standing subject={subject} point={point}>
        <Card title={t('certificate.place')}>
          <Place certificate={certificate} />
        </Card>
        <Card title={t('certificate.decoded')}>
          <CertificateView
            certificate={certificate}
            at={point === undefined ? undefined : autoId.asOf.timestamp}
          />
        </Card>
      </Standing>
    </Page>
  )
}

const VERDICT_HEIGHT = 90

type StandingProps = {
  readonly subject: string
  readonly point: PointInTime | undefined
  readonly children: ReactNode
}

/** What it is worth: the verdict, why, and whom it leads up to. The same question as on the verification page. */
function Standing({ subject, point, children }: StandingProps) {
  const state = useLive(
    IdentityVerdictDocument,
    { subject: { fingerprint: subject }, ...(point ? { at: point } : {}) },
    { isLive: point === undefined },
  )
  const result = state.isOther ? undefined : state.data?.verify
  if (state.error !== undefined) {
    return (
      <>
        <div className="card">
          <Failure error={state.error} onRetry={state.retry} />
        </div>
        {children}
      </>
    )
  }
  // As tall as a window, so that what stands below comes in at its place.
  if (result === undefined) {
    return (
      <Loading>
        <Skeleton lines={1} height={VERDICT_HEIGHT} />
        <Skeleton lines={1} height={900} />
      </Loading>
    )
  }
  return (
    <>
      <VerdictStrip result={result} />
      <Failures result={result} />
      {children}
      <ChainAndFindings result={result} />
    </>
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
