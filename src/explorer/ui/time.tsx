import { useEffect, useState } from 'react'
import { localDay, localTime, relativeTime, utcTime } from '../logic/format'
import { Tip } from './tip'

type Style = 'full' | 'day' | 'relative'
type Props = {
  readonly value: string
  readonly show?: Style
  /** Reachable by keyboard, for pages about one thing; rows of tables would be too many stops. */
  readonly isFocusable?: boolean
}

/** A moment in the reader's time zone, with UTC on hover. */
export function Time({ value, show = 'full', isFocusable = false }: Props) {
  const now = useNow(show === 'relative')
  const text = show === 'relative' ? relativeTime(value, now) : fixed(value, show)
  const hint = show === 'relative' ? `${localTime(value)} · ${utcTime(value)}` : utcTime(value)
  if (!isFocusable) {
    return (
      <time dateTime={value} title={hint}>
        {text}
      </time>
    )
  }
  return (
    <Tip text={hint}>
      <button type="button" className="time">
        <time dateTime={value}>{text}</time>
      </button>
    </Tip>
  )
}

function fixed(value: string, show: Style): string {
  return show === 'day' ? localDay(value) : localTime(value)
}

const NOW_EVERY_MS = 30_000

function useNow(isTicking: boolean): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!isTicking) return
    const timer = setInterval(() => setNow(Date.now()), NOW_EVERY_MS)
    return () => clearInterval(timer)
  }, [isTicking])
  return now
}
