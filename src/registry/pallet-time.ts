/** Validity times as x509-parser 0.18 (`ASN1Time`) and sp-auto-id (`Validity::try_from`) read them. */
import { contentOf, type LaxElement, PalletParseError } from './pallet-der'

const UTC_TIME = 23
const GENERALIZED_TIME = 24

const UTC = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?(Z|[+-]\d{4})$/
/** DER wants the Z and a point, never a comma; up to three digits of a second are read, none after a point, too. */
const GENERALIZED = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?(?:\.(\d{0,3}))?Z$/

/**
 * Milliseconds since the epoch. Before 1970 is refused: the pallet's conversion to u64 overflows.
 * @see x509-parser time.rs `parse_choice_of_time`, asn1-rs utctime.rs and generalizedtime.rs `from_bytes`,
 *   sp-auto-id lib.rs `TryFrom<Validity>` @72a5aa6
 * @throws {PalletParseError}
 */
export function palletTime(element: LaxElement): number {
  const text = Buffer.from(contentOf(element)).toString('latin1')
  const ms = element.tag === UTC_TIME ? utcTime(text) : generalizedTime(element.tag, text)
  if (ms < 0) throw new PalletParseError('time before 1970')
  return ms
}

function utcTime(text: string): number {
  const match = UTC.exec(text)
  if (match === null) throw new PalletParseError('malformed UTCTime')
  const short = Number(match[1])
  const year = short >= 50 ? 1900 + short : 2000 + short
  const seconds = utcSeconds(year, match)
  return (seconds - offsetSeconds(match[7] ?? 'Z')) * 1000
}

function generalizedTime(tag: number, text: string): number {
  if (tag !== GENERALIZED_TIME) throw new PalletParseError('not a time')
  const match = GENERALIZED.exec(text)
  if (match === null) throw new PalletParseError('malformed GeneralizedTime')
  // A fraction needs the seconds before it: without them its point would be read as a digit of them.
  if (match[6] === undefined && match[7] !== undefined) throw new PalletParseError('no seconds')
  return utcSeconds(Number(match[1]), match) * 1000 + Number((match[7] ?? '').padEnd(3, '0'))
}

function utcSeconds(year: number, match: RegExpExecArray): number {
  const month = Number(match[2])
  const day = Number(match[3])
  const hour = Number(match[4])
  const minute = Number(match[5])
  const second = Number(match[6] ?? 0)
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  const isCalendarDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  if (month < 1 || month > 12 || day < 1 || !isCalendarDay) {
    throw new PalletParseError('no day of the calendar')
  }
  if (hour > 23 || minute > 59 || second > 59) throw new PalletParseError('no time of the day')
  return date.getTime() / 1000 + hour * 3600 + minute * 60 + second
}

/** `-0030` is read as plus thirty minutes: the sign is kept on the hours alone. */
function offsetSeconds(zone: string): number {
  if (zone === 'Z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(3, 5))
  if (hours > 25 || minutes > 59) throw new PalletParseError('no time zone')
  const isWest = zone.startsWith('-') && hours > 0
  return (isWest ? -1 : 1) * (hours * 3600 + minutes * 60)
}
