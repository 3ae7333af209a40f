import { sha1 } from '@noble/hashes/legacy'
import type { CertificateFieldsFragment } from '../gql/graphql'
import { fromBase64, toHex } from '../logic/bytes'
import { colonHex } from '../logic/format'
import { t } from '../text/text'
import { Asn1Tree } from './asn1-tree'
import { Copy } from './copy'
import { Facts } from './facts'
import { Lines } from './lines'
import { Name } from './name'
import { BlockRef, Hex, Ref } from './ref'
import { Notice } from './states'
import { Tabs } from './tabs'
import { Time } from './time'
import { Validity } from './validity'
import { Evidence } from './verification'

type Props = { readonly certificate: CertificateFieldsFragment }

type ViewProps = Props & {
  /** The moment it is shown at; absent: now. */
  readonly at?: string | undefined
}

/** A decoded certificate: its fields, extensions, key, PEM, text and structure. */
export function CertificateView({ certificate, at }: ViewProps) {
  const { pem, der } = certificate
  return (
    <Tabs
      label={t('certificate.views')}
      tabs={[
        {
          id: 'fields',
          title: t('certificate.fields'),
          content: <Fields {...{ certificate, at }} />,
        },
        {
          id: 'extensions',
          title: t('certificate.extensions', { n: certificate.extensions.length }),
          content: <Extensions certificate={certificate} />,
        },
        { id: 'key', title: t('certificate.key'), content: <Key certificate={certificate} /> },
        { id: 'text', title: t('certificate.text'), content: <Text text={certificate.text} /> },
        ...(pem == null ? [] : [{ id: 'pem', title: 'PEM', content: <Text text={pem} /> }]),
        ...(der == null ? [] : [{ id: 'asn1', title: 'ASN.1', content: <Asn1Tree der={der} /> }]),
      ]}
    />
  )
}

function Fields({ certificate, at }: ViewProps) {
  return (
    <div className="stack stack--tight">
      <Problem text={certificate.rebuildProblem} title={t('certificate.noDer')} />
      <Problem text={certificate.parseProblem} title={t('certificate.refused')} />
      <FieldFacts certificate={certificate} at={at} />
    </div>
  )
}

type ProblemProps = { readonly text: string | null | undefined; readonly title: string }

function Problem({ text, title }: ProblemProps) {
  if (text == null) return null
  return (
    <Notice tone="warn" icon="warning">
      <strong>{title}</strong> <Name value={text} />
    </Notice>
  )
}

/** For comparing with other viewers only: nothing rests on it. */
function sha1Of(der: string | null | undefined): string | undefined {
  const bytes = der == null ? undefined : fromBase64(der)
  return bytes === undefined ? undefined : toHex(sha1(bytes))
}

function FieldFacts({ certificate, at }: ViewProps) {
  const fingerprint1 = sha1Of(certificate.der)
  return (
    <Facts
      facts={[
        [t('certificate.subject'), <Name key="s" value={certificate.subject} />],
        [t('certificate.issuerName'), <Name key="i" value={certificate.issuerName} />],
        [
          t('certificate.serial'),
          <Hex key="n" value={certificate.serial} what={t('certificate.serial')} isWhole />,
        ],
        [t('certificate.validity'), <Validity key="v" {...certificate} at={at} />],
        [
          t('certificate.signature'),
          <span key="a">
            <code>{certificate.signatureAlgorithm}</code>:{' '}
            {t(`signature.${certificate.signatureOutcome}`)}
          </span>,
        ],
        [
          t('certificate.san'),
          certificate.sanAutoId == null ? null : <Name key="u" value={certificate.sanAutoId} />,
        ],
        [
          t('certificate.fingerprint'),
          certificate.fingerprint == null ? (
            <span key="d" className="muted">
              {t('certificate.noDer')}
            </span>
          ) : (
            <Fingerprint
              key="d"
              value={certificate.fingerprint}
              what={t('certificate.fingerprint')}
            />
          ),
        ],
        [
          t('certificate.sha1'),
          fingerprint1 === undefined ? null : (
            <Fingerprint key="1" value={fingerprint1} what={t('certificate.sha1')} />
          ),
        ],
        [
          t('certificate.tbsFingerprint'),
          <Fingerprint
            key="t"
            value={certificate.tbsFingerprint}
            what={t('certificate.tbsFingerprint')}
          />,
        ],
        [t('certificate.inForce'), <InForce key="f" certificate={certificate} />],
        [t('certificate.revocation'), <Revocation key="r" certificate={certificate} />],
        [t('certificate.registeredBy'), <Evidence key="e" event={certificate.registeredBy} />],
      ]}
    />
  )
}

