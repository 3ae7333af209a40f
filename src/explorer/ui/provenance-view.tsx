import { type ProvenanceQuery, SignerDocument } from '../gql/graphql'
import { useLive } from '../logic/live-query'
import { maybeText, t } from '../text/text'
import { StatusBadge, VerdictBadge, verdictLooks } from './badges'
import { Card } from './card'
import { Facts } from './facts'
import { Name } from './name'
import { BlockRef, Hex, IdentityRef, Ref } from './ref'
import { Notice } from './states'
import { Time } from './time'

type Result = ProvenanceQuery['verifyProvenance']
type Props = { readonly result: Result }

/** The answer about a file and its proof: who, with what, when, and how sure. */
export function ProvenanceView({ result }: Props) {
  return (
    <>
      <div className={`verdict tone-${verdictLooks[result.verdict].tone}`} role="status">
        <VerdictBadge verdict={result.verdict} isBig />
        <div className="verdict__text">
          <strong>{t(`provenance.${result.verdict}`)}</strong>
        </div>
      </div>
      <Card title={t('provenance.answer')}>
        <Facts
          facts={[
            [t('provenance.who'), <Who key="w" result={result} />],
            [t('provenance.with'), <With key="m" result={result} />],
            [t('provenance.content'), <Content key="c" result={result} />],
            [
              t('provenance.claimed'),
              result.claimedAt == null ? (
                <span key="t" className="muted">
                  {t('provenance.noClaim')}
                </span>
              ) : (
                <Time key="t" value={result.claimedAt} isFocusable />
              ),
            ],
            [t('provenance.proven'), <Proven key="p" result={result} />],
          ]}
        />
      </Card>
      <Sureness result={result} />
    </>
  )
}

function Who({ result }: Props) {
  const id = result.signer ?? undefined
  const state = useLive(SignerDocument, { id: id ?? '' }, { isPaused: id === undefined })
  if (id === undefined) return <span className="muted">{t('provenance.unknown')}</span>
  const signer = state.data?.autoId
  if (signer == null) return <Hex value={id} what={t('list.id')} to={`/autoid/${id}`} />
  return (
    <span className="row">
      <IdentityRef {...signer} />
      <StatusBadge status={signer.status} />
      <span className="muted small">{t('provenance.statusNow')}</span>
    </span>
  )
}

function With({ result }: Props) {
  const { model, tool } = result
  if (model == null && tool == null) return <span className="muted">{t('provenance.notSaid')}</span>
  return (
    <>
      {model == null ? null : <Name value={model} />}
      {model != null && tool != null ? ' · ' : null}
      {tool == null ? null : <Name value={tool} />}
    </>
  )
}

function Content({ result }: Props) {
  if (result.contentMatches == null) return <>{t('provenance.notCompared')}</>
  return result.contentMatches ? (
    <span className="ink-good">{t('provenance.matches')}</span>
  ) : (
    <span className="ink-bad">{t('provenance.differs')}</span>
  )
}

function Proven({ result }: Props) {
  const { anchor, provenAt, timeEvidence } = result
  if (provenAt == null) return <span className="ink-warn">{t('provenance.unproven')}</span>
  return (
    <>
      <Time value={provenAt} isFocusable /> · {t(`provenance.evidence.${timeEvidence}`)}
      {anchor == null ? null : (
        <>
          {' '}
          <BlockRef height={anchor.height} /> (
          <Ref to={`/extrinsic/${anchor.extrinsicHash}`}>{t('list.extrinsic')}</Ref>)
        </>
      )}
    </>
  )
}

function Sureness({ result }: Props) {
  const failures = result.failures.map((each) => ({ ...each, isFailure: true }))
  const findings = result.findings.map((each) => ({ ...each, isFailure: false }))
  const all = [...failures, ...findings]
  if (all.length === 0) return null
  const isBad = result.verdict === 'INVALID'
  return (
    <Card title={t('provenance.sure')}>
      <ul className="stack stack--tight">
        {all.map(({ code, message, isFailure }) => (
          <li key={code + message}>
            <Notice
              tone={isFailure ? (isBad ? 'bad' : 'warn') : 'info'}
              icon={isFailure ? (isBad ? 'cross' : 'question') : 'info'}
            >
              <strong>{maybeText(`provenanceCode.${code}`) ?? code}</strong>{' '}
              <Name value={message} />
            </Notice>
          </li>
        ))}
      </ul>
    </Card>
  )
}
