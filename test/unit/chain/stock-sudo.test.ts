/** The calls and events of the sudo pallet that the recorded runtime leaves out. */

import { describe, expect, it } from 'vitest'
import { concatBytes } from '../../../src/bytes'
import { BAD_ORIGIN, bytes, CallBytes } from '../../support/call-bytes'
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

describe('the stock sudo pallet', () => {
  const text = (name: string) => Buffer.from(bytes(Buffer.from(name))).toString('hex')
  /** The same runtime, its sudo call and event under other names. */
  const renamed = (call: string, event: string) =>
    runtimeOf(metadata.replaceAll(text('sudo'), text(call)).replaceAll(text('Sudid'), text(event)))
  const twice = () => make.batch('force_batch', [make.deactivate(ID(1)), make.deactivate(ID(1))])
  const ended = make.event('Utility.BatchCompletedWithErrors')
  /** Of two equal calls the first applied: without the walk nobody could tell. */
  const onlyFirst = [deactivated(ID(1)), item, make.event('Utility.ItemFailed', BAD_ORIGIN), ended]

  it('runs calls as an account by sudo_as, whose end is SudoAsDone', () => {
    const stock = renamed('sudo_as', 'SudoAsDone')
    const by = new CallBytes(stock)
    const call = (inner: Uint8Array) => make.signed(by.call('Sudo.sudo_as', inner))
    const done = by.event('Sudo.SudoAsDone', Uint8Array.of(0))
    const record = decodeOne(call(twice()), [...onlyFirst, done, success], stock)
    expect(record.unexplained).toEqual([])
    expect(record.nodes).toMatchObject([
      { call: { callPath: '0.0', wrappers: ['Sudo.sudo_as', 'Utility.force_batch'] } },
      { call: { callPath: '0.1', outcome: { error: 'BadOrigin', derived: false } } },
    ])
    const refused = by.event('Sudo.SudoAsDone', concatBytes(Uint8Array.of(1), BAD_ORIGIN))
    expect(decodeOne(call(make.deactivate(ID(1))), [refused, success], stock).nodes).toMatchObject([
      { call: { outcome: { error: 'BadOrigin', derived: false } } },
    ])
    const rolledBack = make.batch('batch_all', [by.call('Sudo.sudo_as', make.deactivate(ID(1)))])
    expect(
      decodeOne(make.signed(rolledBack), [feePaid, failure(BAD_ORIGIN)], stock).nodes,
    ).toMatchObject([
      { root: { items: [{ items: [{ type: 'OTHER' }, { inner: { originIsSigned: true } }] }] } },
    ])
  })

  it.each(['KeyChanged', 'KeyRemoved'])('leaves %s beside the calls, which marks none', (name) => {
    const stock = renamed('sudo', name)
    const changed = new CallBytes(stock).event(`Sudo.${name}`, Uint8Array.of(0))
    const record = decodeOne(make.signed(twice()), [changed, ...onlyFirst, success], stock)
    expect(record.unexplained).toEqual([])
    expect(record.nodes).toMatchObject([
      { call: { callPath: '0', outcome: { status: 'APPLIED', eventIndex: 1 } } },
      { call: { callPath: '1', outcome: { error: 'BadOrigin', derived: false } } },
    ])
  })
})
