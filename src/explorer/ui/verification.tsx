import type {
  CheckFieldsFragment,
  EvidenceFieldsFragment,
  FindingFieldsFragment,
  VerificationFieldsFragment,
} from '../gql/graphql'
import { maybeText, t, tn } from '../text/text'
import { EventBadge, OutcomeBadge, SeverityBadge, VerdictBadge, verdictLooks } from './badges'
import { Card } from './card'
import { Name } from './name'
import { BlockRef, Hex, IdentityRef, Ref } from './ref'
import { Sentence } from './sentence'
import { Empty, Notice } from './states'
import { Table } from './table'
import { Time } from './time'

/** The event on the chain that a statement rests on. */
export function Evidence({ event }: { readonly event: EvidenceFieldsFragment | null | undefined }) {
  if (event == null) return <span className="muted">{t('evidence.none')}</span>
  const text = t('evidence.event', { kind: t(`event.${event.kind}`), block: event.block.height })
  // What stood in the genesis state has no extrinsic behind it.
  if (event.extrinsicHash === '') {
    return (
      <>
        {text} <span className="muted">({t('list.genesis')})</span>
      </>
    )
  }
  return (
    <>
      <Ref to={`/extrinsic/${event.extrinsicHash}?event=${event.id}`}>{text}</Ref>
      {/* A link on paper leads nowhere: the name of what it leads to does. */}
      <code className="print-only small">{event.extrinsicHash}</code>
    </>
  )
}

type VerdictProps = { readonly result: VerificationFieldsFragment }

/** The answer in one strip: verdict, what it means, when and from what it was computed. */
export function VerdictStrip({ result }: VerdictProps) {
  return (
    <div className={`verdict tone-${verdictLooks[result.verdict].tone}`} role="status">
      <VerdictBadge verdict={result.verdict} isBig />
      <div className="verdict__text">
        <strong>{t(`verdict.${result.verdict}.meaning`)}</strong>
        <div className="small">
          {t('verdict.at')} <Time value={result.at} isFocusable /> · {t('verdict.asOf')}{' '}
          <BlockRef height={result.asOf.height} /> (
          {t(result.asOf.final ? 'block.final' : 'block.notFinal')}) ·{' '}
          {t(`profile.${result.profile}`)}
        </div>
        <Standing result={result} />
      </div>
    </div>
  )
}

function Standing({ result }: VerdictProps) {
  const { since, until, trustAnchor } = result
  return (
    <div className="small">
      {since == null ? null : (
        <>
          {t('verdict.since')} <Time value={since} isFocusable />
          <Turn result={result} />.{' '}
        </>
      )}
      {until == null ? null : (
        <>
          {t('verdict.until')} <Time value={until} isFocusable />.{' '}
        </>
      )}
      {trustAnchor == null ? null : (
        <>
          {t('verdict.anchor')} <IdentityRef {...trustAnchor} />
          {'. '}
        </>
      )}
    </div>
  )
}

/** What made the verdict begin to hold, and at whom. */
function Turn({ result }: VerdictProps) {
  const turn = result.turnedBy
  if (turn == null) return null
  const who = result.chain.find((link) => link.autoId?.id === turn.autoIdId)?.autoId
  return (
    <>
      {': '}
      {turn.evidence != null ? (
        <Evidence event={turn.evidence} />
      ) : turn.block == null ? (
        t('verdict.byClock')
      ) : (
        <>
          {t('verdict.byBlock')} <BlockRef height={turn.block.height} />
        </>
      )}
      {who == null ? null : (
        <>
          {' · '}
          <IdentityRef {...who} />
        </>
      )}
    </>
  )
}

/** Every check: those about the whole, then those of each hop, leaf first. */
export function CheckTables({ result }: VerdictProps) {
  return (
    <>
      {result.checks.length === 0 ? null : (
        <Card title={t('verify.whole')} isFlush>
          <Checks checks={result.checks} caption={t('verify.whole')} />
        </Card>
      )}
      {result.chain.map((link, index) => (
        <Card
          key={link.certificate?.tbsFingerprint ?? link.autoId?.id ?? index}
          title={t(index === 0 ? 'verify.subject' : 'verify.issuerLevel', { n: index })}
          isFlush
          tools={<LinkName link={link} />}
        >
          <Checks checks={link.checks} caption={t('verify.checks')} />
        </Card>
      ))}
    </>
  )
}

