import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { settingsTable, withSettings } from '../../src/settings-table'

const readme = readFileSync('README.md', 'utf8')

describe('README.md', () => {
  it('has the table of settings as they are (after a change: node scripts/emit-settings.js)', () => {
    expect(withSettings(readme, settingsTable())).toBe(readme)
  })

  it('links and shows only files that are there', () => {
    const targets = [...readme.matchAll(/\]\(([^)#\s]+)\)/g)].map(([, target]) => target as string)
    const missing = targets.filter((target) => !/^https?:/.test(target) && !existsSync(target))
    expect(missing).toEqual([])
    expect(targets.length).toBeGreaterThan(10)
  })

  it('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Record<string, string>
    }
    const named = [...readme.matchAll(/`npm run ([a-z:-]+)/g)].map(([, name]) => name as string)
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
  })
})
