/** The pure core against the pallet's own record: every call of the sample chain, predicted by re-execution. */
import { describe, expect, it } from 'vitest'
import { verifyPalletSignature } from '../../src/registry/pallet-signature'
import { callsOf, type SimulatedOutcome, simulateSubtree } from '../../src/registry/rolled-back'
import { simulate } from '../../src/registry/simulate'
import { execute } from '../../src/registry/transition'
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

/** What lies outside the registry's knowledge: an extrinsic whose own error no AutoId call explains. */
const OTHER_PALLETS: Readonly<Record<number, string>> = { 148: 'BadOrigin', 229: 'PreDispatch' }

describe('re-execution of the sample chain', () => {
  it('predicts status and error of every AutoId call, at every depth, on both branches', () => {
    const states = new Map<string, WorkingState>()
    let calls = 0
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
        if (OTHER_PALLETS[block.number] !== undefined && !extrinsic.success) continue
        const context = {
          state,
          nowMs: oracle.timestamp,
          checkSignature: verifyPalletSignature,
          budget: { executions: 10_000 },
          culprit: null,
          culpritError: null,
        }
        const run = simulateSubtree(tree, context)
        const observed = callsOf(tree)
        const predicted = run.outcomes.map((outcome, at) =>
          simulatedText(observed[at]?.callPath ?? '', outcome),
        )
        expect(predicted, `block ${block.number}`).toEqual(extrinsic.autoIdCalls.map(asText))
        expect(run.error, `block ${block.number}`).toBe(errorText(extrinsic.error))
        for (const [at, call] of observed.entries()) {
          if (run.outcomes[at]?.status !== 'APPLIED') continue
          const preflight = simulate(state, call.call, oracle.timestamp)
          expect(preflight.outcome, `block ${block.number}`).toBe('APPLIED')
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
  })
})
