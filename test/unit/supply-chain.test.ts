/** What is distributed is known: every installed production package by name, version, licence and hash. */

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'

type Locked = { name?: string; version: string; dev?: boolean; link?: boolean; integrity?: string }

function productionPackages(): [name: string, locked: Locked][] {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, Locked>
  }
  return Object.entries(lock.packages).flatMap(([place, locked]) =>
    place === '' || locked.dev || locked.link || !existsSync(place)
      ? []
      : [[locked.name ?? place.replace(/^.*node_modules\//, ''), locked]],
  )
}

describe('npm run sbom', () => {
  // With npm's own `--omit dev` 164 of 314 are missing, @envelop/core among them.
  test('names every production package with its version, licence and hash', () => {
    const text = execFileSync('npm', ['run', '--silent', 'sbom'], { maxBuffer: 1e8 }).toString()
    const { bomFormat, components } = JSON.parse(text) as {
      bomFormat: string
      components: { name: string; version: string; licenses?: unknown[]; hashes?: unknown[] }[]
    }
    expect(bomFormat).toBe('CycloneDX')
    const listed = new Set(components.map(({ name, version }) => `${name}@${version}`))
    const wanted = productionPackages().map(([name, { version }]) => `${name}@${version}`)
    expect(wanted.length).toBeGreaterThan(50)
    expect(wanted.filter((one) => !listed.has(one))).toEqual([])
    const vague = components.filter(({ licenses, hashes }) => !licenses?.length || !hashes?.length)
    expect(vague.map(({ name }) => name)).toEqual([])
  })
})

describe('the lockfile', () => {
  test('pins every production package by hash', () => {
    const unpinned = productionPackages().filter(([, { integrity }]) => integrity === undefined)
    expect(unpinned.map(([name]) => name)).toEqual([])
  })
})

describe('check:licences', () => {
  const problemsOf = (packages: Record<string, unknown>) => {
    const root = mkdtempSync(path.join(tmpdir(), 'licences-'))
    writeFileSync(path.join(root, 'package-lock.json'), JSON.stringify({ packages }))
    const { status, stderr } = spawnSync('node', ['scripts/check-licences.js', root])
    rmSync(root, { recursive: true })
    return status === 0 ? [] : stderr.toString().trim().split('\n').slice(1)
  }
  const at = (name: string, license: string, more = {}) => ({
    [`node_modules/${name}`]: { version: '1.0.0', license, ...more },
  })

  test('takes what NOTICE covers, and a choice that has such a licence', () => {
    const fine = {
      ...at('a', 'MIT'),
      ...at('b', '(GPL-2.0 OR MIT)'),
      ...at('c', 'MIT AND ISC'),
      ...at('@subsquid/d', 'GPL-3.0-or-later'),
      ...at('e', 'AGPL-3.0', { dev: true }),
    }
    expect(problemsOf(fine)).toEqual([])
  })

  // "MIT AND …" passed whatever came after, and packages that production takes as optional were not looked at.
  test.each([
    ['a', 'AGPL-3.0', {}],
    ['b', 'MIT AND AGPL-3.0', {}],
    ['c', '(ISC OR MIT) AND SSPL-1.0', {}],
    ['d', 'GPL-3.0-or-later', {}],
    ['@subsquid/e', 'MIT', {}],
    ['f', 'AGPL-3.0', { devOptional: true }],
  ])('refuses %s under %s', (name, license, more) => {
    expect(problemsOf(at(name, license, more))).toEqual([`  ${name}@1.0.0: ${license}`])
  })
})
