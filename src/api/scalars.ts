/** Scalars: moments as ISO 8601 UTC text with milliseconds, and free-form JSON. */

import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql'
import { GraphQLJSON } from 'graphql-scalars'

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|[+-]\d\d:\d\d)$/

/** @throws {GraphQLError} for anything but an RFC 3339 date and time with its offset. */
function parseDateTime(value: unknown, nodes?: ValueNode): Date {
  const text = typeof value === 'string' ? value : ''
  const date = new Date(text)
  const isReal =
    RFC3339.test(text) && !Number.isNaN(date.getTime()) && isCalendarDay(text.slice(0, 10))
  if (!isReal) {
    throw new GraphQLError(
      'DateTime is RFC 3339 text with an offset, such as "2026-01-31T12:00:00.000Z"',
      nodes === undefined ? {} : { nodes },
    )
  }
  return date
}

/** JavaScript takes February 30 for March 2. */
function isCalendarDay(day: string): boolean {
  return new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) === day
}

export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'ISO 8601 UTC with milliseconds. Input: RFC 3339 with any offset.',
  serialize: (value) => {
    if (!(value instanceof Date)) throw new GraphQLError('not a date')
    return value.toISOString()
  },
  parseValue: (value) => parseDateTime(value),
  parseLiteral: (node) => parseDateTime(node.kind === Kind.STRING ? node.value : null, node),
})

export const Json = GraphQLJSON
