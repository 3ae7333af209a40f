import { type FormEvent, useId, useState } from 'react'
import { useSearch } from 'wouter'
import { SimulateDocument, type SimulateQueryVariables } from '../gql/graphql'
import { useLive } from '../logic/live-query'
import { certificatesIn, certificatesOfFiles } from '../logic/pem'
import { t } from '../text/text'
import { Card } from '../ui/card'
import { useDrop } from '../ui/drop-target'
import { TextField } from '../ui/fields'
import { Icon } from '../ui/icon'
import { Page } from '../ui/page'
import { SimulationView } from '../ui/simulation-view'
import { Failure, Loading, Skeleton } from '../ui/states'
import { Toggle } from '../ui/toggle'
import { ToolTabs } from '../ui/tool-tabs'

type Kind = 'certificate' | 'call'

/** What the chain would answer to a call, before anybody pays for it: why a renewal would be refused. */
export default function Preflight() {
  const given = new URLSearchParams(useSearch())
  const [kind, setKind] = useState<Kind>('certificate')
  const [text, setText] = useState('')
  const [issuer, setIssuer] = useState(given.get('issuer') ?? '')
  const [renews, setRenews] = useState(given.get('renews') ?? '')
  const [isRefused, setRefused] = useState(false)
  const [asked, setAsked] = useState<SimulateQueryVariables>()
  // An answer stands under the question it answers, or not at all.
  const edit = (set: (value: string) => void) => (value: string) => {
    setAsked(undefined)
    setRefused(false)
    set(value)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setAsked(
      kind === 'call'
        ? { call: text.trim() }
        : { certificate: { pem: text, ...idOf('issuerId', issuer), ...idOf('renews', renews) } },
    )
  }
  useDrop(t('preflight.drop'), async (files) => {
    const pem = await certificatesOfFiles(files)
    setRefused(pem === undefined)
    setAsked(undefined)
    if (pem === undefined) return
    setKind('certificate')
    setText(pem)
  })
  const isReady = kind === 'call' ? text.trim() !== '' : certificatesIn(text) !== undefined
  return (
    <Page title={t('preflight.title')} lead={t('preflight.lead')}>
      <ToolTabs />
      <Card title={t('preflight.what')} isScreenOnly>
        <form className="stack stack--tight" onSubmit={submit}>
          <div>
            <Toggle
              label={t('preflight.kind')}
              value={kind}
              options={[
                ['certificate', t('preflight.certificate')],
                ['call', t('preflight.call')],
              ]}
              onChange={edit((value) => setKind(value === 'call' ? 'call' : 'certificate'))}
            />
          </div>
          <Input kind={kind} value={text} onChange={edit(setText)} />
          {isRefused ? (
            <span className="ink-bad" role="alert">
              {t('drop.refused')}
            </span>
          ) : null}
          {kind === 'call' ? null : (
            <div className="filters filters--wide">
              <TextField
                label={t('preflight.issuer')}
                value={issuer}
                placeholder={t('preflight.issuer.none')}
                onChange={edit(setIssuer)}
              />
              <TextField
                label={t('preflight.renews')}
                value={renews}
                placeholder={t('preflight.renews.none')}
                onChange={edit(setRenews)}
              />
            </div>
          )}
          <div className="row">
            <button type="submit" className="button button--main" disabled={!isReady}>
              <Icon name="check" /> {t('preflight.ask')}
            </button>
            <span className="muted small">{t('preflight.free')}</span>
          </div>
        </form>
      </Card>
      {asked === undefined ? null : <Answer key={JSON.stringify(asked)} asked={asked} />}
    </Page>
  )
}

function idOf(name: 'issuerId' | 'renews', value: string) {
  return value.trim() === '' ? {} : { [name]: value.trim().toLowerCase() }
}

type InputProps = {
  readonly kind: Kind
  readonly value: string
  readonly onChange: (value: string) => void
}

function Input({ kind, value, onChange }: InputProps) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{t(`preflight.${kind}.input`)}</label>
      <textarea
        id={id}
        className="input"
        rows={6}
        placeholder={kind === 'call' ? '0x28…' : '-----BEGIN CERTIFICATE-----'}
        value={value}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  )
}

/** Asked again with every block: what would apply now need not a minute later. */
function Answer({ asked }: { readonly asked: SimulateQueryVariables }) {
  const state = useLive(SimulateDocument, asked)
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
  return <SimulationView result={state.data.simulate} />
}
