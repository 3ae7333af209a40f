import { type ReactNode, useId } from 'react'

type Props = {
  readonly title: string
  readonly tools?: ReactNode
  readonly isFlush?: boolean
  /** A form, say: paper has no use for it. */
  readonly isScreenOnly?: boolean
  readonly children: ReactNode
}

/** A titled region of a page. `isFlush`: a table reaches the card's edges. */
export function Card({ title, tools, isFlush = false, isScreenOnly, children }: Props) {
  const id = useId()
  return (
    <section
      className={`card${isFlush ? ' card--flush' : ''}${isScreenOnly ? ' no-print' : ''}`}
      aria-labelledby={id}
    >
      <div className="card__head">
        <h2 id={id}>{title}</h2>
        {tools}
      </div>
      {children}
    </section>
  )
}
