/** The index of a processor that nothing disturbed, which saw one branch only. */

import { startDevnet } from '../../src/devnet/devnet'
import type { RecordedBlock } from '../../src/devnet/recorded-block'
import type { Recording } from '../../src/devnet/recording'
import { devRecording } from './branches'
import { dumpIndex, type IndexDump } from './compare'
import { Supervised, untilInStep } from './follow'

export type Databases = {
  /** Empty and migrated. */
  readonly create: () => Promise<{ readonly url: string; close(): Promise<void> }>
}

export function recordingOf(
  blocks: readonly RecordedBlock[],
  finalizedHeight: number | null,
): Recording {
  const { name, specName, properties, runtimes } = devRecording()
  return { name, specName, properties, runtimes, blocks, finalizedHeight }
}

export async function undisturbedIndex(
  databases: Databases,
  blocks: readonly RecordedBlock[],
  finalizedHeight: number,
  timeoutMs: number,
): Promise<IndexDump> {
  const database = await databases.create()
  const devnet = await startDevnet({ chain: recordingOf(blocks, finalizedHeight) })
  const processor = new Supervised({ databaseUrl: database.url, nodeUrl: devnet.wsUrl })
  try {
    processor.start()
    await untilInStep(database.url, devnet, timeoutMs, () => processor.failures)
    await processor.stop()
    if (processor.failures.length > 0) throw processor.failures[0]
    return await dumpIndex(database.url)
  } finally {
    await processor.stop()
    await devnet.close()
    await database.close()
  }
}
