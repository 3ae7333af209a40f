/** The only documents that may run, by id: a JSON file of `{ "<sha256 or id>": "<document>" }`. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parse, validate } from 'graphql'
import { AppError } from '../errors'
import { buildApiSchema } from './schema'

export type TrustedDocuments = {
  readonly byId: ReadonlyMap<string, string>
  /** Id of a document sent in full; undefined for one that is not trusted. */
  readonly idOf: (document: string) => string | undefined
}

/** @throws {AppError} BAD_USER_INPUT, one line: no such file, not such an object, or a document that cannot run. */
export function loadTrustedDocuments(file: string): TrustedDocuments {
  const fail = (problem: string, cause?: unknown): never => {
    const line = `TRUSTED_DOCUMENTS is "${file}": ${problem.replace(/\s+/g, ' ')}`
    throw new AppError('BAD_USER_INPUT', line, {}, { cause })
  }
  const entries = Object.entries(readObject(file, fail))
  if (entries.length === 0) fail('it holds no document')
  const schema = buildApiSchema()
  for (const [id, document] of entries) {
    const problem = problemOf(schema, document)
    if (problem !== null) fail(`document ${JSON.stringify(id.slice(0, 100))}: ${problem}`)
  }
  const byId = new Map(entries as [string, string][])
  const ids = new Map([...byId].map(([id, document]) => [digest(document), id]))
  return { byId, idOf: (document) => ids.get(digest(document)) }
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

function problemOf(schema: ReturnType<typeof buildApiSchema>, document: unknown): string | null {
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