function Fingerprint({ value, what }: { readonly value: string; readonly what: string }) {
  return (
    <span className="mono">
      {colonHex(value)} <Copy text={value} what={what} />
    </span>
  )
}

function InForce({ certificate }: Props) {
  const { inForceFrom, inForceTo } = certificate
  return (
    <>
      {t('certificate.fromBlock')} <BlockRef height={inForceFrom.height} /> ·{' '}
      <Time value={inForceFrom.timestamp} isFocusable /> ·{' '}
      {inForceTo == null ? (
        t('certificate.stillInForce')
      ) : (
        <>
          {t('certificate.toBlock')} <BlockRef height={inForceTo.height} /> ·{' '}
          <Time value={inForceTo.timestamp} isFocusable />
        </>
      )}
    </>
  )
}

function Revocation({ certificate }: Props) {
  const { revocation } = certificate
  if (revocation == null) return <span className="muted">{t('certificate.notListed')}</span>
  return (
    <span className={revocation.reason === 'REVOKED' ? 'ink-bad' : 'ink-warn'}>
      {t(`reason.${revocation.reason}`)}, {t('block.in')}{' '}
      <BlockRef height={revocation.revokedAt.height} />{' '}
      <Time value={revocation.revokedAt.timestamp} isFocusable />
    </span>
  )
}

function Extensions({ certificate }: Props) {
  if (certificate.extensions.length === 0) {
    return (
      <Notice tone="idle" icon="info">
        {t('certificate.noExtensions')}
      </Notice>
    )
  }
  return (
    <Facts
      facts={certificate.extensions.map((extension, index) => [
        `${index + 1}. ${extension.name ?? extension.oid}`,
        <div key={extension.oid} className="stack stack--tight">
          <span className="row">
            <code className="muted">{extension.oid}</code>
            {extension.critical ? (
              <span className="badge tone-warn">{t('certificate.critical')}</span>
            ) : null}
          </span>
          {extension.value == null ? (
            <code className="muted">{extension.hex}</code>
          ) : (
            <span className="extension">
              <Name value={extension.value} />
            </span>
          )}
        </div>,
      ])}
    />
  )
}

function Key({ certificate }: Props) {
  const { publicKey } = certificate
  return (
    <Facts
      facts={[
        [t('key.algorithm'), <KeyName key="k" {...publicKey} />],
        [t('key.sha256'), <Fingerprint key="h" value={publicKey.sha256} what={t('key.sha256')} />],
        [
          t('key.holders'),
          <Ref key="o" to={`/autoids?key=${publicKey.sha256}`}>
            {t('key.holders.link')}
          </Ref>,
        ],
        [
          'SPKI',
          <span key="p" className="mono">
            {publicKey.spki} <Copy text={publicKey.spki} what="SPKI" />
          </span>,
        ],
        [
          'JWK',
          publicKey.jwk == null ? null : (
            <Text key="j" text={JSON.stringify(publicKey.jwk, null, 2)} />
          ),
        ],
      ]}
    />
  )
}

type KeyNameProps = { readonly algorithm: string; readonly bits?: number | null | undefined }

export function KeyName({ algorithm, bits }: KeyNameProps) {
  return <>{bits == null ? algorithm : t('key.name', { algorithm, bits: String(bits) })}</>
}

function Text({ text }: { readonly text: string }) {
  return (
    <div className="stack stack--tight">
      <div>
        <Copy text={text} what={t('copy.all')} isNamed />
      </div>
      <Lines text={text} />
    </div>
  )
}
