import { describe, expect, it } from 'vitest'
import {
  callsOf,
  type RolledBackSubtree,
  resolveRolledBack,
} from '../../../src/registry/rolled-back'
import type { RegistryCall, RolledBackNode } from '../../../src/registry/types'
import { WorkingState } from '../../../src/registry/working-state'
import { actionCall, KEYS, NOW, observed, registerCall } from '../../support/registry-builder'

const NEVER = { status: 'NOT_EXECUTED', derived: false } as const

function call(registryCall: RegistryCall, originIsSigned = true): RolledBackNode {
  return { type: 'CALL', call: observed(registryCall, NEVER), originIsSigned }
}

const good = (commonName = 'good') => call(registerCall({ commonName }))
const bad = () => call(actionCall('REVOKE', `0x${'77'.repeat(32)}`, KEYS.a, 0n))
const batchAll = (...items: RolledBackNode[]): RolledBackNode => ({
  type: 'SEQUENCE',
  mode: 'BATCH_ALL',
  items,
})
const sequence = (mode: 'BATCH' | 'FORCE_BATCH', ...items: RolledBackNode[]): RolledBackNode => ({
  type: 'SEQUENCE',
  mode,
  items,
})
const other = (fails: string | null = null): RolledBackNode => ({ type: 'OTHER', fails })

function outcomes(root: RolledBackNode, error = 'AutoId.UnknownAutoId'): string[] {
  const subtree: RolledBackSubtree = { type: 'ROLLED_BACK', error, root }
  const state = new WorkingState()
  const found = resolveRolledBack(state, subtree, NOW)
  expect(state.checkpoint()).toBe(0)
  expect(found).toHaveLength(callsOf(root).length)
  expect(found.every((outcome) => outcome.status !== 'APPLIED' && outcome.derived)).toBe(true)
  return found.map((outcome) => (outcome.status === 'FAILED' ? outcome.error : outcome.status))
}

describe('resolveRolledBack', () => {
  it('tells reverted, failed and never executed calls of a batch_all apart (block 56)', () => {
    expect(outcomes(batchAll(good(), bad(), good('later')))).toEqual([
      'REVERTED',
      'AutoId.UnknownAutoId',
      'NOT_EXECUTED',
    ])
  })

  it('lets a batch stop, and a force_batch go on, without failing (blocks 60, 62)', () => {
    const root = batchAll(
      sequence('BATCH', good('a'), bad(), good('b')),
      sequence('FORCE_BATCH', bad(), good('c')),
      bad(),
    )
    expect(outcomes(root)).toEqual([
      'REVERTED',
      'AutoId.UnknownAutoId',
      'NOT_EXECUTED',
      'AutoId.UnknownAutoId',
      'REVERTED',
      'AutoId.UnknownAutoId',
    ])
  })

  it('runs a fallback only when the main call fails (blocks 66 to 68)', () => {
    const ifElse = (main: RolledBackNode): RolledBackNode => ({
      type: 'IF_ELSE',
      main,
      fallback: good('fallback'),
    })
    expect(outcomes(batchAll(ifElse(good()), bad()))).toEqual([
      'REVERTED',
      'NOT_EXECUTED',
      'AutoId.UnknownAutoId',
    ])
    expect(outcomes(batchAll(ifElse(batchAll(good(), bad())), bad()))).toEqual([
      'REVERTED',
      'AutoId.UnknownAutoId',
      'REVERTED',
      'AutoId.UnknownAutoId',
    ])
  })

  it('lets dispatch_as swallow an error and dispatch_as_fallible pass it on (blocks 72, 73)', () => {
    const wrapper = (swallowsError: boolean, inner: RolledBackNode): RolledBackNode => ({
      type: 'WRAPPER',
      swallowsError,
      inner,
    })
    const root = batchAll(wrapper(true, bad()), wrapper(false, bad()), wrapper(false, good()))
    expect(outcomes(root)).toEqual(['AutoId.UnknownAutoId', 'AutoId.UnknownAutoId', 'NOT_EXECUTED'])
  })

  it('never runs what is filtered, and refuses an unsigned origin (blocks 61, 74)', () => {
    const filtered: RolledBackNode = {
      type: 'BLOCKED',
      error: 'System.CallFiltered',
      inner: [good('inner')],
    }
    expect(outcomes(batchAll(good(), filtered), 'System.CallFiltered')).toEqual([
      'REVERTED',
      'NOT_EXECUTED',
    ])
    expect(outcomes(batchAll(call(registerCall(), false)), 'BadOrigin')).toEqual(['BadOrigin'])
  })

  it('sees what earlier calls of the subtree did, and undoes what fails', () => {
    expect(outcomes(batchAll(good(), good()), 'AutoId.AutoIdIdentifierAlreadyExists')).toEqual([
      'REVERTED',
      'AutoId.AutoIdIdentifierAlreadyExists',
    ])
    const undone = sequence('FORCE_BATCH', batchAll(good(), bad()), good())
    expect(outcomes(batchAll(undone, bad()))).toEqual([
      'REVERTED',
      'AutoId.UnknownAutoId',
      'REVERTED',
      'AutoId.UnknownAutoId',
    ])
  })

  it('finds the call of another pallet that failed (block 148)', () => {
    expect(outcomes(batchAll(good(), other(), good('later')), 'Token.Frozen')).toEqual([
      'REVERTED',
      'NOT_EXECUTED',
    ])
    expect(outcomes(batchAll(good(), other('BadOrigin')), 'BadOrigin')).toEqual(['REVERTED'])
  })

  it('says Unknown of calls on which the possible culprits disagree, and only of those', () => {
    const root = batchAll(good('a'), other(), good('b'), other(), good('c'))
    expect(outcomes(root, 'Token.Frozen')).toEqual(['REVERTED', 'Unknown', 'NOT_EXECUTED'])
  })

  it('says Unknown when no re-execution ends in the recorded error', () => {
    expect(outcomes(batchAll(good(), bad()), 'AutoId.InvalidSignature')).toEqual([
      'Unknown',
      'Unknown',
    ])
    expect(outcomes(batchAll(good()), 'AutoId.InvalidSignature')).toEqual(['Unknown'])
  })

  it('is bounded: nesting deeper than a runtime has is not followed', () => {
    let root: RolledBackNode = batchAll(bad())
    for (let depth = 0; depth < 400; depth++) root = batchAll(root)
    expect(callsOf(root)).toEqual([])
    expect(outcomes(root)).toEqual([])
  })

  it('is bounded: more calls than a block holds are not run', () => {
    let checks = 0
    const items = Array.from({ length: 30_000 }, () => bad())
    const subtree: RolledBackSubtree = {
      type: 'ROLLED_BACK',
      error: 'AutoId.UnknownAutoId',
      root: sequence('FORCE_BATCH', ...items),
    }
    const found = resolveRolledBack(new WorkingState(), subtree, NOW, () => {
      checks += 1
      return { ok: true }
    })
    expect(found).toHaveLength(30_000)
    expect(found[29_999]).toEqual({ status: 'FAILED', error: 'Unknown', derived: true })
    expect(checks).toBe(0)
  })
})
