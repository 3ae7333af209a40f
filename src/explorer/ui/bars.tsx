import type { ReactNode } from 'react'
import type { Tone } from './badges'
import { Ref } from './ref'

export type Bar = {
  readonly key: string
  readonly label: ReactNode
  readonly value: number
  readonly to?: string
  readonly tone?: Tone
}

/** Amounts beside each other, each a line of text with a bar under it. */
export function Bars({ bars }: { readonly bars: readonly Bar[] }) {
  const most = Math.max(1, ...bars.map((bar) => bar.value))
  return (
    <ul className="bars">
      {bars.map((bar) => (
        <li key={bar.key}>
          {bar.to === undefined ? (
            <div className="bars__row">
              <BarLine bar={bar} most={most} />
            </div>
          ) : (
            <Ref to={bar.to} className="bars__row">
              <BarLine bar={bar} most={most} />
            </Ref>
          )}
        </li>
      ))}
    </ul>
  )
}

function BarLine({ bar, most }: { readonly bar: Bar; readonly most: number }) {
  return (
    <>
      <span className="bars__label">
        <span>{bar.label}</span>
        <span>{bar.value.toLocaleString()}</span>
      </span>
      <svg className={`bars__bar ink-${bar.tone ?? 'none'}`} aria-hidden="true">
        <rect width={`${(bar.value / most) * 100}%`} height="7" rx="4" />
      </svg>
    </>
  )
}
