import type { ReactNode } from 'react'

export function Stats({ children }: { readonly children: ReactNode }) {
  return <dl className="stats">{children}</dl>
}

type Props = {
  readonly label: string
  /** Undefined while it is not known. */
  readonly value: ReactNode
  readonly note?: ReactNode
}

/** One figure with its name. */
export function Stat({ label, value, note }: Props) {
  return (
    <div className="stat">
      <dt className="stat__label">{label}</dt>
      <dd className="stat__value">
        {typeof value === 'number' ? value.toLocaleString() : (value ?? '–')}
      </dd>
      {note === undefined ? null : <dd className="stat__note">{note}</dd>}
    </div>
  )
}
