import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { makeRoot } from '../../support/certificates'

const dir = mkdtempSync(path.join(tmpdir(), 'conformance-'))
const good = {
  id: 'good',
  certDerBase64: Buffer.from(makeRoot().der).toString('base64'),
}

/** The command as a user runs it. */
function run(suite: string | Buffer, name = 'suite.jsonl', out = path.join(dir, 'results.jsonl')) {
  const file = path.join(dir, name)
  writeFileSync(file, suite)
  const args = ['bin/auto-registry.js', 'conformance', '--suite', file, '--out', out]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  const results = () =>
    readFileSync(out, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  return { status, stdout, stderr, results }
}

const lines = (...cases: unknown[]) =>
  cases.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n')

describe('auto-registry conformance', () => {
  // Builds lib/ once, so that no run of the command is a build.
  beforeAll(() => execFileSync(process.execPath, ['bin/auto-registry.js', 'help']))

  it('gives every line a verdict, though others cannot be read or run', () => {
    const broken = '{"id":"cut \\"short", "certDerBase64": "AA'
    const noDate = { id: 'no date', leaf: '', trusted: [''], time: 'never' }
    const { status, stdout, results } = run(
      lines(good, broken, 'nonsense', '', { no: 'case' }, noDate, { ...good, id: 'last' }),
    )
    const unreadable = { verdict: 'FAILURE', codes: ['CASE_UNREADABLE'] }
    expect(results()).toEqual([
      { id: 'good', verdict: 'SUCCESS', codes: [], status: 'OK' },
      { id: 'cut "short', ...unreadable },
      { id: '3', ...unreadable },
      { id: '5', ...unreadable },
      { id: 'no date', verdict: 'FAILURE', codes: ['CERT_MALFORMED'] },
      { id: 'last', verdict: 'SUCCESS', codes: [], status: 'OK' },
    ])
    expect([status, stdout]).toEqual([0, '2 SUCCESS, 4 FAILURE (3 unreadable)\n'])
  })

  it('knows gzip by its first bytes, whatever the name', () => {
    const zipped = run(gzipSync(lines(good)), 'zipped.jsonl')
    expect([zipped.status, zipped.results()[0]?.id]).toEqual([0, 'good'])
    const plain = run(lines(good), 'plain.jsonl.gz')
    expect([plain.status, plain.results()[0]?.id]).toEqual([0, 'good'])
  })

  it.each([
    ['results that have no directory', lines(good), path.join(dir, 'no', 'where.jsonl'), 'write'],
    ['results that are a directory', lines(good), dir, 'write'],
    ['gzip cut short', gzipSync(lines(good)).subarray(0, 20), undefined, 'read'],
  ])('says in one line that it cannot do with %s, and fails', (_, suite, out, verb) => {
    const { status, stdout, stderr } = run(suite, 'suite.jsonl', out)
    expect(status).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toMatch(new RegExp(`^auto-registry: cannot ${verb} the .+\\n$`))
  })
})
