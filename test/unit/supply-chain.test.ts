/** What is distributed is known: every package by name, version, licence and hash. */

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
  test('names every production package, and those in the explorer, with version, licence and hash', () => {
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
    const names = components.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['react', 'scheduler', '@radix-ui/react-tabs']))
    expect(names).not.toContain('vitest')
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
  const problemsOf = (packages: Record<string, unknown>, page?: string) => {
    const root = mkdtempSync(path.join(tmpdir(), 'licences-'))
    if (page !== undefined) {
      mkdirSync(path.join(root, 'src/explorer/ui'), { recursive: true })
      writeFileSync(path.join(root, 'src/explorer/ui/page.tsx'), page)
      writeFileSync(path.join(root, 'src/explorer/vite.config.ts'), "import t from 'tool'")
    }
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

  // To npm they are for development; their code is in the bundle all the same.
  test('refuses one that the explorer is bundled from, itself or through another, and no tool', () => {
    const dev = { dev: true }
    const packages = {
      ...at('@ui/page', 'MIT', {
        ...dev,
        dependencies: { deep: '1' },
        peerDependencies: { p: '1' },
      }),
      ...at('@ui/page/node_modules/deep', 'AGPL-3.0', dev),
      ...at('deep', 'MIT', dev),
      ...at('p', 'SSPL-1.0', dev),
      ...at('style', 'AGPL-3.0', dev),
      ...at('later', 'AGPL-3.0', dev),
      ...at('tool', 'AGPL-3.0', dev),
    }
    const page = "import { a } from '@ui/page/sub'\nimport 'style/a.css'\nawait import('later')\n"
    expect(problemsOf(packages, page).sort()).toEqual([
      '  deep@1.0.0: AGPL-3.0',
      '  later@1.0.0: AGPL-3.0',
      '  p@1.0.0: SSPL-1.0',
      '  style@1.0.0: AGPL-3.0',
    ])
    expect(problemsOf(packages, "import './near'\n")).toEqual([])
  })
})

/** Answers of `npm audit --json` (npm 11.19), headers left out; the advisory was made up. */
describe('check:advisories', () => {
  const judged = (answer: unknown) => {
    const dir = mkdtempSync(path.join(tmpdir(), 'advisories-'))
    const file = path.join(dir, 'answer.json')
    writeFileSync(file, typeof answer === 'string' ? answer : JSON.stringify(answer))
    const run = spawnSync('node', ['scripts/check-advisories.js', file])
    rmSync(dir, { recursive: true })
    return { status: run.status, said: `${run.stdout}${run.stderr}` }
  }
  const report = (counts: object, vulnerabilities: object = {}) => ({
    auditReportVersion: 2,
    vulnerabilities,
    metadata: {
      vulnerabilities: { info: 0, low: 0, moderate: 0, high: 0, critical: 0, total: 0, ...counts },
      dependencies: { prod: 311, dev: 812, optional: 97, peer: 2, peerOptional: 0, total: 1133 },
    },
  })
  const found = (severity: string, place = 'node_modules/tldts') =>
    report(
      { [severity]: 1, total: 1 },
      {
        tldts: {
          name: 'tldts',
          severity,
          isDirect: true,
          via: [
            {
              source: 1,
              name: 'tldts',
              dependency: 'tldts',
              title: 'Made up for a test',
              url: 'https://example.org/advisory-1',
              severity,
              cwe: [],
              cvss: { score: 0, vectorString: null },
              range: '<99',
            },
          ],
          effects: [],
          range: '*',
          nodes: [place],
          fixAvailable: false,
        },
      },
    )

  test.each([
    ['nothing', report({})],
    ['a moderate one', found('moderate')],
  ])('passes where the service knows of %s', (_, answer) => {
    expect(judged(answer)).toEqual({
      status: 0,
      said: 'advisories: none of high severity in what is distributed (0 beside it)\n',
    })
  })

  test('counts one in a tool of development beside what is distributed, and not one in the explorer', () => {
    expect(judged(found('high', 'node_modules/vitest'))).toEqual({
      status: 0,
      said: 'advisories: none of high severity in what is distributed (1 beside it)\n',
    })
    expect(judged(found('high', 'node_modules/react-dom')).status).toBe(1)
  })

  // `npm audit … || echo` in CI passed them all.
  test.each(['high', 'critical'])('fails on one of %s severity, and names it', (severity) => {
    const { status, said } = judged(found(severity))
    expect(status).toBe(1)
    expect(said).toContain(`  tldts * (${severity}): https://example.org/advisory-1\n`)
  })

  const noDetail = { error: { summary: '', detail: '' } }
  const bulk = 'https://registry.example/-/npm/v1/security/advisories/bulk'
  test.each([
    [
      'is not there',
      {
        message: `405 Method Not Allowed - POST ${bulk}`,
        method: 'POST',
        uri: bulk,
        headers: { allow: ['GET,HEAD'] },
        statusCode: 405,
        body: '',
        ...noDetail,
      },
    ],
    [
      'cannot be reached',
      {
        message: `request to ${bulk} failed, reason: connect ECONNREFUSED 127.0.0.1:1`,
        ...noDetail,
      },
    ],
  ])('passes where the service %s, and says that nothing was checked', (_, answer) => {
    expect(judged(answer)).toEqual({
      status: 0,
      said: `advisories: NOT CHECKED, the service does not answer: ${answer.message}\n`,
    })
  })

  // The second: advisories came, and what they concern could not be looked up.
  test.each([
    ['no text', ''],
    [
      'an error after the answer',
      { error: { summary: 'loading from incorrect packument', detail: '' } },
    ],
    [
      'no lockfile',
      {
        error: {
          code: 'ENOLOCK',
          summary: 'This command requires an existing lockfile.',
          detail: '',
        },
      },
    ],
    ['another form of report', { auditReportVersion: 3, findings: [] }],
    ['a report that counts one and names none', report({ high: 1, total: 1 })],
    ['a report with an error', { ...report({}), error: { summary: 'cut short', detail: '' } }],
  ])('fails on %s: not read is not clean', (_, answer) => {
    const { status, said } = judged(answer)
    expect(status).toBe(1)
    expect(said).toMatch(/^advisories: no answer that can be read: /)
  })
})
