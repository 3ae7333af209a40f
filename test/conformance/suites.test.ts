import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readLines } from '../../src/cli/conformance'
import { type ConformanceResult, runCase } from '../../src/cli/conformance-cases'

const SUITES = join(__dirname, '../fixtures/suites')

const exceptionRow = z.object({
  expected: z.string(),
  actual: z.string(),
  reason: z.string().min(40),
})
const exceptions = z
  .record(z.string(), exceptionRow)
  .parse(JSON.parse(readFileSync(join(__dirname, 'exceptions.json'), 'utf8')))

type Row = { id: string; expected: string; actual: string }

/** In the suite's own words: GOOD, REVOKED, UNKNOWN, OK, MALFORMED, else SUCCESS or FAILURE. */
function runSuite(name: string): Row[] {
  return readLines(join(SUITES, `${name}.jsonl.gz`)).map((line) => {
    const testCase = JSON.parse(line)
    // The verdict must not depend on what is expected, so the validator does not get to see it.
    const { expected, expectedStatus, ...question } = testCase
    const result: ConformanceResult = runCase(question)
    return {
      id: testCase.id,
      expected: expectedStatus ?? expected,
      actual: result.status ?? result.verdict,
    }
  })
}

const GOOD = new Set(['SUCCESS', 'GOOD', 'OK'])

const COUNTS: Readonly<Record<string, number>> = {
  'limbo-dev': 109,
  'limbo-names-dev': 4772,
  'pkits-dev': 125,
  'bssl-chain-dev': 63,
  'bssl-crl-dev': 28,
  'crl-unit-dev': 34,
  'ocsp-dev': 33,
  'parse-dev': 35,
}

const results = new Map(Object.keys(COUNTS).map((name) => [name, runSuite(name)]))

describe.each(Object.entries(COUNTS))('%s', (name, count) => {
  const rows = results.get(name) ?? []

  it('has every case', () => {
    expect(rows).toHaveLength(count)
  })

  it('accepts nothing that must fail', () => {
    expect(rows.filter(({ expected, actual }) => GOOD.has(actual) && !GOOD.has(expected))).toEqual(
      [],
    )
  })

  it('disagrees only where the exceptions say so, and in the way they say', () => {
    const disagreements = rows.filter(({ expected, actual }) => expected !== actual)
    const listed = disagreements.map(({ id, expected, actual }) => {
      const exception = exceptions[id]
      return { id, isListed: exception?.expected === expected && exception.actual === actual }
    })
    expect(listed.filter(({ isListed }) => !isListed)).toEqual([])
  })
})

describe('exceptions.json', () => {
  const all = [...results.values()].flat()

  it('lists no case that has healed or does not exist', () => {
    const healed = Object.keys(exceptions).filter((id) => {
      const row = all.find((candidate) => candidate.id === id)
      return row === undefined || row.expected === row.actual
    })
    expect(healed).toEqual([])
  })

  it('stays under one case in a hundred of the suites without server names', () => {
    const core = all.length - (COUNTS['limbo-names-dev'] ?? 0)
    expect(Object.keys(exceptions).length / core).toBeLessThan(0.01)
  })

  it('names no PKITS and no bettertls case', () => {
    expect(Object.keys(exceptions).filter((id) => /pkits|bettertls/.test(id))).toEqual([])
  })
})
