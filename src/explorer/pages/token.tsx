import { type FormEvent, useId, useState } from 'react'
import { TokenDocument, type TokenQuery } from '../gql/graphql'
import { useLive } from '../logic/live-query'
import { type PointInTime, pointInTime, useMoment } from '../logic/moment'
import { maybeText, t } from '../text/text'
import { VerdictBadge, verdictLooks } from '../ui/badges'
import { Card } from '../ui/card'
import { TextField } from '../ui/fields'
import { Icon } from '../ui/icon'
import { Lines } from '../ui/lines'
import { Name } from '../ui/name'
import { Page } from '../ui/page'
import { BlockRef, Hex } from '../ui/ref'
import { Empty, Failure, Loading, Notice, Skeleton } from '../ui/states'
import { Table } from '../ui/table'
import { Time } from '../ui/time'
import { ToolTabs } from '../ui/tool-tabs'

type Asked = { readonly jwt: string; readonly audience?: string; readonly trustAnchors?: string[] }
type Result = TokenQuery['verifyToken']

/** A token signed by an Auto ID, and the grants it carries. Tokens open doors: none stands in the address. */
export default function Token() {
  const id = useId()
  const [jwt, setJwt] = useState('')
  const [audience, setAudience] = useState('')
  const [anchors, setAnchors] = useState('')
  const [asked, setAsked] = useState<Asked>()
  const point = pointInTime(useMoment())
  // An answer stands under the question it answers, or not at all.
  const edit = (set: (value: string) => void) => (value: string) => {
    setAsked(undefined)
    set(value)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const trustAnchors = anchors.split(/[\s,]+/).filter((each) => each !== '')
    setAsked({
      jwt: jwt.trim(),
      ...(audience.trim() === '' ? {} : { audience: audience.trim() }),
      ...(trustAnchors.length === 0 ? {} : { trustAnchors }),
    })
  }
  return (
    <Page title={t('token.title')} lead={t('token.lead')}>
      <ToolTabs />
      <Card title={t('token.what')} isScreenOnly>
        <form className="stack stack--tight" onSubmit={submit}>
          <div className="field">
            <label htmlFor={id}>{t('token.jwt')}</label>
            <textarea
              id={id}
              className="input"
              rows={5}
              placeholder="eyJhbGciOi…"
              value={jwt}
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => edit(setJwt)(event.target.value)}
            />
          </div>
          <div className="filters">
            <TextField
              label={t('token.audience')}
              value={audience}
              placeholder={t('token.audience.any')}
              onChange={edit(setAudience)}
            />
            <TextField
              label={t('policy.anchors')}
              value={anchors}
              placeholder={t('policy.anchors.any')}
              onChange={edit(setAnchors)}
            />
          </div>
          <div>
            <button type="submit" className="button button--main" disabled={jwt.trim() === ''}>
              <Icon name="check" /> {t('identity.verify')}
            </button>
          </div>
        </form>
      </Card>
      {asked === undefined ? null : (
        <Answer key={JSON.stringify([asked, point])} asked={asked} point={point} />
      )}
    </Page>
  )
}

type AnswerProps = { readonly asked: Asked; readonly point: PointInTime | undefined }

function Answer({ asked, point }: AnswerProps) {
  const variables = { ...asked, ...(point ? { at: point } : {}) }
  const state = useLive(TokenDocument, variables, { isLive: point === undefined })
  if (state.error !== undefined) {
    return (
      <div className="card">
        <Failure error={state.error} onRetry={state.retry} />
      </div>
    )
  }
  if (state.data === undefined) {
    return (
      <Loading>
        <Skeleton lines={3} height={90} />
      </Loading>
    )
  }
  return <Shown result={state.data.verifyToken} />
}

function Shown({ result }: { readonly result: Result }) {
  return (
    <>
      <div className={`verdict tone-${verdictLooks[result.verdict].tone}`} role="status">
        <VerdictBadge verdict={result.verdict} isBig />
        <div className="verdict__text">
          <strong>{t(`token.${result.verdict}`)}</strong>
          <div className="small">
            {t('verdict.at')} <Time value={result.at} isFocusable /> · {t('verdict.asOf')}{' '}
            <BlockRef height={result.asOf.height} />
          </div>
        </div>
      </div>
      {result.faults.length === 0 ? null : <Faults result={result} />}
      <Card title={t('token.authority')} isFlush>
        {result.authority.length === 0 ? (
          <Empty title={t('token.noAuthority')} icon="minus" />
        ) : (
          <Authority result={result} />
        )}
      </Card>
      {result.claims == null ? null : (
        <Card title={t('token.claims')}>
          <Lines text={JSON.stringify(result.claims, null, 2)} />
        </Card>
      )}
    </>
  )
}

function Faults({ result }: { readonly result: Result }) {
  const tone = result.verdict === 'INVALID' ? 'bad' : 'warn'
  return (
    <Card title={t('token.faults')}>
      <ul className="stack stack--tight">
        {result.faults.map(({ code, link, message }) => (
          <li key={`${code}-${link}-${message}`}>
            <Notice tone={tone} icon={tone === 'bad' ? 'cross' : 'question'}>
              <strong>{maybeText(`tokenFault.${code}`) ?? code}</strong>{' '}
              {link === 0 ? null : `(${t('token.grant', { n: link })}) `}
              <Name value={message} />
            </Notice>
          </li>
        ))}
      </ul>
    </Card>
  )
}

/** Who let whom do what: the token first, whoever granted first last. */
function Authority({ result }: { readonly result: Result }) {
  return (
    <Table
      caption={t('token.authority')}
      rows={result.authority.map((link, index) => ({ ...link, index }))}
      keyOf={(row) => String(row.index)}
      columns={[
        {
          title: t('token.link'),
          cell: (row) => (row.index === 0 ? t('token.itself') : t('token.grant', { n: row.index })),
        },
        {
          title: t('token.issuer'),
          cell: (row) => (
            <Hex value={row.issuer} what={t('list.id')} to={`/autoid/${row.issuer}`} />
          ),
        },
        {
          title: t('token.subject'),
          cell: (row) => (row.subject == null ? '–' : <Name value={row.subject} isLine />),
        },
        {
          title: t('token.scope'),
          cell: (row) => (row.scope.length === 0 ? '–' : <Name value={row.scope.join(' ')} />),
        },
        { title: t('list.expires'), cell: (row) => <Time value={row.expiresAt} /> },
        {
          title: t('token.root'),
          cell: (row) =>
            row.trustAnchor == null ? (
              '–'
            ) : (
              <Hex value={row.trustAnchor} what={t('list.id')} to={`/autoid/${row.trustAnchor}`} />
            ),
        },
      ]}
    />
  )
}
