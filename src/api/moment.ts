/** A moment of the registry: whose state, and by which clock validity is judged. */

import { AppError } from '../errors'
import type { ReadBlocks } from './readers'
import type { BlockRow, HeadRow } from './rows'

export type Moment = {
  /** State after this block. */
  readonly height: number
  /** The indexed head: rows that still hold are the state. */
  readonly isHead: boolean
  /** Milliseconds since the epoch. */
  readonly clockMs: number
  readonly block: BlockRow
}

export type PointInTimeInput = {
  readonly block?: number | null
  readonly time?: Date | null
}

export function momentAtHead(head: HeadRow, clockMs: number): Moment {
  return { height: head.block.height, isHead: true, clockMs, block: head.block }
}

/**
 * `argument` is what the client calls the point in time.
 * @throws {AppError} BAD_USER_INPUT unless exactly one of block and time is given; POINT_IN_TIME_OUT_OF_RANGE past the
 *   indexed head or before the chain began.
 */
export async function resolveMoment(
  at: PointInTimeInput,
  head: HeadRow,
  read: ReadBlocks,
  argument = 'at',
): Promise<Moment> {
  const block = at.block ?? null
  const time = at.time ?? null
  if ((block === null) === (time === null)) {
    throw new AppError(
      'BAD_USER_INPUT',
      `${argument}: exactly one of block and time must be given`,
      { argument },
    )
  }
  if (block !== null) return atBlock(block, head, read, argument)
  return atTime(time ?? new Date(Number.NaN), head, read, argument)
}

async function atBlock(
  height: number,
  head: HeadRow,
  read: ReadBlocks,
  argument: string,
): Promise<Moment> {
  if (height > head.block.height) throw pastHead(head, argument)
  const block = height < 0 ? undefined : (await read.byHeights([height]))[0]
  if (block === undefined) throw beforeChain(argument)
  const isHead = height === head.block.height
  return { height, isHead, clockMs: block.timestamp.getTime(), block }
}

async function atTime(
  time: Date,
  head: HeadRow,
  read: ReadBlocks,
  argument: string,
): Promise<Moment> {
  const clockMs = time.getTime()
  if (clockMs > head.block.timestamp.getTime()) throw pastHead(head, argument)
  const block = await read.lastNotLater(time)
  // A genesis block has no clock, so no time lies in it.
  if (block === null || block.height === 0) throw beforeChain(argument)
  return { height: block.height, isHead: block.height === head.block.height, clockMs, block }
}

function pastHead(head: HeadRow, argument: string): AppError {
  return new AppError(
    'POINT_IN_TIME_OUT_OF_RANGE',
    `${argument} lies past the indexed head, block ${head.block.height} of ${head.block.timestamp.toISOString()}`,
    {
      argument,
      headHeight: head.block.height,
      headTimestamp: head.block.timestamp.toISOString(),
    },
  )
}

function beforeChain(argument: string): AppError {
  return new AppError('POINT_IN_TIME_OUT_OF_RANGE', `${argument} lies before the chain began`, {
    argument,
  })
}
