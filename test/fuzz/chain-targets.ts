/** Extrinsics and events as a chain could hold them: they become a record, or one refusal of ours. */

import { decodeBlock } from '../../src/chain/decode-block'
import type { Random } from '../../src/devnet/maker/random'
import { AppError } from '../../src/errors'
import { MemoryIndex } from '../support/memory-index'
import { loadRecordedChain, type RecordedChain } from '../support/recorded-chain'
import { mutateBytes } from './mutate'
import type { Target } from './target'

export function chainTargets(): Target[] {
  const { blocks } = loadRecordedChain()
  const busy = blocks.filter(({ raw }) => raw.extrinsics.length > 2)
  return [
    { name: 'extrinsic', run: (random) => decodeMutated(random, busy, 'EXTRINSIC') },
    { name: 'events', run: (random) => decodeMutated(random, busy, 'EVENTS') },
  ]
}

function decodeMutated(
  random: Random,
  blocks: RecordedChain['blocks'],
  what: 'EXTRINSIC' | 'EVENTS',
): boolean {
  const { raw, runtime } = random.pick(blocks)
  const chosen = random.below(raw.extrinsics.length)
  const changed =
    what === 'EVENTS'
      ? { ...raw, events: mutateBytes(random, raw.events) }
      : {
          ...raw,
          extrinsics: raw.extrinsics.map((bytes, index) =>
            index === chosen ? mutateBytes(random, bytes) : bytes,
          ),
        }
  try {
    const record = decodeBlock(changed, runtime)
    if (record.extrinsicCount !== raw.extrinsics.length) throw new Error('an extrinsic was lost')
    new MemoryIndex().apply([record])
    return true
  } catch (error) {
    if (error instanceof AppError && error.code === 'INCONSISTENT_NODE') return false
    throw error
  }
}
