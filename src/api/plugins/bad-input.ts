/** Errors that graphql-js itself finds in a document or its variables: given a code, and the argument's name. */

import { type DocumentNode, GraphQLError, Kind, visit } from 'graphql'
import type { Plugin } from 'graphql-yoga'

/** Rules whose errors are about a value: their message shows it. */
const VALUE_ERROR =
  /^(?:\w+ cannot represent|Value "|Enum "|Expected value of type|Field ".*" (?:of required type|is not defined by type)|OneOf Input Object|Within OneOf|Unknown argument|Argument ")|is not defined by type|DateTime is/
const LIMIT_ERROR = /limit of \d+ exceeded|Too many tokens|Token limit/

export function badInputPlugin(): Plugin {
  return {
    onValidate: ({ params: { documentAST } }) => {
      return ({ result, setResult }) => {
        if (result.length > 0) setResult(result.map((error) => coded(error, documentAST)))
      }
    },
    onExecute: ({ args }) => ({
      onExecuteDone: ({ result, setResult }) => {
        if (!('errors' in result) || result.errors === undefined) return
        setResult({
          ...result,
          errors: result.errors.map((error) => variableError(error, args.document)),
        })
      },
    }),
  }
}

function coded(error: unknown, document: DocumentNode): GraphQLError {
  if (!(error instanceof GraphQLError)) return new GraphQLError(String(error))
  if (LIMIT_ERROR.test(error.message)) {
    return withCode(error, 'QUERY_TOO_COMPLEX', null, error.message.replace('Syntax Error: ', ''))
  }
  if (!VALUE_ERROR.test(error.message)) {
    return withCode(error, 'GRAPHQL_VALIDATION_FAILED', null, error.message)
  }
  return named(error, argumentOf(error, document))
}

/** Coercion of variables fails before anything runs, so that the error has no path. */
function variableError(error: GraphQLError, document: DocumentNode): GraphQLError {
  if (error.path !== undefined || error.extensions['code'] !== undefined) return error
  const variable = /^Variable "\$(\w+)"/.exec(error.message)?.[1]
  return variable === undefined ? error : named(error, argumentTaking(variable, document))
}

function named(error: GraphQLError, argument: string | null): GraphQLError {
  const message = argument === null ? error.message : `${argument}: ${error.message}`
  return withCode(error, 'BAD_USER_INPUT', argument, message)
}

function withCode(
  error: GraphQLError,
  code: string,
  argument: string | null,
  message: string,
): GraphQLError {
  const extensions = { ...error.extensions, code, ...(argument === null ? {} : { argument }) }
  return new GraphQLError(message, {
    extensions,
    ...(error.nodes === undefined ? {} : { nodes: error.nodes }),
    ...(error.source === undefined ? {} : { source: error.source }),
    ...(error.positions === undefined ? {} : { positions: error.positions }),
  })
}

/** The outermost argument the error's place lies in. */
function argumentOf(error: GraphQLError, document: DocumentNode): string | null {
  const place = error.nodes?.[0]?.loc
  if (place === undefined) return null
  let found: string | null = null
  visit(document, {
    Argument: ({ name, loc }) => {
      if (loc === undefined || found !== null) return
      if (loc.start <= place.start && place.end <= loc.end) found = name.value
    },
  })
  return found
}

function argumentTaking(variable: string, document: DocumentNode): string {
  let found: string | null = null
  visit(document, {
    Argument: ({ name, value }) => {
      if (found !== null) return
      visit(value, {
        Variable: (node) => {
          if (node.kind === Kind.VARIABLE && node.name.value === variable) found ??= name.value
        },
      })
    },
  })
  return found ?? variable
}
