/** Lists read by keyset: a page costs the same wherever it lies, and lists of several parents one statement. */

import { AppError } from '../../errors'
import { type Queryable, rowsOf } from './queryable'
import { all, join, raw, type Sql, sql } from './statement'

export type KeysetValue = string | number

/** Columns a list is ordered by, unique together, all in one direction. */
export type KeysetOrder = {
  readonly columns: readonly { readonly sql: Sql; readonly type: 'text' | 'int' | 'time' }[]
  readonly descending: boolean
}

export type ListDefinition<Filter, Order extends string> = {
  readonly columns: Sql
  readonly from: (filter: Filter) => Sql
  readonly where: (filter: Filter) => readonly (Sql | null)[]
  /** Column that names the parent of a row, for lists nested in lists. */
  readonly parent: Sql
  readonly orders: Readonly<Record<Order, KeysetOrder>>
}

export type PageQuery<Order extends string> = {
  readonly order: Order
  readonly limit: number
  readonly backward: boolean
  readonly cursor: readonly KeysetValue[] | null
}

export type PageRows<Row> = {
  readonly rows: readonly { readonly row: Row; readonly keys: readonly KeysetValue[] }[]
  readonly hasMore: boolean
}

type Keyed = { parentIndex: number } & Record<`key${number}`, unknown>

/** The parent `null`, alone, stands for the whole list. */
export function listReader<Row extends object, Filter, Order extends string>(
  db: Queryable,
  list: ListDefinition<Filter, Order>,
) {
  return {
    page: async (
      parents: readonly (string | null)[],
      filter: Filter,
      query: PageQuery<Order>,
    ): Promise<readonly PageRows<Row>[]> => {
      const order = list.orders[query.order]
      const rows = await rowsOf<Keyed & Row>(db, pageStatement(list, parents, filter, query))
      return parents.map((_, index) =>
        pageOf<Row>(
          rows.filter(({ parentIndex }) => parentIndex === index + 1),
          order,
          query,
        ),
      )
    },
    count: async (parents: readonly (string | null)[], filter: Filter): Promise<number[]> => {
      const rows = await rowsOf<{ count: number }>(db, countStatement(list, parents, filter))
      return rows.map(({ count }) => count)
    },
  }
}

function pageStatement<Filter, Order extends string>(
  list: ListDefinition<Filter, Order>,
  parents: readonly (string | null)[],
  filter: Filter,
  query: PageQuery<Order>,
): Sql {
  const order = list.orders[query.order]
  const direction = raw(order.descending === query.backward ? ' asc' : ' desc')
  const keys = order.columns.map((column, i) => sql`${column.sql} as ${raw(`key${i}`)}`)
  const sorted = order.columns.map((column) => sql`${column.sql}${direction}`)
  const beyond = query.cursor === null ? null : beyondCursor(order, query.cursor, query.backward)
  const inner = (parent: Sql | null) => sql`
    select ${list.columns}, ${join(keys, ', ')} from ${list.from(filter)}
     where ${all([...list.where(filter), beyond, parent])}
     order by ${join(sorted, ', ')} limit ${query.limit + 1}`
  if (isWhole(parents)) return sql`select 1 as "parentIndex", x.* from (${inner(null)}) x`
  const outer = order.columns.map((_, i) => sql`${raw(`x.key${i}`)}${direction}`)
  return sql`
    select p.n::int as "parentIndex", x.* from unnest(${parents}::text[]) with ordinality as p (id, n)
     cross join lateral (${inner(sql`${list.parent} = p.id`)}) x
     order by p.n, ${join(outer, ', ')}`
}

function countStatement<Filter, Order extends string>(
  list: ListDefinition<Filter, Order>,
  parents: readonly (string | null)[],
  filter: Filter,
): Sql {
  const inner = (parent: Sql | null) => sql`
    select count(*)::int as count from ${list.from(filter)} where ${all([...list.where(filter), parent])}`
  if (isWhole(parents)) return inner(null)
  return sql`
    select x.count from unnest(${parents}::text[]) with ordinality as p (id, n)
     cross join lateral (${inner(sql`${list.parent} = p.id`)}) x order by p.n`
}

function isWhole(parents: readonly (string | null)[]): boolean {
  return parents.length === 1 && parents[0] === null
}

function beyondCursor(order: KeysetOrder, cursor: readonly KeysetValue[], backward: boolean): Sql {
  if (cursor.length !== order.columns.length) throw badCursor()
  const columns = join(
    order.columns.map((column) => column.sql),
    ', ',
  )
  const values = order.columns.map(({ type }, i) => keyParameter(type, cursor[i]))
  const operator = raw(order.descending === backward ? '>' : '<')
  return sql`(${columns}) ${operator} (${join(values, ', ')})`
}

function keyParameter(type: 'text' | 'int' | 'time', value: KeysetValue | undefined): Sql {
  if (type === 'text' && typeof value === 'string' && !value.includes('\0')) {
    return sql`${value}::text`
  }
  if (type === 'int' && typeof value === 'number' && (value | 0) === value)
    return sql`${value}::int`
  if (type === 'time' && typeof value === 'number' && Math.abs(value) <= 8.64e15) {
    return sql`${new Date(value)}::timestamptz`
  }
  throw badCursor()
}

function badCursor(): AppError {
  return new AppError('BAD_USER_INPUT', 'after, before: not a cursor of this list', {
    argument: 'after',
  })
}

function pageOf<Row extends object>(
  found: readonly (Keyed & Row)[],
  order: KeysetOrder,
  { limit, backward }: PageQuery<string>,
): PageRows<Row> {
  const kept = found.slice(0, limit)
  if (backward) kept.reverse()
  const rows = kept.map((row) => ({ row: row as Row, keys: keysOf(row, order) }))
  return { rows, hasMore: found.length > limit }
}

function keysOf(row: Keyed, order: KeysetOrder): KeysetValue[] {
  return order.columns.map((_, i) => {
    const value = row[`key${i}`]
    return value instanceof Date ? value.getTime() : (value as KeysetValue)
  })
}
