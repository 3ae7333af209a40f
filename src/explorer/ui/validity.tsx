import { t } from '../text/text'
import { Time } from './time'

type Props = { readonly notBefore: string; readonly notAfter: string }

/** From when until when, and how much of it has passed. */
export function Validity({ notBefore, notAfter }: Props) {
  const from = new Date(notBefore).getTime()
  const to = new Date(notAfter).getTime()
  const share = Math.min(1, Math.max(0, (Date.now() - from) / Math.max(1, to - from)))
  return (
    <div className="stack stack--tight">
      <span>
        <Time value={notBefore} isFocusable /> {t('validity.to')}{' '}
        <Time value={notAfter} isFocusable /> (<Time value={notAfter} show="relative" />)
      </span>
      <svg className={`bars__bar ink-${share >= 1 ? 'bad' : 'good'}`} aria-hidden="true">
        <rect width={`${share * 100}%`} height="7" rx="4" />
      </svg>
    </div>
  )
}
