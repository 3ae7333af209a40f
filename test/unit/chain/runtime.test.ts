import { describe, expect, it } from 'vitest'
import { fromHex } from '../../../src/bytes'
import { checkAutoIdPallet } from '../../../src/chain/auto-id-pallet'
import { decodeBlock } from '../../../src/chain/decode-block'
import { Runtime } from '../../../src/chain/runtime'
import { readRecording } from '../../../src/devnet/recording'
import { CallBytes, DISPATCH_INFO } from '../../support/call-bytes'
import { DEV_CHAIN } from '../../support/recorded-chain'

const recording = readRecording(DEV_CHAIN)
const metadataOf = (spec: number) => recording.runtimes.get(spec)?.metadata ?? ''
const hexOf = (text: string) => Buffer.from(text, 'ascii').toString('hex')

/** AutoId's index is the byte before the next pallet's name in the list of pallets. */
function moveAutoId(metadata: string, to: number): string {
  const next = `30${hexOf('SelfDomainId')}`
  const at = metadata.lastIndexOf(`28${next}`)
  if (at < 0) throw new Error('AutoId is not where it was')
  return `${metadata.slice(0, at)}${to.toString(16).padStart(2, '0')}${metadata.slice(at + 2)}`
}

describe('Runtime', () => {
  it('chooses the event layout by its own metadata', () => {
    expect(new Runtime('x', 1, metadataOf(1)).eventLayout).toBe('EVENTS')
    expect(new Runtime('x', 2, metadataOf(2)).eventLayout).toBe('SEGMENTS')
  })

  it('finds the AutoId pallet wherever an upgrade moved it: calls, events and errors', () => {
    const moved = new Runtime('x', 3, moveAutoId(metadataOf(2), 77))
    expect(checkAutoIdPallet(moved)).toBe(null)
    expect(moved.calls[40]).toBe(undefined)
    expect(moved.moduleError(77, 3)).toBe('AutoId.InvalidSignature')
    const make = new CallBytes(moved)
    const id = `0x${'5a'.repeat(32)}`
    const call = make.signed(make.deactivate(id))
    const raw = {
      height: 1,
      hash: id,
      parentHash: id,
      stateRoot: id,
      extrinsicsRoot: id,
      digestLogs: [],
      extrinsics: [call],
    }
    const applied = make.records(0, [
      make.event('AutoId.AutoIdDeactivated', fromHex(id)),
      make.event('System.ExtrinsicSuccess', DISPATCH_INFO),
    ])
    expect(decodeBlock({ ...raw, events: applied, eventCount: 2 }, moved).nodes).toMatchObject([
      { call: { call: { kind: 'DEACTIVATE', autoId: id }, outcome: { status: 'APPLIED' } } },
    ])
    const error = Uint8Array.of(3, 77, 3, 0, 0, 0)
    const paid = make.event(
      'TransactionPayment.TransactionFeePaid',
      fromHex(id),
      new Uint8Array(16),
      new Uint8Array(16),
    )
    const failed = make.records(0, [
      paid,
      make.event('System.ExtrinsicFailed', error, DISPATCH_INFO),
    ])
    expect(decodeBlock({ ...raw, events: failed, eventCount: 2 }, moved).nodes).toMatchObject([
      { call: { outcome: { status: 'FAILED', error: 'AutoId.InvalidSignature' } } },
    ])
  })

  it('names errors the metadata does not know by number', () => {
    const runtime = new Runtime('x', 2, metadataOf(2))
    expect(runtime.moduleError(200, 1)).toBe('Module(200, 1)')
    expect(runtime.moduleError(40, 99)).toBe('AutoId.99')
  })

  it('refuses what is no metadata of version 14', () => {
    for (const metadata of ['0x', '0x6d6574610f', '0x1234']) {
      expect(() => new Runtime('x', 1, metadata)).toThrow(
        expect.objectContaining({ code: 'WRONG_CHAIN' }),
      )
    }
  })
})

describe('checkAutoIdPallet', () => {
  it.each([
    ['AutoId', 'AutoIx', /no AutoId pallet/],
    ['register_auto_id', 'register_auto_ix', /call register_auto_id/],
    ['AutoIdRenewed', 'AutoIdRenewex', /event AutoIdRenewed/],
    ['subject_common_name', 'subject_common_nome', /storage AutoIds/],
  ])('refuses a pallet whose %s is called otherwise', (from, to, why) => {
    const metadata = metadataOf(2).replaceAll(hexOf(from), hexOf(to))
    expect(checkAutoIdPallet(new Runtime('x', 2, metadata))).toMatch(why)
  })

  it('takes both runtimes of the recorded chain', () => {
    for (const spec of [1, 2]) {
      expect(checkAutoIdPallet(new Runtime('x', spec, metadataOf(spec)))).toBe(null)
    }
  })
})
