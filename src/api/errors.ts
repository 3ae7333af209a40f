/** The one mapping of failures to GraphQL errors: ours keep code and facts, everything else is masked and logged. */

import { randomUUID } from 'node:crypto'
import { GraphQLError } from 'graphql'
import { AppError } from '../errors'

export type LogError = (facts: Readonly<Record<string, unknown>>, message: string) => void

export function toGraphQLError(error: AppError): GraphQLError {
  return new GraphQLError(error.message, {
    extensions: { code: error.code, ...error.facts, retryable: error.retryable },
  })
}

/** For yoga's `maskError`. */
export function createMaskError(logError: LogError) {
  return (error: unknown): Error => {
    const cause = error instanceof GraphQLError ? rootOf(error) : error
    const place = error instanceof GraphQLError ? { path: error.path, nodes: error.nodes } : {}
    if (cause instanceof AppError) {
      const { message, extensions } = toGraphQLError(cause)
      return new GraphQLError(message, { ...defined(place), extensions })
    }
    if (cause instanceof GraphQLError) return withCode(cause)
    const errorId = randomUUID()
    logError({ errorId, error: cause, path: place.path }, 'GraphQL request failed')
    return new GraphQLError(`Internal error ${errorId}`, {
      ...defined(place),
      extensions: { code: 'INTERNAL_SERVER_ERROR', errorId },
    })
  }
}

/** Of GraphQL's own only the refusal of an operation's kind comes from execution, and without a code. */
function withCode(error: GraphQLError): GraphQLError {
  if (error.extensions['code'] !== undefined || error.path !== undefined) return error
  const extensions = { ...error.extensions, code: 'OPERATION_RESOLUTION_FAILURE' }
  return new GraphQLError(error.message, { ...defined(error), extensions })
}

/** Errors thrown by resolvers come wrapped, sometimes more than once. */
function rootOf(error: GraphQLError): unknown {
  let root: unknown = error
  while (root instanceof GraphQLError && root.originalError != null) root = root.originalError
  return root
}

function defined(place: Pick<GraphQLError, 'path' | 'nodes'> | Record<string, never>) {
  return {
    ...(place.path === undefined ? {} : { path: place.path }),
    ...(place.nodes === undefined ? {} : { nodes: place.nodes }),
  }
}
