/** Reading one identity for an endpoint: the moment asked for, the path, the clock that goes with it. */
import { type Hex, isHash32 } from '../bytes'
import { AppError } from '../errors'
import type { Freshness } from './cache-headers'
import { assertHeadAge, type HeadWatch, type MaxHeadAge } from './head-watch'
import type { Moment, PathLink, Readers, RegistryPath } from './readers'
import { type Standing, standingOf, subjectOf } from './standing'
import { HISTORY_MAX_AGE_SECONDS, STATUS_MAX_AGE_SECONDS } from './validity'

export type IdentityContext = {
  readonly readers: Pick<Readers, 'readPath'>
  readonly head: HeadWatch
  readonly nowMs: () => number
  readonly maxHeadAgeSeconds: MaxHeadAge
}

export type Identity = {
  readonly path: RegistryPath
  readonly subject: PathLink
  readonly standing: Standing
  /** The clock of the answer: now, or the moment asked for. Milliseconds since the epoch. */
  readonly atMs: number
  readonly moment: Moment
  readonly freshness: Freshness
}

/** @throws {AppError} NOT_FOUND, POINT_IN_TIME_OUT_OF_RANGE, BAD_USER_INPUT, UNAVAILABLE. */
export async function readIdentity(
  context: IdentityContext,
  autoId: Hex,
  url: URL,
): Promise<Identity> {
  assertAutoId(autoId)
  const moment = momentOf(url.searchParams)
  const nowMs = context.nowMs()
  if (moment === null) {
    assertHeadAge(await context.head.current(), nowMs, context.maxHeadAgeSeconds)
  }
  const path = await context.readers.readPath(autoId, moment)
  if (path === null) throw new AppError('NOT_FOUND', `no identity ${autoId} was registered by then`)
  const atMs = clockOf(moment, path, nowMs)
  const standing = standingOf(path, atMs)
  const freshness = freshnessOf(moment, path, standing, atMs)
  return { path, subject: subjectOf(path), standing, atMs, moment, freshness }
}

/** @throws {AppError} BAD_USER_INPUT. */
export function assertAutoId(text: string): void {
  if (!isHash32(text)) {
    throw new AppError('BAD_USER_INPUT', 'an Auto ID is 0x and 64 lower-case hex digits')
  }
}

/** `?block=` or `?time=` (ISO 8601, or milliseconds since the epoch). @throws {AppError} BAD_USER_INPUT. */
export function momentOf(query: URLSearchParams): Moment {
  for (const name of ['block', 'time']) {
    if (query.getAll(name).length > 1) throw badMoment(`${name} is given more than once`)
  }
  const block = query.get('block')
  const time = query.get('time')
  if (block !== null && time !== null) throw badMoment('block and time exclude each other')
  if (block !== null) {
    if (!/^[0-9]{1,9}$/.test(block)) throw badMoment('block is a height, decimal')
    return { block: Number(block) }
  }
  if (time === null) return null
  const timeMs = /^[0-9]{1,15}$/.test(time) ? Number(time) : parseIsoTime(time)
  if (Number.isNaN(timeMs)) throw badMoment('time is ISO 8601 with its zone')
  return { timeMs }
}

function parseIsoTime(text: string): number {
  // A + in a query string arrives as a blank.
  const iso = text.replace(' ', '+')
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(iso)
    ? Date.parse(iso)
    : Number.NaN
}

function badMoment(message: string): AppError {
  return new AppError('BAD_USER_INPUT', message)
}

function clockOf(moment: Moment, path: RegistryPath, nowMs: number): number {
  if (moment === null) return nowMs
  return 'timeMs' in moment ? moment.timeMs : path.asOf.timeMs
}

function freshnessOf(
  moment: Moment,
  path: RegistryPath,
  standing: Standing,
  atMs: number,
): Freshness {
  if (moment !== null) {
    const { isSettled } = path
    const maxAgeSeconds = isSettled ? HISTORY_MAX_AGE_SECONDS : STATUS_MAX_AGE_SECONDS
    return { maxAgeSeconds, isImmutable: isSettled }
  }
  const untilExpiry = standing.isGood ? (standing.validUntilMs - atMs) / 1000 : Infinity
  const maxAgeSeconds = Math.max(0, Math.min(STATUS_MAX_AGE_SECONDS, untilExpiry))
  return { maxAgeSeconds, headHash: path.asOf.hash }
}

/** As every JSON answer says it. */
export function renderAsOf(path: RegistryPath) {
  const { height, hash, timeMs, isFinal } = path.asOf
  return { height, hash, timestamp: new Date(timeMs).toISOString(), final: isFinal }
}
