import { describe, expect, it } from 'vitest'
import { decodeBlock } from '../../../src/chain/decode-block'
import { decodeEvents } from '../../../src/chain/events'
import { callsOf } from '../../../src/registry/rolled-back'
import type { BlockRecord, ObservedCall } from '../../../src/registry/types'
import { type ExpectedError, loadRecordedChain, readExpected } from '../../support/recorded-chain'

const chain = loadRecordedChain()
const records = new Map(chain.blocks.map((b) => [b.hash, decodeBlock(b.raw, b.runtime)]))
const expectedBlocks = readExpected()

function recordOf(hash: string): BlockRecord {
  const record = records.get(hash)
  if (record === undefined) throw new Error(`no block ${hash}`)
  return record
}

/** The calls of a record in execution order, with whether the walker itself could tell their outcome. */
function observed(record: BlockRecord): { call: ObservedCall; isTold: boolean }[] {
  return record.nodes.flatMap((node) => {
    const calls = node.type === 'CALL' ? [node.call] : callsOf(node.root)
    return calls.map((call) => ({ call, isTold: node.type === 'CALL' }))
  })
}

function errorName(error: ExpectedError): string | null {
  if (error === null) return null
  return error.kind === 'Module' ? `${error.pallet}.${error.name}` : error.kind
}

const STATUS = {
  applied: 'APPLIED',
  failed: 'FAILED',
  reverted: 'REVERTED',
  notExecuted: 'NOT_EXECUTED',
} as const
const KIND: Record<string, string> = {
  register_auto_id: 'REGISTER',
  renew_auto_id: 'RENEW',
  revoke_certificate: 'REVOKE',
  deactivate_auto_id: 'DEACTIVATE',
}

