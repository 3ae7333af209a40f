import { expect, test } from 'vitest'
import { createEvidenceMemory } from '../../../src/store/read/evidence-memory'
import type { Evidence, EvidenceMoment, ReadEvidence } from '../../../src/verify/evidence'

const autoId = `0x${'aa'.repeat(32)}` as const
const moment = (height: number, clockMs: number, isFinal = false): EvidenceMoment => {
  const point = { height, hash: `0x${height}` as const, timeMs: 1_000, isFinal }
  return { state: point, clockMs, knownAt: point }
}

function counted(certificates = 1): { read: ReadEvidence; reads: () => number } {
  let reads = 0
  const read = (async (at: EvidenceMoment) => {
    reads++
    const history = { certificates: Array.from({ length: certificates }, () => ({})) }
    return { ...at, hops: [], past: { history } } as unknown as Evidence
  }) as ReadEvidence
  return { read, reads: () => reads }
}

test('under one head the same question is read once, with the clock and finality of each asking', async () => {
  const memory = createEvidenceMemory()
  const { read, reads } = counted()
  await memory('0xhead', read)(moment(5, 1), { autoId })
  const again = await memory('0xhead', read)(moment(5, 2, true), { autoId })
  expect(again.clockMs).toBe(2)
  expect(again.state.isFinal).toBe(true)
  expect(reads()).toBe(1)
})

test.each([
  ['another head', '0xother', moment(5, 1), { autoId }],
  ['another block', '0xhead', moment(6, 1), { autoId }],
  ['another knowledge', '0xhead', { ...moment(5, 1), knownAt: moment(7, 1).knownAt }, { autoId }],
  ['another certificate', '0xhead', moment(5, 1), { autoId, certificateId: 'x' }],
] as const)('%s is read anew', async (_, head, at, subject) => {
  const memory = createEvidenceMemory()
  const { read, reads } = counted()
  await memory('0xhead', read)(moment(5, 1), { autoId })
  await memory(head, read)(at, subject)
  expect(reads()).toBe(2)
})

test('a head that comes back after another one finds nothing kept', async () => {
  const memory = createEvidenceMemory()
  const { read, reads } = counted()
  for (const head of ['0xa', '0xb', '0xa']) await memory(head, read)(moment(5, 1), { autoId })
  expect(reads()).toBe(3)
})

test('a failed reading and a history long on purpose are not kept', async () => {
  const memory = createEvidenceMemory()
  const fails = (async () => {
    throw new Error('away')
  }) as ReadEvidence
  await expect(memory('0xa', fails)(moment(5, 1), { autoId })).rejects.toThrow('away')
  const { read, reads } = counted(65)
  for (let i = 0; i < 2; i++) await memory('0xa', read)(moment(5, 1), { autoId })
  expect(reads()).toBe(2)
})
