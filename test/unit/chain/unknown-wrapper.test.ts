/** Calls inside a call that nobody has heard of. */

import { describe, expect, it } from 'vitest'
import { BAD_ORIGIN } from '../../support/call-bytes'
import {
  deactivated,
  decodeOne,
  failure,
  feePaid,
  ID,
  item,
  make,
  metadata,
  runtimeOf,
  success,
} from '../../support/one-extrinsic'

describe('an unknown wrapper', () => {
  // The same runtime, whose with_weight nobody has heard of.
  const renamed = metadata.replaceAll(
    Buffer.from('with_weight').toString('hex'),
    Buffer.from('wyth_weight').toString('hex'),
  )
  const strange = runtimeOf(renamed)
  const wrap = (call: Uint8Array) =>
    make.signed(make.call('Utility.with_weight', call, Uint8Array.of(0, 0)))

  it('is seen through where events and calls match one to one', () => {
    const call = make.batch('batch', [make.deactivate(ID(1)), make.deactivate(ID(2))])
    const record = decodeOne(wrap(call), [deactivated(ID(1)), deactivated(ID(2)), success], strange)
    expect(record.nodes).toMatchObject([
      { call: { callPath: '0.0', outcome: { status: 'APPLIED', eventIndex: 0, autoId: ID(1) } } },
      { call: { callPath: '0.1', outcome: { status: 'APPLIED', eventIndex: 1, autoId: ID(2) } } },
    ])
    expect(record.unexplained).toEqual([])
  })

  it('around calls that concern nobody here is passed over', () => {
    const stranger = make.call('Utility.with_weight', make.remark('x'), Uint8Array.of(0, 0))
    const twice = [make.deactivate(ID(1)), stranger, make.deactivate(ID(1))]
    const failed = make.event('Utility.ItemFailed', BAD_ORIGIN)
    const record = decodeOne(
      make.signed(make.batch('force_batch', twice)),
      [
        deactivated(ID(1)),
        item,
        item,
        failed,
        make.event('Utility.BatchCompletedWithErrors'),
        success,
      ],
      strange,
    )
    expect(record.nodes).toMatchObject([
      { call: { callPath: '0', outcome: { status: 'APPLIED', eventIndex: 0 } } },
      {
        call: { callPath: '2', outcome: { status: 'FAILED', error: 'BadOrigin', derived: false } },
      },
    ])
  })

  it('is never guessed at: with a choice of calls, the event is left to the chain’s state', () => {
    const call = make.batch('batch', [make.deactivate(ID(1)), make.deactivate(ID(1))])
    const record = decodeOne(wrap(call), [deactivated(ID(1)), success], strange)
    expect(record.unexplained).toMatchObject([{ eventIndex: 0, autoId: ID(1) }])
    // One of the two applied: neither is listed as failed.
    expect(record.nodes).toEqual([])
  })

  it('lists as failed what no event could be of, beside calls that cannot be told apart', () => {
    const ids = [ID(1), ID(1), ID(2)]
    const call = make.batch(
      'batch',
      ids.map((id) => make.deactivate(id)),
    )
    const record = decodeOne(wrap(call), [deactivated(ID(1)), success], strange)
    expect(record.unexplained).toMatchObject([{ eventIndex: 0, autoId: ID(1) }])
    expect(record.nodes).toMatchObject([
      {
        call: {
          callPath: expect.stringMatching(/2$/),
          outcome: { status: 'FAILED', error: 'Unknown', derived: true },
        },
      },
    ])
  })

  it('inside a rolled-back subtree lets nothing be concluded', () => {
    const call = make.batch('batch_all', [
      make.call('Utility.with_weight', make.deactivate(ID(1)), Uint8Array.of(0, 0)),
    ])
    const record = decodeOne(make.signed(call), [feePaid, failure(BAD_ORIGIN)], strange)
    expect(record.nodes).toMatchObject([
      {
        type: 'ROLLED_BACK',
        root: { items: [{ type: 'UNKNOWN_WRAPPER', inner: [{ type: 'CALL' }] }] },
      },
    ])
  })

  it('takes an event of another identifier than its call’s for no explanation', () => {
    const record = decodeOne(make.signed(make.deactivate(ID(1))), [deactivated(ID(2)), success])
    expect(record.unexplained).toMatchObject([{ autoId: ID(2) }])
    expect(record.nodes).toMatchObject([
      { call: { outcome: { status: 'FAILED', error: 'Unknown' } } },
    ])
  })
})
