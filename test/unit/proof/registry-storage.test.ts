import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../../src/bytes'
import { blake2b256 } from '../../../src/hash'
import { hashHeader } from '../../../src/proof/header'
import {
  AUTO_IDS_PREFIX,
  autoIdKey,
  autoIdOfKey,
  decodeAutoId,
  decodeRevocationList,
  REVOCATION_LIST_PREFIX,
} from '../../../src/proof/registry-storage'
import {
  headerOf,
  type RecordedBlock,
  readGzippedLines,
  recordedBlocks,
} from '../../support/recorded'

type Expected = {
  hash: string
  autoIds: { set: Record<string, Record<string, unknown>>; removed: string[] }
  crl: { set: Record<string, string[]> }
}
const blocks = recordedBlocks()
const expected = new Map(
  readGzippedLines<Expected>('test/fixtures/dev/expected.jsonl.gz').map((e) => [e.hash, e]),
)

describe('hashHeader', () => {
  it('recomputes the hash of every recorded block', () => {
    for (const block of blocks) {
      expect(hashHeader(headerOf(block))).toBe(block.hash)
    }
  })

  it('gives another hash when a field differs', () => {
    const block = blocks[5] as RecordedBlock
    const changed = { ...headerOf(block), number: block.number + 1 }
    expect(hashHeader(changed)).not.toBe(block.hash)
  })
})

describe('registry storage values', () => {
  it('decode to what the pallet recorded, in every block', () => {
    let compared = 0
    for (const block of blocks) {
      const oracle = expected.get(block.hash) as Expected
      for (const [key, value] of block.storageDiff) {
        if (value === null) continue
        if (key.startsWith(AUTO_IDS_PREFIX)) {
          const entry = decodeAutoId(autoIdOfKey(key), fromHex(value))
          expect({
            issuerId: entry.issuerId,
            serial: entry.serial.toString(),
            subjectCommonName: toHex(entry.subjectCommonName),
            subjectPublicKeyInfo: toHex(entry.subjectPublicKeyInfo),
            notBefore: String(entry.notBefore),
            notAfter: String(entry.notAfter),
            nonce: entry.nonce.toString(),
            issuedSerials: entry.issuedSerials.map(String),
            rawLength: entry.raw.length,
            rawBlake2: toHex(blake2b256(entry.raw)),
          }).toEqual(oracle.autoIds.set[entry.autoId])
          compared += 1
        } else if (key.startsWith(REVOCATION_LIST_PREFIX)) {
          const serials = decodeRevocationList(fromHex(value)).map(String)
          expect(serials).toEqual(oracle.crl.set[autoIdOfKey(key)])
          compared += 1
        }
      }
    }
    expect(compared).toBeGreaterThan(400)
  })

  it('refuse truncated values, bytes after them, and other keys', () => {
    const id = `0x${'11'.repeat(32)}`
    const [, value] = blocks
      .flatMap((b) => b.storageDiff)
      .find(([key, v]) => key.startsWith(AUTO_IDS_PREFIX) && v !== null) as [string, string]
    const bytes = fromHex(value)
    for (let cut = 0; cut < bytes.length; cut++) {
      expect(() => decodeAutoId(id, bytes.subarray(0, cut))).toThrow(RangeError)
    }
    expect(() => decodeAutoId(id, fromHex(`${value}00`))).toThrow(RangeError)
    expect(() => autoIdOfKey(autoIdKey(id).slice(0, -2))).toThrow(RangeError)
  })
})
