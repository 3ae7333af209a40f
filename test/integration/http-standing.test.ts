/** The endpoints' short answer and the verdict of the full verification never part, over every identity of the chain. */

import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { standingOf } from '../../src/http/standing'
import { readEvidence } from '../../src/store/read/evidence'
import { readPath } from '../../src/store/read/relying-party'
import { DEFAULT_POLICY } from '../../src/verify/policy'
import { verifyEvidence } from '../../src/verify/verify-auto-id'
import { indexDevChain } from '../support/indexed-dev-chain'
import { createTestDatabase, type TestDatabase } from '../support/postgres'
import { canonicalStates } from '../support/recorded-state'

const DAY_MS = 86_400_000
/** After renewals, revocations, deactivations, take-overs and rebirths; before and after the upgrade; the head. */
const HEIGHTS = [
  0, 2, 40, 49, 51, 92, 98, 104, 112, 116, 127, 131, 134, 139, 180, 207, 230, 260, 276, 282,
]

const canonical = canonicalStates()
let database: TestDatabase
let pool: pg.Pool
let ids: string[]

beforeAll(async () => {
  database = await createTestDatabase()
  await indexDevChain(database.url)
  pool = new pg.Pool({ connectionString: database.url })
  const { rows } = await pool.query<{ auto_id: string }>('select distinct auto_id from certificate')
  ids = rows.map(({ auto_id: autoId }) => autoId)
})

afterAll(async () => {
  await pool?.end()
  await database?.close()
})

function stateAt(height: number) {
  const block = canonical[height]
  if (block?.number !== height) throw new Error(`no block ${height}`)
  return { height, hash: block.hash, timeMs: block.timestamp, isFinal: height <= 278 }
}

/** Standing and verdict of one identity; null when neither knows it. */
async function both(autoId: string, height: number, clockMs: number) {
  const state = stateAt(height)
  const path = await readPath(pool, autoId, { block: height })
  const evidence = await readEvidence(pool, { state, clockMs, knownAt: state }, { autoId })
  const { verdict, failures } = verifyEvidence(evidence, DEFAULT_POLICY)
  if (path === null && evidence.hops.length === 0) return null
  const standing = path === null ? null : standingOf(path, clockMs)
  return {
    autoId,
    isGood: standing?.isGood ?? false,
    isValid: verdict === 'VALID',
    fault: standing?.isGood === false ? standing.fault.code : null,
    failures: failures.map(({ code }) => code),
  }
}

async function compareAll(height: number, clockMs: number) {
  const answers = await Promise.all(ids.map((autoId) => both(autoId, height, clockMs)))
  return answers.filter((answer) => answer !== null)
}

describe('good is exactly VALID', () => {
  test.each(HEIGHTS)('for every identity at block %i', async (height) => {
    const answers = await compareAll(height, stateAt(height).timeMs)
    expect(answers.filter(({ isGood, isValid }) => isGood !== isValid)).toEqual([])
  })

  test.each([-400, -1, 1, 30, 400, 4_000])(
    'at the head with the clock %i days away',
    async (days) => {
      const answers = await compareAll(282, stateAt(282).timeMs + days * DAY_MS)
      expect(answers.filter(({ isGood, isValid }) => isGood !== isValid)).toEqual([])
    },
  )

  test('and the chain has many of both', async () => {
    const answers = await compareAll(282, stateAt(282).timeMs)
    expect(answers.length).toBeGreaterThan(100)
    expect(answers.filter(({ isGood }) => isGood).length).toBeGreaterThan(30)
    expect(answers.filter(({ isGood }) => !isGood).length).toBeGreaterThan(30)
  })
})
