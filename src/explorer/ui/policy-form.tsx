import { useSearchParams } from 'wouter'
import { mainRules, moreRules, profileOf, type Question, type Rule } from '../logic/policy'
import { maybeText, type TextKey, t } from '../text/text'
import { Card } from './card'
import { Choice, FilterField } from './fields'

type Props = { readonly question: Question }

/** By which rules, and at which moment: everything stands in the address. */
export function Policy({ question }: Props) {
  const profile = profileOf(question)
  const isShown = (rule: Rule) =>
    rule.profile === undefined || rule.profile === profile || rule.name in question.rules
  const isOpen = moreRules.some(({ name }) => name in question.rules)
  return (
    <Card title={t('policy.title')} isScreenOnly>
      <fieldset className="filters">
        <legend className="hidden-visually">{t('policy.title')}</legend>
        {mainRules.map((rule) => (
          <RuleField key={rule.name} rule={rule} />
        ))}
        <NumberField name="block" />
        <TimeField />
      </fieldset>
      <details className="more" open={isOpen}>
        <summary>{t('policy.more')}</summary>
        <fieldset className="filters">
          <legend className="hidden-visually">{t('policy.more')}</legend>
          <NumberField name="known" />
          {moreRules.filter(isShown).map((rule) => (
            <RuleField key={rule.name} rule={rule} />
          ))}
        </fieldset>
      </details>
    </Card>
  )
}

function useParameter(name: string, others: readonly string[] = []) {
  const [params, setParams] = useSearchParams()
  const set = (value: string) =>
    setParams(
      (old) => {
        const next = new URLSearchParams(old)
        for (const each of [name, ...others]) next.delete(each)
        if (value !== '') next.set(name, value)
        return next
      },
      { replace: true },
    )
  return [params.get(name) ?? '', set] as const
}

function RuleField({ rule }: { readonly rule: Rule }) {
  const { name, values } = rule
  const [value, set] = useParameter(name)
  const label = t(`policy.${name}` as TextKey)
  if (values === undefined) {
    return (
      <FilterField
        label={label}
        type={rule.kind === 'number' ? 'number' : 'text'}
        value={value}
        placeholder={maybeText(`policy.${name}.any`) ?? t('policy.none')}
        onChange={set}
      />
    )
  }
  const usual = values[0] ?? ''
  return (
    <Choice
      label={label}
      value={value === '' ? usual : value}
      options={values.map((each) => [each, ruleText(name, each)])}
      onChange={(next) => set(next === usual ? '' : next)}
    />
  )
}

/** The value of a rule in words, where it is one of a few. */
export function ruleText(name: string, value: string): string {
  return maybeText(`policy.${name}.${value === '' ? 'none' : value}`) ?? value
}

function NumberField({ name }: { readonly name: 'block' | 'known' }) {
  const [value, set] = useParameter(name, name === 'block' ? ['time'] : [])
  return (
    <FilterField
      label={t(`policy.${name}`)}
      type="number"
      value={value}
      placeholder={t('policy.block.head')}
      onChange={set}
    />
  )
}

/** In the reader's time zone; the address holds UTC. */
function TimeField() {
  const [value, set] = useParameter('time', ['block'])
  const change = (local: string) => {
    const time = new Date(local)
    set(Number.isNaN(time.getTime()) ? '' : time.toISOString())
  }
  return (
    <FilterField
      label={t('policy.time')}
      type="datetime-local"
      value={localInput(value)}
      onChange={change}
    />
  )
}

function localInput(iso: string): string {
  const time = new Date(iso)
  if (Number.isNaN(time.getTime())) return ''
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 19)
}
