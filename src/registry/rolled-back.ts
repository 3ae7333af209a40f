/**
 * Calls inside a subtree that was rolled back leave no events. Re-executing the subtree on the registry's own state
 * machine tells failed, reverted and never executed calls apart; the answer counts only when the simulated error is the
 * one the chain recorded.
 */
import { type CheckSignature, verifyPalletSignature } from './pallet-signature'
import {
  callsOf,
  type SimulatedOutcome,
  type SubtreeOutcome,
  simulateSubtree,
  Unknowable,
} from './rolled-back-run'
import { type CheckedSignature, isSameQuestion } from './signature-checks'
import type { CallOutcome, ExecutionNode } from './types'
import type { WorkingState } from './working-state'

export { callsOf } from './rolled-back-run'

export type RolledBackSubtree = Extract<ExecutionNode, { type: 'ROLLED_BACK' }>

/** Of a call whose fate cannot be told; it certainly changed nothing. */
export const UNKNOWN_ERROR = 'Unknown'

const UNKNOWN: CallOutcome = { status: 'FAILED', error: UNKNOWN_ERROR, derived: true }

/** A block cannot hold more calls than this; each further way a subtree may have run costs as much again. */
const MAX_EXECUTIONS = 20_000
/** In how many ways a subtree is run. Each call of another pallet whose failure would matter adds one at least. */
const MAX_RUNS = 64

/**
 * Outcomes of the subtree's AutoId calls, in pre-order; the state is as before when it returns.
 *
 * A call of another pallet may have failed: the one whose error was recorded, or any whose error a wrapper around it
 * swallowed. So the subtree is run in every way these calls may have gone, and what all ways that end in the recorded
 * error agree on is the answer. A call they disagree on, or any call when there is no such way or there are too many, is
 * FAILED with the error `Unknown`.
 * @param nowMs `Timestamp.now` of the executing block, milliseconds since the epoch
 */
export function resolveRolledBack(
  state: WorkingState,
  subtree: RolledBackSubtree,
  nowMs: number,
  checkSignature: CheckSignature = verifyPalletSignature,
): readonly CallOutcome[] {
  const context = {
    state,
    nowMs,
    checkSignature: remembering(checkSignature),
    budget: { executions: MAX_EXECUTIONS },
  }
  const run = (failing: readonly boolean[]) =>
    simulateSubtree(subtree.root, context, { recorded: subtree.error, failing })
  let agreed: readonly CallOutcome[] | undefined
  try {
    for (const { isAsRecorded, outcomes } of everyWay(run)) {
      if (!isAsRecorded) continue
      const told = outcomes.map(asRolledBack)
      agreed = agreed?.map((outcome, i) => (isSame(outcome, told[i]) ? outcome : UNKNOWN)) ?? told
    }
  } catch (error) {
    if (!(error instanceof Unknowable)) throw error
    agreed = undefined
  }
  return agreed ?? callsOf(subtree.root).map(() => UNKNOWN)
}

/**
 * The first run supposes that nothing of another pallet fails; each later one that one more call does, which an earlier
 * one supposed to succeed.
 *
 * @throws {Unknowable} when there are too many ways: that is known before they are tried
 */
function* everyWay(
  run: (failing: readonly boolean[]) => SubtreeOutcome,
): Generator<SubtreeOutcome> {
  const open: (readonly boolean[])[] = [[]]
  let known = 1
  for (let failing = open.pop(); failing !== undefined; failing = open.pop()) {
    const found = run(failing)
    known += found.supposed.length - failing.length
    if (known > MAX_RUNS) throw new Unknowable()
    for (let at = failing.length; at < found.supposed.length; at++) {
      open.push([...found.supposed.slice(0, at), true])
    }
    yield found
  }
}

/** A signature is checked once, in however many ways the subtree is run; anew where another key is asked about. */
function remembering(checkSignature: CheckSignature): CheckSignature {
  const checked = new WeakMap<Uint8Array, CheckedSignature>()
  return (input) => {
    const before = checked.get(input.signature)
    if (before !== undefined && isSameQuestion(before.input, input)) return before.outcome
    const outcome = checkSignature(input)
    checked.set(input.signature, { input, outcome })
    return outcome
  }
}

/** In a subtree that was rolled back, what was applied is reverted. */
function asRolledBack(outcome: SimulatedOutcome): CallOutcome {
  if (outcome.status === 'FAILED') return { ...outcome, derived: true }
  const status = outcome.status === 'APPLIED' ? 'REVERTED' : outcome.status
  return { status, derived: true }
}

function isSame(one: CallOutcome, other: CallOutcome | undefined): boolean {
  const errorOf = (outcome: CallOutcome) => (outcome.status === 'FAILED' ? outcome.error : null)
  return other !== undefined && one.status === other.status && errorOf(one) === errorOf(other)
}
