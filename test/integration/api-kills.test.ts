/** `npm run chaos -- --api-kills 50` is the long form of this. */

import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { killApi } from '../chaos/kill-api'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'

const KILLS = 5

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url)
})
afterAll(() => database?.close())

test('kill -9 of the API under load: no answer is another than the undisturbed one, no session stays', async () => {
  const report = await killApi({
    databaseUrl: database.url,
    root: resolve(__dirname, '..', '..'),
    seed: 1,
    kills: KILLS,
  })
  expect(report.differences).toEqual([])
  expect(report.kills).toBe(KILLS)
  // The kills met questions, and answers came before them.
  expect(report.lost).toBeGreaterThan(0)
  expect(report.answers).toBeGreaterThan(0)
}, 300_000)
