/** A question about a verdict, and the evidence for it. */

import type { BlockPoint, Evidence, EvidenceSubject } from '../verify/evidence'
import type { Policy } from '../verify/policy'
import type { Moment } from './moment'
import type { BlockRow } from './rows'
import type { Session } from './session'

export type Question = {
  readonly session: Session
  readonly moment: Moment
  readonly knownAt: Moment
  readonly policy: Policy
  readonly maxPemBytes: number
}

export function readFor(subject: EvidenceSubject, question: Question): Promise<Evidence> {
  const { session, moment, knownAt } = question
  const state = toPoint(moment.block)
  return session.read.evidence(
    { state, clockMs: moment.clockMs, knownAt: toPoint(knownAt.block) },
    subject,
  )
}

export function toPoint(row: BlockRow): BlockPoint {
  return {
    height: row.height,
    hash: row.hash,
    timeMs: row.timestamp.getTime(),
    isFinal: row.isFinal,
  }
}
