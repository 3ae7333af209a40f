/** Relay paging over keysets: cursors hold the values of the order's columns, so a page costs the same anywhere. */

import 'reflect-metadata'
import { ArgsType, Field, Int } from 'type-graphql'
import { badArgument } from './arguments'
import type { Limits } from './limits'
import type { KeysetValue, PageQuery, PageRows } from './list-reader'
import type { Page } from './types/page'

@ArgsType()
export class PageArgs {
  @Field(() => Int, { nullable: true })
  first?: number | null

  @Field(() => String, { nullable: true })
  after?: string | null

  @Field(() => Int, { nullable: true })
  last?: number | null

  @Field(() => String, { nullable: true })
  before?: string | null
}

/** @throws {AppError} BAD_USER_INPUT naming the argument. */
export function pageQuery<Order extends string>(
  args: PageArgs,
  order: Order,
  limits: Limits,
): PageQuery<Order> {
  const backward = args.last != null
  if (backward && args.first != null) throw badArgument('last', 'first and last exclude each other')
  if (backward && args.after != null) throw badArgument('after', 'last goes with before')
  if (!backward && args.before != null) throw badArgument('before', 'before goes with last')
  const limit = pageSize(backward ? 'last' : 'first', backward ? args.last : args.first, limits)
  const cursor = backward ? args.before : args.after
  const decoded = cursor == null ? null : decodeCursor(cursor, order, backward ? 'before' : 'after')
  return { order, limit, backward, cursor: decoded }
}

function pageSize(argument: string, given: number | null | undefined, limits: Limits): number {
  const size = given ?? limits.defaultPageSize
  if (size < 0 || size > limits.maxPageSize) {
    throw badArgument(argument, `expected a number from 0 to ${limits.maxPageSize}`)
  }
  return size
}

export function encodeCursor(order: string, keys: readonly KeysetValue[]): string {
  return Buffer.from(JSON.stringify([order, ...keys])).toString('base64url')
}

function decodeCursor(cursor: string, order: string, argument: string): readonly KeysetValue[] {
  const value = parseJson(Buffer.from(cursor.slice(0, 2_000), 'base64url').toString())
  const isCursor = Array.isArray(value) && value[0] === order && value.slice(1).every(isKeysetValue)
  const keys = isCursor ? (value.slice(1) as KeysetValue[]) : []
  // Written back it must be what was given: no other text passes for a cursor.
  if (keys.length === 0 || encodeCursor(order, keys) !== cursor) {
    throw badArgument(argument, 'not a cursor of this list in this order')
  }
  return keys
}

function isKeysetValue(value: unknown): value is KeysetValue {
  return typeof value === 'string' || Number.isSafeInteger(value)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

export function toPage<Row, T>(
  found: PageRows<Row>,
  page: PageQuery<string>,
  toNode: (row: Row) => T,
  count: () => Promise<number>,
): Page<T> {
  const edges = found.rows.map(({ row, keys }) => ({
    cursor: encodeCursor(page.order, keys),
    node: toNode(row),
  }))
  // Where we came from there was at least the row of the cursor.
  const behind = page.cursor !== null
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: page.backward ? behind : found.hasMore,
      hasPreviousPage: page.backward ? found.hasMore : behind,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    count,
  }
}
