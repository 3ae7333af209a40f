import type { AutoIdStatus, CheckFieldsFragment, VerificationFieldsFragment } from '../gql/graphql'
import { t } from '../text/text'
import { StatusBadge, statusLooks } from './badges'
import { Children } from './children'
import { Icon } from './icon'
import { Name } from './name'
import { IdentityRef, Ref } from './ref'
import { Sentence } from './sentence'
import { Time } from './time'

type Link = VerificationFieldsFragment['chain'][number]

/** The chain of trust, root at the top, each hop with its state and what it issued. */
export function Chain({ links }: { readonly links: readonly Link[] }) {
  const fromRoot = [...links].reverse()
  return (
    <ol className="chain" aria-label={t('chain.label')}>
      {fromRoot.map((link, index) => (
        <Node
          key={link.autoId?.id ?? link.certificate?.tbsFingerprint ?? index}
          link={link}
          isLast={index === fromRoot.length - 1}
        />
      ))}
    </ol>
  )
}

function Node({ link, isLast }: { readonly link: Link; readonly isLast: boolean }) {
  const status = link.autoId?.status
  const failed = link.checks.filter((check) => check.outcome === 'FAILED' || check.undetermined)
  const isBad = failed.some((check) => check.outcome === 'FAILED')
  const tone = isBad ? 'bad' : failed.length > 0 ? 'warn' : toneOf(status)
  return (
    <li className={isLast ? 'chain__node chain__node--last' : 'chain__node'}>
      <span className={`chain__dot tone-${tone}`}>
        <Icon name={isBad ? 'cross' : failed.length > 0 ? 'question' : iconOf(status)} size={15} />
      </span>
      <div className={isLast ? 'chain__box chain__box--here' : 'chain__box'}>
        <span className="row">
          {link.autoId == null ? (
            <Name value={link.certificate?.subject ?? ''} isLine />
          ) : (
            <IdentityRef {...link.autoId} />
          )}
          {status === undefined ? null : <StatusBadge status={status} />}
        </span>
        <Details link={link} failed={failed} />
        {link.autoId == null ? null : (
          <Children issuer={link.autoId.id} total={link.autoId.issued.totalCount} />
        )}
      </div>
    </li>
  )
}

function toneOf(status: AutoIdStatus | undefined) {
  return status === undefined ? 'idle' : statusLooks[status].tone
}

function iconOf(status: AutoIdStatus | undefined) {
  return status === undefined ? 'question' : statusLooks[status].icon
}

type DetailsProps = { readonly link: Link; readonly failed: readonly CheckFieldsFragment[] }

function Details({ link, failed }: DetailsProps) {
  return (
    <>
      <span className="muted small">
        {link.autoId == null ? null : `${t(`kind.${link.autoId.kind}`)} · `}
        {link.certificate == null ? (
          t('chain.noCertificate')
        ) : (
          <>
            {t('chain.until')} <Time value={link.certificate.notAfter} show="day" /> ·{' '}
            <Ref to={`/certificate/${link.certificate.tbsFingerprint}`}>{t('certificate.one')}</Ref>
          </>
        )}
      </span>
      {failed.map((check) => (
        <span
          key={check.code + check.message}
          className={`small ink-${check.undetermined ? 'warn' : 'bad'}`}
        >
          <Sentence text={check.message} />
        </span>
      ))}
    </>
  )
}
