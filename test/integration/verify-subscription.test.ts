/** Subscription.verification: the verdict at once, then whenever it changes. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../support/api'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { story } from '../support/story'
import { subscribe } from '../support/subscription'
import { until } from '../support/until'

let database: TestDatabase
let api: TestApi
beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url, { to: 268, finalized: 260 })
  api = openTestApi(database.url, { nowMs: () => Date.parse('2026-12-01T00:00:00Z') })
})
afterAll(async () => {
  await api?.close()
  await database?.close()
})

type Verdict = { verdict: string; failures: { code: string }[]; asOf: { height: number } }

/** Verdicts, as they come: height, verdict and what failed. */
async function follow(policy: string, autoId = story.agent) {
  const query = `subscription { verification(subject: { autoId: "${autoId}" }, policy: ${policy}) {
    verdict failures { code } asOf { height } } }`
  const { received, end } = await subscribe<{ data: { verification: Verdict } }>(api, query)
  const told = () =>
    received.map(({ data: { verification } }) => {
      const { asOf, verdict, failures } = verification
      return [asOf.height, verdict, ...failures.map(({ code }) => code)].join(' ')
    })
  return { received, told, end }
}

async function move(to: number, finalized: number): Promise<void> {
  await indexDevChain(database.url, { to, finalized })
  api.hub.publish()
}

describe('the subscription verification', () => {
  it('blocks 268-277: unknown, valid once registered, invalid once revoked, and silent in between', async () => {
    const plain = await follow('{}')
    await until(() => plain.received.length === 1)
    await move(269, 260)
    await until(() => plain.received.length === 2)
    for (const height of [270, 271, 272]) await move(height, 260)
    await move(276, 260)
    await until(() => plain.received.length === 3)
    await move(277, 260)
    await plain.end()
    expect(plain.told()).toEqual([
      '268 INDETERMINATE KNOWN',
      '269 VALID',
      '276 INVALID NOT_REVOKED',
    ])
  })

  // Tried: with checkFinality blind to requireFinal the first answer is VALID.
  it('under requireFinal an answer is INDETERMINATE until its block is final, with no block in between', async () => {
    const strict = await follow('{ requireFinal: true }', story.service)
    await until(() => strict.received.length === 1)
    await move(277, 270)
    await move(277, 277)
    await until(() => strict.received.length === 2)
    await strict.end()
    expect(strict.told()).toEqual(['277 INDETERMINATE FINALITY', '277 VALID'])
  })
})
