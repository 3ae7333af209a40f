/**
 * Since when a verdict has held, what turned it, and until when it holds by the clock. Each answer is found by judging
 * the chain again at the moments where something changed; nothing is inferred from a single check.
 */

import { hopsAt } from './chain-history'
import type { ChainHistory, EventPoint, Evidence } from './evidence'
import type { TurningPoint, Verdict } from './verdict'

/** Judging costs little, but histories may be made long on purpose: beyond this the beginning is unknown. */
const MAX_JUDGED = 64

export type Judge = (evidence: Evidence) => Verdict

/** Of the time before the asked moment. @returns null when the beginning is not known */
export function beginOf(evidence: Evidence, verdict: Verdict, judge: Judge): TurningPoint | null {
  if (evidence.past === undefined) return null
  const { history } = evidence.past
  let begin: TurningPoint | null = null
  for (const [judged, point] of pointsBefore(history, evidence).entries()) {
    if (judged >= MAX_JUDGED || point.height < history.completeFrom) return null
    if (judge(evidenceAt(evidence, point)) !== verdict) return begin
    begin = { ...point, height: point.event?.height ?? null }
  }
  return begin
}

/** The date, in the certificates, at which the verdict changes with nothing but the clock; null: none does. */
export function endOf(evidence: Evidence, verdict: Verdict, judge: Judge): number | null {
  const dates = evidence.hops.flatMap(({ certificate: { notBeforeMs, notAfterMs } }) => [
    { dateMs: notBeforeMs, changesAtMs: notBeforeMs },
    { dateMs: notAfterMs, changesAtMs: notAfterMs + 1 },
  ])
  const ahead = dates
    .filter(({ changesAtMs }) => changesAtMs > evidence.clockMs)
    .sort((a, b) => a.changesAtMs - b.changesAtMs)
  const turning = ahead.find(
    ({ changesAtMs }) => judge({ ...evidence, clockMs: changesAtMs }) !== verdict,
  )
  return turning?.dateMs ?? null
}

/** The same question about an earlier moment. What was found or became known later is not part of it. */
function evidenceAt(evidence: Evidence, { height, timeMs }: Point): Evidence {
  const { past } = evidence
  if (past === undefined) return evidence
  const hops = hopsAt(past.history, past.subject, height, height)
  const last = hops.at(-1)
  return {
    ...evidence,
    clockMs: timeMs,
    hops,
    isComplete: last !== undefined && last.issuerId === null,
    advisories: [],
  }
}

type Point = {
  readonly timeMs: number
  /** State after this block. */
  readonly height: number
  readonly autoId: string
  /** Null where only the clock moved. */
  readonly event: EventPoint | null
}

/** Every moment up to the asked one at which something about the chain changed, the latest first. */
function pointsBefore(history: ChainHistory, { state, clockMs }: Evidence): Point[] {
  const blocks = blockPoints(history).filter(
    ({ height, timeMs }) => height <= state.height && timeMs <= clockMs,
  )
  const clocks = history.certificates.flatMap(({ autoId, notBeforeMs, notAfterMs }): Point[] =>
    [notBeforeMs, notAfterMs + 1].flatMap((timeMs) => {
      const before = blocks.filter((block) => block.timeMs <= timeMs)
      if (timeMs > clockMs || before.length === 0) return []
      const height = Math.max(...before.map((block) => block.height))
      return [{ timeMs, height, autoId, event: null }]
    }),
  )
  const all = [...blocks, ...clocks].sort((a, b) => b.timeMs - a.timeMs || b.height - a.height)
  // One judgement for each moment: of several changes in a block the last one stands for all.
  return all.filter((point, index) => {
    const next = all[index - 1]
    return next === undefined || next.timeMs !== point.timeMs || next.height !== point.height
  })
}

function blockPoints(history: ChainHistory): Point[] {
  const at = (autoId: string, event: EventPoint | null): Point[] =>
    event === null ? [] : [{ timeMs: event.timeMs, height: event.height, autoId, event }]
  return [
    ...history.certificates.flatMap(({ autoId, from, to }) => [
      ...at(autoId, from),
      ...at(autoId, to),
    ]),
    ...history.registrations.flatMap(({ autoId, from, to }) => [
      ...at(autoId, from),
      ...at(autoId, to),
    ]),
    ...history.revocations.map(({ issuerId, height, timeMs, event, serial }): Point => {
      const whose = history.certificates.find(
        (certificate) =>
          certificate.serial === serial &&
          (certificate.issuerId ?? certificate.autoId) === issuerId,
      )
      return { timeMs, height, autoId: whose?.autoId ?? issuerId, event }
    }),
  ]
}
