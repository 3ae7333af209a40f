/** Blocks as RPC gives them, checked against their hashes before anything is read from them. */

import { fromHex, type Hex, isHash32, isHex, toHex } from '../bytes'
import { inconsistent, trusting } from '../inconsistent'
import { hashHeader } from '../proof/header'
import { orderedTrieRoot } from '../proof/trie-build'
import type { RawHeader } from './raw-block'

export type CheckedBlock = RawHeader & {
  readonly hash: Hex
  readonly extrinsics: readonly Uint8Array[]
}

/** @throws {AppError} INCONSISTENT_NODE when the answer is no header */
export function readHeader(answer: unknown): RawHeader {
  const { parentHash, number, stateRoot, extrinsicsRoot, digest } = fieldsOf(answer, 'a header')
  const height = typeof number === 'string' && isQuantity(number) ? Number(number) : -1
  const { logs } = fieldsOf(digest, 'a digest')
  if (!Number.isSafeInteger(height) || height < 0) throw noSuch('a header')
  if (!Array.isArray(logs)) throw noSuch('a digest')
  return {
    height,
    parentHash: hash32(parentHash),
    stateRoot: hash32(stateRoot),
    extrinsicsRoot: hash32(extrinsicsRoot),
    digestLogs: logs.map(hexText),
  }
}

/** The header's own hash. */
export function headerHash(header: RawHeader): Hex {
  return trusting(`Header ${header.height} cannot be hashed`, { height: header.height }, () =>
    hashHeader({ ...header, number: header.height }),
  )
}

/**
 * A `chain_getBlock` answer: its header hashes to the hash asked for, its extrinsics to the header's root.
 *
 * @throws {AppError} INCONSISTENT_NODE otherwise
 */
export function readBlock(answer: unknown, hash: Hex): CheckedBlock {
  const { block } = fieldsOf(answer, 'a block')
  const { header: headerAnswer, extrinsics: list } = fieldsOf(block, 'a block')
  const header = readHeader(headerAnswer)
  const facts = { height: header.height, hash }
  if (headerHash(header) !== hash) {
    throw inconsistent(`The header given for block ${hash} does not hash to it.`, facts)
  }
  if (!Array.isArray(list)) throw noSuch('a block')
  const extrinsics = list.map((text) => {
    if (typeof text !== 'string') throw noSuch('an extrinsic')
    return trusting(`An extrinsic of block ${header.height} is none`, facts, () => fromHex(text))
  })
  // Runtimes of system version 2 hash long extrinsics in the trie, older ones do not; either root commits to them all.
  const isCommitted = (['V1', 'V0'] as const).some(
    (layout) => toHex(orderedTrieRoot(extrinsics, layout)) === header.extrinsicsRoot,
  )
  if (!isCommitted) {
    throw inconsistent(
      `The extrinsics given for block ${header.height} are not those of its header.`,
      facts,
    )
  }
  return { hash, extrinsics, ...header }
}

/** @throws {AppError} INCONSISTENT_NODE when blocks do not follow on each other by height and parent hash */
export function assertLinked(
  parent: { readonly height: number; readonly hash: Hex } | null,
  blocks: readonly { readonly height: number; readonly hash: Hex; readonly parentHash: Hex }[],
): void {
  let previous = parent
  for (const block of blocks) {
    const follows =
      previous === null ||
      (block.height === previous.height + 1 && block.parentHash === previous.hash)
    if (!follows) {
      throw inconsistent(`Block ${block.height} does not follow on the block before it.`, {
        height: block.height,
        hash: block.hash,
      })
    }
    previous = block
  }
}

export function hash32(value: unknown): Hex {
  if (typeof value !== 'string' || !isHash32(value)) throw noSuch('a hash')
  return value
}

function hexText(value: unknown): Hex {
  if (typeof value !== 'string' || !isHex(value)) throw noSuch('hexadecimal text')
  return value
}

function isQuantity(text: string): boolean {
  return /^0x[0-9a-f]{1,13}$/i.test(text)
}

function fieldsOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw noSuch(what)
  return value as Record<string, unknown>
}

function noSuch(what: string) {
  return inconsistent(`The node answered something else where ${what} was asked for.`)
}
