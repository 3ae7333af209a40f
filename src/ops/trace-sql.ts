/** A span for each SQL statement of this process. */

import { AsyncResource } from 'node:async_hooks'
import pg from 'pg'
import { runIn, type SpanSource } from './spans'

type Call = (this: { readonly database?: string }, ...args: unknown[]) => unknown
type Callback = (...args: unknown[]) => unknown

/**
 * Statements without their parameters and literals.
 * @returns undoes it
 */
export function traceStatements(source: SpanSource): () => void {
  const client = pg.Client.prototype as unknown as { query: Call }
  const pool = pg.Pool.prototype as unknown as { connect: Call }
  const { query } = client
  const { connect } = pool
  client.query = function (...args) {
    const text = textOf(args[0])
    if (text === null) return query.apply(this, args)
    const [operation = 'SQL'] = text.split(' ')
    const span = source.begin(`SQL ${operation.toLowerCase()}`, 'CLIENT', {
      'db.system.name': 'postgresql',
      'db.namespace': this.database ?? '',
      'db.query.text': text,
    })
    const place = args.findIndex((argument) => typeof argument === 'function')
    if (place < 0) return runIn(span, () => query.apply(this, args))
    // A callback is called from the connection's own context, not from that of whoever asked.
    const told = AsyncResource.bind(args[place] as Callback)
    args[place] = (error: unknown, ...rest: unknown[]) => {
      span.end(error ?? undefined)
      told(error, ...rest)
    }
    return query.apply(this, args)
  }
  // Who waits for a connection is called by whoever gives one back.
  pool.connect = function (...args) {
    const bound = args.map((argument) =>
      typeof argument === 'function' ? AsyncResource.bind(argument as Callback) : argument,
    )
    return connect.apply(this, bound)
  }
  return () => {
    client.query = query
    pool.connect = connect
  }
}

/** Null for what is no plain statement: cursors, streams, statements given as objects of their own. */
function textOf(query: unknown): string | null {
  const text = typeof query === 'string' ? query : (query as { text?: unknown } | null)?.text
  const isSubmittable = typeof (query as { submit?: unknown } | null)?.submit === 'function'
  if (typeof text !== 'string' || isSubmittable) return null
  return text
    .replaceAll(/'(?:[^']|'')*'/g, "'?'")
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 500)
}
