/** The only documents that may run, by id: JSON files of `{ "<sha256 or id>": "<document>" }`. */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { type GraphQLSchema, parse, validate } from 'graphql'
import { AppError } from '../errors'
import { buildApiSchema } from './schema'

export type TrustedDocuments = {
  readonly byId: ReadonlyMap<string, string>
  /** Id of a document sent in full; undefined for one that is not trusted. */
  readonly idOf: (document: string) => string | undefined
}

/**
 * The documents of `file`, and those of the explorer that is served beside the API: without its own it would show nothing.
 *
 * @param explorerFile absent, or no such file: no explorer is built
 * @throws {AppError} BAD_USER_INPUT, one line: no such file, not such an object, or a document that cannot run.
 */
export function loadTrustedDocuments(file: string, explorerFile?: string): TrustedDocuments {
  const schema = buildApiSchema()
  const hasExplorer = explorerFile !== undefined && existsSync(explorerFile)
  const own = hasExplorer ? readDocuments(explorerFile, schema) : []
  // An id of the operator's wins over the same id of ours.
  const byId = new Map([...own, ...readDocuments(file, schema)])
  const ids = new Map([...byId].map(([id, document]) => [digest(document), id]))
  return { byId, idOf: (document) => ids.get(digest(document)) }
}

function readDocuments(file: string, schema: GraphQLSchema): [string, string][] {
  const fail = (problem: string, cause?: unknown): never => {
    const line = `TRUSTED_DOCUMENTS is "${file}": ${problem.replace(/\s+/g, ' ')}`
    throw new AppError('BAD_USER_INPUT', line, {}, { cause })
  }
  const entries = Object.entries(readObject(file, fail))
  if (entries.length === 0) fail('it holds no document')
  for (const [id, document] of entries) {
    const problem = problemOf(schema, document)
    if (problem !== null) fail(`document ${JSON.stringify(id.slice(0, 100))}: ${problem}`)
  }
  return entries as [string, string][]
}

type Fail = (problem: string, cause?: unknown) => never

function readObject(file: string, fail: Fail): object {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch (error) {
    return fail(error instanceof Error ? error.message : 'unreadable', error)
  }
  return fail('expected a JSON object of documents by id')
}

function problemOf(schema: GraphQLSchema, document: unknown): string | null {
  if (typeof document !== 'string') return 'expected text'
  try {
    return validate(schema, parse(document))[0]?.message ?? null
  } catch (error) {
    return error instanceof Error ? error.message : 'cannot be parsed'
  }
}

function digest(document: string): string {
  return createHash('sha256').update(document).digest('hex')
}
