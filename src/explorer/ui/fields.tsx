import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { useAddress } from '../logic/address'
import { type Readers, unreadOf } from '../logic/unread'
import { t } from '../text/text'
import { Icon } from './icon'
import { Name } from './name'
import { Notice } from './states'

/** Filters live in the address: a filtered list is a link. */
export function useFilters() {
  const { get, change } = useAddress()
  // Another filter is another list: its pages start anew.
  const only = (name: string, value: string) => ({
    after: '',
    before: '',
    row: '',
    [name]: value,
  })
  return {
    get,
    change,
    choose: (name: string, value: string) => change(only(name, value), true),
    type: (name: string, value: string) => change(only(name, value), false),
  }
}

type ChoiceProps = {
  readonly label: string
  readonly value: string
  readonly options: readonly (readonly [value: string, text: string])[]
  readonly onChange: (value: string) => void
  /** Text of the empty choice; without one there is none. */
  readonly any?: string
}

export function Choice({ label, value, options, onChange, any }: ChoiceProps) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="input"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      >
        {any === undefined ? null : <option value="">{any}</option>}
        {options.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </div>
  )
}

type TextFieldProps = {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly type?: 'text' | 'number' | 'datetime-local' | 'date'
  readonly placeholder?: string
}

/** A text field of a form: what stands in it is what is submitted. */
export function TextField({ onChange, ...rest }: TextFieldProps) {
  return <Field {...rest} onType={onChange} />
}

const TYPING_MS = 300

/** A text field of an address: reports when typing pauses, on Enter, and when it is left. */
export function FilterField({ value, onChange, ...rest }: TextFieldProps) {
  const [typed, setTyped] = useState(value)
  const seen = useRef(value)
  const report = () => {
    const meant = typed.trim()
    if (meant === seen.current) return
    seen.current = meant
    onChange(meant)
  }
  const latest = useRef(report)
  latest.current = report
  // What this field has reported comes back without its outer blanks: they may be the middle of what is being typed.
  useEffect(() => {
    if (value === seen.current) return
    seen.current = value
    setTyped(value)
  }, [value])
  // biome-ignore lint/correctness/useExhaustiveDependencies: each key starts the pause anew
  useEffect(() => {
    const timer = setTimeout(() => latest.current(), TYPING_MS)
    return () => clearTimeout(timer)
  }, [typed])
  return <Field {...rest} value={typed} onType={setTyped} onDone={report} />
}

type FieldProps = Omit<TextFieldProps, 'onChange'> & {
  readonly onType: (value: string) => void
  readonly onDone?: () => void
}

function Field({ label, value, type = 'text', placeholder, onType, onDone }: FieldProps) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        type={type}
        value={value}
        placeholder={placeholder}
        spellCheck={false}
        autoComplete="off"
        maxLength={256}
        onChange={(event) => onType(event.target.value)}
        onBlur={onDone}
        onKeyDown={(event) => event.key === 'Enter' && onDone?.()}
      />
    </div>
  )
}

/** The row of filters above a list. */
export function Filters({ children }: { readonly children: ReactNode }) {
  return (
    <form
      className="card filters"
      aria-label={t('filters.label')}
      onSubmit={(event) => event.preventDefault()}
    >
      {children}
    </form>
  )
}

type ChipProps = { readonly text: string; readonly onRemove: () => void }

/** A filter without a field of its own, with a way to take it back. */
export function FilterChip({ text, onRemove }: ChipProps) {
  const label = t('filters.remove', { filter: text })
  return (
    <button type="button" className="button filters__chip" aria-label={label} onClick={onRemove}>
      <Name value={text} isLine /> <Icon name="cross" size={13} />
    </button>
  )
}

/** Names what of the address was left out: a list that looks unfiltered must not pass for the filtered one. */
export function Unread({ readers }: { readonly readers: Readers }) {
  const { get, change } = useAddress()
  const names = unreadOf(get, readers)
  const remove = () => change(Object.fromEntries(names.map((name) => [name, ''])), true)
  return (
    <div role="status" className="unread">
      {names.length === 0 ? null : (
        <Notice tone="warn" icon="warning">
          {t('filters.unread')}{' '}
          <Name value={names.map((name) => `${name}=${get(name)}`).join(', ')} />{' '}
          <button type="button" className="button button--small" onClick={remove}>
            {t('filters.unread.remove')}
          </button>
        </Notice>
      )}
    </div>
  )
}
