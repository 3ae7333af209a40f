/** Blocks without certificates, for tests of the tables' history alone: each changes a few rows, told by a hash. */

import { createHash } from 'node:crypto'
import type { ClientBase } from 'pg'
import { copyRows } from '../../src/store/copy-rows'
import { updateRows } from '../../src/store/rows'

export type SyntheticBlock = {
  readonly height: number
  readonly hash: string
  readonly branch: string
}

export const hashOf = (height: number, branch: string): string =>
  `0x${createHash('sha256').update(`${branch}:${height}`).digest('hex')}`

/** One of sixteen identifiers. */
const idOf = (hash: string): string => `0x${hash.slice(2, 3).repeat(64)}`

export const syntheticBlocks = (from: number, to: number, branch: string): SyntheticBlock[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i).map((height) => ({
    height,
    hash: hashOf(height, branch),
    branch,
  }))

/** Opens, closes and reopens memberships, and notes an event, by what the block's hash says. */
export async function applySynthetic(
  client: ClientBase,
  blocks: readonly SyntheticBlock[],
): Promise<void> {
  const { rows } = await client.query(
    'select id, auto_id as "autoId" from issued_serial where block_to is null',
  )
  const open = new Map<string, Record<string, unknown>>(rows.map((row) => [row.autoId, row]))
  const closed: Record<string, unknown>[] = []
  const opened: Record<string, unknown>[] = []
  for (const { height, hash } of blocks) {
    const id = idOf(hash)
    const before = open.get(id)
    if (before !== undefined) {
      before['blockTo'] = height
      if (!opened.includes(before)) closed.push(before)
      open.delete(id)
    }
    if (before === undefined || hash.endsWith('0')) {
      const row = { id: `${id}-0x1-${height}`, autoId: id, serial: '0x1', blockFrom: height }
      open.set(id, row)
      opened.push(row)
    }
  }
  await updateRows(client, 'issued_serial', ['block_to'], closed)
  await copyRows(client, 'issued_serial', opened)
  await copyRows(client, 'block', blocks.map(toBlockRow))
  await copyRows(
    client,
    'advisory',
    blocks.filter(({ hash }) => hash.endsWith('1')).map(toAdvisoryRow),
  )
}

const toBlockRow = ({ height, hash, branch }: SyntheticBlock) => ({
  id: hash,
  height,
  parentHash: hashOf(height - 1, branch),
  stateRoot: '0x00',
  extrinsicsRoot: '0x00',
  timestamp: new Date(height * 6_000),
  specVersion: 1,
  eventCount: 1,
  extrinsicCount: 2,
})

const toAdvisoryRow = ({ height, hash }: SyntheticBlock) => ({
  id: `${String(height).padStart(10, '0')}-000000-X`,
  block: height,
  eventId: `${String(height).padStart(10, '0')}-000000`,
  autoId: idOf(hash),
  code: 'X',
  severity: 'INFO',
  facts: { height },
})
