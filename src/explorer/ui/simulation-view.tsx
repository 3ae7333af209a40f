import type { SimulateQuery, Standing } from '../gql/graphql'
import { maybeText, t, tn } from '../text/text'
import type { Tone } from './badges'
import { Card } from './card'
import { Icon } from './icon'
import { BlockRef, Hex } from './ref'
import { Empty, Notice } from './states'
import { Table } from './table'
import { Time } from './time'

type Result = SimulateQuery['simulate']
type Props = { readonly result: Result }

/** What the chain would answer, what would change, and whose verdict would turn. */
export function SimulationView({ result }: Props) {
  const isApplied = result.outcome === 'APPLIED'
  const call = t(`call.${result.call}`)
  return (
    <>
      <div className={`verdict tone-${isApplied ? 'good' : 'bad'}`} role="status">
        <span className={`badge badge--big tone-${isApplied ? 'good' : 'bad'}`}>
          <Icon name={isApplied ? 'check' : 'cross'} size={20} />
          {t(isApplied ? 'preflight.applied' : 'preflight.refused')}
        </span>
        <div className="verdict__text">
          <strong>
            {isApplied
              ? t('preflight.applied.meaning', { call })
              : t('preflight.refused.meaning', { call })}
          </strong>
          {result.error == null ? null : (
            <div>
              {maybeText(`palletError.${result.error}`)} <code>{result.error}</code>
            </div>
          )}
          <div className="small">
            {t('verdict.at')} <Time value={result.at} isFocusable /> · {t('verdict.asOf')}{' '}
            <BlockRef height={result.asOf.height} />
          </div>
        </div>
      </div>
      {result.autoIdId == null ? null : (
        <p>
          {t('preflight.about')}{' '}
          <Hex value={result.autoIdId} what={t('list.id')} to={`/autoid/${result.autoIdId}`} />
        </p>
      )}
      <Reach result={result} />
      <Card title={t('preflight.standing')} isFlush>
        {result.standing.length === 0 ? (
          <Empty title={t('preflight.noChange')} icon="minus" />
        ) : (
          <StandingTable result={result} />
        )}
      </Card>
    </>
  )
}

function Reach({ result }: Props) {
  const reach = result.blastRadius
  if (reach == null) return null
  const count = reach.becomeInvalid + reach.becomeValid
  return (
    <Card title={t('preflight.reach')}>
      <div className="stack stack--tight">
        {count === 0 ? (
          <Notice tone="good" icon="check">
            {t('preflight.noReach')}
          </Notice>
        ) : null}
        {reach.becomeInvalid === 0 ? null : (
          <Notice tone="bad" icon="cross">
            {tn('preflight.becomeInvalid', reach.becomeInvalid)}
          </Notice>
        )}
        {reach.becomeValid === 0 ? null : (
          <Notice tone="good" icon="check">
            {tn('preflight.becomeValid', reach.becomeValid)}
          </Notice>
        )}
        {reach.partial ? (
          <Notice tone="warn" icon="warning">
            {t('preflight.partial')}
          </Notice>
        ) : null}
        <ul className="row">
          {reach.autoIdIds.map((id) => (
            <li key={id}>
              <Hex value={id} what={t('list.id')} to={`/autoid/${id}`} />
            </li>
          ))}
        </ul>
      </div>
    </Card>
  )
}

const tones: Readonly<Record<Standing, Tone>> = {
  ABSENT: 'idle',
  GOOD: 'good',
  NOT_VALID: 'warn',
  REVOKED: 'bad',
}

function StandingTable({ result }: Props) {
  return (
    <Table
      caption={t('preflight.standing')}
      rows={result.standing}
      keyOf={(row) => row.autoIdId}
      columns={[
        {
          title: t('list.identity'),
          cell: (row) => (
            <Hex value={row.autoIdId} what={t('list.id')} to={`/autoid/${row.autoIdId}`} />
          ),
        },
        { title: t('preflight.before'), cell: (row) => <StandingBadge standing={row.before} /> },
        { title: t('preflight.after'), cell: (row) => <StandingBadge standing={row.after} /> },
      ]}
    />
  )
}

function StandingBadge({ standing }: { readonly standing: Standing }) {
  return <span className={`badge tone-${tones[standing]}`}>{t(`standing.${standing}`)}</span>
}
