/** Blocks and the index's status as the API shows them. */

import type { BlockRow, HeadRow } from '../rows'
import type { Session } from '../session'
import type { BlockRef } from '../types/block'
import type { IndexStatus } from '../types/status'

export function toBlockRef(row: BlockRow): BlockRef {
  const { isFinal, ...fields } = row
  return { ...fields, final: isFinal }
}

/** The block at a height; it is there, since the index refers to it. */
export async function blockRef(session: Session, height: number): Promise<BlockRef> {
  return toBlockRef(await blockRow(session, height))
}

async function blockRow(session: Session, height: number): Promise<BlockRow> {
  if (height === session.head.block.height) return session.head.block
  const row = await session.load.block.load(height)
  if (row === null) throw new Error(`block ${height} is missing in the index`)
  return row
}

export type StatusFields = Omit<IndexStatus, 'chain' | 'counts' | 'audit'>

export async function toStatus(session: Session, version: string): Promise<StatusFields> {
  const { head, nowMs } = session
  const headMs = head.block.timestamp.getTime()
  return {
    head: toBlockRef(head.block),
    finalized: await blockRef(session, head.finalizedHeight),
    nodeHead: await nodeHead(session),
    lagBlocks: Math.max(0, (head.nodeHeight ?? head.block.height) - head.block.height),
    headAgeSeconds: Math.max(0, Math.floor((nowMs - headMs) / 1_000)),
    finalityLagBlocks: head.block.height - head.finalizedHeight,
    confirmedAt: head.confirmedAt,
    error: head.error === null ? null : { message: head.error, at: head.errorAt },
    reorgCount: head.reorgCount,
    deepestReorg: head.deepestReorg,
    version,
  }
}

async function nodeHead(session: Session): Promise<BlockRef | null> {
  const { nodeHeight: height, nodeHash: hash } = session.head
  if (height === null || hash === null) return null
  const [known] = await session.read.blocks.byHashes([hash])
  return known === undefined ? unindexed({ height, hash }, session) : toBlockRef(known)
}

function unindexed(head: { height: number; hash: string }, session: Session): BlockRef {
  return {
    ...head,
    timestamp: seenAt(session.head, session.nowMs),
    final: false,
    parentHash: null,
    stateRoot: null,
    extrinsicsRoot: null,
    specVersion: null,
    eventCount: null,
    extrinsicCount: null,
  }
}

/** A block that we know by its hash alone is at least as old as the moment we heard of it. */
function seenAt(head: HeadRow, nowMs: number): Date {
  return new Date(Math.max(nowMs, head.confirmedAt?.getTime() ?? 0))
}
