import { t } from '../text/text'
import { Time } from './time'

type Props = {
  readonly notBefore: string
  readonly notAfter: string
  /** The moment it is shown at; absent: now. */
  readonly at?: string | undefined
}

/** From when until when, and how much of it has passed. */
export function Validity({ notBefore, notAfter, at }: Props) {
  const from = new Date(notBefore).getTime()
  const to = new Date(notAfter).getTime()
  const share = Math.min(
    1,
    Math.max(0, ((at === undefined ? Date.now() : Date.parse(at)) - from) / Math.max(1, to - from)),
  )
  return (
    <div className="stack stack--tight">
      <span>
        <Time value={notBefore} isFocusable /> {t('validity.to')}{' '}
        <Time value={notAfter} isFocusable />
        {at === undefined ? (
          <>
            {' '}
            (<Time value={notAfter} show="relative" />)
          </>
        ) : null}
      </span>
      <svg className={`bars__bar ink-${share >= 1 ? 'bad' : 'good'}`} aria-hidden="true">
        <rect width={`${share * 100}%`} height="7" rx="4" />
      </svg>
    </div>
  )
}
