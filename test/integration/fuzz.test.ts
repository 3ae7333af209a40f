import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fuzz } from '../fuzz/run'
import type { Target } from '../fuzz/target'
import { openTargets } from '../fuzz/targets'
import { createTestDatabase, type TestDatabase } from '../support/postgres'

const CASES = 10_000

let database: TestDatabase
let opened: Awaited<ReturnType<typeof openTargets>>

beforeAll(async () => {
  database = await createTestDatabase()
  opened = await openTargets(database.url)
})
afterAll(async () => {
  await opened.close()
  await database.close()
})

describe('random inputs', () => {
  test('are taken or refused: no crash, no 5xx, no stack, no disagreement with OpenSSL, bounded time', async () => {
    const report = await fuzz(opened.targets, 1, CASES)
    expect(report.failures).toEqual([])
    for (const { ran, taken } of Object.values(report.cases)) {
      // Neither all noise nor nothing changed: both ways through every reader were gone.
      expect(taken).toBeGreaterThan(0)
      expect(taken).toBeLessThan(ran)
    }
  }, 600_000)
})

describe('the runner', () => {
  test('reports what throws, with the seed that repeats it', async () => {
    const broken: Target = {
      name: 'broken',
      run: (random) => {
        if (random.below(10) === 3) throw new TypeError('cannot read properties of undefined')
        return true
      },
    }
    const { failures } = await fuzz([broken], 5, 100)
    expect(failures.length).toBeGreaterThan(0)
    const seed = Number(/seed (\d+)/.exec(failures[0] ?? '')?.[1])
    const again = await fuzz([broken], seed, 1)
    expect(again.failures).toEqual([
      expect.stringMatching(new RegExp(`^broken, seed ${seed}: TypeError`)),
    ])
  })

  test('reports a heap that grows, and not what is collected', async () => {
    const kept: Uint8Array[][] = []
    const holding = (list: Uint8Array[][]): Target => ({
      name: 'holding',
      run: () => list.push(Array.from({ length: 2_000 }, () => new Uint8Array(8))) > 0,
    })
    const leaking = await fuzz([holding(kept)], 1, 800)
    expect(leaking.failures).toEqual([expect.stringMatching(/^the heap grew by \d+ MiB/)])
    const clean: Target = { name: 'clean', run: () => [...Array(2_000).keys()].length > 0 }
    expect((await fuzz([clean], 1, 800)).failures).toEqual([])
  })
})
