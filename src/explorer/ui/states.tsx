import type { ReactNode } from 'react'
import type { CombinedError } from 'urql'
import type { Loaded } from '../logic/live-query'
import { maybeText, t } from '../text/text'
import type { Tone } from './badges'
import { Icon, type IconName } from './icon'
import { Name } from './name'

/** Grey lines of the height of what is coming, so that nothing moves when it comes. */
export function Skeleton({
  lines = 3,
  height,
}: {
  readonly lines?: number
  readonly height?: number
}) {
  const widths = ['100%', '92%', '97%', '85%']
  return (
    <div className="stack stack--tight" aria-hidden="true">
      {Array.from({ length: lines }, (_, line) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
          key={line}
          className="skeleton"
          style={{ width: widths[line % widths.length], ...(height ? { height } : {}) }}
        />
      ))}
    </div>
  )
}

/** Announces loading to screen readers, shows `children` (a skeleton) to the others. */
export function Loading({ children }: { readonly children: ReactNode }) {
  return (
    <div aria-busy="true">
      <span className="hidden-visually" role="status">
        {t('state.loading')}
      </span>
      {children}
    </div>
  )
}

type EmptyProps = { readonly title: ReactNode; readonly hint?: ReactNode; readonly icon?: IconName }

export function Empty({ title, hint, icon = 'search' }: EmptyProps) {
  return (
    <div className="state">
      <Icon name={icon} size={26} />
      <strong>{title}</strong>
      {hint === undefined ? null : <span>{hint}</span>}
    </div>
  )
}

type FailureProps = { readonly error: CombinedError; readonly onRetry: () => void }

/** Why there is no answer, in plain words by the error's code, with the service's own sentence. */
export function Failure({ error, onRetry }: FailureProps) {
  const first = error.graphQLErrors[0]
  const code = String(first?.extensions['code'] ?? (error.networkError ? 'NETWORK' : 'UNKNOWN'))
  return (
    <div className="state" role="alert">
      <span className="ink-bad">
        <Icon name="warning" size={26} />
      </span>
      <strong>{maybeText(`error.${code}`) ?? t('error.UNKNOWN')}</strong>
      {first === undefined ? null : (
        <span>
          <Name value={first.message} />
        </span>
      )}
      <button type="button" className="button" onClick={onRetry}>
        {t('state.retry')}
      </button>
    </div>
  )
}

type CutProps = {
  readonly shown: number
  readonly total: number
  /** Where the rest is. */
  readonly children?: ReactNode
}

/** Says that a list is not whole; nothing where it is. */
export function Cut({ shown, total, children }: CutProps) {
  if (shown >= total) return null
  return (
    <p className="later muted small">
      {t('list.cut', { shown, total })} {children}
    </p>
  )
}

type NoticeProps = { readonly tone: Tone; readonly icon: IconName; readonly children: ReactNode }

export function Notice({ tone, icon, children }: NoticeProps) {
  return (
    <div className={`notice tone-${tone}`}>
      <Icon name={icon} size={18} />
      <div>{children}</div>
    </div>
  )
}

type WaitingProps = {
  readonly state: Loaded<unknown>
  readonly lines: number
  readonly height?: number
}

/** Where a part of a page will stand: lines of its height until then, or why it cannot be shown. */
export function Waiting({ state, lines, height = 28 }: WaitingProps) {
  if (state.error !== undefined) return <Failure error={state.error} onRetry={state.retry} />
  return (
    <Loading>
      <Skeleton lines={lines} height={height} />
    </Loading>
  )
}
