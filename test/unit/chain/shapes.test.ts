import { Runtime as SquidRuntime } from '@subsquid/substrate-runtime'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes, fromHex } from '../../../src/bytes'
import { decodeBlock } from '../../../src/chain/decode-block'
import type { RawBlock } from '../../../src/chain/raw-block'
import { Runtime } from '../../../src/chain/runtime'
import { readRecording } from '../../../src/devnet/recording'
import { blake2b256 } from '../../../src/hash'
import { callsOf } from '../../../src/registry/rolled-back'
import {
  BAD_ORIGIN,
  bytes,
  CallBytes,
  DISPATCH_INFO,
  SIGNER,
  vector,
} from '../../support/call-bytes'
import { DEV_CHAIN, loadRecordedChain } from '../../support/recorded-chain'

const recording = readRecording(DEV_CHAIN)
const metadata = recording.runtimes.get(2)?.metadata ?? ''
const runtime = new Runtime(recording.specName, 2, metadata)
const make = new CallBytes(runtime)

const ID = (n: number) => `0x${n.toString(16).padStart(64, '0')}`
const deactivated = (id: string) => make.event('AutoId.AutoIdDeactivated', fromHex(id))
const success = make.event('System.ExtrinsicSuccess', DISPATCH_INFO)
const failure = (error: Uint8Array) => make.event('System.ExtrinsicFailed', error, DISPATCH_INFO)
const feePaid = make.event(
  'TransactionPayment.TransactionFeePaid',
  fromHex(SIGNER),
  Uint8Array.of(9, ...new Uint8Array(15)),
  new Uint8Array(16),
)
const item = make.event('Utility.ItemCompleted')
const completed = make.event('Utility.BatchCompleted')

function rawBlock(extrinsics: readonly Uint8Array[], events: Uint8Array, count: number): RawBlock {
  return {
    height: 7,
    hash: ID(7),
    parentHash: ID(6),
    stateRoot: ID(0),
    extrinsicsRoot: ID(0),
    digestLogs: [],
    extrinsics,
    events,
    eventCount: count,
  }
}

/** One extrinsic and the events it left. */
function decodeOne(extrinsic: Uint8Array, events: readonly Uint8Array[], by = runtime) {
  return decodeBlock(rawBlock([extrinsic], make.records(0, events), events.length), by)
}

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

describe('an unknown wrapper', () => {
  // The same runtime, whose with_weight nobody has heard of.
  const renamed = metadata.replaceAll(
    Buffer.from('with_weight').toString('hex'),
    Buffer.from('wyth_weight').toString('hex'),
  )
  const strange = new Runtime(recording.specName, 2, renamed)
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

describe('the stock sudo pallet', () => {
  const text = (name: string) => Buffer.from(bytes(Buffer.from(name))).toString('hex')
  /** The same runtime, its sudo call and event under other names. */
  const renamed = (call: string, event: string) =>
    new Runtime(
      recording.specName,
      2,
      metadata.replaceAll(text('sudo'), text(call)).replaceAll(text('Sudid'), text(event)),
    )
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

describe('hostile bytes', () => {
  const real = loadRecordedChain().blocks.flatMap(({ raw, runtime: by }) =>
    raw.extrinsics.slice(2).map((extrinsic) => ({ extrinsic, by })),
  )

  it('as extrinsics never throw: they are put aside', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (random, isFramed) => {
        const extrinsic = isFramed ? bytes(concatBytes(Uint8Array.of(5), random)) : random
        const record = decodeOne(extrinsic, [success])
        expect(record.quarantined.length + record.nodes.length).toBeLessThanOrEqual(2)
      }),
      { numRuns: 2_000, seed: 1 },
    )
  })

  it('in place of single bytes of real extrinsics never throw', () => {
    fc.assert(
      fc.property(
        fc.nat(real.length - 1),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (index, changes) => {
          const { extrinsic, by } = real[index] ?? { extrinsic: new Uint8Array(), by: runtime }
          const changed = Uint8Array.from(extrinsic)
          for (const [place, byte] of changes) changed[place % changed.length] = byte
          const record = decodeBlock(rawBlock([changed], make.records(0, [success]), 1), by)
          for (const node of record.nodes) {
            if (node.type === 'ROLLED_BACK') expect(callsOf(node.root).length).toBeGreaterThan(0)
          }
        },
      ),
      { numRuns: 2_000, seed: 2 },
    )
  })

  it('as events either decode or are refused as the node’s fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(5), (events, count) => {
        try {
          decodeBlock(rawBlock([], events, count), runtime)
        } catch (error) {
          expect(error).toMatchObject({ code: 'INCONSISTENT_NODE' })
        }
      }),
      { numRuns: 2_000, seed: 3 },
    )
  })

  it('a vector that claims four billion items takes no memory', () => {
    const claim = concatBytes(make.call('Utility.batch'), Uint8Array.of(3, 255, 255, 255, 255))
    expect(decodeOne(make.signed(claim), [success]).quarantined.length).toBe(1)
    expect(vector([]).length).toBe(1)
  })
})
