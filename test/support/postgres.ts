/**
 * A database of its own for each test file that asks: `const { url, close } = await createTestDatabase()`.
 * One server serves the whole run and starts when the first file asks (see postgres-server.ts).
 */

import { inject } from 'vitest'

export type TestDatabase = {
  /** `postgres://…` as the owner of the database. */
  readonly url: string
  /** Drops it. */
  close(): Promise<void>
}

/** With all migrations applied; `{ migrated: false }` gives an empty one. */
export async function createTestDatabase(
  options: { migrated?: boolean } = {},
): Promise<TestDatabase> {
  const kind = options.migrated === false ? 'empty' : 'migrated'
  const { url } = await ask(`/create?kind=${kind}`)
  const name = new URL(url).pathname.slice(1)
  return { url, close: () => ask(`/drop?name=${name}`).then(() => undefined) }
}

async function ask(path: string): Promise<{ url: string }> {
  const response = await fetch(`${inject('postgresBroker')}${path}`)
  const body = await response.text()
  if (!response.ok) throw new Error(`test database: ${body}`)
  return JSON.parse(body) as { url: string }
}

declare module 'vitest' {
  interface ProvidedContext {
    postgresBroker: string
  }
}
