/** A batch of blocks: load what they look at, let the core say what they change, write it (steps apply and persist). */

import type { ClientBase } from 'pg'
import { indexBlock, isQuiet } from '../registry/index-block'
import { IndexSession } from '../registry/index-session'
import { SignatureChecks } from '../registry/signature-checks'
import type { BlockRecord } from '../registry/types'
import { neededKeys } from '../registry/working-set'
import { RowCollector } from './collect-rows'
import { identitiesOf } from './known-identities'
import { loadContext } from './load'
import { writeRows } from './write'

type Limit = { readonly blocks: number; readonly extrinsics: number }

/** What is loaded at once: memory is bounded by it, however long a batch or full a block. */
const loaded: Limit = { blocks: 500, extrinsics: 5_000 }
/** What is written at once, while the blocks after it are applied. */
const written: Limit = { blocks: 250, extrinsics: 600 }

/**
 * Inside the caller's transaction; blocks in order of height, the first one on top of what is indexed. When it throws,
 * nothing is under way on the connection any more.
 * @param onWritten told of each part's new certificates, before they are committed
 * @throws {AppError} INCONSISTENT_NODE when a block cannot follow from the indexed state.
 */
export async function indexBatch(
  client: ClientBase,
  blocks: readonly BlockRecord[],
  onWritten: (certificates: number) => void = () => {},
): Promise<void> {
  for (const slice of slicesOf(blocks)) await indexSlice(client, slice, onWritten)
}

/** Postgres writes one part while the next one is applied here and the signatures after it are checked by other threads. */
async function indexSlice(
  client: ClientBase,
  slice: readonly BlockRecord[],
  onWritten: (certificates: number) => void,
): Promise<void> {
  const session = new IndexSession(
    await loadContext(client, neededKeys(slice), identitiesOf(client)),
  )
  const checks = new SignatureChecks()
  const parts = [...slicesOf(slice, written)]
  let writing: Promise<void> = Promise.resolve()
  let checking = settled(checks.begin(parts[0] ?? [], session.state))
  try {
    for (const [index, part] of parts.entries()) {
      await checking
      checking = settled(checks.begin(parts[index + 1] ?? [], session.state))
      const collector = new RowCollector()
      for (const block of part) {
        collector.addBlock(block)
        if (isQuiet(block)) continue
        collector.addChanges(indexBlock(session, block, checks.check))
        if (block.nodes.length > 0) await turn()
      }
      const rows = collector.take()
      onWritten(rows.inserts.get('certificate')?.length ?? 0)
      await writing
      writing = settled(writeRows(client, rows))
    }
    await writing
  } finally {
    // Statements sent after the caller's rollback would stand alone: none may be left.
    await Promise.allSettled([writing, checking])
  }
}

/** Its failure is told to who awaits it, later: until then it is not an unhandled one. */
function settled(work: Promise<void>): Promise<void> {
  work.catch(() => undefined)
  return work
}

/** Lets Postgres' answers in, so that its next statement is on the way. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Whole blocks, at least one a slice. */
export function* slicesOf(
  blocks: readonly BlockRecord[],
  limit: Limit = loaded,
): Generator<BlockRecord[]> {
  let slice: BlockRecord[] = []
  let extrinsics = 0
  for (const block of blocks) {
    const isFull =
      slice.length >= limit.blocks || extrinsics + block.extrinsicCount > limit.extrinsics
    if (slice.length > 0 && isFull) {
      yield slice
      slice = []
      extrinsics = 0
    }
    slice.push(block)
    extrinsics += block.extrinsicCount
  }
  if (slice.length > 0) yield slice
}