function LinkName({ link }: { readonly link: VerificationFieldsFragment['chain'][number] }) {
  return (
    <span className="row">
      {link.autoId == null ? (
        <Name value={link.certificate?.subject ?? ''} isLine />
      ) : (
        <IdentityRef {...link.autoId} />
      )}
      {link.certificate == null ? null : (
        <Hex
          value={link.certificate.tbsFingerprint}
          what={t('certificate.tbsFingerprint')}
          to={`/certificate/${link.certificate.tbsFingerprint}`}
        />
      )}
    </span>
  )
}

type ChecksProps = { readonly checks: readonly CheckFieldsFragment[]; readonly caption: string }

function Checks({ checks, caption }: ChecksProps) {
  return (
    <Table
      caption={caption}
      rows={checks.map((check, index) => ({ check, key: `${check.code}-${index}` }))}
      keyOf={(row) => row.key}
      columns={[
        {
          title: t('verify.outcome'),
          className: 'col-outcome',
          cell: ({ check }) => (
            <OutcomeBadge outcome={check.outcome} isUndetermined={check.undetermined} />
          ),
        },
        {
          title: t('verify.check'),
          className: 'col-check',
          cell: ({ check }) => (
            <>
              <div>{maybeText(`check.${check.code}`) ?? check.code}</div>
              <code className="muted small">{check.code}</code>
            </>
          ),
        },
        { title: t('verify.meaning'), cell: ({ check }) => <Meaning check={check} /> },
        {
          title: t('verify.evidence'),
          className: 'col-evidence',
          cell: ({ check }) => <Evidence event={check.evidence} />,
        },
      ]}
    />
  )
}

/** What is asked, in words of the catalogue, and what the service has to say about this case. */
function Meaning({ check }: { readonly check: CheckFieldsFragment }) {
  const meaning = maybeText(`check.${check.code}.text`)
  if (meaning === undefined) return <Sentence text={check.message} />
  return (
    <>
      <div>{meaning}</div>
      <div className="muted small">
        <Sentence text={check.message} />
      </div>
    </>
  )
}

export function Failures({ result }: VerdictProps) {
  if (result.failures.length === 0) return null
  return (
    <Card title={tn('verify.failures', result.failures.length)}>
      <ul className="stack stack--tight">
        {result.failures.map((failure, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: one code may fail at several certificates
          <li key={`${failure.code}-${index}`}>
            <Notice
              tone={failure.undetermined ? 'warn' : 'bad'}
              icon={failure.undetermined ? 'question' : 'cross'}
            >
              <span className="row">
                <strong>{maybeText(`check.${failure.code}`) ?? failure.code}</strong>
                <OutcomeBadge outcome={failure.outcome} isUndetermined={failure.undetermined} />
              </span>
              <Sentence text={failure.message} />
              {failure.since == null ? null : (
                <>
                  {' '}
                  {t('verdict.since')} <Time value={failure.since} />.
                </>
              )}{' '}
              {failure.evidence == null ? null : <Evidence event={failure.evidence} />}
            </Notice>
          </li>
        ))}
      </ul>
    </Card>
  )
}

type FindingsProps = { readonly findings: readonly FindingFieldsFragment[] }

/** What the chain let pass and a relying party should know, worst first. */
export function Findings({ findings }: FindingsProps) {
  if (findings.length === 0) {
    return <Empty title={t('findings.none')} hint={t('findings.none.hint')} icon="check" />
  }
  const rank = { CRITICAL: 0, WARNING: 1, INFO: 2 }
  const sorted = [...findings].sort((a, b) => rank[a.severity] - rank[b.severity])
  return (
    <ul className="findings">
      {sorted.map((finding, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: one code may be found several times
        <li key={`${finding.code}-${index}`} className={`finding finding--${finding.severity}`}>
          <span className="row">
            <SeverityBadge severity={finding.severity} />
            <strong title={finding.code}>
              {maybeText(`finding.${finding.code}`) ?? finding.code}
            </strong>
          </span>
          <div>
            <Name value={maybeText(`finding.${finding.code}.text`) ?? finding.message} />
          </div>
          <span className="row small">
            {finding.autoId == null ? null : <IdentityRef {...finding.autoId} />}
            {finding.evidence == null ? null : (
              <>
                <EventBadge kind={finding.evidence.kind} />
                <Evidence event={finding.evidence} />
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  )
}
