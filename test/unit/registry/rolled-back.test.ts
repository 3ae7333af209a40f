import { describe, expect, it } from 'vitest'
import {
  callsOf,
  type RolledBackSubtree,
  resolveRolledBack,
} from '../../../src/registry/rolled-back'
import type { OtherResult, RegistryCall, RolledBackNode } from '../../../src/registry/types'
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
const other = (result: OtherResult = 'ANY'): RolledBackNode => ({ type: 'OTHER', result })

const ifElse = (main: RolledBackNode, fallback: RolledBackNode): RolledBackNode => ({
  type: 'IF_ELSE',
  main,
  fallback,
})
const swallowing = (inner: RolledBackNode): RolledBackNode => ({
  type: 'WRAPPER',
  swallowsError: true,
  inner,
})

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
    const elseGood = (main: RolledBackNode) => ifElse(main, good('fallback'))
    expect(outcomes(batchAll(elseGood(good()), bad()))).toEqual([
      'REVERTED',
      'NOT_EXECUTED',
      'AutoId.UnknownAutoId',
    ])
    expect(outcomes(batchAll(elseGood(batchAll(good(), bad())), bad()))).toEqual([
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
    expect(outcomes(batchAll(good(), other('BAD_ORIGIN')), 'BadOrigin')).toEqual(['REVERTED'])
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

  it.each([
    ['batch', sequence('BATCH', other(), good()), ['Unknown']],
    ['if_else', ifElse(other(), good()), ['Unknown']],
    [
      'if_else around batch_all',
      ifElse(batchAll(good(), other()), good('b')),
      ['REVERTED', 'Unknown'],
    ],
    ['dispatch_as', swallowing(batchAll(other(), good())), ['Unknown']],
    [
      'force_batch',
      sequence('FORCE_BATCH', batchAll(good(), other()), good()),
      ['REVERTED', 'Unknown'],
    ],
  ])(
    'says Unknown where %s may have swallowed the failure of another pallet',
    (_name, root, found) => {
      expect(outcomes(batchAll(root, good('certain'), bad()))).toEqual([
        ...found,
        'REVERTED',
        'AutoId.UnknownAutoId',
      ])
    },
  )

  it.each([
    [
      'force_batch, beside',
      sequence('FORCE_BATCH', good('a'), other(), good('b')),
      ['REVERTED', 'REVERTED'],
    ],
    ['batch, after', sequence('BATCH', good('a'), other(), other()), ['REVERTED']],
    ['batch, never failing', sequence('BATCH', other('SUCCESS'), good('a')), ['REVERTED']],
    ['dispatch_as, alone', batchAll(swallowing(other()), good('a')), ['REVERTED']],
    ['batch, refused', sequence('BATCH', other('BAD_ORIGIN'), good('a')), ['NOT_EXECUTED']],
  ])(
    'is certain where the failure of another pallet changes no fate (%s)',
    (_name, root, found) => {
      expect(outcomes(batchAll(root, bad()))).toEqual([...found, 'AutoId.UnknownAutoId'])
    },
  )

  it('takes no error for that of another pallet which it cannot return', () => {
    const unsigned = () => call(registerCall(), false)
    const last = (stranger: RolledBackNode) =>
      outcomes(batchAll(stranger, good('a'), unsigned()), 'BadOrigin')
    expect(last(other('ANY_BUT_BAD_ORIGIN'))).toEqual(['REVERTED', 'BadOrigin'])
    expect(last(other())).toEqual(['Unknown', 'Unknown'])
    expect(last(other('SUCCESS'))).toEqual(['REVERTED', 'BadOrigin'])
    const filtered: RolledBackNode = { type: 'BLOCKED', error: 'System.CallFiltered', inner: [] }
    expect(outcomes(batchAll(other(), good(), filtered), 'System.CallFiltered')).toEqual([
      'REVERTED',
    ])
  })

  it('says Unknown of all calls once a wrapper of unknown effect has run, and runs it only in its turn', () => {
    const unknown = (): RolledBackNode => ({ type: 'UNKNOWN_WRAPPER', inner: [good('inner')] })
    expect(outcomes(batchAll(sequence('BATCH', unknown()), good(), bad()))).toEqual([
      'Unknown',
      'Unknown',
      'Unknown',
    ])
    expect(outcomes(batchAll(good(), bad(), unknown()))).toEqual([
      'REVERTED',
      'AutoId.UnknownAutoId',
      'NOT_EXECUTED',
    ])
  })

  it('is bounded: with more calls of other pallets than are tried, nothing is said', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, i) => [other(), good(`${i}`)]).flat()
    expect(outcomes(batchAll(...many(20)), 'Token.Frozen').slice(-1)).toEqual(['NOT_EXECUTED'])
    expect(new Set(outcomes(batchAll(...many(400)), 'Token.Frozen'))).toEqual(new Set(['Unknown']))
    expect(new Set(outcomes(batchAll(...many(400), bad())).slice(0, -1))).toEqual(
      new Set(['REVERTED']),
    )
    const silent = Array.from({ length: 1_000 }, () => other())
    expect(outcomes(batchAll(...silent, good(), ...silent), 'Token.Frozen')).toEqual(['Unknown'])
    expect(outcomes(batchAll(...silent, good()), 'Token.Frozen')).toEqual(['NOT_EXECUTED'])
  })

  it('checks a signature once, in however many ways the subtree may have run', () => {
    let checks = 0
    const root = batchAll(good('a'), other(), good('b'), other(), good('c'), other())
    const subtree: RolledBackSubtree = { type: 'ROLLED_BACK', error: 'Token.Frozen', root }
    const found = resolveRolledBack(new WorkingState(), subtree, NOW, () => {
      checks += 1
      return { ok: true }
    })
    expect(found[0]).toEqual({ status: 'REVERTED', derived: true })
    expect(checks).toBe(3)
  })

  it('leaves the state as it was also when it gives up', () => {
    const root = batchAll(good(), sequence('BATCH', { type: 'UNKNOWN_WRAPPER', inner: [bad()] }))
    expect(outcomes(root)).toEqual(['Unknown', 'Unknown'])
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
