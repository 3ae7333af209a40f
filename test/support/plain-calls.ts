/** Recorded extrinsics that are one AutoId call and nothing else. */

import { fromHex } from '../../src/bytes'
import { CallDataError, decodeCallData } from '../../src/registry/call-data'
import type { RegistryCall } from '../../src/registry/types'
import { recordedBlocks } from './recorded'
import { callTrees } from './recorded-calls'
import { readExpected } from './recorded-chain'

export type PlainCall = {
  readonly call: RegistryCall
  /** The whole extrinsic. */
  readonly bytes: Uint8Array
  readonly blockHash: string
  readonly index: number
}

/** Every extrinsic whose own call is one of the pallet's: decoded by metadata, and its bytes. */
export function plainCalls(): PlainCall[] {
  const expected = readExpected()
  return recordedBlocks().flatMap((block, position) => {
    const oracle = expected[position]
    if (oracle === undefined || oracle.timestamp === null) return []
    return callTrees(block, oracle).flatMap((tree, index): PlainCall[] => {
      if (tree?.type !== 'CALL' || tree.call.callPath !== '') return []
      const bytes = fromHex(block.extrinsics[index] ?? '0x')
      return [{ call: tree.call.call, bytes, blockHash: block.hash, index }]
    })
  })
}

/** The call ends the extrinsic; where it begins depends on its signature and extensions. */
export function atEndOf(bytes: Uint8Array, call: RegistryCall): Uint8Array | undefined {
  for (let offset = 1; offset < bytes.length && offset < 200; offset++) {
    const tail = bytes.subarray(offset)
    if (tail[0] !== 40) continue
    try {
      if (JSON.stringify(decodeCallData(tail)) === JSON.stringify(call)) return tail
    } catch (error) {
      if (!(error instanceof CallDataError)) throw error
    }
  }
  return undefined
}
