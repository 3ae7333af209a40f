/**
 * Calls inside a subtree that was rolled back leave no events. Re-executing the subtree on the registry's own state
 * machine tells failed, reverted and never executed calls apart; the answer counts only when the simulated error is the
 * one the chain recorded.
 */
import { type CheckSignature, verifyPalletSignature } from './pallet-signature'
import { execute } from './transition'
import type { CallOutcome, ExecutionNode, ObservedCall, RolledBackNode } from './types'
import type { WorkingState } from './working-state'

export type RolledBackSubtree = Extract<ExecutionNode, { type: 'ROLLED_BACK' }>

/** Of a call whose fate cannot be told; it certainly changed nothing. */
export const UNKNOWN_ERROR = 'Unknown'

/** The runtime nests calls up to 256 levels deep. */
const MAX_DEPTH = 300
/** A block cannot hold more calls than this; a second try with a failing stranger costs as much again. */
const MAX_EXECUTIONS = 20_000
/** How many calls of other pallets are tried as the one that failed. */
const MAX_SUSPECTS = 64

/**
 * Outcomes of the subtree's AutoId calls, in pre-order; the state is as before when it returns.
 *
 * A call of another pallet may be the one that failed. When the plain re-execution does not end in the recorded error,
 * each such call is tried as the culprit; what all tries that end in the recorded error agree on is the answer. A call they
 * disagree on, or any call when there is no such try, is FAILED with the error `Unknown`.
 * @param nowMs `Timestamp.now` of the executing block, milliseconds since the epoch
 */
export function resolveRolledBack(
  state: WorkingState,
  subtree: RolledBackSubtree,
  nowMs: number,
  checkSignature: CheckSignature = verifyPalletSignature,
): readonly CallOutcome[] {
  const calls = callsOf(subtree.root)
  const budget = { executions: MAX_EXECUTIONS }
  const attempt = (culprit: RolledBackNode | null) => {
    const context = { state, nowMs, checkSignature, budget, culprit, culpritError: subtree.error }
    const run = simulateSubtree(subtree.root, context)
    return run.error === subtree.error ? run.outcomes : undefined
  }
  const plain = attempt(null)
  if (plain !== undefined) return plain.map(asRolledBack)
  const agreeing: (readonly SimulatedOutcome[])[] = []
  for (const suspect of suspectsOf(subtree.root)) {
    const outcomes = attempt(suspect)
    if (outcomes !== undefined) agreeing.push(outcomes)
  }
  return calls.map((_call, index) => consensus(agreeing.map((outcomes) => outcomes[index])))
}

/** The AutoId calls of a subtree, in pre-order. Bounded: deeper than the runtime allows yields nothing. */
export function callsOf(root: RolledBackNode): readonly ObservedCall[] {
  const calls: ObservedCall[] = []
  visit(root, 0, (node) => {
    if (node.type === 'CALL') calls.push(node.call)
  })
  return calls
}

export type SimulatedOutcome =
  | { readonly status: 'APPLIED' }
  | { readonly status: 'FAILED'; readonly error: string }
  | { readonly status: 'REVERTED' }
  | { readonly status: 'NOT_EXECUTED' }

export type SimulationContext = {
  readonly state: WorkingState
  readonly nowMs: number
  readonly checkSignature: CheckSignature
  readonly budget: { executions: number }
  /** A call of another pallet that is taken to fail with `culpritError`. */
  readonly culprit: RolledBackNode | null
  readonly culpritError: string | null
}

/**
 * Runs a subtree as the runtime would and undoes it: the error it ends in (null: it succeeds), and its AutoId calls'
 * outcomes in pre-order.
 */
export function simulateSubtree(
  root: RolledBackNode,
  context: SimulationContext,
): { readonly error: string | null; readonly outcomes: readonly SimulatedOutcome[] } {
  const start = context.state.checkpoint()
  const run = new SubtreeRun(context)
  const error = run.dispatch(root, 0)
  context.state.rollback(start)
  const outcomes = callsOf(root).map((call) => run.outcomeOf(call))
  return { error, outcomes }
}

class SubtreeRun {
  private readonly outcomes = new Map<ObservedCall, SimulatedOutcome>()
  /** Calls that hold so far, in order of execution. */
  private readonly applied: ObservedCall[] = []

  constructor(private readonly context: SimulationContext) {}

