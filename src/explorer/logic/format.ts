import { locale } from '../text/text'

/** Local date and time to the second, with the zone's short name. */
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
const hour = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'long' })

const SECOND = 1000
const DAY_MS = 86_400 * SECOND
const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365.25 * 86_400 * SECOND],
  ['month', 30.44 * 86_400 * SECOND],
  ['day', 86_400 * SECOND],
  ['hour', 3_600 * SECOND],
  ['minute', 60 * SECOND],
]

export function localTime(iso: string): string {
  return full.format(new Date(iso))
}

export function localDay(iso: string): string {
  return day.format(new Date(iso))
}

/** The first midnight (UTC) not before `ms`: the same question from render to render, a new one each day. */
export function startOfDayAfter(ms: number): string {
  return new Date(Math.ceil(ms / DAY_MS) * DAY_MS).toISOString()
}

/** A day and its hour, for what is counted by the hour. */
export function localHour(iso: string): string {
  return hour.format(new Date(iso))
}

const axisFormats: readonly (readonly [atLeastMs: number, Intl.DateTimeFormat])[] = [
  [27 * DAY_MS, new Intl.DateTimeFormat(undefined, { month: 'short', year: 'numeric' })],
  [DAY_MS, new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })],
  [0, new Intl.DateTimeFormat(undefined, { day: 'numeric', hour: 'numeric', minute: '2-digit' })],
]

/** A mark on an axis of time, as fine as the marks are apart. */
export function axisTime(ms: number, apartMs: number): string {
  const format = axisFormats.find(([atLeast]) => apartMs >= atLeast)?.[1] ?? day
  return format.format(new Date(ms))
}

/** `2026-11-23 10:00:00.000 UTC`, the same for every reader. */
export function utcTime(iso: string): string {
  return iso.replace('T', ' ').replace('Z', ' UTC')
}

/** "3 hours ago", "in 2 days"; under a minute "now". */
export function relativeTime(iso: string, nowMs: number): string {
  const difference = new Date(iso).getTime() - nowMs
  const unit = units.find(([, size]) => Math.abs(difference) >= size)
  if (unit === undefined) return relative.format(0, 'second')
  return relative.format(Math.trunc(difference / unit[1]), unit[0])
}

/** `0x12345678…cdef`: enough to tell apart by eye, never enough to trust. */
export function shortHex(hex: string): string {
  return hex.length <= 18 ? hex : `${hex.slice(0, 10)}…${hex.slice(-6)}`
}

/** Colon-separated upper-case octets, as certificate viewers print fingerprints. */
export function colonHex(hex: string): string {
  const digits = hex.replace(/^0x/, '')
  const even = digits.length % 2 === 0 ? digits : `0${digits}`
  return (even.match(/../g) ?? []).join(':').toUpperCase()
}

/** A decimal string of the chain's smallest unit as an amount with up to six decimals. */
export function amount(units: string, decimals: number, symbol: string): string {
  const padded = units.padStart(decimals + 1, '0')
  const whole = padded.slice(0, -decimals)
  const fraction = padded.slice(-decimals).replace(/0+$/, '')
  const shown = fraction.slice(0, 6).replace(/0+$/, '')
  if (whole === '0' && fraction !== '' && shown === '') return `< 0.000001 ${symbol}`
  return `${whole}${shown === '' ? '' : `.${shown}`} ${symbol}`
}
