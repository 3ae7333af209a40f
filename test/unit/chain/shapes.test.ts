/** Every shape of extrinsic, call and event of a block, as one that was never recorded may have it. */

import { Runtime as SquidRuntime } from '@subsquid/substrate-runtime'
import { describe, expect, it } from 'vitest'
import { concatBytes, fromHex } from '../../../src/bytes'
import { decodeBlock } from '../../../src/chain/decode-block'
import { blake2b256 } from '../../../src/hash'
import { BAD_ORIGIN, bytes, SIGNER } from '../../support/call-bytes'
import {
  completed,
  deactivated,
  decodeOne,
  failure,
  feePaid,
  ID,
  item,
  make,
  metadata,
  rawBlock,
  runtime,
  success,
} from '../../support/one-extrinsic'

describe('decodeBlock', () => {
  it('reads every extrinsic format of the runtime, also those Squid’s own decoder throws on', () => {
    const squid = new SquidRuntime(
      { specName: 'x', specVersion: 2, implName: 'x', implVersion: 0 },
      metadata,
    )
    const call = make.deactivate(ID(1))
    const general = make.general(call)
    expect(() => squid.decodeExtrinsic(general)).toThrow()
    const origins = [make.signed(call), make.bare(4, call), make.bare(5, call), general]
    for (const extrinsic of origins) {
      const record = decodeOne(extrinsic, [deactivated(ID(1)), success])
      expect(record.quarantined).toEqual([])
      expect(record.nodes).toMatchObject([
        { type: 'CALL', call: { outcome: { status: 'APPLIED', eventIndex: 0, autoId: ID(1) } } },
      ])
    }
    const signers = origins.map((e) => decodeOne(e, [deactivated(ID(1)), success]).nodes[0])
    expect(signers).toMatchObject([
      { call: { signer: SIGNER } },
      { call: { signer: null } },
      { call: { signer: null } },
      { call: { signer: null } },
    ])
  })

  it('follows dispatch_as, which Squid’s own call parser throws on', () => {
    const asSigned = concatBytes(Uint8Array.of(0, 1), fromHex(SIGNER))
    const call = make.call('Utility.dispatch_as', asSigned, make.deactivate(ID(2)))
    const ok = make.event('Utility.DispatchedAs', Uint8Array.of(0))
    const sudid = make.event('Sudo.Sudid', Uint8Array.of(0))
    const sudo = make.bare(5, make.call('Sudo.sudo', call))
    const applied = decodeOne(sudo, [deactivated(ID(2)), ok, sudid, success])
    expect(applied.nodes).toMatchObject([
      {
        call: {
          callPath: '0.0',
          wrappers: ['Sudo.sudo', 'Utility.dispatch_as'],
          outcome: { status: 'APPLIED' },
        },
      },
    ])
    const error = make.event('Utility.DispatchedAs', concatBytes(Uint8Array.of(1), BAD_ORIGIN))
    const failed = decodeOne(sudo, [error, sudid, success])
    expect(failed.nodes).toMatchObject([
      { call: { outcome: { status: 'FAILED', error: 'BadOrigin', derived: false } } },
    ])
  })

  it('follows calls 256 levels deep, and puts deeper ones aside', () => {
    const nest = (levels: number) => {
      let call = make.deactivate(ID(3))
      for (let i = 1; i < levels; i++) call = make.batch('batch', [call])
      return call
    }
    const markers = Array.from({ length: 256 }, () => [item, completed]).flat()
    const deep = decodeOne(make.signed(nest(257)), [deactivated(ID(3)), ...markers, success])
    expect(deep.nodes).toMatchObject([{ call: { outcome: { status: 'APPLIED' } } }])
    expect(deep.nodes[0]?.type === 'CALL' && deep.nodes[0].call.wrappers.length).toBe(256)
    const deeper = decodeOne(make.signed(nest(301)), [failure(BAD_ORIGIN)])
    expect(deeper.quarantined).toMatchObject([{ reason: expect.stringContaining('300 deep') }])
    const endless = Buffer.alloc(600_000, make.batch('batch', [new Uint8Array(0)]))
    expect(decodeOne(make.signed(endless), [failure(BAD_ORIGIN)]).quarantined.length).toBe(1)
  })

  it('pairs a batch of 5,000 calls with its 5,000 events', () => {
    const ids = Array.from({ length: 5_000 }, (_, i) => ID(i + 1))
    const events = ids.flatMap((id) => [deactivated(id), item])
    const record = decodeOne(
      make.signed(
        make.batch(
          'batch_all',
          ids.map((id) => make.deactivate(id)),
        ),
      ),
      [...events, completed, feePaid, success],
    )
    expect(record.nodes.length).toBe(5_000)
    expect(record.nodes.at(-1)).toMatchObject({
      call: { callPath: '4999', fee: 9n, outcome: { eventIndex: 9_998, autoId: ID(5_000) } },
    })
  })

  it('follows batches without calls, which leave their marker all the same', () => {
    const batches = ['batch', 'batch_all', 'force_batch'].map((kind) => make.batch(kind, []))
    // The same identifier twice, one call of the two failing: without the markers nobody could tell which.
    const call = make.batch('force_batch', [
      ...batches,
      make.deactivate(ID(1)),
      make.deactivate(ID(1)),
    ])
    const failed = make.event('Utility.ItemFailed', BAD_ORIGIN)
    const ended = make.event('Utility.BatchCompletedWithErrors')
    const empty = batches.flatMap(() => [completed, item])
    const events = [...empty, deactivated(ID(1)), item, failed, ended, feePaid, success]
    const record = decodeOne(make.signed(call), events)
    expect(record.unexplained).toEqual([])
    expect(record.nodes).toMatchObject([
      { call: { callPath: '3', outcome: { status: 'APPLIED', eventIndex: 6 } } },
      {
        call: { callPath: '4', outcome: { status: 'FAILED', error: 'BadOrigin', derived: false } },
      },
    ])
  })

  it('knows a batch_all without calls as filtered inside another one', () => {
    const ifElse = make.call('Utility.if_else', make.batch('batch_all', []), make.deactivate(ID(1)))
    const call = make.batch('batch_all', [ifElse, make.deactivate(ID(2))])
    const record = decodeOne(make.signed(call), [feePaid, failure(BAD_ORIGIN)])
    expect(record.nodes).toMatchObject([
      {
        type: 'ROLLED_BACK',
        root: {
          items: [
            { main: { type: 'BLOCKED', error: 'System.CallFiltered' }, fallback: { type: 'CALL' } },
            { type: 'CALL' },
          ],
        },
      },
    ])
  })

  it('takes a call refused before dispatch for not executed only when a signed extrinsic paid nothing', () => {
    const other = failure(Uint8Array.of(0))
    const signed = make.signed(make.batch('batch', [make.deactivate(ID(1))]))
    expect(decodeOne(signed, [other]).nodes).toMatchObject([
      { type: 'CALL', call: { outcome: { status: 'NOT_EXECUTED', derived: false } } },
    ])
    expect(decodeOne(signed, [feePaid, other]).nodes).toMatchObject([
      { type: 'ROLLED_BACK', error: 'Other' },
    ])
    expect(decodeOne(make.signed(make.deactivate(ID(1))), [other]).nodes).toMatchObject([
      { call: { outcome: { status: 'NOT_EXECUTED', error: 'PreDispatch' } } },
    ])
  })

  // Tried with its error thrown on: the block cannot be indexed, and no other after it.
  it('keeps an undecodable extrinsic aside and leaves its AutoId events to the chain’s state', () => {
    const broken = bytes(Uint8Array.of(0x84, 0xff, 1, 2, 3))
    const record = decodeOne(broken, [deactivated(ID(4)), success])
    expect(record.quarantined).toMatchObject([{ extrinsicIndex: 0, length: broken.length }])
    expect(record.unexplained).toMatchObject([
      { eventIndex: 0, extrinsicIndex: 0, kind: 'DEACTIVATED', autoId: ID(4) },
    ])
    expect(record.nodes).toEqual([])
  })

  it('leaves AutoId events outside any extrinsic to the chain’s state', () => {
    const events = make.records(undefined, [deactivated(ID(4))])
    expect(decodeBlock(rawBlock([], events, 1), runtime).unexplained).toEqual([
      {
        eventIndex: 0,
        extrinsicIndex: null,
        extrinsicHash: null,
        kind: 'DEACTIVATED',
        autoId: ID(4),
      },
    ])
  })

  // Tried without comparing the numbers: one event too many is taken.
  it('refuses events that are more or fewer than System.EventCount, or do not decode', () => {
    const extrinsic = make.signed(make.deactivate(ID(1)))
    const events = make.records(0, [deactivated(ID(1)), success])
    for (const [list, count] of [
      [events, 1],
      [events, 3],
      [events.subarray(0, -1), 2],
      [concatBytes(events, Uint8Array.of(0)), 2],
    ] as const) {
      expect(() => decodeBlock(rawBlock([extrinsic], list, count), runtime)).toThrow(
        expect.objectContaining({ code: 'INCONSISTENT_NODE' }),
      )
    }
  })

  it('keeps remarks of up to 256 bytes, and longer ones by their hash alone', () => {
    const short = 'a'.repeat(256)
    const remarked = (text: string) => {
      const hash = blake2b256(Buffer.from(text))
      return make.event('System.Remarked', fromHex(SIGNER), hash)
    }
    const batch = make.batch('batch', [make.remark(`${short}b`), make.remark(short)])
    const record = decodeOne(make.signed(batch), [
      remarked(`${short}b`),
      item,
      remarked(short),
      item,
      completed,
      success,
    ])
    expect(record.remarks).toMatchObject([
      { callPath: '0', remark: null, sender: SIGNER },
      { callPath: '1', remark: Uint8Array.from(Buffer.from(short)) },
    ])
  })
})
