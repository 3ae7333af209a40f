import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ADVISORIES, type AdvisoryCode, severityOf } from '../../../src/registry/advisory'
import { type FindingCode, findingEntry } from '../../../src/verify/finding-codes'

const codes = Object.keys(ADVISORIES) as AdvisoryCode[]
/** Quirk 10 holds for every operation alike: verdicts find it. */
const OF_VERDICTS = ['ACTIONS_NAME_NO_CHAIN'] as const
const document = readFileSync('docs/registry-quirks.md', 'utf8')

describe('the table of advisories', () => {
  it('has a message and an advice for each code, and only quirks that are documented', () => {
    for (const code of codes) {
      const { message, advice, quirks } = ADVISORIES[code]
      expect(message, code).toMatch(/\.$/)
      expect(advice, code).toMatch(/\.$/)
      for (const quirk of quirks) expect(document, code).toContain(`\n## ${quirk}. `)
    }
    expect(severityOf('KEY_REPLACED_UNPROVEN')).toBe('CRITICAL')
  })

  it('is documented whole: every code stands in docs/registry-quirks.md, and no other', () => {
    const written = new Set(
      [...document.matchAll(/^\| `([A-Z0-9_]+)` \| (\w+) \|/gm)].map(([, code]) => code),
    )
    expect([...written].sort()).toEqual([...codes, ...OF_VERDICTS].sort())
  })

  it('is documented with the severity it has', () => {
    for (const [, code, severity] of document.matchAll(/^\| `([A-Z0-9_]+)` \| (\w+) \|/gm)) {
      expect(severity, code).toBe(findingEntry(code as FindingCode).severity)
    }
  })
})
