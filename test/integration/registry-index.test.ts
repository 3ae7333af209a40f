/** The index against the pallet's recorded storage, after every block of the sample chain, on both branches of its fork. */
import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { toHex } from '../../src/bytes'
import { decodeBlock } from '../../src/chain/decode-block'
import { blake2b256 } from '../../src/hash'
import { isQuiet } from '../../src/registry/index-block'
import type { BlockRecord } from '../../src/registry/types'
import {
  type ExpectedEntry,
  type RegistryState,
  readExpected,
  statesByHash,
} from '../support/dev-oracle'
import { MemoryIndex } from '../support/memory-index'
import { errorText } from '../support/recorded-calls'
import { loadRecordedChain } from '../support/recorded-chain'

const expected = readExpected()
const states = statesByHash(expected)
const records = loadRecordedChain().blocks.map(({ raw, runtime }) => decodeBlock(raw, runtime))
const canonical = records.filter((_, at) => expected[at]?.branch === 'canonical')

const byValue = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0)

/** The registry's storage as the index's rows tell it. */
function indexedState(index: MemoryIndex): RegistryState {
  const open = index.versions.filter(({ active, blockTo }) => active && blockTo === null)
  const autoIds = open.map((version): [string, ExpectedEntry] => {
    const certificate = index.certificates.find(({ id }) => id === version.certificateId)
    if (certificate === undefined) throw new Error('dangling row')
    const issuedSerials = index.issued
      .filter(({ autoId, blockTo }) => autoId === version.autoId && blockTo === null)
      .map(({ serial }) => serial)
      .sort(byValue)
      .map(String)
    return [
      version.autoId,
      {
        issuerId: version.issuerId,
        serial: String(version.serial),
        subjectCommonName: toHex(version.commonNameBytes),
        subjectPublicKeyInfo: toHex(certificate.publicKey),
        notBefore: String(version.notBefore),
        notAfter: String(version.notAfter),
        nonce: String(version.nonce),
        issuedSerials,
        rawLength: certificate.tbs.length,
        rawBlake2: toHex(blake2b256(certificate.tbs)),
      },
    ]
  })
  const lists = new Map<string, bigint[]>()
  for (const { issuerId, serial } of index.revocations) {
    lists.set(issuerId, [...(lists.get(issuerId) ?? []), serial])
  }
  return {
    autoIds: Object.fromEntries(autoIds),
    lists: Object.fromEntries(
      [...lists].map(([id, serials]) => [id, serials.sort(byValue).map(String)]),
    ),
  }
}

/** Goes back to the parent first where the recorded order changes branch. */
function replay(index: MemoryIndex, visit: (block: BlockRecord, at: number) => void): void {
  let head: string | undefined
  for (const [at, record] of records.entries()) {
    if (head !== undefined && record.parentHash !== head) index.rollback(record.height - 1)
    index.apply([record])
    head = record.hash
    visit(record, at)
  }
}

/** One text for everything an index holds. */
function digest(index: MemoryIndex): string {
  const text = JSON.stringify(index, (_key, value) => {
    if (typeof value === 'bigint') return `${value}n`
    return value instanceof Uint8Array ? toHex(value) : value
  })
  return createHash('sha256').update(text).digest('hex')
}

describe('the index after every block of the sample chain', () => {
  it('equals the recorded AutoIds, nonces, issued serials and revocation lists, on both branches', () => {
    const index = new MemoryIndex()
    replay(index, ({ height, hash }) => {
      expect(indexedState(index), `block ${height}`).toEqual(states.get(hash))
    })
    expect(index.events.length).toBeGreaterThan(400)
  })

  it('has every call that changed nothing, with the recorded status and error', () => {
    const index = new MemoryIndex()
    replay(index, ({ height }, at) => {
      const found = index.failedCalls
        .filter(({ block }) => block === height)
        .map((call) => [call.extrinsicIndex, call.callPath, call.status, call.error])
      const recorded = (expected[at]?.extrinsics ?? []).flatMap((extrinsic) =>
        extrinsic.autoIdCalls
          .filter(({ status }) => status !== 'applied')
          .map(({ path, status, error }) => [
            extrinsic.index,
            path.join('.'),
            status === 'notExecuted' ? 'NOT_EXECUTED' : status.toUpperCase(),
            errorText(error as Parameters<typeof errorText>[0]),
          ]),
      )
      expect(found, `block ${height}`).toEqual(
        recorded.map((row) => (row[3] === 'PreDispatch' ? [...row.slice(0, 3), null] : row)),
      )
    })
    expect(index.failedCalls.length).toBeGreaterThan(250)
  })

  it('confirms the signature of every applied call', () => {
    const index = new MemoryIndex()
    replay(index, () => {})
    const outcomes = new Set(index.certificates.map(({ signatureOutcome }) => signatureOutcome))
    expect(outcomes).toEqual(new Set(['GOOD']))
    expect(index.advisories.filter(({ code }) => code === 'SIGNATURE_NOT_CONFIRMED')).toEqual([])
  })
})

test('above genesis a block that changes anything is not quiet, and only such a one', () => {
  const index = new MemoryIndex()
  const quiet = canonical.filter((record) => {
    const { height: _, hash: __, issuedSerials, ...changes } = index.apply([record])[0] ?? {}
    const lists = [...Object.values(changes), ...Object.values(issuedSerials ?? {})]
    const isUnchanged = lists.every((list) => list.length === 0)
    if (record.height > 0) expect(isQuiet(record), `block ${record.height}`).toBe(isUnchanged)
    return isUnchanged
  })
  expect(quiet.length).toBeGreaterThan(1)
})

describe('the index of the canonical chain', () => {
  const digests = new Map<number, string>()
  const whole = new MemoryIndex()

  beforeAll(() => {
    for (const record of canonical) {
      whole.apply([record])
      digests.set(record.height, digest(whole))
    }
  })

  it.each([2, 7, 50, 1000])('is the same in batches of %i as block by block', (size) => {
    const batched = new MemoryIndex()
    for (let at = 0; at < canonical.length; at += size) {
      batched.apply(canonical.slice(at, at + size))
    }
    expect(digest(batched)).toBe(digest(whole))
  })

  it('is after a rollback to any height what it was at that height', () => {
    for (let height = canonical.length - 1; height >= 0; height--) {
      whole.rollback(height)
      expect(digest(whole), `height ${height}`).toBe(digests.get(height))
    }
  })
})
