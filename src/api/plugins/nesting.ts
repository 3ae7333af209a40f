/**
 * Brackets of all kinds in each other. Depth counts selections alone; values and types may be nested as far as tokens last,
 * and stacks were seen to overflow from 1,100 lists on: so far none is parsed.
 */

import { Lexer, Source, TokenKind } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { AppError } from '../../errors'
import { toGraphQLError } from '../errors'
import type { Limits } from '../limits'

const OPENING: ReadonlySet<string> = new Set([
  TokenKind.BRACE_L,
  TokenKind.BRACKET_L,
  TokenKind.PAREN_L,
])
const CLOSING: ReadonlySet<string> = new Set([
  TokenKind.BRACE_R,
  TokenKind.BRACKET_R,
  TokenKind.PAREN_R,
])

export function nestingPlugin({ maxTokens, maxNesting }: Limits): Plugin {
  return {
    onParse: ({ params: { source }, setParseFn }) => {
      if (!isNestedDeeper(maxNesting, String(source), maxTokens)) return
      const problem = `more than ${maxNesting} brackets in each other`
      setParseFn(() => {
        throw toGraphQLError(new AppError('QUERY_TOO_COMPLEX', problem, { maxNesting }))
      })
    },
  }
}

/** No further than the parser will read; a text with no more opening characters, in comments too, is not read at all. */
function isNestedDeeper(most: number, text: string, maxTokens: number): boolean {
  if ((text.match(/[[{(]/g)?.length ?? 0) <= most) return false
  const lexer = new Lexer(new Source(text))
  let depth = 0
  try {
    for (let read = 0; read <= maxTokens; read++) {
      const { kind } = lexer.advance()
      if (kind === TokenKind.EOF) return false
      if (OPENING.has(kind)) depth += 1
      if (CLOSING.has(kind)) depth -= 1
      if (depth > most) return true
    }
  } catch {
    // The parser says what is wrong with the text.
  }
  return false
}
