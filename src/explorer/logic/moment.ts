import { useMemo } from 'react'
import { useSearch } from 'wouter'

/** The moment that the whole page shows: the head, or what `?block=` or `?time=` pins. */
export type Moment =
  | { readonly kind: 'head' }
  | { readonly kind: 'block'; readonly block: number }
  | { readonly kind: 'time'; readonly time: string }
  | { readonly kind: 'bad'; readonly given: string }

export type PointInTime = { block: number } | { time: string }

export function parseMoment(search: string): Moment {
  const params = new URLSearchParams(search)
  const block = params.get('block')
  const time = params.get('time')
  if (block !== null) {
    return /^\d{1,10}$/.test(block)
      ? { kind: 'block', block: Number(block) }
      : { kind: 'bad', given: block }
  }
  if (time === null) return { kind: 'head' }
  const parsed = new Date(time)
  return Number.isNaN(parsed.getTime())
    ? { kind: 'bad', given: time }
    : { kind: 'time', time: parsed.toISOString() }
}

/** The moment as the API's `at`; undefined for the head. */
export function pointInTime(moment: Moment): PointInTime | undefined {
  if (moment.kind === 'block') return { block: moment.block }
  if (moment.kind === 'time') return { time: moment.time }
  return undefined
}

/** `path` with the moment's parameter, so that links inside a pinned page stay at its moment. */
export function withMoment(path: string, moment: Moment): string {
  const point = pointInTime(moment)
  if (point === undefined) return path
  const url = new URL(path, 'http://localhost')
  if ('block' in point) url.searchParams.set('block', String(point.block))
  else url.searchParams.set('time', point.time)
  return `${url.pathname}${url.search}${url.hash}`
}

/** Variables of a question that ends with the moment, and fails where there is none such. */
export function pinned(point: PointInTime | undefined) {
  return point === undefined ? { isPinned: false } : { isPinned: true, at: point }
}

type Until = { readonly toBlock?: number; readonly toTime?: string }

/** What a list of things that happened is cut at, so that it ends with the moment. */
export function untilMoment(point: PointInTime | undefined, toBlock?: number): Until {
  if (point !== undefined && 'block' in point) {
    return { toBlock: Math.min(point.block, toBlock ?? point.block) }
  }
  return {
    ...(toBlock === undefined ? {} : { toBlock }),
    ...(point === undefined ? {} : { toTime: justAfter(point.time) }),
  }
}

/** The API's `toTime` is exclusive; what happened at the moment itself has happened. */
function justAfter(time: string): string {
  return new Date(Date.parse(time) + 1).toISOString()
}

/** Paths of pages that show the moment of the address. The others show the present, and say so. */
const FOLLOWING = /^\/(autoids|autoid\/[^/]+|certificate\/[^/]+|verify|token|events|failed)\/?$/

export function followsMoment(path: string): boolean {
  return FOLLOWING.test(path)
}

export function useMoment(): Moment {
  const search = useSearch()
  return useMemo(() => parseMoment(search), [search])
}
