/** One way a rolled-back subtree may have run, told by the registry's own state machine. */
import type { CheckSignature } from './pallet-signature'
import { execute } from './transition'
import type { ObservedCall, OtherResult, RolledBackNode } from './types'
import type { WorkingState } from './working-state'

/** The runtime nests calls up to 256 levels deep. */
const MAX_DEPTH = 300
/** What a call of another pallet returns that is taken to fail. */
const STRANGERS_ERROR = Symbol('an error of another pallet')

type RunError = string | typeof STRANGERS_ERROR

export type SimulatedOutcome =
  | { readonly status: 'APPLIED' }
  | { readonly status: 'FAILED'; readonly error: string }
  | { readonly status: 'REVERTED' }
  | { readonly status: 'NOT_EXECUTED' }

export type SimulationContext = {
  readonly state: WorkingState
  readonly nowMs: number
  readonly checkSignature: CheckSignature
  /** How many AutoId calls may still be executed. */
  readonly budget: { executions: number }
}

export type Supposition = {
  /** The error the chain recorded for the subtree; null: it succeeded. */
  readonly recorded: string | null
  /** Of the calls of other pallets that may fail, in the order they are met: which do. Those after the last succeed. */
  readonly failing: readonly boolean[]
}

export type SubtreeOutcome = {
  /** It ends as recorded. */
  readonly isAsRecorded: boolean
  /** The error it ends in, null: it succeeds. That of a call of another pallet is not known by name. */
  readonly error: string | null
  /** Of the AutoId calls, in pre-order. */
  readonly outcomes: readonly SimulatedOutcome[]
  /** What was supposed of each call of another pallet that may fail. */
  readonly supposed: readonly boolean[]
}

/** A wrapper of unknown effect was met, or a bound on depth or work: nothing follows from the run. */
export class Unknowable extends Error {
  override readonly name = 'Unknowable'
}

/**
 * Runs a subtree as the runtime would, and undoes it.
 *
 * @throws {Unknowable}
 */
export function simulateSubtree(
  root: RolledBackNode,
  context: SimulationContext,
  supposition: Supposition,
): SubtreeOutcome {
  const start = context.state.checkpoint()
  const run = new SubtreeRun(context, supposition, callHolders(root))
  try {
    const error = run.dispatch(root, 0, false)
    return {
      isAsRecorded: error === supposition.recorded || error === STRANGERS_ERROR,
      error: error === STRANGERS_ERROR ? supposition.recorded : error,
      outcomes: callsOf(root).map((call) => run.outcomeOf(call)),
      supposed: run.supposed,
    }
  } finally {
    context.state.rollback(start)
  }
}

/** The AutoId calls of a subtree, in pre-order. Bounded: deeper than the runtime allows yields nothing. */
export function callsOf(root: RolledBackNode): readonly ObservedCall[] {
  const calls: ObservedCall[] = []
  const visit = (node: RolledBackNode, depth: number) => {
    if (depth > MAX_DEPTH) return
    if (node.type === 'CALL') calls.push(node.call)
    for (const child of childrenOf(node)) visit(child, depth + 1)
  }
  visit(root, 0)
  return calls
}

class SubtreeRun {
  readonly supposed: boolean[] = []
  private readonly outcomes = new Map<ObservedCall, SimulatedOutcome>()
  /** Calls that hold so far, in order of execution. */
  private readonly applied: ObservedCall[] = []

  constructor(
    private readonly context: SimulationContext,
    private readonly supposition: Supposition,
    /** Nodes with an AutoId call in them: of the others only the error matters. */
    private readonly holders: ReadonlySet<RolledBackNode>,
  ) {}

  outcomeOf(call: ObservedCall): SimulatedOutcome {
    return this.outcomes.get(call) ?? { status: 'NOT_EXECUTED' }
  }

  /**
   * Every call runs in a storage layer of its own: when it fails, all it did is undone.
   *
   * @param isSwallowed something around it succeeds whatever error it returns, so that the recorded one says nothing of it
   */
  dispatch(node: RolledBackNode, depth: number, isSwallowed: boolean): RunError | null {
    if (depth > MAX_DEPTH) throw new Unknowable()
    const checkpoint = this.context.state.checkpoint()
    const appliedBefore = this.applied.length
    const error = this.run(node, depth + 1, isSwallowed)
    if (error === null) return null
    this.context.state.rollback(checkpoint)
    for (const call of this.applied.splice(appliedBefore)) {
      this.outcomes.set(call, { status: 'REVERTED' })
    }
    return error
  }

