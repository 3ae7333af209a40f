import type { ClaimOutcome, ClaimsQuery } from '../gql/graphql'
import { t } from '../text/text'
import type { Tone } from './badges'
import { Icon, type IconName } from './icon'
import { Name } from './name'
import { Hex } from './ref'
import { Empty } from './states'
import { Table } from './table'

type Set = NonNullable<ClaimsQuery['claims']>
type Props = { readonly set: Set }

const looks: Readonly<Record<ClaimOutcome, readonly [Tone, IconName]>> = {
  ATTESTED: ['info', 'link'],
  REFUTED: ['bad', 'cross'],
  SELF_STATED: ['idle', 'info'],
  UNVERIFIED: ['warn', 'question'],
  VERIFIED: ['good', 'check'],
}

/** What is said about an identity, whose word it is, and a score by a policy that is ours. */
export function Claims({ set }: Props) {
  return (
    <>
      {set.claims.length === 0 ? (
        <Empty title={t('claims.none')} icon="minus" />
      ) : (
        <Table
          caption={t('claims.title')}
          rows={set.claims.map((claim, index) => ({ ...claim, key: `${index}` }))}
          keyOf={(row) => row.key}
          columns={[
            { title: t('claims.what'), cell: (row) => t(`claimKind.${row.kind}`) },
            {
              title: t('claims.value'),
              cell: (row) => (
                <>
                  <span className="chip">{row.name}</span> <Name value={row.value} />
                </>
              ),
            },
            {
              title: t('claims.outcome'),
              cell: (row) => <ClaimBadge outcome={row.verification} how={row.how} />,
            },
            { title: t('claims.by'), cell: (row) => <StatedBy value={row.statedBy} /> },
          ]}
        />
      )}
      <Assurance set={set} />
    </>
  )
}

function ClaimBadge({ outcome, how }: { readonly outcome: ClaimOutcome; readonly how: string }) {
  const [tone, icon] = looks[outcome]
  return (
    <span className={`badge tone-${tone}`} title={how}>
      <Icon name={icon} size={13} />
      {t(`claimOutcome.${outcome}`)}
    </span>
  )
}

const AUTO_ID = /^0x[0-9a-f]{64}$/

function StatedBy({ value }: { readonly value: string }) {
  if (!AUTO_ID.test(value)) return <Name value={value} isLine />
  return <Hex value={value} what={t('list.id')} to={`/autoid/${value}`} />
}

function Assurance({ set }: Props) {
  const { policy, score, terms } = set.assurance
  const percent = Math.round(score * 100)
  return (
    <details className="more more--inset">
      <summary>
        {t('claims.score', { percent })} <span className="muted">{policy}</span>
      </summary>
      <p className="muted small">{t('claims.score.hint')}</p>
      <ul className="stack stack--tight">
        {terms.map((term) => (
          <li key={term.kind} className="row">
            <span className={`badge tone-${term.met ? 'good' : 'idle'}`}>
              <Icon name={term.met ? 'check' : 'minus'} size={13} />
              {t(term.met ? 'claims.met' : 'claims.notMet', { weight: term.weight })}
            </span>
            <Name value={term.explanation} />
          </li>
        ))}
      </ul>
    </details>
  )
}