describe('decodeBlock', () => {
  it('finds every AutoId call of the recorded chain, both branches, with its place, wrappers and payer', () => {
    let calls = 0
    for (const expected of expectedBlocks) {
      const want = expected.extrinsics.flatMap((extrinsic) =>
        extrinsic.autoIdCalls.map((call) => ({
          extrinsicIndex: extrinsic.index,
          callPath: call.path.join('.'),
          wrappers: call.wrappers,
          kind: KIND[call.call],
          target: call.targetId,
          signer: extrinsic.signer,
        })),
      )
      const got = observed(recordOf(expected.hash)).map(({ call }) => ({
        extrinsicIndex: call.extrinsicIndex,
        callPath: call.callPath,
        wrappers: call.wrappers,
        kind: call.call.kind,
        target: call.call.kind === 'REGISTER' ? null : call.call.autoId,
        signer: call.signer,
      }))
      expect(got, `block ${expected.number} ${expected.note}`).toEqual(want)
      calls += want.length
    }
    expect(calls).toBe(781)
  })

  it('tells status, error, event and identifier of every call outside rolled-back subtrees as the pallet recorded them', () => {
    let told = 0
    for (const expected of expectedBlocks) {
      const want = expected.extrinsics.flatMap((extrinsic) => extrinsic.autoIdCalls)
      observed(recordOf(expected.hash)).forEach(({ call: { outcome }, isTold }, i) => {
        const call = want[i]
        if (call === undefined || !isTold) return
        told += 1
        const place = `block ${expected.number} call ${i} (${expected.note})`
        expect(outcome.status, place).toBe(STATUS[call.status])
        expect('error' in outcome ? outcome.error : null, place).toBe(errorName(call.error))
        const applied = outcome.status === 'APPLIED' ? outcome : null
        expect(applied?.eventIndex ?? null, place).toBe(call.eventIndex)
        expect(applied?.autoId ?? null, place).toBe(call.id)
        if (outcome.status !== 'APPLIED') expect(outcome.derived, place).toBe(false)
      })
    }
    expect(told).toBeGreaterThan(600)
  })

  it('leaves every AutoId event to exactly one call, and nothing unexplained or undecodable', () => {
    for (const expected of expectedBlocks) {
      const record = recordOf(expected.hash)
      const indexes = observed(record).flatMap(({ call: { outcome } }) =>
        outcome.status === 'APPLIED' ? [outcome.eventIndex] : [],
      )
      const events = expected.events.filter(({ pallet }) => pallet === 'AutoId')
      expect(indexes).toEqual(events.map(({ index }) => index))
      expect(record.unexplained).toEqual([])
      expect(record.quarantined).toEqual([])
    }
  })

  it('rolls back exactly the subtrees that failed, naming the recorded error', () => {
    for (const expected of expectedBlocks) {
      const want = expected.extrinsics.flatMap((extrinsic) => extrinsic.autoIdCalls)
      const statuses: string[] = []
      for (const { call, isTold } of observed(recordOf(expected.hash))) {
        statuses.push(isTold ? call.outcome.status : 'ROLLED_BACK')
      }
      want.forEach((call, i) => {
        if (call.status === 'applied') expect(statuses[i]).toBe('APPLIED')
        if (call.status === 'reverted') expect(statuses[i]).toBe('ROLLED_BACK')
      })
    }
    const [failed] = recordOf(blockHash(56)).nodes
    expect(failed).toMatchObject({ type: 'ROLLED_BACK', error: 'AutoId.UnknownIssuer' })
    const [filtered] = recordOf(blockHash(61)).nodes
    expect(filtered).toMatchObject({
      type: 'ROLLED_BACK',
      error: 'System.CallFiltered',
      root: {
        type: 'SEQUENCE',
        mode: 'BATCH_ALL',
        items: [{ type: 'CALL' }, { type: 'BLOCKED', error: 'System.CallFiltered' }],
      },
    })
  })

  // Tried without `assertOutcomes`: the events of another block are taken.
  it('refuses events that are not those of the block’s extrinsics: each has one outcome, in order', () => {
    const withExtrinsics = (count: number) => {
      const found = chain.blocks.find(
        ({ raw }) => raw.height > 93 && raw.extrinsics.length === count,
      )
      if (found === undefined) throw new Error(`no block of ${count} extrinsics`)
      return found
    }
    const [two, three] = [withExtrinsics(2), withExtrinsics(3)]
    const { events, eventCount } = three.raw
    expect(decodeBlock(three.raw, three.runtime).height).toBe(three.raw.height)
    const refused = expect.objectContaining({ code: 'INCONSISTENT_NODE' })
    expect(() => decodeBlock({ ...two.raw, events, eventCount }, two.runtime)).toThrow(refused)
    const other = { events: two.raw.events, eventCount: two.raw.eventCount }
    expect(() => decodeBlock({ ...three.raw, ...other }, three.runtime)).toThrow(refused)
  })

  it('counts events and extrinsics, and reads time, fee and spec version of the executing runtime', () => {
    for (const expected of expectedBlocks) {
      const record = recordOf(expected.hash)
      expect(record.eventCount).toBe(expected.eventCount)
      expect(record.extrinsicCount).toBe(expected.extrinsics.length)
      expect(record.timestamp ?? 0).toBe(expected.timestamp ?? 0)
      expect(record.specVersion).toBe(expected.specVersion)
      const fees = new Map(
        expected.events
          .filter(({ name }) => name === 'TransactionFeePaid')
          .map(({ extrinsicIndex, args }) => [extrinsicIndex, BigInt(String(args['actual_fee']))]),
      )
      for (const { call } of observed(record)) {
        expect(call.fee).toBe(fees.get(call.extrinsicIndex) ?? null)
      }
    }
  })

  it('gives every remark its bytes from the call that made it, also inside a batch', () => {
    let seen = 0
    for (const expected of expectedBlocks) {
      const want = expected.events.filter(({ name }) => name === 'Remarked')
      const got = recordOf(expected.hash).remarks
      expect(got.map(({ eventIndex }) => eventIndex)).toEqual(want.map(({ index }) => index))
      for (const [i, remark] of got.entries()) {
        expect(remark.remarkHash).toBe(want[i]?.args['hash'])
        expect(remark.sender).toBe(want[i]?.args['sender'])
        expect(remark.remark?.length).toBeGreaterThan(0)
        seen += 1
      }
    }
    expect(seen).toBeGreaterThanOrEqual(3)
    expect(recordOf(blockHash(275)).remarks[0]?.callPath).not.toBe('')
  })

  it('names every event of every block as the metadata does', () => {
    for (const { hash, raw, runtime } of chain.blocks) {
      const want = expectedBlocks.find((block) => block.hash === hash)?.events
      const got = decodeEvents(raw.events, runtime)
      expect(got.map(({ name, extrinsicIndex }) => [name, extrinsicIndex])).toEqual(
        want?.map((event) => [`${event.pallet}.${event.name}`, event.extrinsicIndex]),
      )
    }
  })
})

function blockHash(height: number): string {
  const block = expectedBlocks.find((b) => b.number === height && b.branch === 'canonical')
  if (block === undefined) throw new Error(`no block ${height}`)
  return block.hash
}
