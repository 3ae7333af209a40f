/** The GraphQL API over a database of the test's own, asked by `fetch` without a socket. */

import { createHeadHub, type HeadHub } from '../../src/api/head-hub'
import { defaultLimits, type Limits } from '../../src/api/limits'
import type { OpenSnapshot } from '../../src/api/readers'
import { createApi } from '../../src/api/yoga'
import { openPool } from '../../src/store/connection'
import { createSnapshotSource } from '../../src/store/read/snapshot'

export type GraphQLAnswer = {
  readonly data: unknown
  readonly errors?: readonly {
    readonly message: string
    readonly path?: readonly (string | number)[]
    readonly extensions?: Record<string, unknown>
  }[]
}

export type TestApi = {
  /** Fails on errors. */
  ask<T>(query: string, variables?: Record<string, unknown>): Promise<T>
  /** The whole answer. */
  post(
    query: string,
    variables?: Record<string, unknown>,
    headers?: Record<string, string>,
  ): Promise<{ answer: GraphQLAnswer; response: Response }>
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>
  readonly hub: HeadHub
  readonly openSnapshot: OpenSnapshot
  readonly logged: { facts: Readonly<Record<string, unknown>>; message: string }[]
  close(): Promise<void>
}

type Options = {
  readonly nowMs?: () => number
  readonly maxHeadAgeSeconds?: number
  readonly limits?: Partial<Limits>
  /** Of one statement; absent: as long as an operation. 0: no limit. */
  readonly statementTimeoutMs?: number
}

/** 2026-09-02T00:00Z: after the head of the recorded chain unless the test says otherwise. */
export function openTestApi(databaseUrl: string, options: Options = {}): TestApi {
  const limits = { ...defaultLimits, ...options.limits }
  const nowMs = options.nowMs ?? Date.now
  const pool = openPool(databaseUrl, {
    name: 'test api',
    maxConnections: 4,
    statementTimeoutMs: options.statementTimeoutMs ?? limits.requestTimeoutMs,
    readOnly: true,
  })
  const openSnapshot: OpenSnapshot = createSnapshotSource([pool], nowMs)
  const hub = createHeadHub()
  const logged: TestApi['logged'] = []
  const api = createApi({
    openSnapshot,
    hub,
    limits,
    version: '0.0.0-test',
    nowMs,
    maxHeadAgeSeconds: () => options.maxHeadAgeSeconds ?? 0,
    logError: (facts, message) => logged.push({ facts, message }),
  })
  const fetch = async (url: string, init?: RequestInit) => api.fetch(new Request(url, init))
  const post: TestApi['post'] = async (query, variables = {}, headers = {}) => {
    const response = await fetch('http://test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    })
    return { answer: (await response.json()) as GraphQLAnswer, response }
  }
  return {
    post,
    fetch,
    hub,
    openSnapshot,
    logged,
    ask: async <T>(query: string, variables?: Record<string, unknown>) => {
      const { answer } = await post(query, variables)
      if (answer.errors !== undefined) {
        const causes = logged.map(({ facts }) => String((facts['error'] as Error)?.stack))
        throw new Error([JSON.stringify(answer.errors, null, 1), ...causes].join('\n'))
      }
      return answer.data as T
    },
    close: async () => {
      hub.close()
      await pool.end()
    },
  }
}
