/** A list as a connection: one page by its keyset, counted only when asked. */

import type { Limits } from './limits'
import type { ListReader } from './list-reader'
import { type PageArgs, pageQuery, toPage } from './paging'
import type { Session } from './session'
import type { Page } from './types/page'

type ListQuestion<Row, Filter, Order extends string, T> = {
  readonly list: ListReader<Row, Filter, Order>
  readonly filter: Filter
  readonly order: Order
  readonly args: PageArgs
  readonly limits: Limits
  readonly toNode: (row: Row) => T
}

export async function readPage<Row, Filter, Order extends string, T>(
  question: ListQuestion<Row, Filter, Order, T>,
): Promise<Page<T>> {
  const { list, filter, order, args, limits, toNode } = question
  const page = pageQuery(args, order, limits)
  const [rows = { rows: [], hasMore: false }] = await list.page([null], filter, page)
  return toPage(rows, page, toNode, async () => (await list.count([null], filter))[0] ?? 0)
}

/** The list below one parent; siblings share one statement. */
export async function readNestedPage<Row, Filter, Order extends string, T>(
  session: Session,
  parent: string,
  question: ListQuestion<Row, Filter, Order, T>,
): Promise<Page<T>> {
  const { list, filter, order, args, limits, toNode } = question
  const page = pageQuery(args, order, limits)
  const rows = await session.load.page(list, filter, page).load(parent)
  return toPage(rows, page, toNode, () => session.load.count(list, filter).load(parent))
}
