import { useAddress } from '../logic/address'
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

function RuleField({ rule }: { readonly rule: Rule }) {
  const { name, values } = rule
  const { get, change } = useAddress()
  const value = get(name)
  const label = t(`policy.${name}` as TextKey)
  if (values === undefined) {
    return (
      <FilterField
        label={label}
        type={rule.kind === 'number' ? 'number' : 'text'}
        value={value}
        placeholder={maybeText(`policy.${name}.any`) ?? t('policy.none')}
        onChange={(typed) => change({ [name]: typed }, false)}
      />
    )
  }
  const usual = values[0] ?? ''
  return (
    <Choice
      label={label}
      value={value === '' ? usual : value}
      options={values.map((each) => [each, ruleText(name, each)])}
      onChange={(chosen) => change({ [name]: chosen === usual ? '' : chosen }, true)}
    />
  )
}

/** The value of a rule in words, where it is one of a few. */
export function ruleText(name: string, value: string): string {
  return maybeText(`policy.${name}.${value === '' ? 'none' : value}`) ?? value
}

function NumberField({ name }: { readonly name: 'block' | 'known' }) {
  const { get, change } = useAddress()
  return (
    <FilterField
      label={t(`policy.${name}`)}
      type="number"
      value={get(name)}
      placeholder={t('policy.block.head')}
      onChange={(typed) =>
        change({ ...(name === 'block' ? { time: '' } : {}), [name]: typed }, false)
      }
    />
  )
}

/** In the reader's time zone; the address holds UTC. */
function TimeField() {
  const { get, change } = useAddress()
  const set = (local: string) => {
    const time = new Date(local)
    change({ block: '', time: Number.isNaN(time.getTime()) ? '' : time.toISOString() }, false)
  }
  return (
    <FilterField
      label={t('policy.time')}
      type="datetime-local"
      value={localInput(get('time'))}
      onChange={set}
    />
  )
}

function localInput(iso: string): string {
  const time = new Date(iso)
  if (Number.isNaN(time.getTime())) return ''
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 19)
}