  private run(node: RolledBackNode, depth: number, isSwallowed: boolean): RunError | null {
    switch (node.type) {
      case 'CALL':
        return this.runCall(node.call, node.originIsSigned)
      case 'OTHER':
        return this.runOther(node.result, isSwallowed)
      case 'SEQUENCE':
        return this.runSequence(node, depth, isSwallowed)
      case 'IF_ELSE': {
        const error = this.dispatch(node.main, depth, true)
        return error === null ? null : this.dispatch(node.fallback, depth, isSwallowed)
      }
      case 'WRAPPER': {
        if (node.swallowsError && !this.holders.has(node.inner)) return null
        const error = this.dispatch(node.inner, depth, isSwallowed || node.swallowsError)
        return node.swallowsError ? null : error
      }
      case 'BLOCKED':
        return node.error
      case 'UNKNOWN_WRAPPER':
        throw new Unknowable()
    }
  }

  private runCall(call: ObservedCall, originIsSigned: boolean): RunError | null {
    const { state, nowMs, checkSignature, budget } = this.context
    budget.executions -= 1
    if (budget.executions < 0) throw new Unknowable()
    const result = originIsSigned ? execute(state, call.call, nowMs, checkSignature) : BAD_ORIGIN
    if (result.ok) {
      state.apply(result.changes)
      this.applied.push(call)
      this.outcomes.set(call, { status: 'APPLIED' })
      return null
    }
    const error = result === BAD_ORIGIN ? BAD_ORIGIN.error : `AutoId.${result.error}`
    this.outcomes.set(call, { status: 'FAILED', error })
    return error
  }

  private runOther(result: OtherResult, isSwallowed: boolean): RunError | null {
    if (result === 'BAD_ORIGIN') return BAD_ORIGIN.error
    const mayFail = isSwallowed
      ? result !== 'SUCCESS'
      : mayReturn(result, this.supposition.recorded)
    if (!mayFail) return null
    const fails = this.supposition.failing[this.supposed.length] ?? false
    this.supposed.push(fails)
    return fails ? STRANGERS_ERROR : null
  }

  /** batch stops at the first error and succeeds, batch_all fails with it, force_batch goes on. */
  private runSequence(node: Sequence, depth: number, isSwallowed: boolean): RunError | null {
    const { items, mode } = node
    const isWithin = isSwallowed || mode !== 'BATCH_ALL'
    // Where the sequence succeeds all the same, what comes after its last AutoId call tells nothing.
    const lastHolder = items.findLastIndex((item) => this.holders.has(item))
    const end = mode === 'BATCH_ALL' ? items.length : lastHolder + 1
    for (const [index, item] of items.slice(0, end).entries()) {
      if (mode === 'FORCE_BATCH' && !this.holders.has(item)) continue
      // Whichever of two neighbours stopped the sequence, the AutoId calls fared alike: the first stands for both.
      if (isOpen(item) && isOpen(items[index - 1])) continue
      const error = this.dispatch(item, depth, isWithin)
      if (error === null || mode === 'FORCE_BATCH') continue
      return mode === 'BATCH_ALL' ? error : null
    }
    return null
  }
}

type Sequence = Extract<RolledBackNode, { type: 'SEQUENCE' }>

const BAD_ORIGIN = { ok: false, error: 'BadOrigin' } as const

function isOpen(node: RolledBackNode | undefined): boolean {
  return node?.type === 'OTHER' && (node.result === 'ANY' || node.result === 'ANY_BUT_BAD_ORIGIN')
}

/** May a call of another pallet have returned the error that was recorded? */
function mayReturn(result: OtherResult, recorded: string | null): boolean {
  if (result === 'SUCCESS' || recorded === null || recorded === 'System.CallFiltered') return false
  return recorded === BAD_ORIGIN.error ? result === 'ANY' : !recorded.startsWith('AutoId.')
}

function callHolders(root: RolledBackNode): ReadonlySet<RolledBackNode> {
  const holders = new Set<RolledBackNode>()
  const visit = (node: RolledBackNode, depth: number): boolean => {
    if (depth > MAX_DEPTH) return false
    let holds = node.type === 'CALL'
    for (const child of childrenOf(node)) holds = visit(child, depth + 1) || holds
    if (holds) holders.add(node)
    return holds
  }
  visit(root, 0)
  return holders
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
    case 'UNKNOWN_WRAPPER':
      return node.inner
  }
}