  outcomeOf(call: ObservedCall): SimulatedOutcome {
    return this.outcomes.get(call) ?? { status: 'NOT_EXECUTED' }
  }

  /** Every call runs in a storage layer of its own: when it fails, all it did is undone. */
  dispatch(node: RolledBackNode, depth: number): string | null {
    if (depth > MAX_DEPTH) return UNKNOWN_ERROR
    const checkpoint = this.context.state.checkpoint()
    const appliedBefore = this.applied.length
    const error = this.run(node, depth)
    if (error === null) return null
    this.context.state.rollback(checkpoint)
    for (const call of this.applied.splice(appliedBefore)) {
      this.outcomes.set(call, { status: 'REVERTED' })
    }
    return error
  }

  private run(node: RolledBackNode, depth: number): string | null {
    switch (node.type) {
      case 'CALL':
        return this.runCall(node.call, node.originIsSigned)
      case 'OTHER':
        return node === this.context.culprit ? this.context.culpritError : node.fails
      case 'SEQUENCE':
        return this.runSequence(node, depth)
      case 'IF_ELSE': {
        const error = this.dispatch(node.main, depth + 1)
        return error === null ? null : this.dispatch(node.fallback, depth + 1)
      }
      case 'WRAPPER': {
        const error = this.dispatch(node.inner, depth + 1)
        return node.swallowsError ? null : error
      }
      case 'BLOCKED':
        return node.error
    }
  }

  private runCall(call: ObservedCall, originIsSigned: boolean): string | null {
    const { state, nowMs, checkSignature, budget } = this.context
    budget.executions -= 1
    const result =
      budget.executions < 0
        ? ({ ok: false, error: UNKNOWN_ERROR } as const)
        : originIsSigned
          ? execute(state, call.call, nowMs, checkSignature)
          : ({ ok: false, error: 'BadOrigin' } as const)
    if (result.ok) {
      state.apply(result.changes)
      this.applied.push(call)
      this.outcomes.set(call, { status: 'APPLIED' })
      return null
    }
    const isPalletError = result.error !== UNKNOWN_ERROR && result.error !== 'BadOrigin'
    const error = isPalletError ? `AutoId.${result.error}` : result.error
    this.outcomes.set(call, { status: 'FAILED', error })
    return error
  }

  /** batch stops at the first error and succeeds, batch_all fails with it, force_batch goes on. */
  private runSequence(
    node: Extract<RolledBackNode, { type: 'SEQUENCE' }>,
    depth: number,
  ): string | null {
    for (const item of node.items) {
      const error = this.dispatch(item, depth + 1)
      if (error === null || node.mode === 'FORCE_BATCH') continue
      return node.mode === 'BATCH_ALL' ? error : null
    }
    return null
  }
}

function suspectsOf(root: RolledBackNode): readonly RolledBackNode[] {
  const suspects: RolledBackNode[] = []
  visit(root, 0, (node) => {
    const isSuspect = node.type === 'OTHER' && node.fails === null
    if (isSuspect && suspects.length < MAX_SUSPECTS) suspects.push(node)
  })
  return suspects
}

function visit(node: RolledBackNode, depth: number, see: (node: RolledBackNode) => void): void {
  if (depth > MAX_DEPTH) return
  see(node)
  for (const child of childrenOf(node)) visit(child, depth + 1, see)
}

function childrenOf(node: RolledBackNode): readonly RolledBackNode[] {
  switch (node.type) {
    case 'CALL':
    case 'OTHER':
      return []
    case 'SEQUENCE':
      return node.items
    case 'IF_ELSE':
      return [node.main, node.fallback]
    case 'WRAPPER':
      return [node.inner]
    case 'BLOCKED':
      return node.inner
  }
}

/** In a subtree that was rolled back, what was applied is reverted. */
function asRolledBack(outcome: SimulatedOutcome): CallOutcome {
  if (outcome.status === 'FAILED') return { ...outcome, derived: true }
  const status = outcome.status === 'APPLIED' ? 'REVERTED' : outcome.status
  return { status, derived: true }
}

function consensus(outcomes: readonly (SimulatedOutcome | undefined)[]): CallOutcome {
  const [first] = outcomes
  const texts = new Set(outcomes.map((outcome) => JSON.stringify(outcome)))
  return first === undefined || texts.size !== 1
    ? { status: 'FAILED', error: UNKNOWN_ERROR, derived: true }
    : asRolledBack(first)
}
