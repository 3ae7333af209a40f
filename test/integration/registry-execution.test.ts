/** The pure core against the pallet's own record: every call of the sample chain, predicted by re-execution. */
import { describe, expect, it } from 'vitest'
import { verifyPalletSignature } from '../../src/registry/pallet-signature'
import { callsOf, type SimulatedOutcome, simulateSubtree } from '../../src/registry/rolled-back-run'
import { type Simulation, simulate } from '../../src/registry/simulate'
import { execute } from '../../src/registry/transition'
import type { ObservedCall } from '../../src/registry/types'
import { WorkingState } from '../../src/registry/working-state'
import { recordedBlocks } from '../support/recorded'
import { callTrees, errorText } from '../support/recorded-calls'
import { type ExpectedCall, readExpected } from '../support/recorded-chain'

const blocks = recordedBlocks()
const expected = readExpected()

function asText(call: ExpectedCall): string {
  const status = call.status === 'notExecuted' ? 'NOT_EXECUTED' : call.status.toUpperCase()
  return `${call.path.join('.')} ${status} ${errorText(call.error) ?? ''}`
}

function simulatedText(path: string, outcome: SimulatedOutcome): string {
  return `${path} ${outcome.status} ${outcome.status === 'FAILED' ? outcome.error : ''}`
}

/**
 * Asks the pre-flight about each call when the re-execution comes to it: the one moment, at whatever depth, at which the
 * state before the call is there, with all its siblings did and without what was undone.
 */
function askBefore(calls: readonly ObservedCall[], state: WorkingState, nowMs: number) {
  const answers = new Map<ObservedCall, Simulation>()
  for (const observed of calls) {
    const { call } = observed
    Object.defineProperty(observed, 'call', {
      get: () => {
        if (!answers.has(observed)) answers.set(observed, simulate(state, call, nowMs))
        return call
      },
    })
  }
  return answers
}

/** A call that held until what it stood in was undone was applied, then. */
function answerOf({ status, error }: ExpectedCall) {
  return status === 'failed'
    ? { outcome: 'ERROR', error: errorText(error) }
    : { outcome: 'APPLIED', error: null }
}

/** What lies outside the registry's knowledge: an extrinsic whose own error no AutoId call explains. */
const OTHER_PALLETS: Readonly<Record<number, string>> = { 148: 'BadOrigin', 229: 'PreDispatch' }

describe('re-execution of the sample chain', () => {
  it('predicts status and error of every AutoId call, at every depth, on both branches, and so does the pre-flight', () => {
    const states = new Map<string, WorkingState>()
    let calls = 0
    const preflights = { applied: 0, failed: 0, reverted: 0 }
    for (const [position, block] of blocks.entries()) {
      const oracle = expected[position]
      if (oracle === undefined) throw new Error(`no record of block ${block.number}`)
      // A branch point keeps the state of its parent: replaying the applied calls of the path is exact and cheap.
      const state = new WorkingState(states.get(block.parentHash))
      states.set(block.hash, state)
      if (oracle.timestamp === null) continue
      const trees = callTrees(block, oracle)
      for (const [index, tree] of trees.entries()) {
        const extrinsic = oracle.extrinsics[index]
        if (tree === undefined || extrinsic === undefined) continue
        calls += extrinsic.autoIdCalls.length
        const context = {
          state,
          nowMs: oracle.timestamp,
          checkSignature: verifyPalletSignature,
          budget: { executions: 10_000 },
        }
        const observed = callsOf(tree)
        const answers = askBefore(observed, state, oracle.timestamp)
        const run = simulateSubtree(tree, context, { recorded: null, failing: [] })
        for (const [at, recorded] of extrinsic.autoIdCalls.entries()) {
          const call = observed[at]
          // Nothing of the registry's is asked about a call that is no account's to make, or that was never reached.
          if (!call || recorded.status === 'notExecuted' || recorded.error?.kind === 'BadOrigin') {
            continue
          }
          const answer = answers.get(call)
          const error = answer?.outcome === 'ERROR' ? answer.error : null
          const about = `block ${block.number}, call ${call.callPath}`
          expect({ outcome: answer?.outcome, error }, about).toEqual(answerOf(recorded))
          preflights[recorded.status] += 1
        }
        if (OTHER_PALLETS[block.number] !== undefined && !extrinsic.success) continue
        const predicted = run.outcomes.map((outcome, at) =>
          simulatedText(observed[at]?.callPath ?? '', outcome),
        )
        expect(predicted, `block ${block.number}`).toEqual(extrinsic.autoIdCalls.map(asText))
        expect(run.error, `block ${block.number}`).toBe(errorText(extrinsic.error))
        for (const [at, call] of observed.entries()) {
          if (run.outcomes[at]?.status !== 'APPLIED') continue
          const result = execute(state, call.call, oracle.timestamp)
          expect(result, `block ${block.number}`).toMatchObject({
            ok: true,
            autoId: extrinsic.autoIdCalls[at]?.id,
          })
          if (result.ok) state.apply(result.changes)
        }
      }
    }
    expect(calls).toBeGreaterThan(700)
    expect(preflights).toEqual({ applied: 505, failed: 123, reverted: 37 })
  })
})
