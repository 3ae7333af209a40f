/** What comes out: checks, findings, the verdict and since when it holds. */

import type { Hex } from '../bytes'
import type { AdvisoryFacts, Severity } from '../registry/advisory'
import type { CheckCode, Indication } from './codes'
import type { EventPoint } from './evidence'
import type { FindingCode } from './finding-codes'
import type { Profile } from './policy'

export type Verdict = 'VALID' | 'INVALID' | 'INDETERMINATE'
export type Outcome = 'PASSED' | 'FAILED' | 'SKIPPED'

export type Check = {
  readonly code: CheckCode
  readonly outcome: Outcome
  /** SKIPPED because it could not be done: never good. Skipped because nobody asked is harmless. */
  readonly isUndetermined: boolean
  readonly message: string
  readonly autoId: Hex | null
  readonly event: EventPoint | null
  /** Where the failure is a narrower one than the code's own. */
  readonly indication: Indication | null
  /** Since when a failure holds, milliseconds since the epoch; null when not known. */
  readonly sinceMs: number | null
}

export type Finding = {
  readonly code: FindingCode
  readonly severity: Severity
  readonly message: string
  readonly autoId: Hex | null
  readonly eventId: string | null
  readonly facts: AdvisoryFacts
}

export type HopResult = {
  readonly autoId: Hex
  readonly certificateId: string
  readonly checks: readonly Check[]
}

/** What made a verdict begin to hold. */
export type TurningPoint = {
  readonly timeMs: number
  /** The identity of the chain that changed. */
  readonly autoId: Hex
  /** The block it changed in; null where only the clock moved on. */
  readonly height: number | null
  /** Null also for a revocation of the genesis state. */
  readonly event: EventPoint | null
}

export type VerificationResult = {
  readonly verdict: Verdict
  readonly indication: Indication
  readonly profile: Profile
  /** Leaf first. */
  readonly chain: readonly HopResult[]
  /** The root the chain leads to; null when it leads to none. */
  readonly trustAnchor: Hex | null
  /** Another key may have taken that root over: its identifier alone does not say whose it is. */
  readonly isAnchorDoubtful: boolean
  /** Of the identity and all above it, those that another key may have taken over. */
  readonly doubtful: readonly Hex[]
  /** Checks about the whole, such as anchors and finality. */
  readonly checks: readonly Check[]
  /** Every failed or undetermined check, the one that decided first. */
  readonly failures: readonly Check[]
  readonly findings: readonly Finding[]
  /** Since and until when it holds. Found when asked for, and once: the chain is judged again for each turn of its past. */
  readonly span: () => VerdictSpan
}

export type VerdictSpan = {
  /** Since when the verdict has held without a break; null when not known, or when it is INDETERMINATE. */
  readonly sinceMs: number | null
  /** What it has held since. */
  readonly turnedBy: TurningPoint | null
  /** The date in a certificate at which the clock alone changes it, inclusive if a notAfter; null: none does. */
  readonly untilMs: number | null
}
