/** GraphQL over the whole recorded chain, and the questions that its tests share. */

import { openTestApi, type TestApi } from './api'
import { indexDevChain } from './indexed-dev-chain'
import { createTestDatabase } from './postgres'

/** A day after the recorded head, in ms since the epoch. */
const DAY_AFTER_HEAD = Date.parse('2026-11-20T19:26:30.434Z')

export type RecordedApi = TestApi & {
  readonly databaseUrl: string
  /** Code, argument and message of the first error; fails when there is none. */
  failureOf(query: string, variables?: Record<string, unknown>): Promise<Record<string, unknown>>
  /** Identifier by common name, as of a block (two roots may have borne it). */
  idOf(commonName: string, block?: number): Promise<string>
}

/** By a clock that stands still. */
export async function openRecordedApi(nowMs = DAY_AFTER_HEAD): Promise<RecordedApi> {
  const database = await createTestDatabase()
  await indexDevChain(database.url)
  const api = openTestApi(database.url, { nowMs: () => nowMs })
  return {
    ...api,
    databaseUrl: database.url,
    failureOf: async (query, variables) => {
      const { answer } = await api.post(query, variables)
      const [error] = answer.errors ?? []
      if (error === undefined) throw new Error(`answered: ${JSON.stringify(answer.data)}`)
      return { message: error.message, ...error.extensions }
    },
    idOf: async (commonName, block = 282) => {
      const { autoIds } = await api.ask<{ autoIds: { nodes: { id: string }[] } }>(
        'query ($n: String, $b: Int) { autoIds(filter: {commonName: $n}, at: {block: $b}) { nodes { id } } }',
        { n: commonName, b: block },
      )
      const [first] = autoIds.nodes
      if (first === undefined) throw new Error(`no ${commonName}`)
      return first.id
    },
    close: async () => {
      await api.close()
      await database.close()
    },
  }
}
